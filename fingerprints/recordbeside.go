package fingerprints

import (
	"slices"
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

// alone returns what tells of a row whether no other person of the table stands on its line, or anywhere if it is on several:
// what stands beside it may be the other's.
func (h *recordHits) alone(found []recordRef) func(rowFound) bool {
	all, byLine := 0, map[uint32]int{}
	for _, r := range found {
		if row := h.rows[r]; row.weight.Dated() {
			all++
			byLine[row.line]++
		}
	}
	return func(row rowFound) bool { return all <= 1 || row.oneLine && byLine[row.line] <= 1 }
}

// stranger tells whether beside the cells of a row something stands of a kind of which the row has one that is not there: a
// number, a day or a telephone number that no known record has, or a word that others have, such as another town.
func (h *recordHits) stranger(seg *index.Segment, ref recordRef, t rowFound, alone bool) bool {
	if t.from >= int64(len(h.beside.text)) {
		return false
	}
	lacks := lacking(seg.Record(ref.at), t.mask)
	alsoOf(seg, ref.at, func(at uint32, more index.Record) {
		lacks |= lacking(more, h.rows[recordRef{ref.seg, at}].mask)
	})
	if lacks == 0 {
		return false
	}
	h.readBeside()
	b := &h.beside
	var near []int
	for i, x := range b.tokens {
		if !(t.oneLine && x.Line == t.line || !t.oneLine && x.At >= t.from-besideBytes && x.At <= t.to+besideBytes) {
			continue
		}
		near = append(near, i)
		own := x.Kind != cell.Number || isOwn(string(b.text[x.At:x.End]))
		if x.Kind != cell.Word && !b.known[i] && lacks>>x.Kind&1 != 0 && own {
			return true
		}
	}
	return lacks>>cell.Word&1 != 0 && alone && h.othersWord(seg, ref, near)
}

// besidePairs bounds the pairs of tokens that are looked up.
const besidePairs = 64 * 63 / 2

// othersWord tells whether one of these tokens is a word of other rows of the table, no name, and none of the row's.
func (h *recordHits) othersWord(seg *index.Segment, ref recordRef, near []int) bool {
	b := &h.beside
	near = slices.DeleteFunc(near, func(i int) bool { return !b.known[i] })
	var hashes []uint64
	var pairs [][2]*cell.Token // the one with the lesser hash first
	for n, i := range near {
		for _, j := range near[:n] {
			if len(pairs) == besidePairs {
				return false
			}
			lesser, greater := &b.tokens[i], &b.tokens[j]
			if lesser.Hash > greater.Hash {
				lesser, greater = greater, lesser
			}
			hashes = append(hashes, record.Pair(h.key, lesser.Hash, greater.Hash))
			pairs = append(pairs, [2]*cell.Token{lesser, greater})
		}
	}
	isRows, isOthers := map[int64]bool{}, map[int64]bool{} // by place
	for _, f := range seg.AppendFoundPairs(nil, hashes) {
		rows, words := holding(seg, ref, f.Posting)
		for i, x := range pairs[f.At] {
			isRows[x.At] = isRows[x.At] || rows
			isOthers[x.At] = isOthers[x.At] || words[i]
		}
	}
	return slices.ContainsFunc(near, func(i int) bool {
		x := &b.tokens[i]
		return x.Kind == cell.Word && x.End-x.At >= besideWord && isOthers[x.At] && !isRows[x.At]
	})
}

// holding tells of a pair of cells whether it is the row's, and of each of them whether it is a word, no name, of another row
// of the table.
func holding(seg *index.Segment, ref recordRef, p index.Posting) (rows bool, words [2]bool) {
	row := seg.Record(ref.at)
	for _, v := range seg.AppendPairs(nil, p) {
		if v>>5 >= seg.RecordCount() || v&31 >= record.MaxPairs {
			continue
		}
		other := seg.Record(v >> 5)
		if other.File != row.File {
			continue
		}
		if other.Row == row.Row {
			rows = true
			continue
		}
		i, j := record.PairCells(v & 31)
		for n, at := range [...]int{i, j} {
			words[n] = words[n] || other.Cells[at].Kind&^record.Derived == uint8(cell.Word)
		}
	}
	return rows, words
}

// besideWord is how long a word is at least that is held against a row: not "yes" and "no".
const besideWord = 4

// isOwn tells whether a number may be somebody's: long enough, and no year.
func isOwn(digits string) bool {
	n, err := strconv.Atoi(digits)
	return len(digits) >= besideLeast && (err != nil || n < 1900 || n >= 2100)
}

// lacking has a bit for each kind of number, day and word of a record that was not found.
func lacking(r index.Record, mask uint8) (kinds uint16) {
	for i, c := range r.Cells[:min(r.N, record.MaxCells)] {
		kind := cell.Kind(c.Kind & record.KindMask)
		switch {
		case mask>>i&1 != 0 || c.Kind&(record.Birth|record.Name) != 0:
		case kind == cell.Phone, kind == cell.Date, kind == cell.Word, kind == cell.Number && c.Bits >= besideBits:
			kinds |= 1 << kind
		}
	}
	return kinds
}
