package open

import (
	"bytes"
	"encoding/binary"
)

// readStrings reads the table of texts ([MS-XLS] 2.4.265). A text that goes on in the next piece of the record begins
// there with a byte that tells its width anew.
func (b *biff) readStrings() error {
	s := stringsReader{d: b.record, at: 8, ends: append(b.pieces[1:], len(b.record))}
	most := int(binary.LittleEndian.Uint32(b.record[4:]))
	var text bytes.Buffer
	for range min(most, len(b.record)) {
		text.Reset()
		if !s.next(&text) {
			break
		}
		b.table.text = append(b.table.text, text.Bytes()...)
		b.table.ends = append(b.table.ends, len(b.table.text))
		if int64(len(b.table.text)+8*len(b.table.ends)) > b.limit {
			return errTooLarge
		}
	}
	return nil
}

// stringsReader goes through the texts of the table.
type stringsReader struct {
	d    []byte
	at   int
	ends []int // of the pieces
}

// number reads a number of n bytes; it is never parted, but may begin a piece.
func (s *stringsReader) number(n int) (int, bool) {
	s.turn()
	if s.at+n > len(s.d) {
		return 0, false
	}
	v := 0
	for i := n - 1; i >= 0; i-- {
		v = v<<8 | int(s.d[s.at+i])
	}
	s.at += n
	return v, true
}

// turn goes on to the next piece where one ends.
func (s *stringsReader) turn() (turned bool) {
	for len(s.ends) > 1 && s.at >= s.ends[0] {
		s.ends = s.ends[1:]
		turned = true
	}
	return turned
}

// next reads one text, with the formatting runs and phonetic data that follow it.
func (s *stringsReader) next(text *bytes.Buffer) bool {
	chars, ok := s.number(2)
	flags, ok2 := s.number(1)
	if !ok || !ok2 {
		return false
	}
	runs, extra := 0, 0
	if flags&8 != 0 {
		runs, _ = s.number(2)
	}
	if flags&4 != 0 {
		extra, _ = s.number(4)
	}
	wide := flags&1 != 0
	for chars > 0 {
		if s.turn() {
			f, ok := s.number(1)
			if !ok {
				return false
			}
			wide = f&1 != 0
		}
		each := 1
		if wide {
			each = 2
		}
		n := min(chars, (s.ends[0]-s.at)/each)
		if n <= 0 {
			return false
		}
		appendChars(text, s.d[s.at:s.at+n*each], wide)
		s.at += n * each
		chars -= n
	}
	s.at += 4*runs + extra
	return s.at <= len(s.d)
}
