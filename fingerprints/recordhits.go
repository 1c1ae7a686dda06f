package fingerprints

import (
	"maps"
	"math"
	"math/bits"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
)

// What bounds the work on hostile text, in which every word is a known cell: a token is paired with windowTokens others,
// a pair lies in 64 records of a segment at most, and what is held of records is bounded.
const (
	// windowTokens and windowBytes are how far apart two cells of one record may stand: a record may be laid out one cell a
	// line, or have a remark in its middle.
	windowTokens = 40
	windowBytes  = 800
	// pairBatch is how many pairs are looked up at once.
	pairBatch = 512
	// maxActive bounds the records followed at a time, some 100 bytes each.
	maxActive = 1 << 15
	// maxFound bounds the records found in one text, some 60 bytes each.
	maxFound = 1 << 17
	// maxListed bounds the national numbers kept of one text, and maxRows the rows that a match lists.
	maxListed = 1 << 17
	maxRows   = 10_000
	// placesPerson is how many known places a text has at least for each person whom it tells of.
	placesPerson = 6
	// leastBits is what cells must tell to be kept; two family names are not it.
	leastBits = 12
)

// recordRef names a record: a segment and its number there.
type recordRef struct{ seg, at uint32 }

// place is a token that may be a known cell.
type place struct {
	cell.Token
	ord uint32 // which of the places in the text it is; several readings of one place share it
}

// recordHits finds the cells of known records in one text.
type recordHits struct {
	key     *cell.Key
	segs    []recordSegment
	records float64 // known altogether
	scanner cell.Scanner
	tokens  []cell.Token

	window []place // the last ones
	next   int     // in window, as a ring
	last   place
	places uint32

	hashes []uint64   // pairs not looked up yet
	pairs  [][2]place // of which places
	found  []index.Found
	values []uint32

	active map[recordRef]*candidate
	rows   map[recordRef]rowFound
	typed  []identifier        // those of persons, known or not, in order
	listed map[uint64]struct{} // national numbers that some table's filter knows
	tables map[fileRef]int     // and how many of them each knows
	full   bool
}

type recordSegment struct {
	number uint32
	*index.Segment
}

// identifier is a place where an identifier of a person stands.
type identifier struct {
	at   int64
	line uint32
	kind cell.Kind
}

// candidate is a record of which cells were found not long ago.
type candidate struct {
	cells    [record.MaxCells]seen
	tried    [2]tried // last: by the window, and by the line
	line     uint32   // of the cells in lineMask, which lie in one line
	mask     uint8    // cells ever found
	lineMask uint8
}

// tried is a set of cells and what it pays for the persons it may be spread over.
type tried struct {
	mask     uint8
	spread   float64
	from, to int64 // offsets of the first cell and the last
	line     uint32
	oneLine  bool
}

// seen is where a cell of a candidate was found last.
type seen struct {
	at         int64
	ord, dates uint32
}

// rowFound is the best that was found of a record in one place.
type rowFound struct {
	weight record.Weight
	tried
}

// newRecordHits is nil when no records are known.
func newRecordHits(s *secrets, snap *index.Snapshot) *recordHits {
	h := &recordHits{key: s.cells}
	for i, seg := range snap.Known {
		if seg.HasRecords() || seg.HasNumbers() {
			h.segs = append(h.segs, recordSegment{uint32(i), seg})
			h.records += float64(seg.RecordCount())
		}
	}
	if len(h.segs) == 0 {
		return nil
	}
	h.scanner = s.cells.Scanner()
	h.scanner.Filter(h.known)
	return h
}

// known tells whether a token may be a known cell: once in some 256 times it is not.
func (h *recordHits) known(hash uint64) bool {
	for i := range h.segs {
		if h.segs[i].HasCell(hash) {
			return true
		}
	}
	return false
}

// feed takes the next piece of UTF-8 text.
func (h *recordHits) feed(b []byte) {
	h.tokens = h.scanner.Append(h.tokens[:0], b)
	h.see(h.tokens)
}

func (h *recordHits) end() {
	h.tokens = h.scanner.End(h.tokens[:0])
	h.see(h.tokens)
	h.lookUp()
}

func (h *recordHits) see(tokens []cell.Token) {
	for _, t := range tokens {
		if (t.Kind == cell.National || t.Kind == cell.IBAN || t.Kind == cell.Email) && len(h.typed) < maxListed {
			h.typed = append(h.typed, identifier{t.At, t.Line, t.Kind})
		}
		if t.Dropped {
			continue
		}
		if t.Kind == cell.National || t.Kind == cell.BSN {
			h.number(t.Hash)
		}
		h.pair(t)
	}
}

// pair pairs a token with those before it.
func (h *recordHits) pair(t cell.Token) {
	if t.At >= h.last.End || h.places == 0 {
		h.places++
	}
	p := place{t, h.places}
	if len(h.window) < windowTokens {
		h.window = append(h.window, p)
		h.next = 0
	} else {
		h.window[h.next] = p
		h.next = (h.next + 1) % windowTokens
	}
	h.last = p
	for _, before := range h.window {
		if before.Hash == t.Hash || t.At-before.At > windowBytes || before.ord == p.ord && before.At == t.At && before.End == t.End {
			continue
		}
		h.hashes = append(h.hashes, record.Pair(h.key, before.Hash, t.Hash))
		h.pairs = append(h.pairs, [2]place{before, p})
	}
	if len(h.hashes) >= pairBatch {
		h.lookUp()
	}
}

// lookUp looks the gathered pairs up.
func (h *recordHits) lookUp() {
	for _, seg := range h.segs {
		h.found = seg.AppendFoundPairs(h.found[:0], h.hashes)
		for _, f := range h.found {
			h.values = seg.AppendPairs(h.values[:0], f.Posting)
			for _, v := range h.values {
				h.hit(seg, v>>5, v&31, h.pairs[f.At])
			}
		}
	}
	h.hashes, h.pairs = h.hashes[:0], h.pairs[:0]
}

// hit takes a pair of cells of a record, found at two places.
func (h *recordHits) hit(seg recordSegment, at, pair uint32, places [2]place) {
	if pair >= record.MaxPairs || at >= seg.RecordCount() {
		return
	}
	ref := recordRef{seg.number, at}
	c := h.active[ref]
	if c == nil {
		c = h.follow(ref, places[1].At)
	}
	i, j := record.PairCells(pair)
	if places[0].Hash > places[1].Hash {
		i, j = j, i
	}
	for k, p := range places {
		c.cells[[2]int{i, j}[k]] = seen{p.At, p.ord, p.Dates}
	}
	c.mask |= 1<<i | 1<<j
	if places[0].Line == places[1].Line {
		if c.line != places[1].Line {
			c.line, c.lineMask = places[1].Line, 0
		}
		c.lineMask |= 1<<i | 1<<j
	}
	h.weigh(seg, ref, c, places[1].At)
}

// near tells which cells were found no further than the window before at.
func (c *candidate) near(at int64) (mask uint8) {
	for i := range c.cells {
		if c.mask>>i&1 != 0 && at-c.cells[i].at <= windowBytes {
			mask |= 1 << i
		}
	}
	return mask
}

// follow begins to follow a record, and drops those whose cells are far behind when there are too many.
func (h *recordHits) follow(ref recordRef, at int64) *candidate {
	if h.active == nil {
		h.active = map[recordRef]*candidate{}
	}
	if len(h.active) >= maxActive {
		maps.DeleteFunc(h.active, func(_ recordRef, c *candidate) bool { return c.near(at) == 0 })
		if len(h.active) >= maxActive {
			clear(h.active)
		}
	}
	c := &candidate{}
	h.active[ref] = c
	return c
}

// weigh weighs a record by its cells in one line, and by those in the window; the better way counts.
func (h *recordHits) weigh(seg recordSegment, ref recordRef, c *candidate, at int64) {
	window := c.try(c.near(at), 0)
	line := tried{}
	if mask := c.lineMask & window.mask; mask != 0 {
		line = c.try(mask, lineSlack)
		line.line, line.oneLine = c.line, true
	}
	if window == c.tried[0] && line == c.tried[1] {
		return
	}
	c.tried = [2]tried{window, line}
	cells := recordCells(seg.Record(ref.at))
	h.keep(ref, cells, window)
	if line.mask != 0 && line != window {
		h.keep(ref, cells, line)
	}
}

func recordCells(r index.Record) []record.Cell {
	cells := make([]record.Cell, 0, record.MaxCells)
	for _, c := range r.Cells[:min(r.N, record.MaxCells)] {
		cells = append(cells, record.Cell{Kind: c.Kind, Bits: c.Bits})
	}
	return cells
}

// lineSlack is how many dates more a line may hold for one person.
const lineSlack = 1

// spreadCost is more than 1 because how many persons there are is only estimated.
const spreadCost = 1.5

// try tells what cells pay that stand among those of several persons: each could be any of theirs. Of how many, dates
// tell, and how many known places there are for each cell found.
func (c *candidate) try(mask uint8, slack float64) tried {
	n := float64(bits.OnesCount8(mask))
	from, to := seen{at: math.MaxInt64, ord: math.MaxUint32, dates: math.MaxUint32}, seen{}
	for i := range c.cells {
		if mask>>i&1 != 0 {
			s := &c.cells[i]
			from.at, to.at = min(from.at, s.at), max(to.at, s.at)
			from.ord, to.ord = min(from.ord, s.ord), max(to.ord, s.ord)
			from.dates, to.dates = min(from.dates, s.dates), max(to.dates, s.dates)
		}
	}
	persons := max(1, float64(to.dates-from.dates)-slack+1, float64(to.ord-from.ord+1)/n/(1+slack/2))
	return tried{mask: mask, spread: spreadCost * (n - 1) * math.Log2(persons), from: from.at, to: to.at}
}

// keep remembers the best that was found of a record.
func (h *recordHits) keep(ref recordRef, cells []record.Cell, t tried) {
	w := record.Weigh(cells, t.mask)
	w.Bits -= t.spread
	if w.Bits < leastBits {
		return
	}
	have, ok := h.rows[ref]
	if ok && !w.Better(have.weight) {
		return
	}
	if !ok && len(h.rows) >= maxFound {
		h.full = true
		return
	}
	if h.rows == nil {
		h.rows = map[recordRef]rowFound{}
	}
	h.rows[ref] = rowFound{w, t}
}

// number takes a valid national number, which may stand in a list of nothing else.
func (h *recordHits) number(hash uint64) {
	if _, ok := h.listed[hash]; ok || len(h.listed) >= maxListed {
		return
	}
	for _, seg := range h.segs {
		for _, file := range seg.TablesWithNumber(hash) {
			if h.tables == nil {
				h.tables, h.listed = map[fileRef]int{}, map[uint64]struct{}{}
			}
			h.tables[fileRef{seg.number, file}]++
			h.listed[hash] = struct{}{}
		}
	}
}
