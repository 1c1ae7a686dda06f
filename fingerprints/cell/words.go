package cell

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	// accountForm is what accountMask leaves of the first four bytes of a word in its canonical form, the first one lowest, where it
	// begins as an account number does.
	accountForm, accountMask = 0x20206060, 0x60606060
	// bufRoom is how much of the buffer is read from in usual, a power of two and more than there ever is of text: so that no
	// place in it need be compared with its end.
	bufRoom = 8 << 10
	// aside is what the beginning of a run has that is to be looked at closely, more than any place in the buffer: one whose
	// gap before it holds an '@', and one that goes on with what was before, or beyond the buffer.
	aside = 1 << 15
)

// usual takes what comes next of some runs, given by their borders, as far as they are words of ASCII, others that are
// remembered, numbers that are nothing more, of less than sixteen bytes and eight digits, and days that are remembered, and
// returns the borders that are left. It is a loop of its own, without calls, because what it works with fits the registers so:
// most of a scan's time goes into putting numbers away and getting them back.
//
// The caller has made sure that no address and no account number may go on.
func (s *Scanner) usual(borders []byte) (left []byte) {
	var (
		text   = (*[bufRoom + 2*wordBlock]byte)(s.buf[:bufRoom+2*wordBlock])
		waits  = s.waits
		misses = s.misses
		k      = s.k
		at     = 0
	)
	for ; at < len(borders)-(2*edgeBytes-1) && waits <= waitRoom-mostReadings; at += 2 * edgeBytes {
		e := (uint32(borders[at]) | uint32(borders[at+1])<<8 | uint32(borders[at+2])<<16 | uint32(borders[at+3])<<24) &^ firm
		size := uint(e>>16) - uint(e&0xffff)
		if size >= wordBlock {
			if size >= 2*wordBlock || !s.longKnown((*[2 * wordBlock]byte)(text[e%bufRoom:]), size) {
				break
			}
			if s.wordy > 0 {
				at += 2 * edgeBytes
				break
			}
			continue
		}
		b := (*[wordBlock]byte)(text[e%bufRoom:])
		x := small(binary.LittleEndian.Uint64(b[:8])) & lowest[size]
		y := small(binary.LittleEndian.Uint64(b[8:])) & highest[size]
		s.spans[waits%waitRoom] = span(e)
		if x&0x40 != 0 {
			hi, lo := bits.Mul64(x^k.words[0], y^k.words[1])
			raw := hi ^ lo | 1
			fresh := (uint(misses[slot(raw)]^missed(raw)) + 0xffff) >> 16
			if x&accountMask == accountForm || uint((x|y)&high)&-fresh != 0 {
				break
			}
			s.raws[waits%waitRoom] = raw
			waits += fresh
			continue
		}
		i, j := uint(e&0xffff), uint(e>>16)
		if x&notDigits != 0 || i == 0 {
			break
		}
		before, behind := beside.before[text[(i-1)%bufRoom]], text[j%bufRoom]
		if why := s.lengths.why[size]; before&why == 0 && !s.lengths.held[size] {
			switch {
			case beside.behind[behind]&why == 0:
			case behind|2 == '.' && s.fraction(borders[at:], (*[wordBlock]byte)(b), size):
				at += 2 * edgeBytes
			default:
				goto number // without, plain Go takes a fiftieth longer
			}
			if s.wordy > 0 { // words goes on behind it
				at += 2 * edgeBytes
				break
			}
			continue
		}
	number:
		s.waitUsual(waits)
		if behind == '-' && size == 4 && at+6*edgeBytes <= len(borders) && s.isoKnown(b, int(i)) {
			s.dated(int(i))
			if at += 4 * edgeBytes; s.wordy > 0 {
				at += 2 * edgeBytes
				break
			}
			continue
		}
		if size == 4 && behind == '-' || !s.plainNumber(x, i, j) {
			break
		}
		if waits = s.waits; s.wordy > 0 {
			at += 2 * edgeBytes
			break
		}
	}
	s.waitUsual(waits)
	return borders[at:]
}

// plainNumber takes some digits, the first one lowest in x, if they are nothing but a number.
func (s *Scanner) plainNumber(x uint64, i, j uint) bool {
	size := j - i
	if size >= 8 || s.digits.n == 0 {
		return false
	}
	prev := &s.digits.runs[(s.digits.n-1)%ringSize]
	gap := i - uint(prev.end)
	linked := uint(0)
	switch {
	case gap == 1:
		linked = uint(inNumbers[s.buf[prev.end]])
	case gap <= maxSeparators:
		if first := s.buf[prev.end]; inNumbers[first] != 0 || first == 0xC2 {
			return false
		}
	}
	if linked == 0 && gap <= maxSeparators && breaks(prev.digits, int(size)) || linked != 0 && prev.above > 0 {
		return false // it may go on from the line before
	}
	digits := size + uint(prev.digits)&-linked
	part := dateGaps[s.buf[i-1]] && size > 1 && (linked == 0 || prev.end-prev.at <= 2) || linked != 0 && prev.linked
	if digits >= leastIdentifier || size == 3 && gap <= maxSeparators || part && size <= 4 && size != 3 {
		return false
	}
	value := eight(x << (64 - 8*size))
	d := &s.digits.runs[s.digits.n%ringSize]
	d.at, d.end, d.value, d.digits, d.linked, d.above = int(i), int(j), value, int(digits), linked != 0, 0
	s.digits.n++
	if s.only.Sizes>>SizeOf(value)&1 != 0 && value >= leastNumber {
		s.now = int(i)
		s.plain(value, int(i), int(j))
	}
	return true
}

// notDigits has the bits that letters and bytes beyond ASCII have, and digits lack.
const notDigits = high | alpha

// fraction tells whether behind some digits, by which b begins, there is a point or a comma and other digits, of which there are
// less than eight together, and nothing more: so it is an amount, and that is nothing.
func (s *Scanner) fraction(borders []byte, b *[wordBlock]byte, size uint) bool {
	if len(borders) < 4*edgeBytes || size < 3 {
		return false
	}
	first := uint64(binary.LittleEndian.Uint16(borders) &^ firm)
	from, to := uint64(binary.LittleEndian.Uint16(borders[2*edgeBytes:])&^firm)-first, uint64(binary.LittleEndian.Uint16(borders[3*edgeBytes:]))-first
	if from != uint64(size)+1 || to > 8 || to <= from {
		return false
	}
	x := binary.LittleEndian.Uint64(b[:8]) & (1<<(8*to%64) - 1 | (to>>3)*math.MaxUint64) >> (8 * from % 64)
	n := to - from
	return x&notDigits == 0 && (n != 3 || s.only.Sizes == 0) && beside.behind[b[to]]&s.lengths.why[n] == 0 && !s.lengths.held[n]
}

// waitUsual settles what readings up to a number, which are words, have besides raw hash and span.
func (s *Scanner) waitUsual(waits uint) {
	for dates := s.dates; s.waits < waits; s.waits++ {
		s.wait[s.waits%waitRoom] = reading{dates: dates}
	}
}

// short reads the first run of some borders, which is of less than sixteen bytes and whole, and returns the borders that are
// left; false: it is neither a word nor a number.
func (s *Scanner) short(borders []byte, i, j, n int) (left []byte, ok bool) {
	left = borders[2*edgeBytes:]
	size := j - i
	b := (*[wordBlock]byte)(s.buf[i : i+wordBlock : cap(s.buf)])
	x, y := binary.LittleEndian.Uint64(b[:8])&lowest[size&15], binary.LittleEndian.Uint64(b[8:])&highest[size&15]
	surface := s.k.surface(b, uint(size))
	if (x|y)&high != 0 {
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
	case x&0x60 == 0x60 && x&accountMask != accountForm && s.at&s.iban < 0:
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

// shortWord takes a word by its canonical form and its surface.
func (s *Scanner) shortWord(x, y uint64, size int, at span, surface uint64) {
	h := s.k.wordBlock(0, x, y)
	if size < minWord || s.worth(h) == 0 || s.worth(surface) == 0 {
		s.forget(surface)
		return
	}
	s.put(Word, h, at.from(), at.to(), missing(surface), 1)
}

// plainRun tells the surface of a run, and whether it may be remembered by it: it depends on nothing before it what such a run
// is.
func (s *Scanner) plainRun(i, j, n int) (surface uint64, ok bool) {
	size := j - i
	if size >= 2*wordBlock || j >= n || i == s.long || s.filter == nil || s.at&s.iban >= 0 {
		return 0, false
	}
	for _, c := range s.buf[i:j] {
		if isDigit(c) {
			return 0, false
		}
	}
	b := (*[2 * wordBlock]byte)(s.buf[i : i+2*wordBlock : cap(s.buf)])
	if size >= wordBlock {
		return s.k.longSurface(b, uint(size)), true
	}
	return s.k.surface((*[wordBlock]byte)(b[:]), uint(size)), true
}

// surface is a hash of a run of less than sixteen bytes as it is written, but for capitals of ASCII: that of a word of ASCII is
// its raw hash.
func (k *Key) surface(b *[wordBlock]byte, size uint) uint64 {
	size %= wordBlock
	return k.wordBlock(0, small(binary.LittleEndian.Uint64(b[:8]))&lowest[size], small(binary.LittleEndian.Uint64(b[8:]))&highest[size])
}

// longSurface is the same of a run of sixteen to 31 bytes.
func (k *Key) longSurface(b *[2 * wordBlock]byte, size uint) uint64 {
	h := k.wordBlock(0, small(binary.LittleEndian.Uint64(b[:8])), small(binary.LittleEndian.Uint64(b[8:])))
	size %= wordBlock
	return k.wordBlock(h, small(binary.LittleEndian.Uint64(b[16:]))&lowest[size], small(binary.LittleEndian.Uint64(b[24:]))&highest[size])
}

// longKnown tells whether a run of sixteen to 31 bytes, which begins with no digit, is remembered as nothing that is looked for.
func (s *Scanner) longKnown(b *[2 * wordBlock]byte, size uint) bool {
	look := s.k.longSurface(b, size)
	return s.misses[slot(look)] == missed(look) && b[0]&0x40 != 0
}

// small has the capitals of ASCII as small letters, and digits and what is beyond ASCII as they are.
func small(x uint64) uint64 { return x | ^(x>>2)&lower }
