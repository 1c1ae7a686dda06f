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

// tableFound is what a text shares with a known table.
type tableFound struct {
	ref        fileRef
	bits       float64
	coverage   float64
	rows       []int
	subjects   int
	categories []string
	kinds      []string  // of cells
	whose      addressee // of a letter
}

// weighed returns the tables of which a text holds records, strongest first.
func (h *recordHits) weighed() []tableFound {
	if h == nil {
		return nil
	}
	h.end()
	persons := h.persons()
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
		if t := h.table(ref, rows, persons); t.bits > 0 || t.whose.some {
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
	found = h.exclusive(h.joined(seg, found))
	around := record.Around{Records: h.records, Persons: persons, Dates: float64(h.scanner.Places(cell.Date))}
	weights := make([]record.Weight, 0, len(found))
	f, err := seg.File(ref.file)
	letter := err == nil && f.Rows == 1
	leftOut, alone := uint16(0), h.alone(found)
	if leaks := seg.Leaks(); err == nil && int(f.Leak) < len(leaks) && leaks[f.Leak].Authority == "" {
		leftOut = 1<<cell.National | 1<<cell.BSN
	}
	for _, r := range found {
		row := h.rows[r]
		if letter {
			row.weight = row.weight.OfLetter()
			h.rows[r] = row
		}
		switch {
		case h.against(seg, r, row, ^leftOut), row.lined && row.weight.Thin() && around.Dates >= listDates, row.weight.Slight() && h.stranger(seg, r, row, alone(row)):
			row.weight = row.weight.Against()
			h.rows[r] = row
		case leftOut != 0 && h.against(seg, r, row, leftOut):
			row.weight = row.weight.Doubted()
			h.rows[r] = row
		}
		weights = append(weights, row.weight)
	}
	if letter && len(found) == 1 {
		t.whose = h.addressee(seg, found[0])
	}
	t.whose.some = t.whose.some || letter && h.tables[ref] > 0 // his number may be
	if len(found) > 0 {
		around.Rows, around.Next = tableRows(seg, found[0].at), h.inOrder(seg, found)
	}
	t.bits = record.Combine(weights, around)
	all := h.scanner.Places(cell.National) + h.scanner.Places(cell.BSN)
	numbers := record.Numbers(h.tables[ref], all, len(h.tables))
	if t.bits = max(t.bits, numbers); t.bits > 0 {
		kinds := uint8(0)
		if numbers > 0 {
			kinds |= 1 << kindPlace(uint8(cell.National))
		}
		t.tell(h, seg, found, persons, kinds)
	}
	return t
}

// joined takes of the records found of each row the best, as what all of them tell that stand where it stands: a long row is
// several records.
func (h *recordHits) joined(seg *index.Segment, found []recordRef) []recordRef {
	best := map[uint32]recordRef{}
	several := map[uint32][]recordRef{}
	for _, r := range found {
		row := seg.Record(r.at).Row
		have, ok := best[row]
		if !ok || h.rows[r].weight.Better(h.rows[have].weight) {
			best[row] = r
		}
		if ok {
			if several[row] == nil {
				several[row] = append(several[row], have)
			}
			several[row] = append(several[row], r)
		}
	}
	for row, parts := range several {
		f := h.rows[best[row]]
		for _, near := range [...]func(rowFound) bool{
			func(p rowFound) bool { return f.oneLine && p.oneLine && p.line == f.line },
			func(p rowFound) bool { return max(p.to, f.to)-min(p.from, f.from) <= windowBytes },
		} {
			if j := h.join(seg, parts, near); j.weight.OfOne() && j.weight.Better(f.weight) {
				j.mask, j.lined = f.mask, f.lined
				f = j
			}
		}
		h.rows[best[row]] = f
	}
	return slices.Collect(maps.Values(best))
}

// join weighs those records of a row together that are near.
func (h *recordHits) join(seg *index.Segment, refs []recordRef, near func(rowFound) bool) (j rowFound) {
	var parts []record.Part
	each := 0.0 // what a cell more costs
	for _, r := range refs {
		f := h.rows[r]
		if !near(f) {
			continue
		}
		if len(parts) == 0 {
			j.tried = f.tried
		}
		j.oneLine = j.oneLine && f.oneLine && f.line == j.line
		j.from, j.to = min(j.from, f.from), max(j.to, f.to)
		each = max(each, f.spread/float64(max(1, bits.OnesCount8(f.mask)-1)))
		rec := seg.Record(r.at)
		cells, n := recordCells(rec)
		parts = append(parts, record.Part{Cells: slices.Clone(cells[:n]), Mask: f.mask})
	}
	if len(parts) < 2 {
		return rowFound{}
	}
	var n int
	j.weight, n = record.Join(parts)
	j.spread = each * float64(n-1)
	j.weight.Bits -= j.spread
	return j
}

// inOrder counts the rows that stand in the text behind the one that is before them in the table. Rows come as exclusive
// leaves them, by their places in the text.
func (h *recordHits) inOrder(seg *index.Segment, found []recordRef) (n int) {
	for i := 1; i < len(found); i++ {
		if seg.Record(found[i].at).Row == seg.Record(found[i-1].at).Row+1 {
			n++
		}
	}
	return n
}

// tell fills in what the rows found tell, those that count, besides cells of these kinds.
func (t *tableFound) tell(h *recordHits, seg *index.Segment, found []recordRef, persons float64, kinds uint8) {
	subjects, anonymous := map[[6]byte]struct{}{}, 0
	categories := map[uint8]struct{}{}
	counts := t.counting(h, seg, found, persons)
	for _, r := range found {
		if f := h.rows[r]; counts(f.weight) {
			rec := seg.Record(r.at)
			t.rows = append(t.rows, int(rec.Row))
			if rec.Subject == ([6]byte{}) {
				anonymous++
			} else {
				subjects[rec.Subject] = struct{}{}
			}
			row := uint8(0)
			add := func(rec index.Record, mask uint8) {
				for i, c := range rec.Cells {
					if mask>>i&1 != 0 {
						categories[c.Category] = struct{}{}
						row |= 1 << kindPlace(c.Kind)
					}
				}
			}
			add(rec, f.mask)
			alsoOf(seg, r.at, func(at uint32, more index.Record) {
				if m, ok := h.rows[recordRef{r.seg, at}]; ok && m.from <= f.to && f.from <= m.to {
					add(more, m.mask)
				}
			})
			if row>>2&1 != 0 { // a national number begins with the date of birth
				row &^= 1 << 1
			}
			kinds |= row
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
	for i, name := range cellKinds {
		if kinds>>i&1 != 0 {
			t.kinds = append(t.kinds, name)
		}
	}
}

// leastTold is how many rows with name and birth date say that a text is of a table.
const leastTold = 8

// counting tells which rows are told: those that are more than coincidences. Where a text is of this table, what could be
// other people's of those with name and birth date is what is left of both.
func (t *tableFound) counting(h *recordHits, seg *index.Segment, found []recordRef, persons float64) func(record.Weight) bool {
	dated := 0.0
	for _, r := range found {
		if h.rows[r].weight.Dated() {
			dated++
		}
	}
	of, left := h.records, persons
	if t.bits >= DefaultNoticeBits && dated >= leastTold {
		of, left = math.Max(1, float64(tableRows(seg, found[0].at))-dated), math.Max(1, persons-dated)
	}
	return func(w record.Weight) bool {
		return w.Counts(t.bits, h.records, persons) || w.Dated() && w.Counts(t.bits, of, left)
	}
}

// cellKinds are the words in which a match tells by which cells rows were found.
var cellKinds = [...]string{"name", "birth date", "national number", "e-mail", "telephone", "account", "other"}

// kindPlace is the place in cellKinds of a cell's kind with its marks.
func kindPlace(marked uint8) int {
	switch cell.Kind(marked & record.KindMask) {
	case cell.National, cell.BSN:
		return 2
	case cell.Email:
		return 3
	case cell.Phone:
		return 4
	case cell.IBAN:
		return 5
	}
	switch {
	case marked&record.Name != 0:
		return 0
	case marked&record.Birth != 0:
		return 1
	}
	return 6
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
			dropped[j] = dropped[j] || x.clearly(y)
			dropped[i] = dropped[i] || y.clearly(x)
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

// clearly tells whether a row is so much better that another one which stands where it stands is none. Whose number is there
// is told, and so is a person within a line or a few, whoever's cells stand in the lines before and behind.
func (f rowFound) clearly(than rowFound) bool {
	if than.weight.Numbered() || than.weight.OfOne() && !f.oneLine && (than.oneLine || f.to-f.from > 2*(than.to-than.from)) {
		return false
	}
	return f.weight.Bits >= than.weight.Bits+clearlyBetter
}

// listDates is from how many readings of dates a text is a list, in which a town in another line than name and birth date
// is a neighbour's.
const listDates = 4

// besideBytes is how far from a person's cells, laid out in several lines, an identifier may stand that is his.
const besideBytes = 300

// against tells whether beside a row's cells an identifier stands that is not the row's, although that has one of its kind
// or shares little: the text speaks of a namesake. Mail addresses speak against it in one line or among its cells only, for
// pages have others about. Only identifiers of kinds are looked at, a bit for each.
func (h *recordHits) against(seg *index.Segment, ref recordRef, t rowFound, kinds uint16) bool {
	row := seg.Record(ref.at)
	has, found := kindsOf(row, 0xFF), kindsOf(row, t.mask)
	alsoOf(seg, ref.at, func(at uint32, more index.Record) {
		has |= kindsOf(more, 0xFF)
		found |= kindsOf(more, h.rows[recordRef{ref.seg, at}].mask)
	})
	mailed := has>>cell.Email&1 != 0
	if t.weight.Thin() {
		has = ^uint16(0)
	}
	has &= kinds
	i, _ := slices.BinarySearchFunc(h.typed, t.from-windowBytes, func(x identifier, at int64) int { return cmp.Compare(x.at, at) })
	for ; i < len(h.typed) && h.typed[i].at <= t.to+windowBytes; i++ {
		x := h.typed[i]
		near := !t.oneLine && x.kind != cell.Email && x.at >= t.from-besideBytes && x.at <= t.to+besideBytes
		near = near || !t.oneLine && x.kind == cell.Email && mailed && x.at >= t.from && x.at <= t.to
		if bit := uint16(1) << x.kind; (t.oneLine && x.line == t.line || near) && has&bit != 0 && found&bit == 0 {
			return true
		}
	}
	return false
}

// alsoOf yields the other records of a record's row: a long row is several, one after another.
func alsoOf(seg *index.Segment, at uint32, yield func(at uint32, r index.Record)) {
	own := seg.Record(at)
	for _, step := range [...]int{-1, 1} {
		for n := int(at) + step; n >= 0 && n < int(seg.RecordCount()); n += step {
			more := seg.Record(uint32(n))
			if more.File != own.File || more.Row != own.Row {
				break
			}
			yield(uint32(n), more)
		}
	}
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
// told already by its text, that match gets the rows. It returns what was found of letters.
func (r *ranking) records(e *partMatch, texts []*textMatch, told []ranked) map[fileRef]addressee {
	var best []tableFound
	for _, t := range texts {
		if found := t.records.weighed(); len(found) > 0 && (best == nil || found[0].bits > best[0].bits) {
			best = found
		}
	}
	most, persons := maxTables, map[fileRef]addressee{}
	for _, t := range best {
		f, ok := r.file(t.ref.seg, t.ref.file)
		if ok && t.whose != (addressee{}) {
			persons[r.written(f).ref()] = t.whose
		}
		if !ok || most == 0 || t.bits == 0 {
			continue
		}
		exact := false
		for i := range told {
			if m := &told[i]; m.ref == t.ref && m.Part == e.part.Path {
				m.Subjects = max(m.Subjects, t.subjects)
				t.list(&m.Match)
				m.Categories = inOrder(slices.Concat(m.Categories, t.categories))
				// a letter is known by its text; a table is told by its rows besides
				exact = exact || m.level < levelPassages || f.file.Rows <= 1 && m.Bits >= DefaultNoticeBits
			}
		}
		if exact {
			continue
		}
		if f.file.Rows <= 1 && !r.touched[t.ref] {
			if r.unread == nil {
				r.unread = map[fileRef]bool{}
			}
			r.unread[t.ref] = true
		}
		r.matches = append(r.matches, ranked{r.describeTable(f, t, e.part.Path), f.ref(), levelPassages})
		r.member(f, e.part.Path, t.bits)
		most--
	}
	return persons
}

// list gives a match the rows, and by which cells they were found.
func (t *tableFound) list(m *match.Match) {
	m.Rows, m.Cells = t.rows, t.kinds
	if len(t.rows) > maxRows {
		m.Rows, m.RowsFound = t.rows[:maxRows], len(t.rows)
	}
}

// describeTable makes a match of what was found of a table.
func (r *ranking) describeTable(f knownFile, t tableFound, part string) match.Match {
	m := match.Match{
		Grade: match.Records, Leak: r.snap.Known[f.seg].Leaks()[f.file.Leak].Slug, KnownFile: f.file.Name, FileID: "f_" + hex.EncodeToString(f.file.ID[:]),
		Part: part, Bits: t.bits, Coverage: t.coverage, Subjects: t.subjects, Categories: t.categories,
	}
	t.list(&m)
	if len(m.Categories) == 0 { // a form's are those of its file
		m.Categories = f.file.Categories
	}
	return m
}
