package fingerprints

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"unmirror/fingerprints/index"
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
	r := &registration{library: l, opener: o, slug: a.Slug, progress: a.Progress, tables: tables}
	if a.NumberAuthority != nil {
		r.authority = strings.TrimSpace(*a.NumberAuthority)
	}
	defer r.close()
	if err := r.run(ctx, a.Paths); err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
	added := Added{Slug: a.Slug, Unreadable: r.unreadable, Skipped: r.skipped()}
	added.Notes = rules.notes(added.Skipped == 0)
	if r.count() == 0 {
		return added, nil
	}
	d, err := r.draft(rules, a.Title)
	if err != nil {
		return Added{}, fmt.Errorf("add leak: %w", err)
	}
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
	Progress func(done, total int64, file string) // as in AddLeak
}

// AddBaseline registers public documents, of which nothing ever counts in a match.
func (l *Library) AddBaseline(ctx context.Context, o *open.Opener, a AddBaseline) (Added, error) {
	r := &registration{library: l, opener: o, progress: a.Progress, baseline: true}
	defer r.close()
	if err := r.run(ctx, a.Paths); err != nil {
		return Added{}, fmt.Errorf("add baseline: %w", err)
	}
	added := Added{Unreadable: r.unreadable}
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

// registration is one AddLeak or AddBaseline under way.
type registration struct {
	library    *Library
	opener     *open.Opener
	slug       string
	baseline   bool
	tables     *recording // nil in a baseline
	authority  string     // for national numbers
	progress   func(done, total int64, file string)
	sorter     *index.Sorter
	chunks     *index.Sorter
	drafts     atomic.Uint32
	chunked    atomic.Uint32
	mu         sync.Mutex
	harvest    *harvest
	files      []source
	results    []*extractedFile // nil: registered already
	unreadable []Unreadable
	total      int64
	done       int64
}

// source is a file to be read.
type source struct {
	path, name string
	size       int64
}

func (r *registration) close() {
	if r.sorter != nil {
		r.sorter.Close()
		r.chunks.Close()
	}
	if r.tables != nil {
		r.tables.pairs.Close()
	}
	r.eachTable(func(_ uint32, t *knownTable) {
		if t.rows != nil {
			t.rows.Close()
		}
	})
}

func (r *registration) count() int {
	n := 0
	for _, x := range r.results {
		if x != nil && len(x.parts) > 0 {
			n++
		}
	}
	return n
}

func (r *registration) bytes() (sum int64) {
	for _, x := range r.results {
		if x != nil && len(x.parts) > 0 {
			sum += x.parts[0].bytes
		}
	}
	return sum
}

// run reads all files.
func (r *registration) run(ctx context.Context, paths []string) error {
	if err := r.list(paths); err != nil {
		return err
	}
	if len(r.files) == 0 {
		return fmt.Errorf("no files in %s", strings.Join(paths, ", "))
	}
	if r.tables != nil {
		if err := checkFiles(r.tables.overrides, r.files); err != nil {
			return err
		}
	}
	r.sorter, r.chunks = index.NewSorter(r.library.folder.Dir()), index.NewSorter(r.library.folder.Dir())
	r.harvest = newHarvest(r.library.secrets)
	r.results = make([]*extractedFile, len(r.files))
	snap := r.library.hold()
	defer r.library.drop(snap)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			x := &extraction{
				secrets: r.library.secrets, opener: r.opener, sorter: r.sorter, drafts: &r.drafts, harvest: newHarvest(r.library.secrets),
				chunks: r.chunks, chunked: &r.chunked, baseline: r.baseline, tables: r.tables,
				public: func(passage uint64) bool { return isPublicPassage(r.library.secrets, snap, passage) },
			}
			for {
				i := int(next.Add(1) - 1)
				if i >= len(r.files) {
					break
				}
				if err := r.read(ctx, x, i); err != nil {
					return err
				}
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.harvest.absorb(x.harvest)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if r.tables != nil {
		if err := checkUsed(r.tables.overrides); err != nil {
			return err
		}
	}
	for i, x := range r.results {
		if x != nil && x.failed != "" {
			r.unreadable = append(r.unreadable, Unreadable{r.files[i].name, x.failed})
		}
	}
	return nil
}

func (r *registration) read(ctx context.Context, x *extraction, i int) error {
	f := r.files[i]
	out, err := x.file(ctx, f.path, f.name, func(d index.Digest) bool { return r.registered(f.name, d) })
	if err != nil {
		return err
	}
	r.results[i] = out
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done += f.size
	if r.progress != nil {
		r.progress(r.done, r.total, f.name)
	}
	return nil
}

// registered tells whether the leak holds this file already.
func (r *registration) registered(name string, d index.Digest) bool {
	if r.baseline {
		return false
	}
	s := r.library.hold()
	if s == nil {
		return false
	}
	defer s.Release()
	id := fileID(r.library.secrets, r.slug, name, d)
	return slices.ContainsFunc(s.Known, func(seg *index.Segment) bool {
		_, ok := seg.FileByID(id)
		return ok
	})
}

func fileID(s *secrets, slug, name string, d index.Digest) index.FileID {
	sum := prf(s.file, slug, name, string(d[:]))
	return index.FileID(sum[:6])
}

// list finds the files below paths. What cannot be listed is unreadable; a path that is not there is an error.
func (r *registration) list(paths []string) error {
	for _, root := range paths {
		st, err := os.Stat(root)
		if err != nil {
			return fmt.Errorf("find files: %w", err)
		}
		if !st.IsDir() {
			r.add(root, filepath.Base(root), st.Size())
			continue
		}
		err = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			name, relErr := filepath.Rel(root, p)
			if relErr != nil {
				return relErr
			}
			name = filepath.ToSlash(name)
			if err != nil {
				r.unreadable = append(r.unreadable, Unreadable{name, plainReason(err)})
				return nil
			}
			if !e.Type().IsRegular() {
				return nil
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				r.unreadable = append(r.unreadable, Unreadable{name, plainReason(err)})
				return nil
			}
			r.add(p, name, info.Size())
			return nil
		})
		if err != nil {
			return fmt.Errorf("find files: %w", err)
		}
	}
	return nil
}

func (r *registration) add(path, name string, size int64) {
	r.files = append(r.files, source{path, name, size})
	r.total += size
}

// draft makes the segment of a leak out of what was read.
func (r *registration) draft(rules *rules, title string) (*index.Draft, error) {
	s := r.library.secrets
	leak := index.Leak{
		Slug: r.slug, Title: title, Created: time.Now().UTC().Truncate(time.Second), Tables: rules.tables, Authority: r.authority,
	}
	b := &drafting{
		d: &index.Draft{Kind: index.Known}, texts: map[index.Digest]uint32{},
		remap: slices.Repeat([]uint32{index.NoDoc}, int(r.drafts.Load())), chunks: slices.Repeat([]uint32{index.NoDoc}, int(r.chunked.Load())),
	}
	names := newNaming(r.harvest, false, title, r.slug)
	for i, x := range r.results {
		if x == nil || len(x.parts) == 0 {
			continue
		}
		first := uint32(len(b.d.Files))
		for j, p := range x.parts {
			name := r.files[i].name
			if j > 0 {
				name = memberName(name, p.path)
			}
			p.file = uint32(len(b.d.Files))
			b.part(s, r.slug, name, p, first)
			f := &b.d.Files[len(b.d.Files)-1]
			f.Subjects, f.Categories = rules.of(s, r.slug, name)
			names.part(x.parts, j, name)
			rules.each(name, names.subject)
			leak.Subjects = append(leak.Subjects, f.Subjects...)
			leak.Categories = append(leak.Categories, f.Categories...)
		}
		leak.Files++
		leak.Bytes += x.parts[0].bytes
	}
	if err := r.tables.settle(b.d, &leak, r.eachTable); err != nil {
		return nil, err
	}
	b.settlePublished()
	slices.Sort(leak.Subjects)
	leak.Subjects, leak.Categories = slices.Compact(leak.Subjects), inOrder(leak.Categories)
	b.d.Leaks = []index.Leak{leak}
	b.d.Guard = []index.GuardSet{names.set(0)}
	if err := b.d.ChunksFromSorter(r.chunks, b.chunks); err != nil {
		return nil, err
	}
	return b.d, b.d.FromSorter(r.sorter, b.remap)
}

// drafting numbers documents by their text, and what has chunks by its file, while a draft grows.
type drafting struct {
	d             *index.Draft
	remap, chunks []uint32
	texts         map[index.Digest]uint32
}

// group tells which document a file is when chunks are counted: an archive's member is one of its own, a picture in a
// letter is the letter.
func (b *drafting) group(f *index.File, p *knownPart) uint32 {
	if f.Parent != index.NoParent && !isArchive(b.d.Files[f.Parent].Type) {
		return b.d.Groups[f.Parent]
	}
	return binary.LittleEndian.Uint32(p.content[:])
}

func (b *drafting) part(s *secrets, slug, name string, p *knownPart, first uint32) {
	at := uint32(len(b.d.Files))
	f := index.File{
		ID: fileID(s, slug, name, p.content), Name: name, Type: p.kind, Extractor: p.extractor, Bytes: p.bytes, Entropy: p.entropy,
		Doc: index.NoDoc, Parent: index.NoParent,
	}
	if p.parent >= 0 {
		f.Parent = first + uint32(p.parent)
		for up := f.Parent; up != index.NoParent; up = b.d.Files[up].Parent {
			b.d.Files[up].Members++
		}
	}
	for i, t := range p.texts {
		doc, ok := b.texts[t.text]
		if !ok {
			doc = uint32(len(b.d.Docs))
			b.texts[t.text] = doc
			b.d.Docs = append(b.d.Docs, index.Doc{
				Text: t.text, Total: t.total, Group: binary.LittleEndian.Uint64(p.texts[0].text[:]),
				Stem: prf64(s.stem, slug, documentStem(name)), Form: uint32(prf64(s.stem, "form", path.Ext(name))),
			})
			b.d.DocFiles = append(b.d.DocFiles, nil)
		}
		b.remap[t.draft] = doc
		b.d.DocFiles[doc] = append(b.d.DocFiles[doc], at)
		if i == 0 {
			f.Doc, f.Canonical = doc, t.length
		}
	}
	f.Chunked = p.counted(b.chunks, at)
	f.Public = p.public
	b.publish(p, &f, at)
	b.d.Groups = append(b.d.Groups, b.group(&f, p))
	b.d.Files = append(b.d.Files, f)
	b.d.Content = append(b.d.Content, index.ContentRow{Digest: p.content, File: at})
}

// baselineDraft makes the segment of a baseline: sets, and nothing else.
func (r *registration) baselineDraft() (*index.Draft, error) {
	d := &index.Draft{Kind: index.Baseline, Leaks: []index.Leak{{Created: time.Now().UTC().Truncate(time.Second)}}}
	remap := make([]uint32, r.drafts.Load())
	names := newNaming(r.harvest, true)
	for i, x := range r.results {
		if x == nil {
			continue
		}
		for j, p := range x.parts {
			names.part(x.parts, j, r.files[i].name)
			d.Content = append(d.Content, index.ContentRow{Digest: p.content, File: index.NoDoc})
			d.Content = append(d.Content, publicRows(r.library.secrets, p)...)
			for _, t := range p.texts {
				d.Texts = append(d.Texts, t.text)
			}
		}
	}
	d.Guard = []index.GuardSet{names.set(0)}
	if err := d.ChunksFromSorter(r.chunks, make([]uint32, r.chunked.Load())); err != nil {
		return nil, err
	}
	return d, d.FromSorter(r.sorter, remap)
}
