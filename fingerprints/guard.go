package fingerprints

import (
	"cmp"
	"slices"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/winnow"
)

// Guard finds identifiers of victims, the manifest's subjects, and names and passages of known files in a text that is
// about to leave the house. It also reads what is encoded or disguised in the usual ways (readings.go). The hits come in order of their beginning; what overlaps one of its kind is joined. The
// text must be short, such as a notice: the work is a few microseconds a word.
func (l *Library) Guard(text string) []match.Hit {
	s := l.hold()
	if s == nil {
		return nil
	}
	defer s.Release()
	g := &guard{secrets: l.secrets, snap: s}
	g.read(text)
	encoded(text, func(plain string, start, end int) {
		inner := &guard{secrets: g.secrets, snap: g.snap}
		inner.read(plain)
		for _, h := range inner.hits {
			g.hits = append(g.hits, match.Hit{Kind: h.Kind, Start: start, End: end})
		}
	})
	return joinHits(g.hits)
}

type guard struct {
	secrets *secrets
	snap    *index.Snapshot
	hits    []match.Hit
}

// read looks through a text as it stands, without percent-encoding, and in its other readings.
func (g *guard) read(text string) {
	g.check(text, nil)
	r := reading{text: text}
	if plain, from := unescape(text); plain != text {
		g.check(plain, from)
		r = reading{plain, from}
	}
	g.dressed(r)
}

// check looks through one reading of the text; from maps its offsets to the original's, nil when they are the same.
func (g *guard) check(text string, from []int) {
	hit := func(kind string, start, end int) {
		if from != nil {
			start, end = from[start], from[end]
		}
		g.hits = append(g.hits, match.Hit{Kind: kind, Start: start, End: end})
	}
	g.identifiers(reading{text, from})
	g.named(text, hit)
	g.passages(text, hit)
}

func (g *guard) has(f found) bool {
	key := prf64(g.secrets.ident, f.kind, f.norm)
	switch f.kind {
	case kindNational, kindBSN:
		return slices.ContainsFunc(g.snap.Known, func(s *index.Segment) bool { return s.HasNumber(key) })
	case kindPhone, kindIBAN:
		line := func(s *index.Segment) bool { return s.HasLine(key) }
		return slices.ContainsFunc(g.snap.Known, line) && !slices.ContainsFunc(g.snap.Baseline, line)
	}
	return g.hasExact(key)
}

func (g *guard) hasExact(key uint64) bool {
	has := func(s *index.Segment) bool { return s.HasExact(key) }
	return slices.ContainsFunc(g.snap.Known, has) && !slices.ContainsFunc(g.snap.Baseline, has)
}

// guardRun is the length of a shared run, in canonical bytes, that counts as a leaked passage. Every passage of the text is
// looked up here, not only those that winnowing selects, so that runs of winnow.Guarantee characters show at least one
// passage, and nearly all show this much.
const guardRun = 28

// passages finds runs that are in a known file and are not boilerplate.
func (g *guard) passages(text string, hit func(kind string, start, end int)) {
	canon, at := canonical.Mapped(text)
	w := &weighing{hits: &hits{snap: g.snap, public: g.secrets.public}, scores: map[docRef]float32{}}
	var prints []winnow.Print
	for i, hash := range g.secrets.winnow.All(canon) {
		prints = append(prints, winnow.Print{Hash: hash, Offset: int64(i)})
	}
	w.see(prints)
	w.settle()
	start, end := -1, -1
	flush := func() {
		if end-start >= guardRun {
			hit(kindPassage, at[start], endOf(text, at[end-1]))
		}
	}
	for i := range w.list {
		w.classify(i)
		if w.weights[i].weight == 0 {
			continue
		}
		from := int(w.list[i].offset)
		if from > end {
			flush()
			start = from
		}
		end = from + winnow.K
	}
	flush()
}

// endOf is where the character that begins at i ends.
func endOf(text string, i int) int {
	for j := range text[i:] {
		if j > 0 {
			return i + j
		}
	}
	return len(text)
}

// unescape undoes percent-encoding, twice at most, and maps each offset of the result, and its end, to the original's.
func unescape(text string) (string, []int) {
	from := make([]int, len(text)+1)
	for i := range from {
		from[i] = i
	}
	b := []byte(text)
	for range 2 {
		n := 0
		changed := false
		for i := 0; i < len(b); n++ {
			c, width := b[i], 1
			if c == '%' && i+2 < len(b) {
				if hi, lo := hexDigit(b[i+1]), hexDigit(b[i+2]); hi >= 0 && lo >= 0 {
					c, width, changed = byte(hi<<4|lo), 3, true
				}
			}
			b[n], from[n] = c, from[i]
			i += width
		}
		from[n] = from[len(b)]
		b, from = b[:n], from[:n+1]
		if !changed {
			break
		}
	}
	return string(b), from
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// joinHits sorts hits and joins those of one kind that overlap.
func joinHits(hits []match.Hit) []match.Hit {
	slices.SortFunc(hits, func(a, b match.Hit) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var out []match.Hit
	for _, h := range hits {
		if n := len(out); n > 0 && out[n-1].Kind == h.Kind && h.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, h.End)
			continue
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b match.Hit) int { return cmp.Compare(a.Start, b.Start) })
	return out
}
