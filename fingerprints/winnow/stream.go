package winnow

import (
	"encoding/binary"
	"math/bits"
)

// What is selected, exactly: passages are ordered by order, a secret function of their first orderSpan bytes. In each
// window of Window passages the least is selected. Of several least ones it is the rightmost, unless the same passage
// was selected before and still lies in the window (robust winnowing): so a selected passage depends on the window's text
// alone, and a text without content is not selected throughout. The plain step and the fast blocks select the same, bit
// for bit.
const (
	orderBits = 48
	orderSpan = 16
)

// order is the order of the passage at the start of text, in the upper orderBits bits: mul ends in placeBits zeros.
func order(text []byte, mul uint64) uint64 {
	x := binary.LittleEndian.Uint64(text) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(text[8:]), 27)
	return x * mul
}

// Stream winnows one text that arrives in pieces. Make it with Table.Stream; it is not safe for concurrent use.
type Stream struct {
	t     *Table
	tail  [Guarantee]byte // the last bytes: the passages of a window
	n     int64           // bytes seen
	least uint64          // the order of the passage selected last
	hash  uint64          // its hash
	at    int64           // and its position; -1 before the first window is full
}

// Stream begins a new text.
func (t *Table) Stream() Stream { return Stream{t: t, at: -1} }

// Len returns the number of canonical bytes seen.
func (s *Stream) Len() int64 { return s.n }

// Append feeds the next piece of canonical text and appends the passages that it selects to dst, in ascending order of
// offset.
func (s *Stream) Append(dst []Print, piece []byte) []Print {
	if len(piece) >= fastBytes {
		for s.n < Guarantee {
			dst = s.step(dst, piece[0])
			piece = piece[1:]
		}
		n := len(piece) &^ (Window - 1)
		dst = s.fast(dst, piece[:n])
		piece = piece[n:]
	}
	for _, c := range piece {
		dst = s.step(dst, c)
	}
	return dst
}

// step takes one byte: the definition, without haste.
func (s *Stream) step(dst []Print, c byte) []Print {
	copy(s.tail[:], s.tail[1:])
	s.tail[Guarantee-1] = c
	s.n++
	p := s.n - K
	if p < Window-1 {
		return dst
	}
	best, least := Window-1, order(s.tail[Window-1:], s.t.order)
	if s.at >= 0 && s.at > p-Window {
		if least > s.least {
			return dst
		}
	} else {
		for i := Window - 2; i >= 0; i-- {
			if o := order(s.tail[i:], s.t.order); o < least {
				best, least = i, o
			}
		}
	}
	at, hash := p-Window+1+int64(best), s.t.hash((*[K]byte)(s.tail[best:]))
	if s.at > p-Window && least == s.least && hash == s.hash {
		return dst
	}
	s.least, s.at, s.hash = least, at, hash
	return append(dst, Print{hash, at})
}
