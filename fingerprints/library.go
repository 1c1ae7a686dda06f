// Package fingerprints registers known files, keeps their fingerprints, and matches items against them.
// It never keeps content and knows nothing of the web: what it stores is keyed, and what could name a person sealed.
//
// Start at Open, Library.AddLeak and NewMatcher. What it can recognise, and how sure it must be, is in evidence.go.
package fingerprints

import (
	"context"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"unmirror/fingerprints/index"
)

// Library is the known files of an operator. It is safe for concurrent use, and other processes may add to it.
type Library struct {
	folder  *index.Folder
	secrets *secrets

	mu     sync.RWMutex
	now    *index.Snapshot // nil when closed
	reload sync.Mutex      // one at a time opens a generation
}

// Open opens the index in dir, which it creates. An error about damage names the file and wraps index.ErrCorrupt.
func Open(dir string, k Keys) (*Library, error) {
	seal, err := index.NewSealer(k.Names)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	sec, err := derive(k.Matching)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	folder, err := index.NewFolder(dir, seal)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	now, err := folder.Load(nil)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return &Library{folder: folder, secrets: sec, now: now}, nil
}

// Close ends the library. Matches that still run finish first with what they hold.
func (l *Library) Close() error {
	l.mu.Lock()
	now := l.now
	l.now = nil
	l.mu.Unlock()
	if now == nil {
		return nil
	}
	return now.Release()
}

// hold returns the current generation, to be released; nil when the library is closed.
func (l *Library) hold() *index.Snapshot {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.now == nil {
		return nil
	}
	return l.now.Hold()
}

// Generation counts the changes of the index as this process has it open.
func (l *Library) Generation() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.now == nil {
		return 0
	}
	return l.now.Generation
}

// Reload takes over what another process registered or removed, while matches run. It is cheap when nothing changed.
func (l *Library) Reload() (changed bool, err error) {
	l.reload.Lock()
	defer l.reload.Unlock()
	on, err := l.folder.Generation()
	if err != nil {
		return false, fmt.Errorf("reload index: %w", err)
	}
	old := l.hold()
	if old == nil || on == old.Generation {
		return false, l.drop(old)
	}
	next, err := l.folder.Load(old)
	if err != nil {
		l.drop(old)
		return false, fmt.Errorf("reload index: %w", err)
	}
	l.mu.Lock()
	closed := l.now == nil
	if !closed {
		l.now = next
	}
	l.mu.Unlock()
	if closed {
		l.drop(next)
		return false, l.drop(old)
	}
	if err := old.Release(); err != nil { // the library's own hold
		return true, err
	}
	return true, l.drop(old)
}

// settle takes a change of the index over, and joins its segments when they have become many. Matches run meanwhile, and
// other processes may change the index. When ctx ends, the next change joins them.
func (l *Library) settle(ctx context.Context) error {
	if _, err := l.Reload(); err != nil {
		return err
	}
	changed, err := l.folder.Merge(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the index has taken the change, but afterwards: %w", err)
	}
	if !changed {
		return nil
	}
	_, err = l.Reload()
	return err
}

func (l *Library) drop(s *index.Snapshot) error {
	if s == nil {
		return nil
	}
	return s.Release()
}

// LeakInfo is what lists show of a leak.
type LeakInfo struct {
	Slug, Title string
	Created     time.Time
	Files       int // of the folder registered; members of archives are not counted
	Passages    int
	Subjects    int // distinct, of files by the manifest and of tables' rows
	Categories  []string
	Bytes       int64
	// NumberAuthority is what permits the use of national numbers; empty when they were left out.
	NumberAuthority string
}

// Leaks returns the registered leaks by slug.
func (l *Library) Leaks() []LeakInfo {
	s := l.hold()
	if s == nil {
		return nil
	}
	defer s.Release()
	all := map[string]*index.Leak{}
	for _, seg := range s.Known {
		for _, leak := range seg.Leaks() {
			if have := all[leak.Slug]; have != nil {
				have.Absorb(leak)
				continue
			}
			first := leak
			all[leak.Slug] = &first
		}
	}
	infos := make([]LeakInfo, 0, len(all))
	for _, k := range all {
		infos = append(infos, LeakInfo{
			Slug: k.Slug, Title: k.Title, Created: k.Created, Files: k.Files, Passages: k.Passages,
			Subjects: len(k.Subjects) + k.People, Categories: inOrder(k.Categories), Bytes: k.Bytes, NumberAuthority: k.Authority,
		})
	}
	slices.SortFunc(infos, func(a, b LeakInfo) int { return strings.Compare(a.Slug, b.Slug) })
	return infos
}

// FileInfo is what is known of a known file.
type FileInfo struct {
	ID, Leak   string
	Name       string // may hold a person's name: never in a log, page or mail
	Type       string // extension, or what its content is where it has none
	Extractor  string // who made its text, with version
	Bytes      int64
	Passages   int
	Subjects   int
	Categories []string
	InArchive  bool // a member of a known archive
}

// File returns a known file by its opaque id.
func (l *Library) File(id string) (FileInfo, bool) {
	raw, err := hex.DecodeString(strings.TrimPrefix(id, "f_"))
	if err != nil || len(raw) != len(index.FileID{}) {
		return FileInfo{}, false
	}
	s := l.hold()
	if s == nil {
		return FileInfo{}, false
	}
	defer s.Release()
	for _, seg := range s.Known {
		i, ok := seg.FileByID(index.FileID(raw))
		if !ok {
			continue
		}
		f, err := seg.File(i)
		if err != nil {
			return FileInfo{}, false
		}
		info := FileInfo{
			ID: id, Leak: seg.Leaks()[f.Leak].Slug, Name: f.Name, Type: fileType(f), Extractor: f.Extractor, Bytes: f.Bytes,
			Subjects: len(f.Subjects), Categories: f.Categories, InArchive: f.Parent != index.NoParent,
		}
		if f.Doc < seg.Docs() {
			info.Passages = int(seg.Doc(f.Doc).Passages)
		}
		return info, true
	}
	return FileInfo{}, false
}

// fileType is the extension where it is an ordinary one: it goes on pages, so it must not carry anything else.
func fileType(f index.File) string {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(f.Name), "."))
	if ext == "" || len(ext) > 5 || strings.ContainsFunc(ext, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) ||
		strings.Trim(ext, "0123456789") == "" {
		return f.Type
	}
	return ext
}
