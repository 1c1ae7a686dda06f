package open

import (
	"encoding/binary"
	"errors"
)

// wordText writes the text of a Word 97 document by its piece table, or of an older one by its bounds ([MS-DOC] 2.4.1).
func wordText(out *textOut, doc *oleStream, f *cfb) error {
	le := binary.LittleEndian
	var h [0x1AA]byte
	n, err := doc.ReadAt(h[:], 0)
	if n < 0x20 {
		return errors.Join(ErrTruncated, err)
	}
	flags := le.Uint16(h[0x0A:])
	if le.Uint16(h[:]) != 0xA5EC && le.Uint16(h[:]) != 0xA5DC {
		return ErrDamaged
	}
	if flags&0x0100 != 0 {
		return ErrEncrypted
	}
	w := wordWriter{out: out, doc: doc}
	if le.Uint16(h[2:]) < 0xC1 || n < len(h) { // before Word 97: one run of bytes
		return w.piece(int64(le.Uint32(h[0x18:])), int64(le.Uint32(h[0x1C:]))-int64(le.Uint32(h[0x18:])), false)
	}
	name := "0Table"
	if flags&0x0200 != 0 {
		name = "1Table"
	}
	table := f.stream(name)
	if table == nil {
		return ErrTruncated
	}
	at, size := int64(le.Uint32(h[0x1A2:])), int64(le.Uint32(h[0x1A6:]))
	if size > table.Size() || size > 64<<20 {
		return ErrDamaged
	}
	clx := make([]byte, size)
	if got, err := table.ReadAt(clx, at); got < len(clx) {
		return errors.Join(ErrTruncated, err)
	}
	return w.pieces(clx)
}

// wordWriter writes pieces of a document.
type wordWriter struct {
	out   *textOut
	doc   *oleStream
	field []bool // for each open field: its code, which is not shown, has not ended
	cell  bool   // the last character ended a cell
}

// pieces goes through the piece table, which follows property runs that do not matter here.
func (w *wordWriter) pieces(clx []byte) error {
	le := binary.LittleEndian
	for len(clx) >= 3 && clx[0] == 1 {
		skip := 3 + int(le.Uint16(clx[1:]))
		clx = clx[min(skip, len(clx)):]
	}
	if len(clx) < 5 || clx[0] != 2 {
		return ErrDamaged
	}
	plc := clx[5:min(len(clx), 5+int(le.Uint32(clx[1:])))]
	n := (len(plc) - 4) / 12
	left := 2 * w.doc.Size() // overlapping pieces must not multiply the text
	for i := range n {
		from, to := int64(le.Uint32(plc[4*i:])), int64(le.Uint32(plc[4*i+4:]))
		fc := int64(le.Uint32(plc[4*(n+1)+8*i+2:]))
		chars := to - from
		if left -= chars; chars < 0 || left < 0 {
			return ErrDamaged
		}
		var err error
		if fc&(1<<30) != 0 {
			err = w.piece((fc&^(1<<30))/2, chars, false)
		} else {
			err = w.piece(fc, 2*chars, true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *wordWriter) piece(at, size int64, wide bool) error {
	b := make([]byte, 32<<10)
	for size > 0 {
		n := int(min(size, int64(len(b))))
		got, err := w.doc.ReadAt(b[:n], at)
		w.write(b[:got], wide)
		if got < n {
			return errors.Join(ErrTruncated, err)
		}
		if w.out.it.fatal != nil {
			return w.out.it.fatal
		}
		at += int64(n)
		size -= int64(n)
	}
	return nil
}

// write translates the marks of the text: ends of paragraphs, cells and rows, and fields.
func (w *wordWriter) write(b []byte, wide bool) {
	step := 1
	if wide {
		step = 2
	}
	run := 0
	flush := func(end int) {
		if end > run && (len(w.field) == 0 || !w.field[len(w.field)-1]) {
			if wide {
				writeUTF16(w.out, b[run:end])
			} else {
				writeLatin(w.out, b[run:end])
			}
		}
	}
	for i := 0; i+step <= len(b); i += step {
		if b[i] >= ' ' || wide && b[i+1] != 0 {
			w.cell = false
			continue
		}
		flush(i)
		run = i + step
		w.mark(b[i])
	}
	flush(len(b) / step * step)
}

func (w *wordWriter) mark(c byte) {
	cell := false
	switch c {
	case 0x13:
		if len(w.field) < 64 {
			w.field = append(w.field, true)
		}
	case 0x14:
		if len(w.field) > 0 {
			w.field[len(w.field)-1] = false
		}
	case 0x15:
		if len(w.field) > 0 {
			w.field = w.field[:len(w.field)-1]
		}
	case '\r', '\n', 0x0B, 0x0C, 0x0E:
		w.out.string("\n")
	case '\t':
		w.out.string("\t")
	case 0x07: // the end of a cell; a second one ends the row
		if w.cell {
			w.out.string("\n")
		} else {
			w.out.string("\t")
			cell = true
		}
	case 0x1E:
		w.out.string("-")
	}
	w.cell = cell
}
