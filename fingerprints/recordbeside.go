package fingerprints

import (
	"strconv"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
)

// The scanner drops what is no known cell. Where little stands beside name and date of birth, the beginning of a text is
// read again for what was dropped: a copy has no number, day or telephone that the row has not, a namesake has his own.

const (
	// besideText is how much of a text is kept for that.
	besideText = 8 << 10
	// besideLeast is how many digits a number has at least that may be somebody's, and besideBits how rare, in quarter bits, one
	// of the record must be that it is held against.
	besideLeast, besideBits = 3, 24
)

// beside is the beginning of a text and, once it is asked for, what stands there.
type beside struct {
	text   []byte
	tokens []cell.Token
	known  []bool
}

func (b *beside) keep(text []byte) {
	if n := min(besideText-len(b.text), len(text)); n > 0 {
		b.text = append(b.text, text[:n]...)
	}
}

// readBeside finds all tokens of the text, and tells of each whether it, or another reading of its place, may be known.
func (h *recordHits) readBeside() {
	b := &h.beside
	if b.tokens != nil || len(b.text) == 0 {
		return
	}
	s := h.key.Scanner()
	b.tokens = s.Append(b.tokens, b.text)
	b.tokens = s.End(b.tokens)
	hashes := make([]uint64, len(b.tokens))
	for i, t := range b.tokens {
		hashes[i] = t.Hash
	}
	b.known = make([]bool, len(b.tokens))
	for _, i := range h.known(nil, hashes) {
		b.known[i] = true
	}
	b.sameKnown()
}

// sameKnown lets all readings of a place be known if one of them is.
func (b *beside) sameKnown() {
	for i, t := range b.tokens {
		for j := i - 1; j >= 0 && b.tokens[j].End > t.At; j-- {
			known := b.known[i] || b.known[j]
			b.known[i], b.known[j] = known, known
		}
	}
}

// stranger tells whether beside the cells of a row a number, a day or a telephone number stands that no known record has,
// of a kind of which the row has one that is not there.
func (h *recordHits) stranger(seg *index.Segment, ref recordRef, t rowFound) bool {
	lacks := lacking(seg.Record(ref.at), t.mask)
	alsoOf(seg, ref.at, func(at uint32, more index.Record) {
		lacks |= lacking(more, h.rows[recordRef{ref.seg, at}].mask)
	})
	if lacks == 0 {
		return false
	}
	h.readBeside()
	b := &h.beside
	for i, x := range b.tokens {
		if b.known[i] || lacks>>x.Kind&1 == 0 {
			continue
		}
		near := t.oneLine && x.Line == t.line || !t.oneLine && x.At >= t.from-besideBytes && x.At <= t.to+besideBytes
		if near && (x.Kind != cell.Number || isOwn(string(b.text[x.At:x.End]))) {
			return true
		}
	}
	return false
}

// isOwn tells whether a number may be somebody's: long enough, and no year.
func isOwn(digits string) bool {
	n, err := strconv.Atoi(digits)
	return len(digits) >= besideLeast && (err != nil || n < 1900 || n >= 2100)
}

// lacking has a bit for each kind of number and day of a record that was not found.
func lacking(r index.Record, mask uint8) (kinds uint16) {
	for i, c := range r.Cells[:min(r.N, record.MaxCells)] {
		kind := cell.Kind(c.Kind & record.KindMask)
		switch {
		case mask>>i&1 != 0 || c.Kind&(record.Birth|record.Name) != 0:
		case kind == cell.Phone, kind == cell.Date, kind == cell.Number && c.Bits >= besideBits:
			kinds |= 1 << kind
		}
	}
	return kinds
}
