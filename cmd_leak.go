package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/crawler/canary"
	"unmirror/fingerprints"
	"unmirror/store"
	"unmirror/takedown"
)

func leakCommand(g *globals) *cobra.Command {
	return group("leak", "Register, list and remove known leaks", leakAdd(g), leakList(g), leakRemove(g), leakFile(g), leakDuties(g), leakRecord(g))
}

func leakAdd(g *globals) *cobra.Command {
	var l leakToAdd
	var authority string
	c := &cobra.Command{
		Use: "add SLUG PATH...", Short: "Register the known files of a leak (folders recursively)", Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			l.slug, l.paths = args[0], args[1:]
			if l.slug == canary.Slug {
				return &usageError{errReserved}
			}
			if c.Flags().Changed("number-authority") {
				l.authority = &authority
			}
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error { return a.addWithFile(c.Context(), d, l) })
		},
	}
	c.Flags().StringVar(&l.title, "title", "", "name of the incident as notices and alerts call it")
	c.Flags().StringVar(&l.manifest, "manifest", "", "file that says which known file is about whom and of what kind (docs/manifest.md)")
	c.Flags().StringVar(&l.leakFile, "leak-file", "", "what counsel filled in about the leak, as YAML (docs/leak-file.md)")
	c.Flags().StringArrayVar(&l.records, "records", nil, "what the columns of a table are, as FILE:subject=COL,key=COL,... (docs/manifest.md); may be repeated")
	readingFlags(c, &l.reading)
	c.Flags().StringVar(&authority, "number-authority", "", "what permits the use of national numbers and BSN, for the audit log; without it they are left out of records")
	return c
}

// leakToAdd is what the command line says of a leak.
type leakToAdd struct {
	slug, title, manifest, leakFile string
	paths, records                  []string
	authority                       *string
	reading                         reading
}

// registeringMemory is how many bytes are in use, while files are registered, before garbage is collected more often than
// usual. A table of a million rows needs some 170 MB.
const registeringMemory = 240 << 20

// addLeak registers and tells what was registered and what could not be read.
func (a *app) addLeak(ctx context.Context, add leakToAdd) error {
	l, err := a.index()
	if err != nil {
		return err
	}
	o, err := a.contentOpener()
	if err != nil {
		return err
	}
	m, err := readManifest(add.manifest)
	if err != nil {
		return err
	}
	images, b, err := a.imageTexts(add.reading)
	if err != nil {
		return err
	}
	st, err := a.record(ctx)
	if err != nil {
		return err
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(min(registeringMemory, debug.SetMemoryLimit(-1))))
	added, err := l.AddLeak(ctx, o, fingerprints.AddLeak{
		Slug: add.slug, Title: add.title, Paths: add.paths, Manifest: m, Images: images, Progress: b.progress("registering"), Records: add.records, NumberAuthority: add.authority,
	})
	b.end()
	if err != nil {
		return fmt.Errorf("register %s: %w", add.slug, err)
	}
	e := store.Entry{
		Actor: "operator", Act: "leak.add", Object: add.slug,
		Detail: fmt.Sprintf("files=%d records=%d unreadable=%d", added.Files, added.Records, len(added.Unreadable)),
	}
	if add.authority != nil {
		e.Reason = strings.TrimSpace(*add.authority)
	}
	if err := st.Write(ctx, func(tx *store.Tx) error { return tx.Audit(e) }); err != nil {
		return err
	}
	if added.Skipped > 0 && (add.authority != nil || len(add.records) > 0) {
		a.note("%d files are registered already and stay as they are: to have their tables read anew, remove the leak first (unmirror leak remove %s)", added.Skipped, add.slug)
	}
	return a.tellAdded(added)
}

// readManifest gives nil when none is named.
func readManifest(path string) (io.Reader, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return strings.NewReader(string(b)), nil
}

func (a *app) tellAdded(added fingerprints.Added) error {
	for _, u := range added.Unreadable {
		a.note("unreadable: %s: %s", u.File, u.Reason)
	}
	for _, n := range added.Notes {
		a.note("%s", n)
	}
	if added.TextUnread > 0 {
		a.note("the text of %s of pages was not read, for lack of time (--ocr-time) or because reading failed: they are recognised by their images alone", plural(added.TextUnread, "image"))
	}
	if a.json {
		return a.printJSON(map[string]any{"id": added.Slug, "state": "registered", "files": added.Files, "passages": added.Passages, "images_read": added.TextRead,
			"bytes": added.Bytes, "unreadable": len(added.Unreadable), "skipped": added.Skipped, "records": added.Records, "tables": tableRows(added.Tables)})
	}
	a.tellTables(added.Tables)
	a.printf("registered %d known files (%d passages, %d bytes) as %s", added.Files, added.Passages, added.Bytes, added.Slug)
	if n := len(added.Unreadable); n > 0 {
		a.printf("; %d could not be read and are listed above", n)
	}
	a.printf("\n")
	return nil
}

// leakRow is a leak as `leak list` prints it.
type leakRow struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`
	Created    time.Time `json:"created"`
	Title      string    `json:"title"`
	Files      int       `json:"files"`
	Passages   int       `json:"passages"`
	Subjects   int       `json:"subjects"`
	Bytes      int64     `json:"bytes"`
	Categories []string  `json:"categories"`
	Authority  string    `json:"number_authority,omitempty"`
}

func leakList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the registered leaks", RunE: func(*cobra.Command, []string) error {
		return g.with(func(a *app) error {
			if _, err := a.index(); err != nil {
				return err
			}
			var rows []leakRow
			for _, k := range a.leaks() {
				rows = append(rows, leakRow{k.Slug, "registered", k.Created.UTC(), k.Title, k.Files, k.Passages, k.Subjects, k.Bytes, append([]string{}, k.Categories...), k.NumberAuthority})
			}
			return list(g, rows, "LEAK\tFILES\tPASSAGES\tSUBJECTS\tREGISTERED\tTITLE", func(r leakRow) []string {
				return []string{r.ID, strconv.Itoa(r.Files), strconv.Itoa(r.Passages), strconv.Itoa(r.Subjects), stamp(r.Created), r.Title}
			})
		})
	}}
}

func leakRemove(g *globals) *cobra.Command {
	return &cobra.Command{Use: "remove SLUG", Short: "Forget a leak: its fingerprints are rewritten away before the command returns",
		Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error {
				l, err := a.index()
				if err != nil {
					return err
				}
				st, err := a.record(c.Context())
				if err != nil {
					return err
				}
				if err := l.RemoveLeak(c.Context(), args[0]); err != nil {
					return fmt.Errorf("remove %s: %w", args[0], err)
				}
				if err := audit(c.Context(), st, "leak.remove", args[0], ""); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"id": args[0], "state": "removed"})
				}
				a.printf("removed %s: its fingerprints are gone from the index\n", args[0])
				return nil
			})
		}}
}

func baselineCommand(g *globals) *cobra.Command {
	var how reading
	add := &cobra.Command{Use: "add PATH...", Short: "Add public material that must never match (forms, letterheads, licences)",
		Args: cobra.MinimumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error { return a.addBaseline(c.Context(), args, how) })
		}}
	readingFlags(add, &how)
	return group("baseline", "Public material that must never match", add)
}

func (a *app) addBaseline(ctx context.Context, paths []string, how reading) error {
	l, err := a.index()
	if err != nil {
		return err
	}
	o, err := a.contentOpener()
	if err != nil {
		return err
	}
	images, b, err := a.imageTexts(how)
	if err != nil {
		return err
	}
	st, err := a.record(ctx)
	if err != nil {
		return err
	}
	added, err := l.AddBaseline(ctx, o, fingerprints.AddBaseline{Paths: paths, Images: images, Progress: b.progress("baseline")})
	b.end()
	if err != nil {
		return fmt.Errorf("add baseline: %w", err)
	}
	if err := audit(ctx, st, "baseline.add", "baseline", fmt.Sprintf("files=%d", added.Files)); err != nil {
		return err
	}
	added.Slug = "baseline"
	return a.tellAdded(added)
}

// audit appends one row by the operator at the command line.
func audit(ctx context.Context, st *store.Store, act, object, detail string) error {
	return st.Write(ctx, func(tx *store.Tx) error {
		return tx.Audit(store.Entry{Actor: "operator", Act: act, Object: object, Detail: detail})
	})
}
