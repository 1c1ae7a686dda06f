package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	manifestName = "MANIFEST"
	lockName     = "LOCK"
	lockPoll     = 20 * time.Millisecond
)

type segmentRef struct {
	Name     string `json:"name"`
	Kind     Kind   `json:"kind"`
	Bytes    int64  `json:"bytes"`
	Passages int64  `json:"passages"`
}

type manifest struct {
	Format     int          `json:"format"`
	Generation uint64       `json:"generation"`
	Segments   []segmentRef `json:"segments"`
}

// manifestFile is MANIFEST: what it says, and the SHA-256 of exactly those bytes.
type manifestFile struct {
	SHA256 string          `json:"sha256"`
	Index  json.RawMessage `json:"index"`
}

// Folder is an index on disk. Many processes may read it; one at a time changes it.
type Folder struct {
	dir  string
	seal Sealer
}

// NewFolder returns the index in dir, which it creates.
func NewFolder(dir string, seal Sealer) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create index folder: %w", err)
	}
	return &Folder{dir, seal}, nil
}

// Dir returns the folder's path.
func (f *Folder) Dir() string { return f.dir }

// Lock waits until no other process changes the index. The lock ends with the process, however that ends.
func (f *Folder) Lock(ctx context.Context) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(f.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open index lock: %w", err)
	}
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock index: %w", err)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("wait for the index, which another process changes: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

func decodeManifest(path string, b []byte) (*manifest, error) {
	var f manifestFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, corrupt(path, "does not parse")
	}
	if sum := sha256.Sum256(f.Index); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, corrupt(path, "fails its checksum")
	}
	m := &manifest{}
	if err := json.Unmarshal(f.Index, m); err != nil {
		return nil, corrupt(path, "does not parse")
	}
	if m.Format != version {
		return nil, fmt.Errorf("%s: %w", path, wrongFormat(m.Format))
	}
	for _, s := range m.Segments {
		if s.Name != filepath.Base(s.Name) || !strings.HasSuffix(s.Name, ".seg") || (s.Kind != Known && s.Kind != Baseline) {
			return nil, corrupt(path, "names what is no segment")
		}
	}
	return m, nil
}

func (f *Folder) manifest() (*manifest, error) {
	path := filepath.Join(f.dir, manifestName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		segments, e := f.segments()
		if e != nil {
			return nil, e
		}
		if len(segments) == 0 {
			return &manifest{Format: version}, nil
		}
		if b, err = os.ReadFile(path); errors.Is(err, fs.ErrNotExist) { // no other process has just begun the index
			return nil, corrupt(path, "is missing, and "+segments[0]+" is there")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the index manifest: %w", err)
	}
	return decodeManifest(path, b)
}

// segments returns the names of the segments that lie in the folder.
func (f *Folder) segments() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("read index folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".seg") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Generation returns the generation on disk.
func (f *Folder) Generation() (uint64, error) {
	m, err := f.manifest()
	if err != nil {
		return 0, err
	}
	return m.Generation, nil
}

// Snapshot is one generation of the index, held open.
type Snapshot struct {
	Generation uint64
	Known      []*Segment
	Baseline   []*Segment
	sharing    []sharing
	refs       atomic.Int64
}

// Hold keeps the snapshot open until Release is called once more. Only who holds it may call it.
func (s *Snapshot) Hold() *Snapshot { s.refs.Add(1); return s }

// Release gives a hold up; the last one unmaps what no other snapshot uses.
func (s *Snapshot) Release() error {
	if s.refs.Add(-1) > 0 {
		return nil
	}
	var errs []error
	for _, seg := range append(append([]*Segment(nil), s.Known...), s.Baseline...) {
		errs = append(errs, seg.release())
	}
	return errors.Join(errs...)
}

// Load opens the newest generation. Segments that old, which may be nil and is otherwise held, has open are shared.
func (f *Folder) Load(old *Snapshot) (*Snapshot, error) {
	for try := 0; ; try++ {
		m, err := f.manifest()
		if err != nil {
			return nil, err
		}
		s, err := f.load(m, old)
		// another process may have replaced segments between the two reads
		if errors.Is(err, fs.ErrNotExist) && try < 10 {
			if now, e := f.Generation(); e == nil && now != m.Generation {
				continue
			}
			return nil, fmt.Errorf("%w: %w", err, ErrCorrupt)
		}
		return s, err
	}
}

func (f *Folder) load(m *manifest, old *Snapshot) (*Snapshot, error) {
	s := &Snapshot{Generation: m.Generation}
	s.refs.Store(1)
	open, fresh := map[string]*Segment{}, map[*Segment]bool{}
	if old != nil {
		for _, seg := range append(append([]*Segment(nil), old.Known...), old.Baseline...) {
			open[seg.name] = seg
		}
	}
	for _, ref := range m.Segments {
		seg, ok := open[ref.Name]
		if !ok {
			var err error
			if seg, err = openSegment(f.dir, ref, f.seal); err != nil {
				s.Release()
				return nil, err
			}
			fresh[seg] = true
		}
		seg.hold()
		if ref.Kind == Known {
			s.Known = append(s.Known, seg)
		} else {
			s.Baseline = append(s.Baseline, seg)
		}
	}
	s.share(fresh)
	return s, nil
}

// Add commits a draft as a further segment. The caller holds the lock, and calls Merge when it has let go of it.
func (f *Folder) Add(d *Draft) error {
	m, err := f.manifest()
	if err != nil {
		return err
	}
	if m.Generation == 0 { // a manifest before the first segment: where segments lie without one, it was lost
		if err := f.put(m); err != nil {
			return err
		}
	}
	ref, err := write(f.dir, f.seal, d)
	if err != nil {
		return err
	}
	m.Segments = append(m.Segments, ref)
	return f.commit(m)
}

// Remove rewrites every segment that holds the leak without it. The caller holds the lock. It returns when the old ones
// are deleted.
func (f *Folder) Remove(slug string) error {
	m, err := f.manifest()
	if err != nil {
		return err
	}
	now, err := f.load(m, nil)
	if err != nil {
		return err
	}
	defer now.Release()
	next := &manifest{Format: version, Generation: m.Generation}
	for _, ref := range m.Segments {
		i := slices.IndexFunc(now.Known, func(s *Segment) bool { return s.name == ref.Name && s.holds(slug) })
		if i < 0 {
			next.Segments = append(next.Segments, ref)
			continue
		}
		d, err := joined(Known, now.Known[i:i+1], slug)
		if err != nil {
			return err
		}
		if len(d.Leaks) == 0 {
			continue
		}
		if ref, err = write(f.dir, f.seal, d); err != nil {
			return err
		}
		next.Segments = append(next.Segments, ref)
	}
	return f.commit(next)
}

func (s *Segment) holds(slug string) bool {
	for _, l := range s.leaks {
		if l.Slug == slug {
			return true
		}
	}
	return false
}

// commit makes m the index's next generation, then deletes what it no longer names.
func (f *Folder) commit(m *manifest) error {
	m.Generation++
	if err := f.put(m); err != nil {
		return err
	}
	return f.sweep(m)
}

// put writes the manifest.
func (f *Folder) put(m *manifest) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode the index manifest: %w", err)
	}
	sum := sha256.Sum256(body)
	b, err := json.Marshal(manifestFile{hex.EncodeToString(sum[:]), body})
	if err != nil {
		return fmt.Errorf("encode the index manifest: %w", err)
	}
	path := filepath.Join(f.dir, manifestName)
	if err := writeSynced(path+".new", append(b, '\n')); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("commit the index manifest: %w", err)
	}
	return syncDir(f.dir)
}

// sweep deletes files that no generation names: replaced segments, and what a crash left.
func (f *Folder) sweep(m *manifest) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("read index folder: %w", err)
	}
	keep := map[string]bool{manifestName: true, lockName: true}
	for _, s := range m.Segments {
		keep[s.Name] = true
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), "seg-") || strings.HasPrefix(e.Name(), "tmp-") || e.Name() == manifestName+".new"
		if !ours || keep[e.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete old segment: %w", err)
		}
	}
	return syncDir(f.dir)
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the index manifest: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write the index manifest: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync index folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync index folder: %w", err)
	}
	return nil
}
