package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	// crowd is how many segments of about one size stand side by side: each costs a look-up of every passage.
	crowd = 4
	// tierBase and tierStep say what is about one size: up to 8 MiB, up to 64 MiB, and so on. A passage is so rewritten
	// once a tier, and an index of 30 GB has at most 20 segments, mostly half of that.
	tierBase, tierStep = 8 << 20, 8
	// largest is the size from which a segment is joined no more.
	largest = 16 << 30
	// mergeLock is held by the one process that joins.
	mergeLock = "MERGE"
)

func tierOf(bytes int64) (tier int) {
	for limit := int64(tierBase); bytes > limit; limit *= tierStep {
		tier++
	}
	return tier
}

// crowded returns segments that should be one.
func crowded(m *manifest) []segmentRef {
	type class struct {
		kind Kind
		tier int
	}
	classes := map[class][]segmentRef{}
	for _, s := range m.Segments {
		if s.Bytes > largest {
			continue
		}
		c := class{s.Kind, tierOf(s.Bytes)}
		if classes[c] = append(classes[c], s); len(classes[c]) > crowd {
			return classes[c]
		}
	}
	return nil
}

// Merge joins segments where there are many of about one size, until there are no more. Whoever added calls it, without
// the lock: others read, add and remove meanwhile, and when another process is joining, it leaves that to it. It takes
// memory for what is known of each document and little else. It returns whether the index changed; when it is stopped or
// killed, nothing is lost.
func (f *Folder) Merge(ctx context.Context) (changed bool, err error) {
	unlock, err := f.onlyOne()
	if err != nil || unlock == nil {
		return false, err
	}
	defer unlock()
	for {
		m, err := f.manifest()
		if err != nil {
			return changed, err
		}
		refs := crowded(m)
		if len(refs) == 0 {
			return changed, nil
		}
		done, err := f.join(ctx, refs)
		if err != nil {
			return changed, fmt.Errorf("join segments: %w", err)
		}
		changed = changed || done
	}
}

// onlyOne returns nil when another process joins.
func (f *Folder) onlyOne() (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(f.dir, mergeLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open index lock: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("lock index: %w", err)
	}
	return func() { file.Close() }, nil
}

// join replaces segments by one, unless another process has replaced one of them meanwhile.
func (f *Folder) join(ctx context.Context, refs []segmentRef) (done bool, err error) {
	now, err := f.load(&manifest{Segments: refs}, nil)
	if errors.Is(err, fs.ErrNotExist) && f.replaced(refs) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer now.Release()
	d, err := joined(refs[0].Kind, append(now.Known, now.Baseline...), "")
	if err != nil {
		return false, err
	}
	w, err := prepare(ctx, f.dir, f.seal, d)
	if err != nil {
		return false, err
	}
	defer w.close()
	unlock, err := f.Lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	m, err := f.manifest()
	if err != nil || !m.names(refs) {
		return false, err
	}
	ref, err := w.finish()
	if err != nil {
		return false, err
	}
	next := &manifest{Format: version, Generation: m.Generation, Segments: []segmentRef{ref}}
	old := &manifest{Segments: refs}
	for _, s := range m.Segments {
		if !old.names([]segmentRef{s}) {
			next.Segments = append(next.Segments, s)
		}
	}
	return true, f.commit(next)
}

// replaced tells whether the index names one of the segments no more.
func (f *Folder) replaced(refs []segmentRef) bool {
	m, err := f.manifest()
	return err == nil && !m.names(refs)
}

// names tells whether the manifest names all of the segments.
func (m *manifest) names(refs []segmentRef) bool {
	have := map[string]bool{}
	for _, s := range m.Segments {
		have[s.Name] = true
	}
	for _, s := range refs {
		if !have[s.Name] {
			return false
		}
	}
	return true
}
