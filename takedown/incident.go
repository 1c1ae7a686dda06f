package takedown

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown/incident"
)

// IncidentVersion is one version of a leak file as its history shows it.
type IncidentVersion struct {
	Version int       `json:"version"`
	Created time.Time `json:"created"`
	Actor   string    `json:"actor"`
	Digest  string    `json:"digest"` // SHA-256 of the file as YAML
}

// SetIncident makes f the leak's file, as a new version. A text that holds an identifier out of a leak is refused with the
// field that it stands in; a file that is the same as the present one makes no version.
func (d *Docket) SetIncident(ctx context.Context, by Actor, slug string, f incident.File) error {
	if err := person(by); err != nil {
		return err
	}
	if !d.o.Registered(slug) {
		return noLeak(slug)
	}
	if wrong := f.Validate(d.now()); len(wrong) > 0 {
		return refuse(CodeInvalid, "The leak file cannot be taken: "+(&incident.Error{Problems: wrong}).Error()+".")
	}
	if found := d.guardIncident(f); len(found) > 0 {
		return refuse(CodeBlocked, "The leak file holds what is known out of a leak, which it must not: "+strings.Join(found, "; ")+". Take it out; where a person is named, name the function instead.")
	}
	content, err := f.YAML()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	return d.write(ctx, "set leak file", func(tx *store.Tx) error {
		var version int
		var last string
		err := tx.QueryRow(`SELECT version, digest FROM incidents WHERE leak = ? ORDER BY version DESC LIMIT 1`, slug).Scan(&version, &last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read version: %w", err)
		}
		if last == digest {
			return nil
		}
		version++
		_, err = tx.Exec(`INSERT INTO incidents (leak, version, created, actor, actor_name, digest, content) VALUES (?,?,?,?,?,?,?)`, slug, version,
			store.Millis(d.now()), by.ID, tx.SealText("incidents.actor", by.Name), digest, tx.Seal("incidents.content", content))
		if err != nil {
			return fmt.Errorf("write version: %w", err)
		}
		return tx.Audit(store.Entry{Actor: by.ID, Act: "leak.file", Object: slug, Detail: fmt.Sprintf("version %d %s", version, digest)})
	})
}

func noLeak(slug string) error {
	return refuse(CodeNotFound, "No leak is registered as "+printableSlug(slug)+".")
}

// printableSlug keeps a mistyped name from carrying anything else into a sentence.
func printableSlug(slug string) string {
	if p := printable(strings.ReplaceAll(slug, "-", "_")); p != "of that name" {
		return slug
	}
	return "that name"
}

// guardIncident says which fields hold an identifier, and of what kind. An organisation's own name and address stand in its
// letterheads too, so that there only what belongs to a person counts.
func (d *Docket) guardIncident(f incident.File) (found []string) {
	f.Texts(func(field, text string, free bool) {
		for _, h := range d.o.Guard(text) {
			if !free && slices.Contains([]string{"telephone", "e-mail", "passage", match.FileName}, h.Kind) {
				continue
			}
			if what := h.Kind + " in " + field; !slices.Contains(found, what) {
				found = append(found, what)
			}
		}
	})
	return found
}

// Incident returns the leak's file; false while there is none.
func (d *Docket) Incident(ctx context.Context, slug string) (f incident.File, ok bool, err error) {
	err = d.read(ctx, "read leak file", func(tx *store.Tx) error {
		f, ok, err = d.incident(tx, slug)
		return err
	})
	return f, ok, err
}

// incident is Incident inside a transaction.
func (d *Docket) incident(tx *store.Tx, slug string) (incident.File, bool, error) {
	var sealed []byte
	err := tx.QueryRow(`SELECT content FROM incidents WHERE leak = ? ORDER BY version DESC LIMIT 1`, slug).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return incident.File{}, false, nil
	}
	if err != nil {
		return incident.File{}, false, fmt.Errorf("read leak file: %w", err)
	}
	raw, err := tx.Open("incidents.content", sealed)
	if err != nil {
		return incident.File{}, false, fmt.Errorf("open leak file of %s: %w", slug, err)
	}
	f, err := incident.Parse(raw, time.Time{}) // what was accepted is not held against the clock again
	if err != nil {
		return incident.File{}, false, fmt.Errorf("read leak file of %s: %w", slug, err)
	}
	return f, true, nil
}

// IncidentVersions lists the versions of a leak's file, newest first.
func (d *Docket) IncidentVersions(ctx context.Context, slug string) (out []IncidentVersion, err error) {
	err = d.read(ctx, "read versions of leak file", func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT version, created, actor, actor_name, digest FROM incidents WHERE leak = ? ORDER BY version DESC`, slug)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var v IncidentVersion
			var created int64
			var name []byte
			if err := rows.Scan(&v.Version, &created, &v.Actor, &name, &v.Digest); err != nil {
				return err
			}
			plain, err := tx.OpenText("incidents.actor", name)
			if err != nil {
				return fmt.Errorf("open name: %w", err)
			}
			if plain != "" {
				v.Actor = plain
			}
			v.Created = store.Time(created)
			out = append(out, v)
		}
		return rows.Err()
	})
	return out, err
}

// incidentSlugs are the leaks that have a file.
func incidentSlugs(tx *store.Tx) ([]string, error) {
	return queryIDs(tx, `SELECT DISTINCT leak FROM incidents ORDER BY leak`)
}

// Incidents returns the files of all leaks, by slug, and a stamp that changes with each version; no files when the stamp is
// still the one given.
func (d *Docket) Incidents(ctx context.Context, known int64) (files map[string]incident.File, stamp int64, err error) {
	err = d.read(ctx, "read leak files", func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT COALESCE(MAX(id), 0) FROM incidents`).Scan(&stamp); err != nil || stamp == known {
			return err
		}
		slugs, err := incidentSlugs(tx)
		if err != nil {
			return err
		}
		files = map[string]incident.File{}
		for _, slug := range slugs {
			if files[slug], _, err = d.incident(tx, slug); err != nil {
				return err
			}
		}
		return nil
	})
	return files, stamp, err
}

// Shown is a text as pages may show it: what the guard finds in it is masked, also where the leak was registered later.
func (d *Docket) Shown(text string) string { return d.redactText(text) }
