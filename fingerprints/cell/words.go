package cell

import (
	"encoding/binary"
	"math/bits"
)

const (
	// bufRoom is how much of the buffer is read from in usual, a power of two and more than there ever is of text: so that no
	// place in it need be compared with its end.
	bufRoom = 8 << 10
	// aside is what the beginning of a run has that is to be looked at closely, more than any place in the buffer: one whose
	// gap before it holds an '@', and one that goes on with what was before, or beyond the buffer.
	aside = 1 << 15
)

// usual takes what comes next as far as nothing comes but words of ASCII, those with accents that nothing is known of, and numbers that are nothing more, of less than
// sixteen bytes and eight digits, and returns the borders that are left. It is a loop of its own, without calls, because what
// it works with fits the registers so: most of a scan's time goes into putting numbers away and getting them back.
//
// The caller has made sure that no address and no account number may go on.
func (s *Scanner) usual(borders []byte) (left []byte) {
	var (
		text   = (*[bufRoom + wordBlock]byte)(s.buf[:bufRoom+wordBlock])
		waits  = s.waits
		misses = s.misses
		k      = s.k
		at     = 0
	)
	for ; at < len(borders)-(2*edgeBytes-1) && waits <= waitRoom-mostReadings; at += 2 * edgeBytes {
		e := uint32(borders[at]) | uint32(borders[at+1])<<8 | uint32(borders[at+2])<<16 | uint32(borders[at+3])<<24
		size := uint(e>>16) - uint(e&0xffff)
		if size >= wordBlock {
			break
		}
		b := (*[wordBlock]byte)(text[e%bufRoom:])
		x := (binary.LittleEndian.Uint64(b[:8]) | lower) & lowest[size]
		y := (binary.LittleEndian.Uint64(b[8:]) | lower) & highest[size]
		if (x|y)&high != 0 {
			if surface := k.surface(binary.LittleEndian.Uint64(b[:8])&lowest[size], binary.LittleEndian.Uint64(b[8:])&highest[size]); misses[surface%missSlots] == missed(surface) {
				continue
			}
			break
		}
		w := &s.wait[waits%waitRoom]
		w.span = e
		if x&0x40 != 0 {
			if uint32(x)&0x60606060 == 0x20206060 { // as an account number begins
				break
			}
			hi, lo := bits.Mul64(x^k.words[0], y^k.words[1])
			raw := hi ^ lo
			w.raw, w.kind = raw, Word
			waits += (uint(misses[raw%missSlots]^missed(raw)) + 0xffff) >> 16 & (uint(minWord-1-int(size)) >> 63)
			continue
		}
		i, j := uint(e&0xffff), uint(e>>16)
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
			raw := k.number(Number, value)
			w.raw, w.kind = raw, Number
			waits += (uint(misses[raw%missSlots]^missed(raw)) + 0xffff) >> 16
		}
	}
	s.waitUsual(waits)
	return borders[at:]
}

// waitUsual settles what readings up to a number have besides what usual has written.
func (s *Scanner) waitUsual(waits uint) {
	for dates := s.dates; s.waits < waits; s.waits++ {
		w := &s.wait[s.waits%waitRoom]
		w.dates, w.run, w.surface = dates, uint16(w.span), 0
	}
}

// short reads the first run of some borders, which is of less than sixteen bytes and whole, and returns the borders that are
// left; false: it is neither a word nor a number.
func (s *Scanner) short(borders []byte, i, j, n int) (left []byte, ok bool) {
	left = borders[2*edgeBytes:]
	size := j - i
	b := (*[wordBlock]byte)(s.buf[i : i+wordBlock : cap(s.buf)])
	x, y := binary.LittleEndian.Uint64(b[:8])&lowest[size&15], binary.LittleEndian.Uint64(b[8:])&highest[size&15]
	surface := uint32(0)
	if (x|y)&high != 0 {
		surface = missing(s.k.surface(x, y))
		if x, y, size = narrow(x, y, size); size >= wordBlock {
			if end, begins := gapIn(s.buf[i:j]); end > 0 || begins > 0 {
				return s.shortUntil(borders, i, i+end, i+begins, n)
			}
			return borders, false
		}
	}
	x |= lower & lowest[size]
	y |= lower & highest[size]
	switch {
	case x&0x60 == 0x60 && x&0x60606060 != 0x20206060 && s.at&s.iban < 0:
		s.shortWord(x, y, size, spanOf(i, j), surface)
		return left, true
	case (x|y)&alpha == 0:
		if size == 4 && b[4] == '-' && s.isoDate(left, b, i, n) {
			return left[4*edgeBytes:], true
		}
		value := eight(x << (uint(64-8*size) & 63))
		if size > 8 {
			value = decimal(x, y, size)
		}
		s.number(i, j, value)
		return left, true
	}
	return borders, false
}

// shortUntil does so with a run in which a dash, a quotation mark or another of those that usually end a word stands between two
// places.
func (s *Scanner) shortUntil(borders []byte, i, end, begins, n int) (left []byte, ok bool) {
	j := edgeAt(borders[edgeBytes:])
	if end > i {
		binary.LittleEndian.PutUint16(borders[edgeBytes:], uint16(end))
		if _, ok = s.short(borders, i, end, n); !ok {
			binary.LittleEndian.PutUint16(borders[edgeBytes:], uint16(j))
			return borders, false
		}
	}
	if begins == j {
		return borders[2*edgeBytes:], true
	}
	binary.LittleEndian.PutUint16(borders, uint16(begins))
	binary.LittleEndian.PutUint16(borders[edgeBytes:], uint16(j))
	return borders, true
}

// gapIn tells between which bytes of a run the first dash or quotation mark stands that usualGap knows; nowhere: both are 0.
func gapIn(run []byte) (from, to int) {
	for at := range run[:max(0, len(run)-1)] {
		if run[at] < 0xC2 || run[at] > 0xE2 {
			continue
		}
		third := byte(0)
		if at+2 < len(run) {
			third = run[at+2]
		}
		if width := usualGap(uint16(run[at])|uint16(run[at+1])<<8, third); width > 0 {
			return at, at + width
		}
	}
	return 0, 0
}

// shortWord takes a word by its canonical form.
func (s *Scanner) shortWord(x, y uint64, size int, span, surface uint32) {
	h := s.k.wordBlock(0, x, y)
	w := &s.wait[s.waits%waitRoom]
	w.put(Word, h, span, s.dates, s.now)
	w.surface = surface
	if size >= minWord && s.worth(h) != 0 {
		s.waits++
	} else if surface != 0 && s.filter != nil {
		s.filter.misses[surface%missSlots] = uint16(surface >> 16)
	}
}
