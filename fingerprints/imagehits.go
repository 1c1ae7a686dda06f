package fingerprints

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
)

const (
	// maxCompared is how many known pages an image is compared with, and as many of the baseline: those that share most
	// words with it.
	maxCompared = 10
	// comparedShare is the part of the best one's votes below which a page is not compared.
	comparedShare = 0.15
	// maxBoxes bounds the regions told of one page, maxPagesTold the pages told of one file.
	maxBoxes, maxPagesTold = 200, 200
)

// imageHit is an image of a part that shows a known page.
type imageHit struct {
	number int // of the page in the part
	ref    fileRef
	known  uint32 // number of the known page in its file
	bits   float64
	shown  match.PageMatch
}

// imageSink is a sink that looks at images, too: what costs nothing where no page is known.
type imageSink struct{ guardedSink }

// imaging is the sink of an item.
func (s *matchSink) imaging() open.Sink {
	g := guardedSink{s}
	if s.snap.HasPages() {
		return &imageSink{g}
	}
	return &g
}

func (g *imageSink) Page(i int, p open.Page) (err error) {
	defer caught(&err)
	if s, ok := g.sink.(open.PageSink); ok {
		return s.Page(i, p)
	}
	return nil
}

// Page looks an image up.
func (s *matchSink) Page(i int, p open.Page) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	look := s.m.library.secrets.pages.Look(p.Raster)
	votes := s.snap.PageCandidates(look.Probes(), maxCompared)
	hits, public := s.compare(look, p, votes)
	for _, h := range hits {
		if h.bits -= public; h.bits >= weakBits {
			e.images = append(e.images, h)
		}
	}
	return nil
}

// compare compares an image with the pages that got votes. public is what it has in common with a page of the baseline:
// that much of it is a blank form, which weighs nothing on whosever page it is.
func (s *matchSink) compare(look *page.Look, p open.Page, votes []index.PageVote) (hits []imageHit, public float64) {
	var most [2]float64 // votes, of known pages and of the baseline
	for _, v := range votes {
		kind, segments := 0, s.snap.Known
		if v.Baseline {
			kind, segments = 1, s.snap.Baseline
		}
		if most[kind] = math.Max(most[kind], v.Weight); v.Weight < comparedShare*most[kind] || v.Baseline && len(hits) == 0 {
			continue
		}
		seg := segments[v.Segment]
		shape, found, err := comparePage(seg, v.Page, look)
		if err != nil || !found.Same {
			continue // a damaged body is as good as none
		}
		if v.Baseline {
			public = math.Max(public, found.Bits)
			continue
		}
		if at, ok := seg.Page(v.Page); ok {
			hits = append(hits, imageHit{
				number: pageNumber(p), ref: fileRef{v.Segment, at.File}, known: at.Number, bits: found.Bits,
				shown: match.PageMatch{
					Page: pageNumber(p), KnownPage: int(at.Number), Coverage: found.Coverage,
					Shape: rounded(float64(p.Raster.W) / float64(max(1, p.Raster.H))), KnownShape: rounded(shape),
					Boxes: boxesOf(found.Item), KnownBoxes: boxesOf(found.Known),
				},
			})
		}
	}
	return hits, public
}

// comparePage compares an image with one known page.
func comparePage(seg *index.Segment, at uint32, look *page.Look) (shape float64, found page.Result, err error) {
	b, err := seg.PageBody(at)
	if err != nil {
		return 0, found, fmt.Errorf("compare pages: %w", err)
	}
	shape, body, err := openBody(b)
	if err != nil {
		return 0, found, fmt.Errorf("compare pages: %w", err)
	}
	if found, err = look.Compare(body); err != nil {
		return 0, found, fmt.Errorf("compare pages: %w", err)
	}
	return shape, found, nil
}

// boxesOf are regions as they are told: left, top, right and bottom as shares of the page's width and height.
func boxesOf(all []page.Box) (boxes [][4]float64) {
	for _, b := range all[:min(len(all), maxBoxes)] {
		boxes = append(boxes, [4]float64{rounded(b.X0), rounded(b.Y0), rounded(b.X1), rounded(b.Y1)})
	}
	return boxes
}

// rounded keeps four digits, which is finer than a line of print.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// images adds the known files of which the part shows pages, each once with all of its pages, unless they are told with as
// much weight already.
func (r *ranking) images(e *partMatch, told []ranked) {
	byFile := map[fileRef][]imageHit{}
	var order []fileRef
	for _, h := range e.images {
		if byFile[h.ref] == nil {
			order = append(order, h.ref)
		}
		byFile[h.ref] = append(byFile[h.ref], h)
	}
	var found []ranked
	for _, ref := range order {
		f, ok := r.file(ref.seg, ref.file)
		if !ok {
			continue
		}
		m := r.imageMatch(e, f, byFile[ref])
		if slices.ContainsFunc(told, func(t ranked) bool { return t.FileID == m.FileID && t.level < levelImage }) {
			continue
		}
		r.member(f, e.part.Path, m.Bits)
		found = append(found, ranked{m, ref, levelImage})
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(b.Bits, a.Bits) })
	r.matches = append(r.matches, found[:min(len(found), maxMatches)]...)
}

// imageMatch is a match with one known file, of which pages were found.
func (r *ranking) imageMatch(e *partMatch, f knownFile, hits []imageHit) match.Match {
	part := e.part.Path
	if n := hits[0].number; paged(e.part.Type) && !slices.ContainsFunc(hits, func(h imageHit) bool { return h.number != n }) {
		part = open.PagePath(r.item, part, n)
	}
	m := r.describe(f, match.Image, part)
	best := map[uint32]float64{} // of each known page, how much of it was found
	for _, h := range hits {
		if have, seen := best[h.known]; !seen || h.shown.Coverage > have {
			best[h.known] = h.shown.Coverage
		}
		m.Bits += h.bits
		if len(m.Pages) < maxPagesTold {
			m.Pages = append(m.Pages, h.shown)
		}
	}
	for _, share := range best {
		m.Coverage += share
	}
	m.Bits = math.Min(maxExact, m.Bits)
	m.Coverage = math.Min(1, m.Coverage/float64(max(1, f.file.Pages)))
	m.Passages = len(best)
	for _, one := range f.file.PageRules {
		if _, ok := best[one.Number]; ok {
			m.Categories = inOrder(append(slices.Clone(m.Categories), one.Categories...))
		}
	}
	m.Subjects = pageSubjects(f.file, best)
	return m
}

// pageSubjects counts the distinct subjects of a file and of those of its pages that were found.
func pageSubjects(f index.File, pages map[uint32]float64) int {
	all := slices.Clone(f.Subjects)
	for _, one := range f.PageRules {
		if _, ok := pages[one.Number]; ok {
			all = append(all, one.Subjects...)
		}
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

// paged tells of a kind of file whose pages have numbers.
func paged(kind string) bool { return kind == "pdf" || kind == "tiff" }
