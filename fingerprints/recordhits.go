package fingerprints

import (
	"cmp"
	"encoding/hex"
	"maps"
	"math"
	"math/bits"
	"slices"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
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

// tableFound is what a text shares with a known table.
type tableFound struct {
	ref        fileRef
	bits       float64
	coverage   float64
	rows       []int
	subjects   int
	categories []string
}

// weighed returns the tables of which a text holds records, strongest first.
func (h *recordHits) weighed() []tableFound {
	if h == nil {
		return nil
	}
	h.end()
	persons := 1 + float64(h.places)/placesPerson
	byTable := map[fileRef][]recordRef{}
	for ref := range h.rows {
		file := h.segment(ref.seg).Record(ref.at).File
		byTable[fileRef{ref.seg, file}] = append(byTable[fileRef{ref.seg, file}], ref)
	}
	for ref := range h.tables {
		if byTable[ref] == nil {
			byTable[ref] = []recordRef{}
		}
	}
	var out []tableFound
	for ref, rows := range byTable {
		if t := h.table(ref, rows, persons); t.bits > 0 {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b tableFound) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(len(b.rows), len(a.rows)), cmp.Compare(a.ref.seg, b.ref.seg), cmp.Compare(a.ref.file, b.ref.file))
	})
	return out
}

func (h *recordHits) segment(number uint32) *index.Segment {
	for i := range h.segs {
		if h.segs[i].number == number {
			return h.segs[i].Segment
		}
	}
	return nil
}

// table weighs what was found of one table.
func (h *recordHits) table(ref fileRef, found []recordRef, persons float64) tableFound {
	t := tableFound{ref: ref}
	seg := h.segment(ref.seg)
	best := map[uint32]recordRef{} // by row: a long row is several records
	for _, r := range found {
		row := seg.Record(r.at).Row
		if have, ok := best[row]; !ok || h.rows[r].weight.Better(h.rows[have].weight) {
			best[row] = r
		}
	}
	found = h.exclusive(slices.Collect(maps.Values(best)))
	weights := make([]record.Weight, 0, len(found))
	for _, r := range found {
		row := h.rows[r]
		if h.against(seg, r, row.tried) {
			row.weight = row.weight.Against()
			h.rows[r] = row
		}
		weights = append(weights, row.weight)
	}
	t.bits = record.Combine(weights, h.records, persons)
	all := h.scanner.Places(cell.National) + h.scanner.Places(cell.BSN)
	t.bits = max(t.bits, record.Numbers(h.tables[ref], all, len(h.tables)))
	if t.bits == 0 {
		return t
	}
	subjects, anonymous := map[[6]byte]struct{}{}, 0
	categories := map[uint8]struct{}{}
	for _, r := range found {
		if f := h.rows[r]; f.weight.Counts(t.bits, h.records, persons) {
			rec := seg.Record(r.at)
			t.rows = append(t.rows, int(rec.Row))
			if rec.Subject == ([6]byte{}) {
				anonymous++
			} else {
				subjects[rec.Subject] = struct{}{}
			}
			for i, c := range rec.Cells {
				if f.mask>>i&1 != 0 {
					categories[c.Category] = struct{}{}
				}
			}
		}
	}
	t.subjects = len(subjects) + anonymous
	if len(found) > 0 {
		t.coverage = math.Min(1, float64(len(t.rows))/float64(tableRows(seg, found[0].at)))
	}
	slices.Sort(t.rows)
	var words []string
	for c := range categories {
		if c > 0 && int(c) <= len(Categories) {
			words = append(words, Categories[c-1])
		}
	}
	t.categories = inOrder(words)
	return t
}

const (
	// clearlyBetter is by how many bits a row must be better to take the place of another.
	clearlyBetter = 5
	// maxOverlap bounds how many rows are compared with one.
	maxOverlap = 256
)

// exclusive drops rows of a table that stand where a clearly better one stands: one place tells of one person, and cells
// of neighbours make coincidences.
func (h *recordHits) exclusive(found []recordRef) []recordRef {
	slices.SortFunc(found, func(a, b recordRef) int {
		return cmp.Or(cmp.Compare(h.rows[a].from, h.rows[b].from), cmp.Compare(a.at, b.at))
	})
	dropped := make([]bool, len(found))
	for i, a := range found {
		x := h.rows[a]
		for j := i + 1; j < min(len(found), i+maxOverlap); j++ {
			y := h.rows[found[j]]
			if y.from > x.to {
				break
			}
			dropped[j] = dropped[j] || x.weight.Bits >= y.weight.Bits+clearlyBetter
			dropped[i] = dropped[i] || y.weight.Bits >= x.weight.Bits+clearlyBetter
		}
	}
	kept := found[:0]
	for i, r := range found {
		if !dropped[i] {
			kept = append(kept, r)
		}
	}
	return kept
}

// besideBytes is how far from a person's cells, laid out in several lines, an identifier may stand that is his.
const besideBytes = 300

// against tells whether beside a row's cells an identifier stands that is not the row's, although that has one of its kind:
// the text speaks of a namesake. Mail addresses speak against it in one line only, for pages have others about.
func (h *recordHits) against(seg *index.Segment, ref recordRef, t tried) bool {
	row := seg.Record(ref.at)
	has, found := kindsOf(row, 0xFF), kindsOf(row, t.mask)
	for _, at := range [...]uint32{ref.at - 1, ref.at + 1} { // a long row is several records
		if at >= seg.RecordCount() {
			continue
		}
		if more := seg.Record(at); more.File == row.File && more.Row == row.Row {
			has |= kindsOf(more, 0xFF)
			found |= kindsOf(more, h.rows[recordRef{ref.seg, at}].mask)
		}
	}
	i, _ := slices.BinarySearchFunc(h.typed, t.from-windowBytes, func(x identifier, at int64) int { return cmp.Compare(x.at, at) })
	for ; i < len(h.typed) && h.typed[i].at <= t.to+windowBytes; i++ {
		x := h.typed[i]
		near := !t.oneLine && x.kind != cell.Email && x.at >= t.from-besideBytes && x.at <= t.to+besideBytes
		if bit := uint16(1) << x.kind; (t.oneLine && x.line == t.line || near) && has&bit != 0 && found&bit == 0 {
			return true
		}
	}
	return false
}

// kindsOf has a bit for each kind of a record's cells that mask has a bit for.
func kindsOf(r index.Record, mask uint8) (kinds uint16) {
	for i, c := range r.Cells[:min(r.N, record.MaxCells)] {
		if mask>>i&1 != 0 {
			kinds |= 1 << (c.Kind & record.KindMask)
		}
	}
	return kinds
}

// tableRows counts the rows of the table that holds a record: its records lie together, by row.
func tableRows(seg *index.Segment, at uint32) int {
	file := seg.Record(at).File
	edge := func(step, limit int) uint32 { // the last record of the table in that direction
		n := 0
		for size := 1; size > 0; {
			if next := n + size; next <= limit && seg.Record(uint32(int(at)+step*next)).File == file {
				n, size = next, 2*size
			} else {
				size /= 2
			}
		}
		return uint32(int(at) + step*n)
	}
	first, last := edge(-1, int(at)), edge(1, int(seg.RecordCount())-1-int(at))
	return 1 + max(0, int(seg.Record(last).Row)-int(seg.Record(first).Row))
}

// maxTables is how many tables one part may be told to hold records of.
const maxTables = 3

// records adds the known tables of which the part holds rows, from the decoding that holds most. Where the same table is
// told already by its text, that match gets the rows.
func (r *ranking) records(e *partMatch, texts []*textMatch, told []ranked) {
	var best []tableFound
	for _, t := range texts {
		if found := t.records.weighed(); len(found) > 0 && (best == nil || found[0].bits > best[0].bits) {
			best = found
		}
	}
	most := maxTables
	for _, t := range best {
		f, ok := r.file(t.ref.seg, t.ref.file)
		if !ok || most == 0 {
			continue
		}
		exact := false
		for i := range told {
			if m := &told[i]; m.ref == t.ref && m.Part == e.part.Path {
				m.Rows, m.Subjects = t.rows[:min(len(t.rows), maxRows)], max(m.Subjects, t.subjects)
				m.Categories = inOrder(slices.Concat(m.Categories, t.categories))
				// a letter is known by its text; a table is told by its rows besides
				exact = exact || m.level < levelPassages || f.file.Rows <= 1 && m.Bits >= DefaultNoticeBits
			}
		}
		if exact {
			continue
		}
		r.matches = append(r.matches, ranked{r.describeTable(f, t, e.part.Path), f.ref(), levelPassages})
		r.member(f, e.part.Path, t.bits)
		most--
	}
}

// describeTable makes a match of what was found of a table.
func (r *ranking) describeTable(f knownFile, t tableFound, part string) match.Match {
	m := match.Match{
		Grade: match.Records, Leak: r.snap.Known[f.seg].Leaks()[f.file.Leak].Slug, KnownFile: f.file.Name, FileID: "f_" + hex.EncodeToString(f.file.ID[:]),
		Part: part, Bits: t.bits, Coverage: t.coverage, Subjects: t.subjects, Categories: t.categories,
	}
	m.Rows = t.rows[:min(len(t.rows), maxRows)]
	if len(m.Categories) == 0 { // a form's are those of its file
		m.Categories = f.file.Categories
	}
	return m
}
