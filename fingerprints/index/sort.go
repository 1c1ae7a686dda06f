package index

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// Pair is a passage's hash and the document that holds it.
type Pair struct {
	Hash uint64
	Doc  uint32
}

// sortBuffer is the number of pairs sorted in memory, 16 bytes each.
const sortBuffer = 1 << 19

const pairBytes = 12

// Sorter sorts pairs of which there are more than memory holds: full buffers go to unlinked temporary files.
// It is safe for concurrent use until Merge.
type Sorter struct {
	dir   string
	veil  *veil // of passages
	limit int   // pairs in memory
	mu    sync.Mutex
	buf   []Pair
	runs  []*os.File
	total int64
}

// NewSorter keeps its temporary files in dir. It is for chunks and for pairs of cells.
func NewSorter(dir string) *Sorter { return &Sorter{dir: dir, limit: sortBuffer} }

// PassageSorter is a sorter of passages, which it veils as they come.
func (f *Folder) PassageSorter() *Sorter {
	return &Sorter{dir: f.dir, veil: f.seal.veil, limit: sortBuffer}
}

// Add takes pairs in any order.
func (s *Sorter) Add(pairs []Pair) error {
	if s.veil != nil {
		veiled := make([]Pair, len(pairs))
		for i, p := range pairs {
			veiled[i] = Pair{s.veil.hide(p.Hash), p.Doc}
		}
		pairs = veiled
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total += int64(len(pairs))
	for len(pairs) > 0 {
		if s.buf == nil {
			s.buf = make([]Pair, 0, min(s.limit, max(1024, len(pairs))))
		}
		n := min(len(pairs), s.limit-len(s.buf))
		s.buf = append(s.buf, pairs[:n]...)
		pairs = pairs[n:]
		if len(s.buf) == s.limit {
			if err := s.spill(); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortPairs(p []Pair) {
	slices.SortFunc(p, func(a, b Pair) int {
		if c := cmp.Compare(a.Hash, b.Hash); c != 0 {
			return c
		}
		return cmp.Compare(a.Doc, b.Doc)
	})
}

func (s *Sorter) spill() error {
	sortPairs(s.buf)
	f, err := tempFile(s.dir)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	w := bufio.NewWriterSize(f, 1<<18)
	var b [pairBytes]byte
	for _, p := range s.buf {
		binary.LittleEndian.PutUint64(b[:], p.Hash)
		binary.LittleEndian.PutUint32(b[8:], p.Doc)
		if _, err := w.Write(b[:]); err != nil {
			return fmt.Errorf("spill passages: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("spill passages: %w", err)
	}
	s.buf = s.buf[:0]
	return nil
}

// tempFile is a file without a name: it is gone when it is closed, however the process ends.
func tempFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "tmp-*")
	if err != nil {
		return nil, fmt.Errorf("temporary file in the index folder: %w", err)
	}
	// a commit elsewhere may have swept it away already
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.Close()
		return nil, fmt.Errorf("unlink temporary file: %w", err)
	}
	return f, nil
}

// Close drops the temporary files.
func (s *Sorter) Close() {
	for _, f := range s.runs {
		f.Close()
	}
	s.runs, s.buf = nil, nil
}

// sources returns the sorted runs, with what holds each hash renumbered by remap; NoDoc drops it. The bits
// of drop are taken out of the hashes.
func (s *Sorter) sources(remap func(uint32) uint32, drop uint64) ([]source, error) {
	sortPairs(s.buf)
	all := []source{&pairSource{pairs: s.buf, remap: remap, drop: drop}}
	for _, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("read spilled passages: %w", err)
		}
		all = append(all, &pairSource{r: bufio.NewReaderSize(f, 1<<16), remap: remap, drop: drop})
	}
	return all, nil
}

// renumber makes a function of a table; what is not in it is dropped.
func renumber(remap []uint32) func(uint32) uint32 {
	return func(doc uint32) uint32 {
		if int(doc) < len(remap) {
			return remap[doc]
		}
		return NoDoc
	}
}

// place is where a hash comes from: what holds it, what that was called before it was renumbered, and how often it
// holds it.
type place struct{ doc, from, times uint32 }

// source yields hashes in ascending order.
type source interface {
	// next moves on; false at the end or after an error.
	next() bool
	hash() uint64
	appendPlaces(dst []place) []place
	err() error
}

// pairSource yields pairs of memory or of a run.
type pairSource struct {
	pairs  []Pair
	r      *bufio.Reader
	remap  func(uint32) uint32
	drop   uint64
	at     Pair
	doc    uint32
	failed error
}

func (p *pairSource) next() bool {
	for p.read() {
		if p.doc = p.remap(p.at.Doc); p.doc != NoDoc {
			return true
		}
	}
	return false
}

func (p *pairSource) read() bool {
	if p.r == nil {
		if len(p.pairs) == 0 {
			return false
		}
		p.at, p.pairs = p.pairs[0], p.pairs[1:]
		return true
	}
	var b [pairBytes]byte
	if _, err := io.ReadFull(p.r, b[:]); err != nil {
		if err != io.EOF {
			p.failed = fmt.Errorf("read spilled passages: %w", err)
		}
		return false
	}
	p.at = Pair{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint32(b[8:])}
	return true
}

func (p *pairSource) hash() uint64 { return p.at.Hash &^ p.drop }
func (p *pairSource) appendPlaces(dst []place) []place {
	return append(dst, place{p.doc, p.at.Doc, 1})
}
func (p *pairSource) err() error { return p.failed }

// merge yields each hash of the sources once, with its places ascending and each once: times is the most that any one
// source document, before renumbering, held it. The slice is used again. It ends
// early with ctx.
func merge(ctx context.Context, sources []source, yield func(hash uint64, at []place) error) error {
	heap := make([]source, 0, len(sources))
	for _, s := range sources {
		if s.next() {
			heap = append(heap, s)
		} else if err := s.err(); err != nil {
			return err
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		sink(heap, i)
	}
	var at []place
	for n := 0; len(heap) > 0; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		hash := heap[0].hash()
		at = at[:0]
		for len(heap) > 0 && heap[0].hash() == hash {
			at = heap[0].appendPlaces(at)
			if !heap[0].next() {
				if err := heap[0].err(); err != nil {
					return err
				}
				heap[0] = heap[len(heap)-1]
				heap = heap[:len(heap)-1]
			}
			if len(heap) > 0 {
				sink(heap, 0)
			}
		}
		if at = once(at); len(at) == 0 {
			continue
		}
		if err := yield(hash, at); err != nil {
			return err
		}
	}
	return nil
}

// once sorts places and joins those of one document.
func once(at []place) []place {
	if len(at) < 2 {
		return at
	}
	slices.SortFunc(at, func(a, b place) int { return cmp.Or(cmp.Compare(a.doc, b.doc), cmp.Compare(a.from, b.from)) })
	n, most := 0, uint32(0) // places kept, and the most times of the last one
	for i, p := range at {
		switch {
		case i == 0 || p.doc != at[n-1].doc:
			at[n], most = p, p.times
			n++
		case p.from == at[n-1].from:
			at[n-1].times += p.times
			most = max(most, at[n-1].times)
		default:
			at[n-1].from, at[n-1].times = p.from, p.times
			most = max(most, p.times)
		}
		if i+1 == len(at) || at[i+1].doc != p.doc {
			at[n-1].times = most
		}
	}
	return at[:n]
}

func sink(heap []source, i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(heap); c++ {
			if heap[c].hash() < heap[least].hash() {
				least = c
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
