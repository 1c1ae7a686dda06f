package index

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"

	"github.com/FastFilter/xorfilter"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Segment is one mapped segment file. It is immutable and safe for concurrent use while its Snapshot is held.
type Segment struct {
	name string
	data []byte
	seal Sealer
	refs atomic.Int64 // snapshots that hold it; unmapped at zero

	kind      Kind
	passages  uint64
	docs      uint32
	files     uint32
	bucketLow uint // how far a hash is shifted to give its bucket
	shardLow  uint
	width     int
	low       uint64 // mask of the bits kept in a suffix
	sections  map[section][]byte
	filters   []xorfilter.BinaryFuse[uint8]
	leaks     []Leak
	guards    []guardView
}

// openSegment maps and checks a segment.
func openSegment(dir string, ref segmentRef, seal Sealer) (*Segment, error) {
	path := filepath.Join(dir, ref.Name)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	if st.Size() != ref.Bytes || st.Size() < headerSize {
		return nil, corrupt(path, fmt.Sprintf("has %d bytes instead of %d", st.Size(), ref.Bytes))
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	s, err := readSegment(path, data, seal)
	if err != nil {
		unix.Munmap(data)
		return nil, err
	}
	s.name = ref.Name
	return s, nil
}

func (s *Segment) hold() { s.refs.Add(1) }

func (s *Segment) release() error {
	if s.refs.Add(-1) > 0 {
		return nil
	}
	if err := unix.Munmap(s.data); err != nil {
		return fmt.Errorf("unmap segment: %w", err)
	}
	return nil
}

// readSegment checks data and prepares it for look-ups.
func readSegment(path string, data []byte, seal Sealer) (*Segment, error) {
	h, err := decodeHeader(data)
	if err != nil {
		return nil, corrupt(path, err.Error())
	}
	s := &Segment{data: data, seal: seal, kind: h.kind, passages: h.passages, docs: h.docs, files: h.files, sections: map[section][]byte{}}
	for _, e := range h.entries {
		s.sections[e.id] = data[e.off : e.off+e.len : e.off+e.len]
	}
	if err := checksums(data, h.entries); err != nil {
		return nil, corrupt(path, err.Error())
	}
	if h.bucketBits < 4 || h.bucketBits > 28 || h.bucketBits%8 != 4 || h.filterBits > 16 {
		return nil, corrupt(path, "has impossible measures")
	}
	s.bucketLow, s.shardLow = uint(hashBits-h.bucketBits), uint(hashBits-h.filterBits)
	s.width = suffixBytes(h.bucketBits)
	s.low = 1<<(8*s.width) - 1
	if err := s.check(h); err != nil {
		return nil, corrupt(path, err.Error())
	}
	plain, err := seal.open("index.leaks", s.sections[secMeta])
	if err != nil {
		return nil, fmt.Errorf("%s: the names in it: %w (is it the right keys folder?)", path, err)
	}
	if err := json.Unmarshal(plain, &s.leaks); err != nil {
		return nil, corrupt(path, "its list of leaks does not parse")
	}
	return s, s.checkLeaks(path)
}

// checksums checks all sections at once: they are read for the first time here, and an index must open in milliseconds.
func checksums(data []byte, entries []entry) error {
	var g errgroup.Group
	for _, e := range entries {
		g.Go(func() error {
			if crc32.Checksum(data[e.off:e.off+e.len], castagnoli) != e.crc {
				return fmt.Errorf("fails the checksum of section %d", e.id)
			}
			return nil
		})
	}
	return g.Wait()
}

// check makes sure that no look-up can leave its section, whatever the numbers in the file say.
func (s *Segment) check(h *header) error {
	n := h.passages
	sizes := map[section]uint64{
		secFileAt: 8 * (uint64(s.files) + 1), secFileIDs: idRowSize * uint64(s.files), secDocs: docSize * uint64(s.docs),
		secFilterAt: filterHead << h.filterBits, secBuckets: 4 * (1<<h.bucketBits + 1), secSuffixes: n * uint64(s.width),
	}
	if h.kind == Known {
		sizes[secPostings] = 4 * n
	}
	for id, want := range sizes {
		if got := uint64(len(s.sections[id])); got != want && n < 1<<32 {
			return fmt.Errorf("section %d has %d bytes instead of %d", id, got, want)
		}
	}
	if len(s.sections[secChunks])%chunkSize != 0 {
		return fmt.Errorf("its chunks are cut short")
	}
	buckets := s.sections[secBuckets]
	last := uint32(0)
	for i := 0; i < len(buckets); i += 4 {
		at := binary.LittleEndian.Uint32(buckets[i:])
		if at < last || uint64(at) > n {
			return fmt.Errorf("buckets are out of order")
		}
		last = at
	}
	if uint64(last) != n {
		return fmt.Errorf("buckets do not end at the last passage")
	}
	var err error
	if s.filters, err = mapFilters(s.sections[secFilterAt], s.sections[secFilter]); err != nil {
		return err
	}
	s.guards, err = decodeGuards(s.sections[secGuard])
	return err
}

func (s *Segment) checkLeaks(path string) error {
	for _, g := range s.guards {
		if int(g.leak) >= len(s.leaks) {
			return corrupt(path, "guard names a leak that it does not hold")
		}
	}
	for i := range s.docs {
		if d := s.Doc(i); int(d.Leak) >= len(s.leaks) {
			return corrupt(path, "document names a leak that it does not hold")
		}
	}
	return nil
}

// mapFilters prepares the filters, whose fingerprints stay in the mapped file.
func mapFilters(heads, prints []byte) ([]xorfilter.BinaryFuse[uint8], error) {
	n := len(heads) / filterHead
	filters := make([]xorfilter.BinaryFuse[uint8], n)
	for i := range filters {
		b := heads[filterHead*i:]
		from, to := binary.LittleEndian.Uint64(b[16:]), uint64(len(prints))
		if i+1 < n {
			to = binary.LittleEndian.Uint64(b[filterHead+16:])
		}
		if from > to || to > uint64(len(prints)) {
			return nil, fmt.Errorf("filter is cut short")
		}
		filters[i].Seed = binary.LittleEndian.Uint64(b)
		filters[i].Fingerprints = prints[from:to:to]
		if err := shapeFilter(&filters[i], binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

// Posting tells where a passage's documents are listed.
type Posting uint32

// Find looks a passage up. Nearly all misses end in the filter, after three reads.
func (s *Segment) Find(hash uint64) (Posting, bool) {
	f := &s.filters[hash>>s.shardLow]
	if len(f.Fingerprints) == 0 || !f.Contains(hash) {
		return 0, false
	}
	i, ok := s.search(hash)
	if !ok || s.kind != Known {
		return 0, ok
	}
	return Posting(binary.LittleEndian.Uint32(s.sections[secPostings][4*i:])), true
}

func (s *Segment) search(hash uint64) (int, bool) {
	buckets, suffixes := s.sections[secBuckets], s.sections[secSuffixes]
	b := int(hash >> s.bucketLow)
	lo := int(binary.LittleEndian.Uint32(buckets[4*b:]))
	hi := int(binary.LittleEndian.Uint32(buckets[4*b+4:]))
	want := hash & s.low
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch v := s.suffix(suffixes, mid); {
		case v == want:
			return mid, true
		case v < want:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

func (s *Segment) suffix(suffixes []byte, i int) uint64 {
	at := i * s.width
	if at+8 <= len(suffixes) {
		return binary.LittleEndian.Uint64(suffixes[at:]) & s.low
	}
	var v uint64
	for j := range s.width {
		v |= uint64(suffixes[at+j]) << (8 * j)
	}
	return v
}

// AppendDocs appends the documents that hold a passage, ascending.
func (s *Segment) AppendDocs(dst []uint32, p Posting) []uint32 {
	if p&listFlag == 0 {
		if uint32(p) < s.docs {
			dst = append(dst, uint32(p))
		}
		return dst
	}
	lists := s.sections[secLists]
	at := min(int(p&^listFlag), len(lists))
	n, used := binary.Uvarint(lists[at:])
	doc := uint64(0)
	for n = min(n, uint64(s.docs)); n > 0 && used > 0; n-- {
		at += used
		var d uint64
		d, used = binary.Uvarint(lists[at:])
		if doc += d; used <= 0 || doc >= uint64(s.docs) {
			break
		}
		dst = append(dst, uint32(doc))
	}
	return dst
}

// Count returns how many documents hold a passage.
func (s *Segment) Count(p Posting) int {
	if p&listFlag == 0 {
		return 1
	}
	lists := s.sections[secLists]
	n, _ := binary.Uvarint(lists[min(int(p&^listFlag), len(lists)):])
	return int(min(n, uint64(s.docs)))
}

// Doc returns a document.
func (s *Segment) Doc(i uint32) Doc { return getDoc(s.sections[secDocs][docSize*int(i):]) }

// Docs returns the number of documents.
func (s *Segment) Docs() uint32 { return s.docs }

// Files returns the number of files, members of archives included.
func (s *Segment) Files() uint32 { return s.files }

// Leaks returns what the segment knows of its leaks; the caller changes nothing in it.
func (s *Segment) Leaks() []Leak { return s.leaks }

// DocFiles returns the files that read as a document does, in the order of registration.
func (s *Segment) DocFiles(d Doc) []uint32 {
	rows := s.sections[secDocFiles]
	var files []uint32
	for i := uint64(d.files); i < uint64(d.files)+uint64(d.nfiles) && 4*i+4 <= uint64(len(rows)); i++ {
		if f := binary.LittleEndian.Uint32(rows[4*i:]); f < s.files {
			files = append(files, f)
		}
	}
	return files
}

// Siblings tells whether two documents look like instances of one template.
func (s *Segment) Siblings(a, b uint32) bool {
	rows, want := s.sections[secSiblings], pairOf(a, b)
	n := len(rows) / 8
	i := sort.Search(n, func(i int) bool { return binary.LittleEndian.Uint64(rows[8*i:]) >= want })
	return i < n && binary.LittleEndian.Uint64(rows[8*i:]) == want
}

// File opens the sealed record of a file.
func (s *Segment) File(i uint32) (File, error) {
	var f File
	at, sealed := s.sections[secFileAt], s.sections[secFiles]
	if i >= s.files {
		return f, fmt.Errorf("no file %d: %w", i, ErrCorrupt)
	}
	from, to := binary.LittleEndian.Uint64(at[8*i:]), binary.LittleEndian.Uint64(at[8*i+8:])
	if from > to || to > uint64(len(sealed)) {
		return f, fmt.Errorf("file %d: %w", i, ErrCorrupt)
	}
	plain, err := s.seal.open("index.file", sealed[from:to])
	if err != nil {
		return f, fmt.Errorf("file %d: %w", i, err)
	}
	if err := json.Unmarshal(plain, &f); err != nil || int(f.Leak) >= len(s.leaks) {
		return f, fmt.Errorf("file %d: %w", i, ErrCorrupt)
	}
	return f, nil
}

// FileByID finds a file by its opaque id.
func (s *Segment) FileByID(id FileID) (uint32, bool) {
	found := s.rows(secFileIDs, idRowSize, id[:])
	if len(found) == 0 || found[0] >= s.files {
		return 0, false
	}
	return found[0], true
}

// Content returns the files that have exactly these bytes.
func (s *Segment) Content(d Digest) []uint32 { return s.rows(secContent, rowSize, d[:]) }

// Texts returns the documents that read exactly like this; of a baseline, NoDoc.
func (s *Segment) Texts(d Digest) []uint32 { return s.rows(secTexts, rowSize, d[:]) }

// rows returns the numbers of the rows whose key is key.
func (s *Segment) rows(id section, size int, key []byte) (numbers []uint32) {
	rows := s.sections[id]
	n := len(rows) / size
	for i := sort.Search(n, func(i int) bool { return bytes.Compare(rows[size*i:size*i+len(key)], key) >= 0 }); i < n; i++ {
		row := rows[size*i : size*(i+1)]
		if !bytes.Equal(row[:len(key)], key) {
			break
		}
		numbers = append(numbers, binary.LittleEndian.Uint32(row[len(key):]))
	}
	return numbers
}

// HasExact tells whether any registration's guard holds this hash of a pair of names or of an address.
func (s *Segment) HasExact(h uint64) bool {
	return s.anyGuard(func(g *guardView) bool { return g.hasExact(h) })
}

// HasNumber tells whether a guard's filter of national numbers answers yes.
func (s *Segment) HasNumber(h uint64) bool {
	return s.anyGuard(func(g *guardView) bool { return g.hasNumber(h) })
}

// HasLine tells whether a guard's filter of telephone and account numbers answers yes.
func (s *Segment) HasLine(h uint64) bool {
	return s.anyGuard(func(g *guardView) bool { return g.hasLine(h) })
}

func (s *Segment) anyGuard(has func(*guardView) bool) bool {
	for i := range s.guards {
		if has(&s.guards[i]) {
			return true
		}
	}
	return false
}

// segmentSource yields the passages of a segment, its documents renumbered; NoDoc drops one.
type segmentSource struct {
	s      *Segment
	remap  []uint32 // nil: a baseline, which has no documents
	i      int
	bucket int
	at     uint64
	docs   []uint32
}

func (c *segmentSource) next() bool {
	suffixes, buckets := c.s.sections[secSuffixes], c.s.sections[secBuckets]
	for ; uint64(c.i) < c.s.passages; c.i++ {
		for int(binary.LittleEndian.Uint32(buckets[4*c.bucket+4:])) <= c.i {
			c.bucket++
		}
		c.at = c.s.suffix(suffixes, c.i)
		c.at |= uint64(c.bucket) << c.s.bucketLow
		c.docs = c.docs[:0]
		if c.s.kind == Known {
			for _, d := range c.s.AppendDocs(nil, Posting(binary.LittleEndian.Uint32(c.s.sections[secPostings][4*c.i:]))) {
				if d = c.remap[d]; d != NoDoc {
					c.docs = append(c.docs, d)
				}
			}
			if len(c.docs) == 0 {
				continue
			}
		}
		c.i++
		return true
	}
	return false
}

func (c *segmentSource) hash() uint64                     { return c.at }
func (c *segmentSource) appendDocs(dst []uint32) []uint32 { return append(dst, c.docs...) }
func (c *segmentSource) err() error                       { return nil }
