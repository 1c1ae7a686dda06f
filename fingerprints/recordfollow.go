package fingerprints

import (
	"maps"
	"math"
	"math/bits"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
)

// candidate is a record of which cells were found not long ago.
type candidate struct {
	ref      recordRef
	last     uint32                  // the token that led to it last; 0: the slot is free
	line     uint32                  // of the cells in lineMask, which lie in one line
	tokens   [record.MaxCells]uint32 // where each cell was found last
	bits     [record.MaxCells]uint8  // what each tells, in quarter bits
	mask     uint8                   // cells ever found
	lineMask uint8
	tried    [2]triedMask // the last weighed: by the window, and by the line
}

// triedMask is a set of cells that was weighed, with what it paid.
type triedMask struct {
	mask   uint8
	line   uint32
	spread float32
}

// tried is a set of cells and what it pays for the persons it may be spread over.
type tried struct {
	mask     uint8
	oneLine  bool
	line     uint32
	spread   float64
	from, to int64 // offsets of the first cell and the last
}

// rowFound is the best that was found of a record in one place.
type rowFound struct {
	weight record.Weight
	tried
}

// followed are the records followed at a time, in sets of ways slots. Where all of a set are taken, the one that has the
// fewest cells goes, unless one is far behind.
type followed struct{ slots []candidate }

const (
	ways                       = 4
	leastFollowed, maxFollowed = 1 << 8, 1 << 13
	// staleTokens is after how many tokens a record that nothing leads to may be forgotten.
	staleTokens = 256
)

// slot finds the slot of a record, or makes it one.
func (f *followed) slot(seg *recordSegment, at, token uint32) *candidate {
	if f.slots == nil {
		f.slots = make([]candidate, leastFollowed)
	}
	ref := recordRef{seg.number, at}
	for {
		h := uint64(at)*0x9E3779B97F4A7C15 + uint64(seg.number)*0xC2B2AE3D27D4EB4F
		first := int(h>>32) & (len(f.slots) - ways)
		set := f.slots[first : first+ways]
		worst, least := &set[0], math.MaxInt
		for i := range set {
			c := &set[i]
			if c.ref == ref && c.last != 0 {
				return c
			}
			worth := 1 + bits.OnesCount8(c.mask)
			if c.last == 0 || token-c.last > staleTokens {
				worth = 0
			}
			if worth < least {
				worst, least = c, worth
			}
		}
		if least == 0 || len(f.slots) >= maxFollowed {
			*worst = candidate{ref: ref}
			r := seg.Record(at)
			for i := range worst.bits {
				worst.bits[i] = r.Cells[i].Bits
			}
			return worst
		}
		f.grow()
	}
}

// grow makes room for twice as many records.
func (f *followed) grow() {
	old := f.slots
	f.slots = make([]candidate, 2*len(old))
	for i := range old {
		c := &old[i]
		if c.last == 0 {
			continue
		}
		h := uint64(c.ref.at)*0x9E3779B97F4A7C15 + uint64(c.ref.seg)*0xC2B2AE3D27D4EB4F
		first := int(h>>32) & (len(f.slots) - ways)
		for j := range ways { // what was in one set is in one of two: there is room
			if s := &f.slots[first+j]; s.last == 0 {
				*s = *c
				break
			}
		}
	}
}

// hit takes a pair of cells of a record, found at two tokens.
func (h *recordHits) hit(seg *recordSegment, at, pair uint32, t pairAt) {
	if pair >= record.MaxPairs || at >= seg.RecordCount() {
		return
	}
	c := h.followed.slot(seg, at, t.b)
	i, j := record.PairCells(pair)
	a, b := &h.recent[t.a%recentTokens], &h.recent[t.b%recentTokens]
	if a.hash > b.hash {
		i, j = j, i
	}
	c.tokens[i], c.tokens[j], c.last = max(c.tokens[i], t.a), t.b, t.b
	c.mask |= 1<<i | 1<<j
	if a.line == b.line {
		if c.line != b.line {
			c.line, c.lineMask = b.line, 0
		}
		c.lineMask |= 1<<i | 1<<j
	}
	sum := 0
	for k, b := range c.bits {
		sum += int(b) * int(c.mask>>k&1)
	}
	if float64(sum) >= 4*h.floor {
		h.weigh(seg, c, b.at)
	}
}

// near tells which cells were found no further than the window before at.
func (h *recordHits) near(c *candidate, at int64) (mask uint8) {
	for i, n := range c.tokens {
		if c.mask>>i&1 != 0 && h.token-n < recentTokens && at-h.recent[n%recentTokens].at <= windowBytes {
			mask |= 1 << i
		}
	}
	return mask
}

// weigh weighs a record by its cells in one line, and by those in the window; the better way counts.
func (h *recordHits) weigh(seg *recordSegment, c *candidate, at int64) {
	c.mask = h.near(c, at)
	window := h.try(c, c.mask, 0)
	if tried := (triedMask{c.mask, 0, float32(window.spread)}); !c.tried[0].covers(tried) {
		c.tried[0] = tried
		h.keep(seg, c, window)
	}
	mask := c.lineMask & c.mask
	if mask == 0 {
		return
	}
	line := h.try(c, mask, lineSlack)
	line.line, line.oneLine = c.line, true
	if tried := (triedMask{mask, c.line, float32(line.spread)}); !c.tried[1].covers(tried) {
		c.tried[1] = tried
		h.keep(seg, c, line)
	}
}

// covers tells whether another try of the same cells cannot be better.
func (t triedMask) covers(other triedMask) bool {
	return t.mask == other.mask && t.spread <= other.spread
}

// lineSlack is how many dates more a line may hold for one person.
const lineSlack = 1

// spreadCost is more than 1 because how many persons there are is only estimated.
const spreadCost = 1.5

// try tells what cells pay that stand among those of several persons: each could be any of theirs. Of how many, dates
// tell, and how many known places there are for each cell found.
func (h *recordHits) try(c *candidate, mask uint8, slack float64) tried {
	n := float64(bits.OnesCount8(mask))
	from, to := place{at: math.MaxInt64, ord: math.MaxUint32, dates: math.MaxUint32}, place{}
	for i := range c.tokens {
		if mask>>i&1 != 0 {
			s := &h.recent[c.tokens[i]%recentTokens]
			from.at, to.at = min(from.at, s.at), max(to.at, s.at)
			from.ord, to.ord = min(from.ord, s.ord), max(to.ord, s.ord)
			from.dates, to.dates = min(from.dates, s.dates), max(to.dates, s.dates)
		}
	}
	persons := max(1, float64(to.dates-from.dates)-slack+1, float64(to.ord-from.ord+1)/n/(1+slack/2))
	t := tried{mask: mask, from: from.at, to: to.at}
	if persons > 1 {
		t.spread = spreadCost * (n - 1) * math.Log2(persons)
	}
	return t
}

// keep remembers the best that was found of a record.
func (h *recordHits) keep(seg *recordSegment, c *candidate, t tried) {
	cells, n := recordCells(seg.Record(c.ref.at))
	w := record.Weigh(cells[:n], t.mask)
	if w.Bits -= t.spread; w.Bits < h.floor {
		return
	}
	if t.oneLine && bits.OnesCount8(t.mask) >= settledCells && w.Bits >= h.floor+settledBits {
		for i, n := range c.tokens {
			if t.mask>>i&1 != 0 {
				h.settled = max(h.settled, n)
			}
		}
	}
	have, ok := h.rows[c.ref]
	if ok && !w.Better(have.weight) {
		return
	}
	if !ok && !h.room() {
		return
	}
	if h.rows == nil {
		h.rows = map[recordRef]rowFound{}
	}
	h.rows[c.ref] = rowFound{w, t}
}

// A row of the text is told when so many cells of one record, with so many bits more than needed, stand in one line: what
// stands in other lines is of other rows.
const (
	settledCells = 5
	settledBits  = 32
)

// room tells whether another record may be remembered. Where there are too many, what was found of others by chance goes.
func (h *recordHits) room() bool {
	if len(h.rows) < maxFound {
		return true
	}
	for !h.full && len(h.rows) > maxFound*3/4 {
		h.floor += 2
		maps.DeleteFunc(h.rows, func(_ recordRef, f rowFound) bool { return f.weight.Bits < h.floor })
		h.full = h.floor > record.Least(h.records)+settledBits
	}
	return len(h.rows) < maxFound+maxFound/4 && (h.full || len(h.rows) < maxFound)
}

func recordCells(r index.Record) (cells [record.MaxCells]record.Cell, n int) {
	n = int(min(r.N, record.MaxCells))
	for i, c := range r.Cells[:n] {
		cells[i] = record.Cell{Kind: c.Kind, Bits: c.Bits}
	}
	return cells, n
}
