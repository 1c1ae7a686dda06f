package open

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
)

// Records of a workbook of before 2007 ([MS-XLS] 2.3).
const (
	biffFormula  = 0x0006
	biffEnd      = 0x000A
	biffDateMode = 0x0022
	biffPassword = 0x002F
	biffContinue = 0x003C
	biffMulRK    = 0x00BD
	biffXF       = 0x00E0
	biffStrings  = 0x00FC
	biffLabelSST = 0x00FD
	biffDrawText = 0x01B6
	biffNumber   = 0x0203
	biffLabel    = 0x0204
	biffString   = 0x0207
	biffRK       = 0x027E
	biffFormat   = 0x041E
	biffStart    = 0x0809
)

// biff writes the sheets of an xls as rows of tab separated cells, as workbook does for an xlsx.
type biff struct {
	sheet  // what a cell is shown as
	limit  int64
	table  sharedStrings
	forms  map[int]dateForm
	row    int  // of the last cell, -1 before the first
	waits  bool // a formula's text comes next
	record []byte
	pieces []int // where the pieces of a record and its continuations begin
	wide   bool  // the version that has Unicode
}

func newBiff(it *item, out *textOut) *biff {
	b := &biff{limit: it.limits.Memory / 8, forms: map[int]dateForm{}, row: -1, wide: true}
	b.out = out
	return b
}

// recordMax bounds a record with its continuations, in bytes.
const recordMax = 64 << 20

func (b *biff) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, chunk)
	for {
		kind, err := b.next(in)
		if err == io.EOF {
			b.out.newline()
			return nil
		}
		if err != nil {
			b.out.newline()
			return err
		}
		if err := b.apply(kind); err != nil {
			return err
		}
		if b.out.it.fatal != nil {
			return b.out.it.fatal
		}
	}
}

// next reads a record and what continues it.
func (b *biff) next(in *bufio.Reader) (kind int, err error) {
	b.record, b.pieces = b.record[:0], b.pieces[:0]
	for first := true; ; first = false {
		h, err := in.Peek(4)
		if len(h) < 4 {
			if first || err != io.EOF {
				return 0, orClean(err, len(h))
			}
			return kind, nil
		}
		this, size := int(binary.LittleEndian.Uint16(h)), int(binary.LittleEndian.Uint16(h[2:]))
		if !first && this != biffContinue {
			return kind, nil
		}
		if first {
			kind = this
		}
		in.Discard(4)
		at := len(b.record)
		if at+size > int(min(recordMax, b.limit)) {
			return 0, errTooLarge
		}
		b.pieces = append(b.pieces, at)
		b.record = append(b.record, make([]byte, size)...)
		if _, err := io.ReadFull(in, b.record[at:]); err != nil {
			return 0, io.ErrUnexpectedEOF
		}
	}
}

func orClean(err error, left int) error {
	if err == io.EOF && left > 0 {
		return io.EOF // padding
	}
	return err
}

func (b *biff) apply(kind int) error {
	le, d := binary.LittleEndian, b.record
	switch {
	case kind == biffPassword:
		return ErrEncrypted
	case kind == biffStart && len(d) >= 2:
		b.wide = le.Uint16(d) >= 0x600
		b.row = -1
	case kind == biffEnd:
		b.out.newline()
		if b.row >= 0 {
			b.out.string("\n") // an empty line between sheets
		}
		b.row = -1
	case kind == biffDateMode && len(d) >= 2:
		b.epoch1904 = d[0] == 1
	case kind == biffFormat && len(d) > 5:
		s, _ := b.text(d[2:], 2)
		b.forms[int(le.Uint16(d))] = layoutOf(s)
	case kind == biffXF && len(d) >= 4 && len(b.styles) < 1<<16:
		id := int(le.Uint16(d[2:]))
		form, ok := b.forms[id]
		if !ok {
			form = builtinDates[id]
		}
		b.styles = append(b.styles, form)
	case kind == biffStrings && len(d) >= 8:
		return b.readStrings()
	case kind == biffDrawText && len(b.pieces) > 1 && len(d) > b.pieces[1]:
		s := d[b.pieces[1]:]
		if text, ok := b.chars(s[1:], len(s), s[0]&1 != 0); ok {
			b.out.newline()
			b.out.string(text + "\n")
		}
	case kind == biffString && b.waits:
		s, _ := b.text(d, 2)
		b.write(s)
		b.waits = false
	case len(d) >= 6:
		b.cell(kind, d)
	}
	return nil
}

// cell writes the cell, or the row of cells, of a record.
func (b *biff) cell(kind int, d []byte) {
	le := binary.LittleEndian
	row, column, style := int(le.Uint16(d)), int(le.Uint16(d[2:])), int(le.Uint16(d[4:]))
	switch kind {
	case biffLabelSST:
		if len(d) >= 10 {
			b.place(row, column)
			b.write(string(b.table.at(int(le.Uint32(d[6:])))))
		}
	case biffLabel:
		b.place(row, column)
		s, _ := b.text(d[6:], 2)
		b.write(s)
	case biffNumber:
		if len(d) >= 14 {
			b.place(row, column)
			b.value(math.Float64frombits(le.Uint64(d[6:])), style)
		}
	case biffRK:
		if len(d) >= 10 {
			b.place(row, column)
			b.value(rkNumber(le.Uint32(d[6:])), style)
		}
	case biffMulRK:
		for i := 4; i+6 <= len(d)-2; i += 6 {
			b.place(row, column+(i-4)/6)
			b.value(rkNumber(le.Uint32(d[i+2:])), int(le.Uint16(d[i:])))
		}
	case biffFormula:
		if len(d) < 14 {
			return
		}
		b.place(row, column)
		if d[12] == 0xFF && d[13] == 0xFF {
			b.waits = d[6] == 0
			return
		}
		b.value(math.Float64frombits(le.Uint64(d[6:])), style)
	}
}

// place begins a row where the last one ended, and leaves columns empty, within reason.
func (b *biff) place(row, column int) {
	if row != b.row {
		if b.row >= 0 {
			b.out.newline()
		}
		b.row, b.column = row, 0
	}
	if gap := column - b.column; gap > 0 && gap <= 64 {
		b.out.string(strings.Repeat("\t", gap))
	}
	b.column = column
}

func (b *biff) write(s string) {
	b.out.string(s)
	b.out.string("\t")
	b.column++
}

func (b *biff) value(v float64, style int) {
	b.style = style
	b.write(b.number(strconv.FormatFloat(v, 'f', -1, 64)))
}

// rkNumber unpacks a number of 30 bits ([MS-XLS] 2.5.217).
func rkNumber(rk uint32) float64 {
	v := float64(int32(rk) >> 2)
	if rk&2 == 0 {
		v = math.Float64frombits(uint64(rk&^3) << 32)
	}
	if rk&1 != 0 {
		v /= 100
	}
	return v
}

// text reads a string that begins with its length, of so many bytes.
func (b *biff) text(d []byte, lengthBytes int) (string, bool) {
	if len(d) < lengthBytes+1 {
		return "", false
	}
	n := int(d[0])
	if lengthBytes == 2 {
		n |= int(d[1]) << 8
	}
	d = d[lengthBytes:]
	if !b.wide {
		return b.chars(d, n, false)
	}
	return b.chars(d[1:], n, d[0]&1 != 0)
}

func (b *biff) chars(d []byte, n int, wide bool) (string, bool) {
	if wide {
		n *= 2
	}
	whole := n <= len(d)
	d = d[:min(n, len(d))]
	var s strings.Builder
	appendChars(&s, d, wide)
	return s.String(), whole
}

func appendChars(s interface{ WriteRune(rune) (int, error) }, d []byte, wide bool) {
	if !wide {
		for _, c := range d {
			s.WriteRune(rune(c))
		}
		return
	}
	var high rune
	for ; len(d) >= 2; d = d[2:] {
		u := rune(d[0]) | rune(d[1])<<8
		switch {
		case u >= 0xD800 && u < 0xDC00:
			high = u
			continue
		case u >= 0xDC00 && u < 0xE000 && high != 0:
			u = (high-0xD800)<<10 + (u - 0xDC00) + 0x10000
		}
		high = 0
		s.WriteRune(u)
	}
}
