package index

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Segment is one mapped segment file. It is immutable and safe for concurrent use while its Snapshot is held.
type Segment struct {
	name string
	data []byte
	seal Sealer
	refs atomic.Int64 // snapshots that hold it; unmapped at zero

	kind     Kind
	docs     uint32
	files    uint32
	sections map[section][]byte
	docRows  []byte   // of them, the documents: they are asked for with every passage that is found
	inverted inverted // passages
	memory   *memory  // their sieve
	guests   []string // the segments that it tells of too; set before anyone else has this one
	pairs    inverted // pairs of cells of records
	chunks   filter
	cells    cellView
	numbers  []numbersView
	holders  holders
	words    keyTable // of pages
	leaks    []Leak
	guards   []guardView
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
	s, err := readSegment(path, data, f, seal)
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
	err := s.memory.free()
	if e := unix.Munmap(s.data); e != nil {
		err = errors.Join(err, fmt.Errorf("unmap segment: %w", e))
	}
	return err
}

// readSegment checks data, which is that of file, and prepares it for look-ups.
func readSegment(path string, data []byte, file io.ReaderAt, seal Sealer) (_ *Segment, err error) {
	h, err := decodeHeader(data)
	if err != nil {
		return nil, corrupt(path, err.Error())
	}
	s := &Segment{data: data, seal: seal, kind: h.kind, docs: h.docs, files: h.files, sections: map[section][]byte{}}
	for _, e := range h.entries {
		s.sections[e.id] = data[e.off : e.off+e.len : e.off+e.len]
	}
	s.docRows = s.sections[secDocs]
	defer func() {
		if err != nil {
			s.memory.free()
		}
	}()
	if err := s.checksums(file, h.entries); err != nil {
		return nil, corrupt(path, err.Error())
	}
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
	if err := s.checkLeaks(); err != nil {
		return nil, corrupt(path, err.Error())
	}
	if err := s.checkRecords(file, h.entries); err != nil {
		return nil, corrupt(path, err.Error())
	}
	return s, nil
}

// checkBuffer is the piece in which a section is read to be checked, in bytes: whole records.
const checkBuffer = recordSize * 6400

// read yields a section in pieces.
func (e *entry) read(data io.ReaderAt, yield func([]byte) error) error {
	buf := make([]byte, min(e.len, checkBuffer))
	for at := uint64(0); at < e.len; at += uint64(len(buf)) {
		buf = buf[:min(e.len-at, uint64(len(buf)))]
		if _, err := data.ReadAt(buf, int64(e.off+at)); err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		if err := yield(buf); err != nil {
			return err
		}
	}
	return nil
}

// checksums checks all sections at once: they are read for the first time here, and an index must open in milliseconds.
// They are read and not looked at in the mapping, since all that a process has touched of that counts as its memory.
func (s *Segment) checksums(data io.ReaderAt, entries []entry) error {
	for _, e := range entries {
		if e.id == secFilter {
			if err := s.filterMemory(e); err != nil {
				return err
			}
		}
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, e := range entries {
		if e.id == secFilter {
			g.Go(func() error { return s.unveil(data, e) })
			continue
		}
		if e.id == secPageBodies {
			continue // each has a tag of its own
		}
		g.Go(func() error {
			crc := uint32(0)
			err := e.read(data, func(b []byte) error {
				crc = crc32.Update(crc, castagnoli, b)
				return nil
			})
			if err != nil {
				return err
			}
			if crc != e.crc {
				return fmt.Errorf("fails the checksum of %v", e.id)
			}
			return nil
		})
	}
	return g.Wait()
}

// filterMemory makes room for the passages' filter.
func (s *Segment) filterMemory(e entry) (err error) {
	if s.memory != nil || e.len < nonceBytes || (e.len-nonceBytes)%wordBytes != 0 {
		return fmt.Errorf("%v: cut short, or there twice", e.id)
	}
	s.memory, err = newMemory((e.len - nonceBytes) / wordBytes)
	return err
}

// unveil reads the passages' filter into memory, checks it and decrypts it, piece by piece while it is in the nearest
// cache.
func (s *Segment) unveil(data io.ReaderAt, e entry) error {
	var nonce [nonceBytes]byte
	if _, err := data.ReadAt(nonce[:], int64(e.off)); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	stream := s.seal.veil.decrypts(nonce[:])
	crc := crc32.Update(0, castagnoli, nonce[:])
	at := int64(e.off) + nonceBytes
	for piece := range slices.Chunk(s.memory.bytes(), checkBuffer) {
		if _, err := data.ReadAt(piece, at); err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		at += int64(len(piece))
		crc = crc32.Update(crc, castagnoli, piece)
		stream.XORKeyStream(piece, piece)
	}
	if crc != e.crc {
		return fmt.Errorf("fails the checksum of %v", e.id)
	}
	s.memory.settle()
	return nil
}

// check makes sure that no look-up can leave its section, whatever the numbers in the file say.
func (s *Segment) check(h *header) error {
	sizes := map[section]uint64{
		secFileAt: 8 * (fileBlocks(s.files) + 1), secFileIDs: idRowSize * uint64(s.files), secDocs: docSize * uint64(s.docs),
	}
	for id, want := range sizes {
		if got := uint64(len(s.sections[id])); got != want {
			return fmt.Errorf("%v: %d bytes instead of %d", id, got, want)
		}
	}
	for id, size := range map[section]int{secChunks: chunkSize, secRecords: recordSize, secPages: pageSize} {
		if len(s.sections[id])%size != 0 {
			return fmt.Errorf("%v: cut short", id)
		}
	}
	if len(s.sections[secChunks]) > 0 && h.kind == Known && len(s.sections[secGroups]) != 4*int(s.files) {
		return fmt.Errorf("%v: cut short", secGroups)
	}
	known := h.kind == Known
	if !known && h.kind != Baseline {
		return fmt.Errorf("is of no known kind")
	}
	if err := s.checkHeld(); err != nil {
		return err
	}
	if err := s.checkTraces(); err != nil {
		return err
	}
	var err error
	if s.inverted, err = openInverted(s.sections, passageSections, known, uint64(s.docs)<<1); err != nil {
		return err
	}
	s.inverted.veil = s.seal.veil
	if s.memory != nil {
		s.inverted.sieve = openSieve(s.memory.words)
	}
	if s.inverted.n != h.passages {
		return fmt.Errorf("has %d passages instead of %d", s.inverted.n, h.passages)
	}
	if s.pairs, err = openInverted(s.sections, pairSections, true, uint64(s.RecordCount())<<pairShift); err != nil {
		return err
	}
	if s.pairs.filter, err = openFilter(s.sections[secPairFilter]); err != nil {
		return err
	}
	if s.chunks, err = openFilter(s.sections[secChunkFilter]); err != nil {
		return err
	}
	if s.holders, err = openHolders(s.sections); err != nil {
		return err
	}
	if s.words, err = wordTable().open(s.sections); err != nil {
		return err
	}
	if s.numbers, err = openNumbers(s.sections[secNumbers], s.files); err != nil {
		return err
	}
	s.guards, err = decodeGuards(s.sections[secGuard])
	return err
}

// checkLeaks makes sure that what names a leak names one of the segment's, and opens what depends on that.
func (s *Segment) checkLeaks() error {
	for _, g := range s.guards {
		if int64(g.leak) >= int64(len(s.leaks)) {
			return fmt.Errorf("guard names a leak that it does not hold")
		}
	}
	for i := range s.docs {
		if d := s.Doc(i); int64(d.Leak) >= int64(len(s.leaks)) {
			return fmt.Errorf("document names a leak that it does not hold")
		}
	}
	var err error
	s.cells, err = openCells(s.sections[secCells], s.sections[secCellFilter], len(s.leaks))
	return err
}

// checkRecords makes sure that no record names a file that there is not.
func (s *Segment) checkRecords(data io.ReaderAt, entries []entry) error {
	for _, e := range entries {
		if e.id != secRecords {
			continue
		}
		return e.read(data, func(b []byte) error {
			for ; len(b) >= recordSize; b = b[recordSize:] {
				if binary.LittleEndian.Uint32(b) >= s.files {
					return fmt.Errorf("record names a file that it does not hold")
				}
			}
			return nil
		})
	}
	return nil
}

// repeats is how often a document holds a passage that is said to be repeated in it: the rows of a table repeat remarks
// out of a list, and what is true of many rows of one table is no one's own.
const repeats = 3

// maxDocs is how many documents a segment holds at most.
const maxDocs = 1 << 30

// docValue is how a passage's document is written: whether the passage is repeated in it costs no room.
func docValue(p place) uint32 {
	if p.times >= repeats {
		return p.doc<<1 | 1
	}
	return p.doc << 1
}

func docOf(value uint32) (doc uint32, repeated bool) { return value >> 1, value&1 != 0 }

// Find looks a passage up.
func (s *Segment) Find(hash uint64) (Posting, bool) { return s.inverted.find(hash) }

// AppendDocs appends the documents that hold a passage, ascending.
func (s *Segment) AppendDocs(dst []uint32, p Posting) []uint32 {
	from := len(dst)
	dst = s.inverted.appendValues(dst, p)
	for i := from; i < len(dst); i++ {
		dst[i], _ = docOf(dst[i])
	}
	return dst
}

// Repeated tells whether a document holds a passage three times or more.
func (s *Segment) Repeated(p Posting, doc uint32) bool {
	if p&listFlag == 0 {
		return uint32(p) == doc<<1|1
	}
	var buf [64]uint32
	_, ok := slices.BinarySearch(s.inverted.appendValues(buf[:0], p), doc<<1|1)
	return ok
}

// Count returns how many documents hold a passage.
func (s *Segment) Count(p Posting) int { return s.inverted.count(p) }

// Doc returns a document.
func (s *Segment) Doc(i uint32) Doc { return getDoc(s.docRows[docSize*int(i):]) }

// DocGroup returns a document's group, and nothing else of it.
func (s *Segment) DocGroup(i uint32) uint64 {
	return binary.LittleEndian.Uint64(s.docRows[docSize*int(i)+docGroupAt:])
}

// Docs returns the number of documents.
func (s *Segment) Docs() uint32 { return s.docs }

// Files returns the number of files, members of archives included.
func (s *Segment) Files() uint32 { return s.files }

// Leaks returns what the segment knows of its leaks; the caller changes nothing in it.
func (s *Segment) Leaks() []Leak { return s.leaks }

// DocFiles returns the files that read as a document does, in the order of registration.
func (s *Segment) DocFiles(d Doc) []uint32 {
	if d.files&listFlag == 0 {
		if d.files < s.files {
			return []uint32{d.files}
		}
		return nil
	}
	rows := s.sections[secDocFiles]
	at := 4 * uint64(d.files&^listFlag)
	if at+4 > uint64(len(rows)) {
		return nil
	}
	n := uint64(binary.LittleEndian.Uint32(rows[at:]))
	var files []uint32
	for rows = rows[at+4:]; n > 0 && len(rows) >= 4; n, rows = n-1, rows[4:] {
		if f := binary.LittleEndian.Uint32(rows); f < s.files {
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

// Content returns the files that have exactly these bytes.
func (s *Segment) Content(d Digest) []uint32 { return s.rows(secContent, rowSize, d[:]) }

// Texts returns the documents that read exactly like this; of a baseline, NoDoc.
func (s *Segment) Texts(d Digest) (docs []uint32) {
	if s.kind == Baseline {
		return s.rows(secTexts, rowSize, d[:])
	}
	order := s.sections[secTexts]
	text := func(i int) (doc uint32, have Digest) {
		if doc = binary.LittleEndian.Uint32(order[4*i:]); doc < s.docs {
			have = Digest(s.sections[secDocs][docSize*int(doc):])
		}
		return doc, have
	}
	n := len(order) / 4
	i := sort.Search(n, func(i int) bool { _, have := text(i); return bytes.Compare(have[:], d[:]) >= 0 })
	for ; i < n; i++ {
		doc, have := text(i)
		if have != d || doc >= s.docs {
			break
		}
		docs = append(docs, doc)
	}
	return docs
}

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
