package takedown

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
)

// EntryRow is a recorded contact, or a block.
type EntryRow struct {
	ID       string    `json:"id"`
	State    string    `json:"state"` // contact or blocked
	Created  time.Time `json:"created"`
	Place    string    `json:"place"` // for which places; empty for an address that is blocked wherever it is found
	Email    string    `json:"email"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Language string    `json:"language"`
	Reason   string    `json:"reason"` // why it is not written to
	Stale    bool      `json:"stale"`  // older than 30 days: look whether it still holds
}

// entryContent is what of an entry is sealed.
type entryContent struct {
	Place    string `json:"place"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Language string `json:"language"`
	Reason   string `json:"reason"`
}

// recorder refuses all but counsel and the operator.
func recorder(a Actor) error {
	if a.Role == "counsel" || a.Role == "operator" {
		return nil
	}
	return refuse(CodeForbidden, "Only counsel or the operator may change contacts.")
}

// SetContact records whom to write to about a place; it takes the place of what was recorded for that place and kind before, and goes
// before everything that is configured or found.
func (d *Docket) SetContact(ctx context.Context, a Actor, e contact.Entry) (id string, err error) {
	if err := recorder(a); err != nil {
		return "", err
	}
	place, err := contact.ReadPlace(e.Place)
	if err != nil {
		return "", refuse(CodeInvalid, "This is no place: give a domain (example.org), an address, address:port or a network (10.0.0.0/8).")
	}
	if e.Kind == "" {
		e.Kind = contact.KindHost
	}
	if !slices.Contains(rungs[:], e.Kind) && !slices.Contains(innocent[:], e.Kind) {
		return "", refuse(CodeInvalid, "The kind is one of "+strings.Join(append(rungs[:], innocent[:]...), ", ")+".")
	}
	if e.Language != "" && !spoken(e.Language) {
		return "", refuse(CodeInvalid, "A notice can be written in nl, fr, de or en.")
	}
	e.Email = strings.TrimSpace(e.Email)
	if !plainAddress(e.Email) && (e.Email != "" || !slices.Contains(innocent[:], e.Kind)) {
		return "", refuse(CodeInvalid, "The contact is no e-mail address.")
	}
	return d.record(ctx, a, "contact.set", place+"\x00"+e.Kind, entryContent{Place: place, Email: e.Email, Name: oneLine(e.Name), Kind: e.Kind, Language: e.Language})
}

// BlockContact records that an address, or a place with all that it says of itself, is not written to, and why.
func (d *Docket) BlockContact(ctx context.Context, a Actor, what, reason string) (id string, err error) {
	if err := recorder(a); err != nil {
		return "", err
	}
	reason = oneLine(reason)
	if reason == "" {
		return "", refuse(CodeInvalid, "Give the reason why it is not written to.")
	}
	c := entryContent{Reason: reason}
	if what = strings.TrimSpace(what); plainAddress(what) {
		c.Email = what
	} else if c.Place, err = contact.ReadPlace(what); err != nil {
		return "", refuse(CodeInvalid, "This is neither an e-mail address nor a place.")
	}
	return d.record(ctx, a, "contact.block", "block\x00"+c.Place+strings.ToLower(c.Email), c)
}

func plainAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && !strings.ContainsAny(s, " <>\r\n")
}

// record writes an entry and ends the one whose place it takes. The audit log holds its id alone.
func (d *Docket) record(ctx context.Context, a Actor, act, key string, c entryContent) (id string, err error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("record contact: %w", err)
	}
	id = store.NewID("contact")
	return id, d.write(ctx, "record contact", func(tx *store.Tx) error {
		hash, now := tx.Lookup("contact_entries.key", []byte(key)), store.Millis(d.now())
		if _, err := tx.Exec(`UPDATE contact_entries SET state = 'ended', updated = ? WHERE key = ? AND state = 'standing'`, now, hash); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO contact_entries (id, state, created, updated, actor, key, content) VALUES (?,'standing',?,?,?,?,?)`,
			id, now, now, a.ID, hash, tx.Seal("contact_entries.content", b))
		if err != nil {
			return err
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: act, Object: id, Reason: c.Reason})
	})
}

// EndContact takes a recorded contact or a block back.
func (d *Docket) EndContact(ctx context.Context, a Actor, id string) error {
	if err := recorder(a); err != nil {
		return err
	}
	return d.write(ctx, "end contact", func(tx *store.Tx) error {
		var state string
		err := tx.QueryRow(`SELECT state FROM contact_entries WHERE id = ?`, id).Scan(&state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return refuse(CodeNotFound, "There is no recorded contact "+printable(id)+".")
		case err != nil:
			return err
		case state != "standing":
			return refuse(CodeState, "It ended already.")
		}
		if _, err := tx.Exec(`UPDATE contact_entries SET state = 'ended', updated = ? WHERE id = ?`, store.Millis(d.now()), id); err != nil {
			return err
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: "contact.end", Object: id})
	})
}

// ContactEntries lists what persons recorded and did not take back, newest first.
func (d *Docket) ContactEntries(ctx context.Context) (rows []EntryRow, err error) {
	err = d.read(ctx, "list contacts", func(tx *store.Tx) error {
		rows, err = d.contactEntries(tx)
		return err
	})
	return rows, err
}

func (d *Docket) contactEntries(tx *store.Tx) ([]EntryRow, error) {
	rows, err := tx.Query(`SELECT id, created, content FROM contact_entries WHERE state = 'standing' ORDER BY created DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("read recorded contacts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []EntryRow
	for rows.Next() {
		var id string
		var at int64
		var sealed []byte
		if err := rows.Scan(&id, &at, &sealed); err != nil {
			return nil, fmt.Errorf("read recorded contacts: %w", err)
		}
		var c entryContent
		plain, err := tx.Open("contact_entries.content", sealed)
		if err == nil {
			err = json.Unmarshal(plain, &c)
		}
		if err != nil {
			return nil, fmt.Errorf("open recorded contact %s: %w", id, err)
		}
		r := EntryRow{ID: id, State: "contact", Created: store.Time(at), Place: c.Place, Email: c.Email, Name: c.Name, Kind: c.Kind, Language: c.Language, Reason: c.Reason}
		if c.Reason != "" {
			r.State = "blocked"
		}
		r.Stale = r.State == "contact" && d.now().Sub(r.Created) > contact.Stale
		out = append(out, r)
	}
	return out, rows.Err()
}

// Directory is what persons recorded, as the ladder reads it.
func (d *Docket) Directory(ctx context.Context) (contact.Directory, error) {
	rows, err := d.ContactEntries(ctx)
	return directory(rows), err
}

func directory(rows []EntryRow) (out contact.Directory) {
	for _, r := range rows {
		out = append(out, contact.Entry{Place: r.Place, Email: r.Email, Name: r.Name, Kind: r.Kind, Language: r.Language, Skip: r.Reason,
			Since: r.Created, Profile: contact.Profile{Attachments: true, OffersInEU: true}})
	}
	return out
}

// ContactsOf looks up whom to write to about a place: a URL, or a host name or address.
func (d *Docket) ContactsOf(ctx context.Context, place string) ([]ContactRow, error) {
	if d.o.Ladder == nil {
		return nil, refuse(CodeState, "Nothing is configured by which contacts could be looked up.")
	}
	p := contact.Place{URL: place}
	if !strings.Contains(place, "://") {
		name, err := contact.ReadPlace(place)
		if err != nil || strings.Contains(name, "/") {
			return nil, refuse(CodeInvalid, "This is no place: give a URL, a domain, an address or address:port.")
		}
		p = contact.Place{URL: "https://" + name + "/", Host: name}
	}
	return rowsOf(d.o.Ladder.Find(ctx, p)), nil
}

// forbid marks those of the contacts that are not to be written to by now, also where they were found before that was recorded.
func (d *Docket) forbid(tx *store.Tx, p contact.Place, found []contact.Found) ([]contact.Found, error) {
	entries, err := d.contactEntries(tx)
	if err != nil {
		return nil, err
	}
	blocked := directory(entries)
	for i, f := range found {
		if why, yes := blocked.Forbids(p, f); yes && f.Skipped == "" {
			found[i].Skipped = why
		}
	}
	return found, nil
}
