package open

import "io"

// fax decodes the images of fax machines (ITU-T T.4 and T.6), which most scans in black and white are. A row that does
// not decode is the one above it again, where the code says where the next one begins; else the image ends there.
type fax struct {
	bits  faxReader
	w     int
	k     int  // below 0: every row is coded by the one above it (T.6); above: some are; 0: none
	align bool // rows begin at whole bytes

	above, row []int // where the colour changes, from white at 0
	any        bool  // a row was read
}

func newFax(b []byte, w, k int, align bool) *fax {
	return &fax{bits: faxReader{b: b}, w: w, k: k, align: align}
}

// next reads a row: where its colour changes. io.EOF is the end.
func (f *fax) next() ([]int, error) {
	flat := f.k < 0
	if f.align {
		f.bits.toByte()
	}
	switch {
	case f.bits.over():
		return nil, io.EOF
	case flat:
		if f.bits.peek(12) == 1 {
			return nil, io.EOF
		}
	default:
		one, end := f.lineStart()
		if end {
			return nil, io.EOF
		}
		flat = !one
	}
	f.row = f.row[:0]
	ok := false
	if flat {
		ok = f.byAbove()
	} else {
		ok = f.alone()
	}
	if !ok {
		if f.bits.over() {
			return nil, io.ErrUnexpectedEOF
		}
		if f.k < 0 || !f.resync() {
			return nil, ErrDamaged
		}
		return f.above, nil
	}
	f.any = true
	f.above, f.row = f.row, f.above
	return f.above, nil
}

// lineStart passes over an end of line, and tells whether the row stands by itself; end is the return to control.
func (f *fax) lineStart() (alone, end bool) {
	alone = true
	for ends := 0; ; ends++ {
		at := f.bits.at
		for f.bits.peek(12) == 0 && !f.bits.over() { // fill
			f.bits.skip(1)
		}
		if f.bits.over() {
			return alone, true
		}
		if f.bits.peek(12) != 1 {
			if ends == 0 {
				f.bits.at = at
			}
			return alone, false
		}
		if ends > 0 && f.any {
			return alone, true
		}
		f.bits.skip(12)
		if f.k > 0 {
			alone = f.bits.peek(1) == 1
			f.bits.skip(1)
		}
	}
}

// resync looks for the next end of line.
func (f *fax) resync() bool {
	for !f.bits.over() {
		if f.bits.peek(12) == 1 {
			return true
		}
		f.bits.skip(1)
	}
	return false
}

// run reads the length of a run of a colour.
func (f *fax) run(black int) (int, bool) {
	n := 0
	for {
		c := faxDecoding().runs[black][f.bits.peek(faxBits)]
		if c.bits == 0 || n > f.w {
			return 0, false
		}
		f.bits.skip(int(c.bits))
		n += int(c.value)
		if c.value < 64 {
			return n, true
		}
	}
}

// alone reads a row of runs.
func (f *fax) alone() bool {
	at, black := 0, 0
	for at < f.w {
		n, ok := f.run(black)
		if !ok {
			return false
		}
		if at += n; at > f.w {
			return false
		}
		f.change(at)
		black ^= 1
		if len(f.row) > 2*f.w+2 {
			return false // zero runs without end
		}
	}
	return true
}

// change notes where the colour changes; twice at one place for a run of nothing.
func (f *fax) change(at int) { f.row = append(f.row, at) }

// byAbove reads a row that is coded by the one above it (T.6, 2.2).
func (f *fax) byAbove() bool {
	a0, black, from := -1, 0, 0
	for a0 < f.w {
		// b1 is the first change above that is right of a0 and to the other colour.
		for from > 0 && f.aboveAt(from-1) > a0 {
			from--
		}
		for f.aboveAt(from) <= a0 && f.aboveAt(from) < f.w || from&1 != black {
			from++
		}
		b1 := f.aboveAt(from)
		c := faxDecoding().modes[f.bits.peek(faxBits)]
		if c.bits == 0 {
			return false
		}
		f.bits.skip(int(c.bits))
		switch c.value {
		case faxPass:
			a0 = f.aboveAt(from + 1)
		case faxHorizontal:
			first, ok := f.run(black)
			second, ok2 := 0, false
			if ok {
				second, ok2 = f.run(black ^ 1)
			}
			a1 := max(a0, 0) + first
			a2 := a1 + second
			if !ok2 || a2 > f.w {
				return false
			}
			f.change(a1)
			f.change(a2)
			a0 = a2
		default:
			a1 := b1 + faxShift[c.value-faxVertical]
			if a1 < max(a0, 0) || a1 > f.w {
				return false
			}
			f.change(a1)
			a0 = a1
			black ^= 1
		}
		if len(f.row) > 2*f.w+2 {
			return false // zero runs without end
		}
	}
	return true
}

// aboveAt is the i-th change of the row above; behind the last one the row is at its end.
func (f *fax) aboveAt(i int) int {
	if i < len(f.above) {
		return f.above[i]
	}
	return f.w
}

// paint writes a row from its changes.
func paintFax(to []byte, changes []int, white, black byte) {
	at, colour := 0, white
	for _, c := range changes {
		for ; at < c; at++ {
			to[at] = colour
		}
		colour ^= white ^ black
	}
	for ; at < len(to); at++ {
		to[at] = colour
	}
}

// faxReader reads bits, the high ones first. Behind the end are zeros.
type faxReader struct {
	b  []byte
	at int // in bits
}

func (r *faxReader) over() bool { return r.at >= 8*len(r.b) }

func (r *faxReader) skip(n int) { r.at += n }

func (r *faxReader) toByte() { r.at = (r.at + 7) &^ 7 }

// peek returns the next n bits, at most 16.
func (r *faxReader) peek(n int) int {
	i := r.at / 8
	var v uint32
	if i+3 <= len(r.b) {
		v = uint32(r.b[i])<<16 | uint32(r.b[i+1])<<8 | uint32(r.b[i+2])
	} else {
		for j := range 3 {
			v <<= 8
			if i+j < len(r.b) {
				v |= uint32(r.b[i+j])
			}
		}
	}
	return int(v>>(24-r.at%8-n)) & (1<<n - 1)
}
