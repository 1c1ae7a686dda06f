package cell

import (
	"encoding/binary"
	"math/bits"

	"unmirror/fingerprints/canonical"
)

// bufRoom is how much of the buffer is read from in usual, a power of two and more than there ever is of text: so that no
// place in it need be compared with its end.
const bufRoom = 8 << 10

// usual takes what comes next as far as nothing comes but words, and numbers that are nothing more, of less than sixteen bytes
// and eight digits, and returns the borders that are left and how far it came. It is a loop of its own, without calls,
// because what it works with fits the registers so: most of a scan's time goes into putting numbers away and getting them
// back.
//
// The caller has made sure that no address and no account number may go on, nor a run that is too long.
func (s *Scanner) usual(borders []byte, reached, end int) (left []byte, done int) {
	var (
		text   = (*[bufRoom + wordBlock]byte)(s.buf[:bufRoom+wordBlock])
		line   = s.line
		waits  = s.waits
		misses = s.misses
		last   = uint(reached)
	)
	for len(borders) >= 2*edgeBytes && waits <= waitRoom-mostReadings {
		e := binary.LittleEndian.Uint32(borders)
		i, j := uint(e&0xffff), uint(e>>16)
		size := j - i
		between := afterRun[text[last%bufRoom]] + special[text[(last+1)%bufRoom]] // of a gap of one byte, the second one is a run's
		for at := last + 2; at < i; at++ {
			between += special[text[at%bufRoom]]
		}
		if between >= anyOther || size >= wordBlock || j >= uint(end) || i == last { // where nothing lies between, the first run begins
			break
		}
		b := (*[wordBlock]byte)(text[i%bufRoom:])
		x, y := binary.LittleEndian.Uint64(b[:8])&lowest[size], binary.LittleEndian.Uint64(b[8:])&highest[size]
		for (x|y)&high != 0 {
			if x, y, size = narrowOne(x, y, size); size >= wordBlock {
				s.line, s.waits = line, waits
				return borders, int(last)
			}
		}
		x |= lower & lowest[size]
		y |= lower & highest[size]
		w := &s.wait[waits%waitRoom]
		w.mark, w.span = uint64(s.dated)<<32|uint64(line+between), e
		worth := uint(0)
		if x&0x60 == 0x60 {
			if x&0x60606060 == 0x20206060 { // as an account number begins
				break
			}
			hi, lo := bits.Mul64(x^s.k.words[0], y^s.k.words[1])
			raw := hi ^ lo
			w.raw, w.kind = raw, Word
			worth = (uint(misses[raw%missSlots]^missed(raw)) + 0xffff) >> 16 & (uint(minWord-1-int(size)) >> 63)
		} else {
			if size >= 8 || x&alpha != 0 || i == 0 || s.digits.n == 0 || size == 4 && text[j%bufRoom] == '-' {
				break
			}
			prev := &s.digits.runs[(s.digits.n-1)%ringSize]
			gap := i - uint(prev.end)
			before := text[uint(prev.end)%bufRoom]
			linked := uint(inNumbers[before])
			if gap != 1 {
				if gap-2 < maxSeparators-1 && (linked != 0 || before == 0xC2) {
					break
				}
				linked = 0
			}
			digits := size + uint(prev.digits)&-linked
			part := dateGaps[text[(i-1)%bufRoom]] && size > 1 && (linked == 0 || prev.end-prev.at <= 2) || linked != 0 && prev.linked
			if digits >= leastIdentifier || size == 3 && gap <= maxSeparators || part && size <= 4 && size != 3 {
				break
			}
			value := eight(x << (64 - 8*size))
			d := &s.digits.runs[s.digits.n%ringSize]
			d.at, d.end, d.value, d.digits, d.linked = int(i), int(j), value, int(digits), linked != 0
			s.digits.n++
			if s.only.Sizes>>SizeOf(value)&1 != 0 && value >= leastNumber {
				raw := s.k.number(Number, value)
				w.raw, w.kind = raw, Number
				worth = (uint(misses[raw%missSlots]^missed(raw)) + 0xffff) >> 16
			}
		}
		line += between
		waits += worth
		last = j
		borders = borders[2*edgeBytes:]
	}
	s.line, s.waits = line, waits
	return borders, int(last)
}

// narrowOne writes the first accented letter of a word as narrow does, where it becomes one letter; otherwise it gives a size
// that no such word has.
func narrowOne(x, y uint64, size uint) (uint64, uint64, uint) {
	first, second := x, y
	if x&high == 0 {
		first, second = y, 0
	}
	at := uint(bits.TrailingZeros64(first&high)-7) & 63
	form, two := canonical.TwoByte(uint16(first>>at | second<<8<<(56-at)))
	if !two || form&0xff0000c0 != 1<<24|0x40 {
		return x, y, wordBlock
	}
	before := uint64(1)<<at - 1
	first, second = first&before|uint64(form&0xff)<<at|(first>>8|second<<56)&^(before<<8|0xff), second>>8
	if x&high == 0 {
		return x, first, size - 1
	}
	return first, second, size - 1
}
