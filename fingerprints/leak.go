package fingerprints

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"unmirror/fingerprints/open"
)

// AddLeak is what AddLeak registers.
type AddLeak struct {
	Slug     string // lower-case letters, digits, "-", "_" and "."; at most 64
	Title    string
	Paths    []string  // files, or folders with all that is in them
	Manifest io.Reader // docs/manifest.md; may be nil
	// Records overrides what is guessed of tables: "FILE:subject=COL,key=COL,…", where FILE is a glob and COL a header name
	// or a number from 1 (docs/manifest.md).
	Records []string
	// NumberAuthority says what permits the use of national numbers and BSN. Without it, nil, they are no cells of records.
	// An empty text is an error.
	NumberAuthority *string
	Images          ImageTexts // whether the text of known images is read
	// Progress is told the bytes read so far and in all, and the file just finished, relative to the folder; from
	// several goroutines, one at a time. May be nil.
	Progress func(done, total int64, file string)
}

// Unreadable is a file of which the content could not be opened, or not all of it. It is still recognised byte for byte.
type Unreadable struct{ File, Reason string }

// Added is what a registration added.
type Added struct {
	Slug       string
	Files      int // those registered already are not counted
	Passages   int
	Bytes      int64
	Skipped    int // registered already, and left as they were
	Unreadable []Unreadable
	Tables     []TableInfo
	Records    int
	// Notes tell of what the manifest says in vain. They hold names of files and columns.
	Notes []string
	// TextRead is how many images of pages had their text read, TextUnread how many had not because time was over or reading
	// failed.
	TextRead, TextUnread int
}

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// AddLeak fingerprints files and adds them to a leak, which it creates when there is none of that slug. It uses all
// processors and bounded memory; what is registered already is skipped; nothing is changed before all is read. The
// error says what broke; an unreadable file is none.
func (l *Library) AddLeak(ctx context.Context, o *open.Opener, a AddLeak) (Added, error) {
	if !slugForm.MatchString(a.Slug) {
		return Added{}, fmt.Errorf("add leak: %q is no slug: lower-case letters, digits, \"-\", \"_\" and \".\", at most 64", a.Slug)
	}
	rules, err := readRules(a.Manifest)
	if err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	tables, err := newRecording(l, rules, a)
	if err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	r := &registration{library: l, opener: o, slug: a.Slug, progress: a.Progress, tables: tables, images: newImageTexts(a.Images)}
	if a.NumberAuthority != nil {
		r.authority = strings.TrimSpace(*a.NumberAuthority)
	}
	defer r.close()
	if err := r.run(ctx, a.Paths); err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	added := Added{Slug: a.Slug, Unreadable: r.unreadable, Skipped: r.skipped()}
	added.TextRead, added.TextUnread = r.images.counts()
	if r.count() == 0 {
		added.Notes = rules.notes(false)
		return added, nil
	}
	d, err := r.draft(rules, a.Title)
	if err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	added.Notes = rules.notes(added.Skipped == 0)
	if err := l.commit(ctx, func() error { return l.folder.Add(d) }); err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	leak := d.Leaks[0]
	added.Files, added.Passages, added.Bytes = leak.Files, leak.Passages, leak.Bytes
	added.Tables, added.Records = r.tableInfos(), d.RecordCount()
	return added, nil
}

// commit changes the index while no other process does, and takes the change over.
func (l *Library) commit(ctx context.Context, change func() error) error {
	unlock, err := l.folder.Lock(ctx)
	if err != nil {
		return err
	}
	err = change()
	unlock()
	if err != nil {
		return err
	}
	return l.settle(ctx)
}

// RemoveLeak forgets a leak. It returns when the segments that held it are rewritten and the old ones deleted.
func (l *Library) RemoveLeak(ctx context.Context, slug string) error {
	if _, err := l.Reload(); err != nil {
		return fmt.Errorf("remove leak: %w", err)
	}
	if !slices.ContainsFunc(l.Leaks(), func(i LeakInfo) bool { return i.Slug == slug }) {
		return fmt.Errorf("remove leak: there is none called %q", slug)
	}
	if err := l.commit(ctx, func() error { return l.folder.Remove(slug) }); err != nil {
		return fmt.Errorf("remove leak: %w", err)
	}
	return nil
}

// AddBaseline is what AddBaseline registers.
type AddBaseline struct {
	Paths    []string
	Images   ImageTexts
	Progress func(done, total int64, file string) // as in AddLeak
}

// AddBaseline registers public documents, of which nothing ever counts in a match.
func (l *Library) AddBaseline(ctx context.Context, o *open.Opener, a AddBaseline) (Added, error) {
	r := &registration{library: l, opener: o, progress: a.Progress, baseline: true, images: newImageTexts(a.Images)}
	defer r.close()
	if err := r.run(ctx, a.Paths); err != nil {
		return Added{}, fmt.Errorf("add baseline: %w", err)
	}
	added := Added{Unreadable: r.unreadable}
	added.TextRead, added.TextUnread = r.images.counts()
	if r.count() == 0 {
		return added, nil
	}
	d, err := r.baselineDraft()
	if err != nil {
		return Added{}, fmt.Errorf("add baseline: %w", err)
	}
	if err := l.commit(ctx, func() error { return l.folder.Add(d) }); err != nil {
		return Added{}, fmt.Errorf("add baseline: %w", err)
	}
	added.Files, added.Bytes = r.count(), r.bytes()
	return added, nil
}
