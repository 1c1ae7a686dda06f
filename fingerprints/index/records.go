package index

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// MaxCells is how many cells of one record are paired: 28 pairs.
const MaxCells = 8

// pairShift is how many low bits of a pair's place tell which pair of its record it is.
const pairShift = 5

const (
	// maxRecords is how many records a segment holds at most.
	maxRecords = 1 << (31 - pairShift)
	// maxPairRecords is in how many records of a segment a pair may lie: one that lies in more is a given name with a
	// town, tells nothing, and is not kept.
	maxPairRecords = 64
	// recordSize is a record on disk: file u32, row u32, subject [6], number of cells u8, then kind, bits and category of
	// eight cells, u8 each, and one byte of zero.
	recordSize = 40
)

// RecordCell is what is kept of one cell of a record: never its value, nor a hash of it alone.
type RecordCell struct {
	Kind     uint8
	Bits     uint8 // rarity in quarter bits
	Category uint8 // place in the list of data categories + 1; 0: none
}

// Record is one row of a known table.
type Record struct {
	File    uint32 // the table
	Row     uint32 // data row of the file, from 0
	Subject [6]byte
	N       uint8 // cells used
	Cells   [MaxCells]RecordCell
}

// TableNumbers are the national numbers of one table. They enter a filter of the table's own, which answers wrongly once
// in 256 times by design.
type TableNumbers struct {
	File   uint32
	Hashes []uint64
}

// ListingRow ties a member of an archive (the keyed hash of its size and CRC-32) to a file: the archive, or a loose file
// that is like this itself.
type ListingRow struct {
	Member  uint64
	Archive uint32
}

// TableRecords are the records of one table that lie outside memory.
type TableRecords struct {
	File  uint32 // which all of them get
	Count int
	Rows  io.Reader // as AppendRecord writes them
}

// AppendRecord appends a record as TableRecords has it.
func AppendRecord(dst []byte, r *Record) []byte {
	var b [recordSize]byte
	putRecord(b[:], r)
	return append(dst, b[:]...)
}

func putRecord(b []byte, r *Record) {
	clear(b[:recordSize])
	binary.LittleEndian.PutUint32(b, r.File)
	binary.LittleEndian.PutUint32(b[4:], r.Row)
	copy(b[8:], r.Subject[:])
	b[14] = r.N
	for i, c := range r.Cells {
		b[15+3*i], b[16+3*i], b[17+3*i] = c.Kind, c.Bits, c.Category
	}
}

func getRecord(b []byte) (r Record) {
	r.File, r.Row = binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	copy(r.Subject[:], b[8:])
	r.N = min(b[14], MaxCells)
	for i := range r.Cells {
		r.Cells[i] = RecordCell{b[15+3*i], b[16+3*i], b[17+3*i]}
	}
	return r
}

// HasRecords tells whether the segment holds records of tables.
func (s *Segment) HasRecords() bool { return len(s.sections[secRecords]) > 0 }

// RecordCount returns the number of records; they are numbered from 0.
func (s *Segment) RecordCount() uint32 { return uint32(len(s.sections[secRecords]) / recordSize) }

// Record returns a record, whose number must be below RecordCount.
func (s *Segment) Record(i uint32) Record {
	return getRecord(s.sections[secRecords][recordSize*int(i):])
}

// RecordTable is the records of a segment, for those who read many of them.
type RecordTable struct{ rows []byte }

// Records returns the segment's records.
func (s *Segment) Records() RecordTable { return RecordTable{s.sections[secRecords]} }

// Len returns the number of records.
func (t RecordTable) Len() uint32 { return uint32(len(t.rows) / recordSize) }

// At returns a record, whose number must be below Len.
func (t RecordTable) At(i uint32) Record { return getRecord(t.rows[recordSize*int(i):]) }

// Bits returns the rarities of a record's cells, whose number must be below Len.
func (t RecordTable) Bits(i uint32) (bits [MaxCells]uint8) {
	b := t.rows[recordSize*int(i):][:recordSize]
	for j := range bits {
		bits[j] = b[16+3*j]
	}
	return bits
}

// FindPair looks a pair of cells up.
func (s *Segment) FindPair(hash uint64) (Posting, bool) { return s.pairs.find(hash) }

// AppendFoundPairs looks many pairs up at once, which is several times as fast as one by one. What is found comes in
// the order of hashes.
func (s *Segment) AppendFoundPairs(dst []Found, hashes []uint64) []Found {
	return s.pairs.appendFound(dst, hashes)
}

// AppendPairs appends where a pair lies, ascending: the record shifted left by five, and which of the record's pairs it
// is. There are at most 64.
func (s *Segment) AppendPairs(dst []uint32, p Posting) []uint32 { return s.pairs.appendValues(dst, p) }

// PairCount returns in how many records a pair lies.
func (s *Segment) PairCount(p Posting) int { return s.pairs.count(p) }

// Published returns the files that are published under a digest, of which 56 bits are kept.
func (s *Segment) Published(d Digest) []uint32 { return s.holders.holding(digestKey(d), s.files) }

// Listed returns the archives that hold a member, and the loose files that are it.
func (s *Segment) Listed(member uint64) []uint32 {
	return s.holders.holding(member, s.files)
}

// HasListings tells whether the segment knows any digests, or members of archives.
func (s *Segment) HasListings() bool { return s.holders.n > 0 }

// PairsFromSorter takes the pairs of a sorter. Pair.Doc is a record shifted left by five, and which of its pairs it is;
// remap renumbers records, NoDoc drops one.
func (d *Draft) PairsFromSorter(s *Sorter, remap func(record uint32) uint32) error {
	sources, err := s.sources(func(doc uint32) uint32 { return renumberPair(doc, remap) }, dropMask)
	if err != nil {
		return err
	}
	d.pairs = sources
	return nil
}

func renumberPair(at uint32, remap func(uint32) uint32) uint32 {
	r := remap(at >> pairShift)
	if r == NoDoc {
		return NoDoc
	}
	return r<<pairShift | at&(1<<pairShift-1)
}

// writeRecords writes the records, the draft's own first, those of Tables then, and their pairs.
func (d *Draft) writeRecords(w *segmentWriter, _ *relations) error {
	n := d.RecordCount()
	if n == 0 {
		return nil
	}
	if n > maxRecords {
		return fmt.Errorf("write records: a segment holds at most %d: register the leak in parts", maxRecords)
	}
	col, err := w.add(secRecords)
	if err != nil {
		return err
	}
	var b [recordSize]byte
	kinds, rows := uint64(0), rowCount{}
	put := func() {
		kinds |= kindsOf(b[:])
		rows.see(b[:])
		col.bytes(b[:])
	}
	for i := range d.Records {
		putRecord(b[:], &d.Records[i])
		put()
	}
	for _, t := range d.Tables {
		rows := bufio.NewReaderSize(t.Rows, columnBuffer)
		for range t.Count {
			if _, err := io.ReadFull(rows, b[:]); err != nil {
				return fmt.Errorf("write records: read them back: %w", err)
			}
			binary.LittleEndian.PutUint32(b[:], t.File)
			put()
		}
	}
	for _, c := range d.carried {
		for i := range c.s.RecordCount() {
			r := c.s.Record(i)
			if r.File = c.file(r.File); r.File != NoDoc {
				putRecord(b[:], &r)
				put()
			}
		}
	}
	if err := d.writeHeld(w, kinds, rows.n); err != nil {
		return err
	}
	return d.writePairs(w, uint32(n))
}

func (d *Draft) writePairs(w *segmentWriter, records uint32) error {
	v, err := newInverter(w, pairSections, nil)
	if err != nil {
		return err
	}
	var values []uint32
	last := func() uint32 { return values[len(values)-1] >> pairShift }
	err = merge(w.ctx, d.pairs, func(hash uint64, at []place) error {
		values = values[:0]
		n := 0
		for _, p := range at {
			if p.doc>>pairShift >= records {
				return fmt.Errorf("pair of record %d, of which there are %d", p.doc>>pairShift, records)
			}
			if len(values) == 0 || last() != p.doc>>pairShift {
				n++
			}
			values = append(values, p.doc)
		}
		if n > maxPairRecords {
			return nil
		}
		return v.add(hash, values[:min(len(values), maxPairRecords)])
	})
	if err == nil {
		err = v.end(w, true)
	}
	if err != nil {
		return fmt.Errorf("write pairs: %w", err)
	}
	return nil
}

// carriedPairs yields the pairs of a segment; see PairsFromSorter.
type carriedPairs struct {
	cursor
	remap func(uint32) uint32
}

func (c *carriedPairs) appendPlaces(dst []place) []place {
	for _, v := range c.values() {
		if doc := renumberPair(v, c.remap); doc != NoDoc {
			dst = append(dst, place{doc: doc, from: doc})
		}
	}
	return dst
}
