package fingerprints

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/winnow"
)

// The weight of what is shared. A match is an accusation, so each constant errs to the safe side; what they reach is
// measured by the story tests.
const (
	// bitsPerChar is what one more character of a shared run tells: text of letters and digits carries 1 to 2 bits a
	// character (Shannon, "Prediction and Entropy of Printed English", 1951).
	bitsPerChar = 1.5
	// baseChars is what every shared run pays: names of places, dates and the like that unrelated people have in common.
	baseChars = 10
	// stretchChars is what each further stretch of distinctive text in one run pays: about what passages, being a
	// selection, leave undecided where it borders on boilerplate.
	stretchChars = 3
	// openChars is what a run pays for each end at which distinctive text ends with the sharing itself: a phrase that stands
	// in unrelated texts too, such as a legal formula, does not go on into the known file's boilerplate. Where the text
	// is merely cut off, it pays nothing.
	openChars = 8
	// borderLess is how many characters less a run pays that fills its text and goes over from a document's own to what others have
	// too, borderChars of it or more: names of places and dates stand beside anything, but not in the midst of a letter.
	borderLess, borderChars = 5, 15
	// endShare is the share that counts of the characters between a run and the end of the text, where less lies than a window:
	// had the known text gone on otherwise, its next passage would as likely as not have been found there. It counts from
	// provenChars on. filledShare is the same where the run all but fills the text.
	endShare    = 0.75
	filledShare = 0.95
	provenChars = winnow.Guarantee
	// tableChars is what the strongest run of a table pays besides, and the others do not count: two columns next to each
	// other hold the same in rows of different people, where their values come out of short lists, and e-mail addresses
	// stand on the pages of employers. Rows are told by their cells, which know what is public.
	tableChars = 45
	// cellsChars is the length from which a run with a letter is more than a person's name, birth date and numbers.
	cellsChars = 100
	// leastRows is from how many rows a document is a table.
	leastRows = 4
	// listChars is the same of another list, in which much comes again.
	listChars = 14
	// runBits is what each run but the strongest pays. People of one schema have a town, a date or a remark out of a list in
	// common here and there, and in a long table that adds up.
	runBits = 40
	// weakBits is the weight from which a person should look.
	weakBits = 24
	// templateBits caps, as a share of what makes a match, the weight to which the text that a few documents made from one
	// template have in common can lift: a person may look, but it accuses nobody.
	templateBits = 0.75
	// copyShare is from how many times the weight of a match on what one run has of a document's own is no remark, nor two,
	// that somebody else's letter of the same template may have too.
	copyShare = 3
	// manyDocs is the number of documents from which a passage weighs nothing.
	manyDocs = 8
	// maxCandidates is how many documents are weighed for one text.
	maxCandidates = 32
	// maxDecoded bounds the work on passages that are in very many documents.
	maxDecoded = 4 << 20
)

// rarity is the weight of a passage by the number of documents that hold it: one is its author's, several are a habit,
// many are letterhead and boilerplate.
var rarity = [manyDocs]float32{0, 1, 0.9, 0.6, 0.4, 0.2, 0.1, 0.05}

// repeatedRarity is the most that a passage weighs which comes again and again in one of its documents.
const repeatedRarity = 0.4

// docRef names a document: a segment and its number there.
type docRef struct {
	seg uint32
	doc uint32
}

// weighed is a hit as the candidates see it.
type weighed struct {
	offset   int64
	weight   float32
	template bool // its documents look like instances of one template
	single   bool // no document of a second group holds it
	public   bool // in the baseline, in so very many documents that they were not looked at, or again and again in one
	again    bool // again and again in one
	hit      int  // its place among the hits
}

// found is what one text shares with one document.
type shared struct {
	ref      docRef
	bits     float64
	own      float64 // bits of what is the document's own
	beyond   float64 // bits if it is no other instance of the document's template; 0: as they are
	passages int
	coverage float64
	spans    [][2]int64
	remarks  float64 // what its runs count beside a name and a birth date
	remark   float64 // the most that one of them does
	instance bool    // the text looks like another instance of the document's template, or like one of other documents' kind
	kindred  bool    // or, by its passages alone, like one out of the document's phrases: its trace knows better
}

// weigh returns what the text, of that length in canonical bytes, shares with each document, strongest first, those with next to nothing left out.
func (h *hits) weigh(length int64, noticeBits float64) []shared {
	w := &weighing{
		hits: h, scores: map[docRef]float32{}, weights: make([]weighed, 0, len(h.list)),
		docs: make([]docRef, 0, len(h.postings)), ends: make([]uint32, 0, len(h.list)),
	}
	for i := range h.list {
		w.classify(i)
	}
	w.countOwn()
	candidates := w.candidates()
	if len(candidates) == 0 {
		return nil
	}
	lists := w.assign(candidates)
	var out []shared
	for i, ref := range candidates {
		s := w.evaluate(lists[i], ref, length, noticeBits)
		s.ref = ref
		if n := h.snap.Known[ref.seg].Doc(ref.doc).Passages; n > 0 {
			s.coverage = math.Min(1, float64(s.passages)/float64(n))
		}
		out = append(out, s)
	}
	off := collection(out, func(s shared) uint64 { return h.snap.Known[s.ref.seg].Doc(s.ref.doc).Group }, noticeBits)
	w.lookAgain(candidates, lists, out, length, noticeBits, off)
	for i := range out {
		s := &out[i]
		s.bits = math.Max(s.bits-off, math.Min(s.bits, weakBits))
	}
	slices.SortStableFunc(out, strongest)
	return out
}

type weighing struct {
	*hits
	weights []weighed
	docs    []docRef // of all hits in turn; ends tells where each hit's end
	ends    []uint32
	scores  map[docRef]float32
	scored  docRef  // the document whose sum is not in scores yet
	sum     float32 // 0: none
	decoded int
	scratch []uint32
	ownRuns map[uint64]int // by group, the runs of passages that it alone holds
	ownSum  int            // of all groups
}

// classify decides what a passage weighs, and gathers its documents.
func (w *weighing) classify(i int) {
	h := w.list[i]
	from := len(w.docs)
	many := false
	for _, p := range w.postings[h.first : h.first+uint32(h.n)] {
		seg := w.snap.Known[p.seg]
		n := seg.Count(p.at)
		many = many || n > 8*manyDocs
		if w.decoded += n; w.decoded > maxDecoded {
			many = true
			continue
		}
		w.scratch = seg.AppendDocs(w.scratch[:0], p.at)
		for _, d := range w.scratch {
			w.docs = append(w.docs, docRef{p.seg, d})
		}
	}
	docs := w.docs[from:]
	flat := w.flat(h.offset)
	entry := weighed{offset: h.offset, hit: i, public: h.baseline || many || flat}
	if groups := w.groups(docs); !many && !flat && groups < manyDocs {
		again := w.repeated(h, docs)
		entry.single, entry.public, entry.again = groups == 1 && !again, entry.public || again, again
		if !h.baseline {
			entry.weight = rarity[groups]
			entry.template = groups > 1 && w.siblings(docs)
		}
		if again {
			entry.weight = min(entry.weight, repeatedRarity)
		}
	}
	if entry.weight > 0 {
		for _, d := range docs {
			if d != w.scored {
				w.score()
				w.scored, w.sum = d, w.scores[d]
			}
			w.sum += entry.weight
		}
	}
	w.weights = append(w.weights, entry)
	w.ends = append(w.ends, uint32(len(w.docs)))
}

// score notes what was added up for the document scored last: most passages are of the same one as the passage before.
func (w *weighing) score() {
	if w.sum > 0 {
		w.scores[w.scored] = w.sum
	}
}

// repeated tells whether a passage comes again and again in one of its documents, which are all of it: out of a list, as the
// remarks of a table do, it may come in anybody's row.
func (w *weighing) repeated(h hit, docs []docRef) bool {
	for _, p := range w.postings[h.first : h.first+uint32(h.n)] {
		for ; len(docs) > 0 && docs[0].seg == p.seg; docs = docs[1:] {
			if w.snap.Known[p.seg].Repeated(p.at, docs[0].doc) {
				return true
			}
		}
	}
	return false
}

// groups counts the documents that are not one text in two forms, up to manyDocs.
func (w *weighing) groups(docs []docRef) int {
	if len(docs) < 2 {
		return len(docs)
	}
	var seen [manyDocs]uint64
	n := 0
	for _, d := range docs {
		g := w.snap.Known[d.seg].Doc(d.doc).Group
		if slices.Contains(seen[:n], g) {
			continue
		}
		if n == manyDocs-1 {
			return manyDocs
		}
		seen[n] = g
		n++
	}
	return n
}

func (w *weighing) siblings(docs []docRef) bool {
	for i, a := range docs {
		for _, b := range docs[i+1:] {
			if a.seg == b.seg && w.snap.Known[a.seg].Siblings(a.doc, b.doc) {
				return true
			}
		}
	}
	return false
}

// candidates returns the documents that share most.
func (w *weighing) candidates() []docRef {
	w.score()
	all := make([]docRef, 0, len(w.scores))
	for d := range w.scores {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b docRef) int {
		return cmp.Or(cmp.Compare(w.scores[b], w.scores[a]), cmp.Compare(a.seg, b.seg), cmp.Compare(a.doc, b.doc))
	})
	return all[:min(len(all), maxCandidates)]
}

// assign gives each candidate its hits.
func (w *weighing) assign(candidates []docRef) [][]weighed {
	place := map[docRef]int{}
	for i, c := range candidates {
		place[c] = i
	}
	of, counts, all := make([]int32, len(w.docs)), make([]int, len(candidates)), 0
	last, c := docRef{}, -1
	for i, d := range w.docs {
		if d != last || i == 0 {
			last, c = d, -1
			if at, ok := place[d]; ok {
				c = at
			}
		}
		if of[i] = int32(c); c >= 0 {
			counts[c]++
			all++
		}
	}
	lists, room := make([][]weighed, len(candidates)), make([]weighed, all)
	for c, n := range counts {
		lists[c], room = room[:0:n], room[n:]
	}
	from := uint32(0)
	for i, end := range w.ends {
		for _, c := range of[from:end] {
			if c >= 0 {
				lists[c] = append(lists[c], w.weights[i])
			}
		}
		from = end
	}
	return lists
}

// evaluate weighs the runs that a text shares with one document.
func (w *weighing) evaluate(list []weighed, ref docRef, length int64, noticeBits float64) shared {
	var s shared
	var t tally
	var runs []runWeight
	var told [][2]int64 // the spans with something that weighs
	var longest [2]int64
	doc := w.snap.Known[ref.seg].Doc(ref.doc)
	listPrice, letter := w.listPrice(ref, &doc)
	few := listPrice < tableChars && phrased(&doc)
	if listPrice >= tableChars {
		list = withoutRepeated(list)
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].offset <= w.reach(list[n-1].offset, list[n].offset) {
			n++
		}
		t.add(list[:n])
		beside := remark(list[:n])
		s.remarks, s.remark = s.remarks+beside, math.Max(s.remark, beside)
		run := weighRun(list[:n], length)
		if other := w.collective(list[:n], ref, length); other.own > run.own {
			run.own = other.own
		}
		if letter && list[n-1].offset-list[0].offset < cellsChars { // dates and numbers are cells of its record, by which namesakes are told apart
			run = run.less(bitsPerChar * float64(w.digits(list[0].offset, list[n-1].offset+winnow.K)))
		}
		span := [2]int64{list[0].offset, list[n-1].offset + winnow.K}
		if slices.ContainsFunc(list[:n], func(p weighed) bool { return p.weight > 0 }) {
			told = append(told, span)
		}
		if runs = append(runs, run); run.bits() >= strongestOf(runs).bits() {
			longest = span
		}
		s.passages += n
		s.spans = append(s.spans, span)
		list = list[n:]
	}
	s.spans = joinSpans(s.spans)
	atMost := templateBits * noticeBits
	if listPrice > 0 {
		s.own = strongestOf(runs).less(bitsPerChar*listPrice + looks(runs)).own
		if few && wholeOf(&s, &doc, length) {
			s.own = math.Max(s.own, together(runs).less(bitsPerChar*listPrice).own)
		} else if s.own >= atMost && s.own < copyShare*noticeBits && !(copied(s.spans, length, copiedList) && (!few || mostOf(&s, &doc))) &&
			(w.kindred(told, longest, ref, length, few) || listPrice < tableChars && w.foreign(s.spans, length) > kinShare) {
			s.own = atMost
		}
		s.bits = s.own
		return s
	}
	sum := together(runs)
	s.own = math.Max(sum.own, w.scattered(&t, ref, &doc))
	s.bits = math.Max(s.own, math.Min(sum.bits(), atMost))
	if t.ownRuns >= ofPersonRuns && s.own >= weakBits && !few {
		s.beyond = s.own + personBits
	}
	remark := strongestOf(runs).own < copyShare*noticeBits
	s.instance = remark && (t.instance(&doc) || w.foreign(s.spans, length) > kinShare)
	s.kindred = remark && !s.instance && s.own >= atMost && !copied(s.spans, length, copiedShare) && w.kindred(told, longest, ref, length, few)
	if s.instance || s.kindred {
		if t.most >= ofPerson && !few {
			s.beyond = math.Max(s.beyond, s.bits)
		}
		s.bits = math.Min(s.bits, atMost)
	}
	return s
}

// withoutRepeated is the list without the weight of what comes again and again in a table: its head, and values out of lists.
func withoutRepeated(list []weighed) []weighed {
	list = slices.Clone(list)
	for i := range list {
		if list[i].again {
			list[i].weight = 0
		}
	}
	return list
}

// listPrice is what a run with a table or another list pays, in characters; 0 of any other document. It also tells whether
// that is a letter or form with a person's record.
func (w *weighing) listPrice(ref docRef, doc *index.Doc) (price float64, letter bool) {
	seg := w.snap.Known[ref.seg]
	if files := seg.DocFiles(*doc); len(files) > 0 {
		f, err := seg.File(files[0])
		rows := f.Rows
		if err == nil && strings.HasSuffix(f.Name, unescapedLayer) && f.Parent != index.NoParent { // its rows are the file's
			if up, err := seg.File(f.Parent); err == nil {
				rows = max(rows, up.Rows)
			}
		}
		if err == nil && rows >= leastRows {
			return tableChars, false
		}
		letter = err == nil && rows > 0
	}
	if isList(doc) {
		return listChars, letter
	}
	return 0, letter
}

// exactBits is the weight of the same text or the same bytes: what is in it and is not public, capped.
func exactBits(f index.File, doc *index.Doc, h *hits) float64 {
	if doc == nil || f.Canonical < minText || h == nil || len(h.list) == 0 {
		if f.Bytes < minBytes || f.Canonical > 0 && f.Canonical < minText {
			return 0
		}
		return f.Entropy
	}
	own := math.Inf(1)
	if h.novel < len(h.list) {
		own = charsPerPassage * float64(h.novel)
	}
	return textBits(f, doc, own)
}

// textBits is the weight of a document's whole text, of which at most so many characters are its own.
func textBits(f index.File, doc *index.Doc, own float64) float64 {
	distinct := float64(doc.Passages)
	if doc.Total >= 16 && distinct < 60 && 4*distinct < float64(doc.Total) {
		return 0 // little text, repeated
	}
	length := math.Min(float64(f.Canonical), charsPerPassage*distinct+winnow.K)
	return math.Min(maxExact, bitsPerChar*math.Min(length, own))
}

// charsPerPassage is the mean distance of two selected passages.
const charsPerPassage = winnow.Spacing
