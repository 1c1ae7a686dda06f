package fingerprints

import (
	"maps"
	"math"
	"math/bits"
	"slices"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
)

// candidate is a record of which cells were found not long ago.
type candidate struct {
	ref      recordRef
	last     uint32                  // the token that led to it last; 0: the slot is free
	line     uint32                  // of the cells in lineMask, which lie in one line
	tokens   [record.MaxCells]uint16 // where each cell was found last, the lower half of the token's number
	bits     [record.MaxCells]uint8  // what each tells, in quarter bits
	mask     uint8                   // cells found
	lineMask uint8
	tried    [2]uint8 // the cells weighed last: by the window, and by the line
	spread   [2]float32
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
	lined bool // name and birth date stand in one line, and not all of the rest
}

// followed are the records followed at a time, in sets of ways slots. Where all of a set are taken, the one that has the
// fewest cells goes, unless one is far behind.
type followed struct {
	slots   []candidate
	crowded bool
	touched []*candidate // those that the token at hand led to, and that may count
}

const (
	ways                       = 4
	leastFollowed, maxFollowed = 1 << 8, 1 << 11
	// staleTokens is after how many tokens a record that nothing leads to may be forgotten.
	staleTokens = 128
)

// slot finds the slot of a record, or makes it one.
func (f *followed) slot(seg *recordSegment, at, token uint32) *candidate {
	if f.slots == nil {
		f.slots = make([]candidate, leastFollowed)
	}
	ref := recordRef{seg.number, at}
	h := uint64(at)*0x9E3779B97F4A7C15 + uint64(seg.number)*0xC2B2AE3D27D4EB4F
	first := int(h>>32) & (len(f.slots) - ways)
	set := (*[ways]candidate)(f.slots[first:])
	for i := range set {
		if c := &set[i]; c.ref == ref && c.last != 0 && token-c.last < recentTokens {
			return c
		}
	}
	worst, least := &set[0], math.MaxInt
	for i := range set {
		c := &set[i]
		worth := 1 + bits.OnesCount8(c.mask)
		if c.last == 0 || token-c.last > staleTokens {
			worth = 0
		}
		if worth < least {
			worst, least = c, worth
		}
	}
	f.crowded = f.crowded || least > 0
	*worst = candidate{ref: ref, bits: seg.records.Bits(at)}
	return worst
}

// grow makes room for twice as many records, where they crowd.
func (f *followed) grow() {
	if !f.crowded || len(f.slots) >= maxFollowed {
		return
	}
	f.crowded = false
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
	if pair >= record.MaxPairs || at >= seg.records.Len() {
		return
	}
	c := h.followed.slot(seg, at, t.b)
	i, j := record.PairCells(pair)
	a, b := &h.recent[t.a%recentTokens], &h.recent[t.b%recentTokens]
	if a.hash > b.hash {
		i, j = j, i
	}
	if c.last != t.b {
		h.followed.touched = append(h.followed.touched, c)
	}
	if c.mask>>i&1 == 0 || t.b-t.a < uint32(uint16(t.b)-c.tokens[i]) { // nearer than the one before
		c.tokens[i] = uint16(t.a)
	}
	c.tokens[j], c.last = uint16(t.b), t.b
	c.mask |= 1<<i | 1<<j
	if a.line == b.line {
		if c.line != b.line {
			c.line, c.lineMask, c.tried[1] = b.line, 0, 0
		}
		c.lineMask |= 1<<i | 1<<j
	}
}

// most is the most that cells of a record can tell.
func (c *candidate) most(mask uint8) float64 {
	sum := 0
	for i, b := range c.bits {
		sum += int(b) * int(mask>>i&1)
	}
	return float64(sum) / 4
}

// weigh weighs a record by its cells in one line, and by those in the window; the better way counts.
func (h *recordHits) weigh(seg *recordSegment, c *candidate) {
	if c.most(c.mask) < h.floor {
		return
	}
	window := h.try(seg, c, &c.mask, 0)
	h.weighTry(seg, c, window, 0)
	if mask := c.lineMask & c.mask; mask != 0 {
		line := h.try(seg, c, &mask, lineSlack)
		line.line, line.oneLine = c.line, true
		h.weighTry(seg, c, line, 1)
	}
}

// weighTry weighs cells, unless the same ones paid no more the last time.
func (h *recordHits) weighTry(seg *recordSegment, c *candidate, t tried, way int) {
	if c.tried[way] == t.mask && float64(c.spread[way]) <= t.spread || c.most(t.mask)-t.spread < h.floor {
		return
	}
	c.tried[way], c.spread[way] = t.mask, float32(t.spread)
	h.keep(seg, c, t)
}

// lineSlack is how many dates more a line may hold for one person.
const lineSlack = 1

// spreadCost is more than 1 because how many persons there are is only estimated.
const spreadCost = 1.5

// try tells what cells pay that stand among those of several persons: each could be any of theirs. Of how many, dates
// tell, and how many known places there are for each cell found. Cells further back than the window are taken out of mask.
func (h *recordHits) try(seg *recordSegment, c *candidate, mask *uint8, slack float64) tried {
	recent := (*[recentTokens]place)(h.recent)
	last := &recent[c.last%recentTokens]
	from, to := place{at: last.at, ord: last.ord, dates: last.dates}, place{at: last.at, ord: last.ord, dates: last.dates}
	for m := *mask; m != 0; m &= m - 1 {
		i := bits.TrailingZeros8(m)
		s := &recent[c.tokens[i]%recentTokens]
		if uint16(c.last)-c.tokens[i] >= recentTokens/2 || last.at-s.at > windowBytes && !h.ofOne(last.at) {
			*mask &^= 1 << i
			continue
		}
		from.at, to.at = min(from.at, s.at), max(to.at, s.at)
		from.ord, to.ord = min(from.ord, s.ord), max(to.ord, s.ord)
		from.dates, to.dates = min(from.dates, s.dates), max(to.dates, s.dates)
	}
	n := float64(bits.OnesCount8(*mask))
	dated := max(1, float64(to.dates-from.dates)-slack+1)
	persons := max(dated, float64(to.ord-from.ord+1)/n/(1+slack/2))
	if persons > datesEach*dated && h.ofOne(last.at) && c.personal(seg, *mask) {
		persons = datesEach * dated // the words between are a letter's; what namesakes may share stays dear
	}
	t := tried{mask: *mask, from: from.at, to: to.at}
	if persons > 1 && c.most(*mask) >= h.floor {
		t.spread = spreadCost * (n - 1) * math.Log2(persons)
	}
	return t
}

// datesEach is how many persons there may be for each date at the beginning of a text.
const datesEach = 2

// personal tells whether an identifier of one person is among a record's cells.
func (c *candidate) personal(seg *recordSegment, mask uint8) bool {
	const kinds = 1<<cell.National | 1<<cell.BSN | 1<<cell.IBAN | 1<<cell.Email | 1<<cell.Phone
	return kindsOf(seg.records.At(c.ref.at), mask)&kinds != 0
}

// keep remembers the best that was found of a record.
func (h *recordHits) keep(seg *recordSegment, c *candidate, t tried) {
	cells, n := recordCells(seg.records.At(c.ref.at))
	t.mask &^= h.withinDates(c, cells[:n], t.mask)
	t.mask &^= h.strayNames(c, cells[:n], t.mask)
	w := record.Weigh(cells[:n], t.mask)
	if w.Bits -= t.spread; w.Bits < h.floor {
		return
	}
	if t.oneLine && bits.OnesCount8(t.mask) >= settledCells && w.Bits >= h.floor+settledBits {
		for i, n := range c.tokens {
			if t.mask>>i&1 != 0 {
				h.settled = max(h.settled, c.last-uint32(uint16(c.last)-n))
			}
		}
	}
	have, ok := h.rows[c.ref]
	if ok && !w.Better(have.weight) && (have.oneLine || !t.oneLine || w.Bits < have.weight.Bits) {
		return
	}
	if !ok && !h.room() {
		return
	}
	if h.rows == nil {
		h.rows = map[recordRef]rowFound{}
	}
	h.rows[c.ref] = rowFound{w, t, !t.oneLine && t.mask&^c.lineMask != 0 && record.Weigh(cells[:n], c.lineMask&t.mask).Dated()}
}

// withinDates gives the numbers among the cells that were read within a date: the year of a birth date is no postcode.
func (h *recordHits) withinDates(c *candidate, cells []record.Cell, mask uint8) (within uint8) {
	dated := func(date bool) (places [record.MaxCells]uint32, found bool) {
		for i, x := range cells {
			if k := cell.Kind(x.Kind & record.KindMask); mask>>i&1 != 0 && (date && k == cell.Date || !date && k == cell.Number) {
				places[i], found = h.recent[c.tokens[i]%recentTokens].ord, true
			}
		}
		return places, found
	}
	dates, ok := dated(true)
	if !ok {
		return 0
	}
	numbers, _ := dated(false)
	for i, ord := range numbers {
		if ord > 0 && slices.Contains(dates[:], ord) {
			within |= 1 << i
		}
	}
	return within
}

// strayBytes is how far from the rest of a name a word of it may stand in another line.
const strayBytes = 200

// strayNames gives the names among the cells that stand by themselves, where nothing else is one person's own: in the letter of a
// relative, who shares family name, address and telephone, somebody may be mentioned who is called so.
func (h *recordHits) strayNames(c *candidate, cells []record.Cell, mask uint8) (stray uint8) {
	const own = 1<<cell.National | 1<<cell.BSN | 1<<cell.IBAN | 1<<cell.Email
	var names uint8
	for i, x := range cells {
		switch {
		case mask>>i&1 == 0:
		case x.Kind&record.Birth != 0, own>>(x.Kind&record.KindMask)&1 != 0:
			return 0
		case x.Kind&record.Name != 0:
			names |= 1 << i
		}
	}
	if bits.OnesCount8(names) < 2 {
		return 0
	}
	for m := names; m != 0; m &= m - 1 {
		i := bits.TrailingZeros8(m)
		name, beside := &h.recent[c.tokens[i]%recentTokens], false
		for rest := names &^ (1 << i); rest != 0; rest &= rest - 1 {
			other := &h.recent[c.tokens[bits.TrailingZeros8(rest)]%recentTokens]
			beside = beside || other.line == name.line || max(other.at-name.at, name.at-other.at) <= strayBytes
		}
		if !beside {
			stray |= 1 << i
		}
	}
	return stray
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
		h.full = h.floor > record.Least(h.records, h.persons())+settledBits
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
