package index

import (
	"encoding/binary"
	"fmt"
	"math"
)

// What kinds of cells records have, and numbers of which sizes, spares those who look for cells whatever no record has.

const (
	heldSize = 16
	// kindMask leaves of a cell's kind what it is, without marks.
	kindMask = 0x0F
	// rowsShift is where beside the kinds the number of rows begins that records are of.
	rowsShift = 32
)

// rowCount counts the rows of records, of which one may be several records, one after another.
type rowCount struct {
	n    uint32
	last [8]byte // file and row
}

func (c *rowCount) see(record []byte) {
	if file := [8]byte(record); c.n == 0 || file != c.last {
		c.n++
		c.last = file
	}
}

// kindsOf has a bit for each kind of the cells of a record on disk.
func kindsOf(b []byte) (kinds uint64) {
	for i := range min(b[14], MaxCells) {
		kinds |= 1 << (b[15+3*i] & kindMask)
	}
	return kinds
}

// joinHeld takes over the sizes of a segment's numbers, if any of its records stays. Kinds are told by the records.
func (d *Draft) joinHeld(s *Segment, c *carried) {
	if c.records > 0 {
		d.sizes |= s.sizes()
	}
}

// sizes is what a segment tells of its numbers.
func (s *Segment) sizes() uint64 {
	if b := s.sections[secHeld]; len(b) == heldSize {
		return binary.LittleEndian.Uint64(b[8:])
	}
	return 0
}

func (d *Draft) writeHeld(w *segmentWriter, kinds uint64, rows uint32) error {
	col, err := w.add(secHeld)
	if err != nil {
		return err
	}
	own := d.NumberSizes
	if own == 0 && len(d.Records)+len(d.Tables) > 0 {
		own = math.MaxUint64
	}
	col.u64(kinds | uint64(rows)<<rowsShift)
	col.u64(own | d.sizes)
	return nil
}

// Held tells which kinds of cells the segment's records have, a bit each, and which sizes their plain numbers may have.
func (s *Segment) Held() (kinds uint16, sizes uint64) {
	if b := s.sections[secHeld]; len(b) == heldSize {
		return uint16(binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint64(b[8:])
	}
	return 0, 0
}

// RowCount returns of how many rows the segment's records are.
func (s *Segment) RowCount() uint32 {
	if b := s.sections[secHeld]; len(b) == heldSize {
		if n := uint32(binary.LittleEndian.Uint64(b) >> rowsShift); n > 0 && n <= s.RecordCount() {
			return n
		}
	}
	return s.RecordCount()
}

// checkHeld makes sure that it is known what the records hold.
func (s *Segment) checkHeld() error {
	if n := len(s.sections[secHeld]); n != heldSize && (n > 0 || s.HasRecords()) {
		return fmt.Errorf("%v: cut short", secHeld)
	}
	return nil
}
