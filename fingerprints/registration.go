package fingerprints

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
)

// registration is one AddLeak or AddBaseline under way.
type registration struct {
	library    *Library
	opener     *open.Opener
	slug       string
	baseline   bool
	tables     *recording  // nil in a baseline
	authority  string      // for national numbers
	images     *imageTexts // nil: the text of images is not read
	progress   func(done, total int64, file string)
	sorter     *index.Sorter
	chunks     *index.Sorter
	traces     *index.TraceSpool
	pages      *index.PageSpool
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
	if r.traces != nil {
		r.traces.Close()
	}
	if r.pages != nil {
		r.pages.Close()
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
	r.sorter, r.chunks = r.library.folder.PassageSorter(), index.NewSorter(r.library.folder.Dir())
	var err error
	if r.pages, err = r.library.folder.PageSpool(); err != nil {
		return err
	}
	if !r.baseline {
		if r.traces, err = r.library.folder.TraceSpool(); err != nil {
			return err
		}
	}
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
				chunks: r.chunks, chunked: &r.chunked, baseline: r.baseline, tables: r.tables, traces: r.traces, pages: r.pages, images: r.images,
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
