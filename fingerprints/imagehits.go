package fingerprints

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
)

const (
	// maxCompared is how many known pages are considered, and as many of the baseline: those that share most words with the
	// image. Of a form that many people filled in, most of them share nearly all.
	maxCompared = 64
	// maxOthers is after how many that are not the same no more are compared: where the page is known at all, it is among
	// the first, and most of the time is spent on those that are not. It bounds what they cost: one that is told apart at once
	// is a sixth of one, or half if it is a photo, of which two layers are laid over the image, and a photo a little more.
	maxOthers  = 4.0
	paperOther = 1. / 6 // no points of a written page lie alike
	briefOther = 0.5
	photoOther = 1.3
	// othersAfter is how many of them are enough once one is the same: they tell whether it shows more than a form.
	othersAfter = 2
	// othersAsked is how many of them tell what is the form's.
	othersAsked = 6
	// comparedShare is the part of the votes of the first one that is at all like the image below which a page is not compared.
	comparedShare = 0.4
	// formMore is from how many times the cells in which an image agrees with a known page those are in which it agrees with
	// another person's page of the same form that what it shows of the known page is no more than the form: one that was
	// never filled in, most of all. Of photos it says nothing: variants of one agree in as much.
	formMore = 1.1
	// wholeCoverage is from which part of a known page on an image that shows several people's pages alike may tell of
	// them: less of it may be the part on which nobody's own stands.
	wholeCoverage = 0.95
	// fewOwners is of how many people the pages may be that an image shows all alike if one of them is told from the others.
	fewOwners = 2
	// partCoverage is up to which part of a known page on an image that other people's pages of the form do not show must show
	// enough that is its own: half a page may have nothing but a date on it that somebody else has as well.
	partCoverage = 0.45
	// maxBoxes bounds the regions told of one page, maxPagesTold the pages told of one file.
	maxBoxes, maxPagesTold = 200, 200
)

// imageHit is an image of a part that shows a known page.
type imageHit struct {
	number int // of the page in the part
	ref    fileRef
	known  uint32 // number of the known page in its file
	image  [2]int // which image of the part: its page and which one there
	row    uint32 // the known page's place in its segment
	bits   float64
	capped bool // nobody's own was seen: the most such images weigh together is what one may
	shown  match.PageMatch
}

// imageSink is a sink that looks at images, too: what costs nothing where no page is known.
type imageSink struct{ guardedSink }

// imaging is the sink of an item.
func (s *matchSink) imaging() open.Sink {
	g := guardedSink{s}
	if s.m.ocr != nil || s.snap.HasPages() {
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
	before := len(e.images)
	if s.snap.HasPages() {
		s.lookAt(e, p)
	}
	if len(e.images) > before {
		return nil
	}
	return s.readImage(e, p)
}

// lookAt tells which known pages an image shows.
func (s *matchSink) lookAt(e *partMatch, p open.Page) {
	look := s.m.library.secrets.pages.Look(p.Raster)
	c := comparing{snap: s.snap, look: look}
	c.all(candidates(s.snap, look))
	if c.damaged {
		s.because(damagedPages)
		s.limited = true
	}
	c.dropForeign()
	owners := s.ranking.owners(c.same)
	share := rarity[min(owners, manyDocs-1)]
	formOnly := owners > 1 && !c.alike()
	for _, k := range c.same {
		if !k.found.Photo && float64(c.form) >= formMore*float64(k.found.Agree) {
			continue
		}
		bits := float64(share)*k.found.Bits - c.public
		capped := c.capped(&k, owners, formOnly)
		if capped {
			bits = math.Min(bits, templateBits*s.m.noticeBits)
		}
		if at, ok := s.snap.Known[k.seg].Page(k.page); ok && bits >= weakBits {
			e.images = append(e.images, imageHit{
				number: pageNumber(p), ref: fileRef{k.seg, at.File}, known: at.Number, bits: bits, capped: capped,
				image: [2]int{p.Number, p.Image}, row: k.page,
				shown: match.PageMatch{
					Page: pageNumber(p), KnownPage: int(at.Number), Coverage: rounded(k.found.Coverage),
					Shape: rounded(float64(p.Raster.W) / float64(max(1, p.Raster.H))), KnownShape: rounded(k.shape),
					Boxes: boxesOf(k.found.Item), KnownBoxes: boxesOf(k.found.Known),
				},
			})
		}
	}
}

// capped tells whether an image shows a part of a known page of which nothing was seen that makes it more than the form of it.
func (c *comparing) capped(k *comparedPage, owners int, formOnly bool) bool {
	if k.found.Photo || k.found.Coverage >= wholeCoverage {
		return false
	}
	if k.own.Seen {
		// Did it tell one of so many pages from the others, some of them would be other pages: it is a scan's noise.
		return formOnly && owners > fewOwners && len(c.others) == 0
	}
	return formOnly || k.found.Filled || k.own.Bare && len(c.same) == 1 ||
		len(c.others) > 0 && (k.found.Covered || k.found.Coverage < partCoverage)
}

// comparing is an image while it is compared with known pages and with those of the baseline.
type comparing struct {
	snap   *index.Snapshot
	look   *page.Look
	same   []comparedPage
	form   int            // the most cells in which it agrees with another page of the same form
	others []*page.Result // of those pages
	public float64        // bits that it shares with a page of the baseline: so much of it is a blank form, whosever it is

	damaged bool                     // a page of the index could not be read
	forms   map[[2]uint32]*page.Form // of pages that were asked, by segment and page
}

// damagedPages says why an image that shows no known page may show one. Bodies of pages are checked when they are read, not
// when the index is opened: they are most of what a scan takes.
const damagedPages = "compared with a damaged page of the index: restore the data folder, or register the leak again"

type comparedPage struct {
	seg, page uint32
	shape     float64
	found     page.Result
	own       page.Own // what was seen of what is on it alone
}

// all compares the pages that got votes, the likeliest first. Those of the baseline matter only where a known one is the
// same.
func (c *comparing) all(votes []index.PageVote) {
	at := slices.IndexFunc(votes, func(v index.PageVote) bool { return v.Baseline })
	if at < 0 {
		at = len(votes)
	}
	c.known(votes[:at])
	if len(c.same) == 0 {
		return
	}
	for _, v := range votes[at:min(len(votes), at+int(maxOthers))] {
		found, ok := c.one(c.snap.Baseline, v)
		if !ok { // it might be the blank form of what was found
			c.same = nil
			return
		}
		if found.Same {
			c.public = math.Max(c.public, found.Bits)
		}
	}
}

// known compares known pages. Once one is of the image's form, all others are glanced at, and of those that are of that form
// and lie like it the closest is compared, and more while they are the same: the words that they share with the image are the
// form's, and say little about whose it is. Those that lie otherwise come next, by the weight and by the number of the words
// in turn: of a form, the worn copies have the rarer words. Of a page of dense print few words are found again once it was bent, and
// others share as many by chance: those whose points lie nowhere cost little, and after one of them other forms are tried first.
func (c *comparing) known(votes []index.PageVote) {
	others, least, frames, crowd := 0.0, 0.0, 0, 0
	for rest := votes; len(rest) > 0 && others < maxOthers; {
		next := rest[0]
		if rest = rest[1:]; crowd == 0 && next.Weight < least {
			break
		}
		found, ok := c.one(c.snap.Known, next)
		same := ok && found.Same
		if same {
			others = max(others, maxOthers-othersAfter)
		} else {
			others += otherCost(found)
		}
		if ok && found.Brief && !found.Photo && crowd == 0 {
			rest = c.otherForms(next, rest)
		} else if least == 0 {
			least = comparedShare * next.Weight
		}
		if crowd > 0 {
			if crowd--; !same {
				rest, crowd = rest[crowd:], 0
			}
		}
		if n := c.look.Frames(); n > frames {
			rest, crowd = c.closest(rest)
			if frames = n; frames%2 == 1 {
				wordiest(rest[crowd:])
			}
		}
	}
}

// otherCost is what a page that is not the same cost, in written ones.
func otherCost(r page.Result) float64 {
	switch {
	case r.Brief && !r.Photo:
		return paperOther
	case r.Brief:
		return briefOther
	case r.Photo:
		return photoOther
	}
	return 1
}

// wordiest puts the page first that shares most words.
func wordiest(votes []index.PageVote) {
	best := 0
	for i, v := range votes {
		if v.Words > votes[best].Words {
			best = i
		}
	}
	for ; best > 0; best-- {
		votes[best], votes[best-1] = votes[best-1], votes[best]
	}
}

// closest puts first the pages of a form that was compared already, those that fit the image best at a glance, and tells how
// many there are.
func (c *comparing) closest(votes []index.PageVote) (ordered []index.PageVote, crowd int) {
	type glanced struct {
		index.PageVote
		fits float64
	}
	var form []glanced
	var rest []index.PageVote
	for _, v := range votes {
		if fits, ok := c.glance(v); ok {
			form = append(form, glanced{v, fits})
		} else {
			rest = append(rest, v)
		}
	}
	slices.SortStableFunc(form, func(a, b glanced) int { return cmp.Compare(b.fits, a.fits) })
	for _, g := range form {
		ordered = append(ordered, g.PageVote)
	}
	return append(ordered, rest...), len(form)
}

// glance tells how well a page fits. A damaged body is as good as none.
func (c *comparing) glance(v index.PageVote) (fits float64, ok bool) {
	b, err := c.snap.Known[v.Segment].PageBody(v.Page)
	if err != nil {
		return 0, false
	}
	_, body, err := openBody(b)
	if err != nil {
		return 0, false
	}
	return c.look.Glance(body)
}

// one compares one page, unless its body is damaged.
func (c *comparing) one(segments []*index.Segment, v index.PageVote) (page.Result, bool) {
	shape, found, err := comparePage(segments[v.Segment], v.Page, c.look)
	switch {
	case err != nil:
		c.damaged = true
		return found, false
	case found.FormOnly && !found.Photo:
		c.form, c.others = max(c.form, found.Agree), append(c.others, &found)
	case found.Same && !v.Baseline:
		c.same = append(c.same, comparedPage{seg: v.Segment, page: v.Page, shape: shape, found: found})
	}
	return found, true
}

// owners counts whose the pages are that an image shows: a page that is the same in many files, such as one of conditions,
// is nobody's own. Files of the same subjects are one's.
func (r *ranking) owners(same []comparedPage) int {
	if len(same) < 2 {
		return len(same)
	}
	whose := map[string]bool{}
	for _, k := range same {
		at, _ := r.snap.Known[k.seg].Page(k.page)
		f, ok := r.file(k.seg, at.File)
		if !ok {
			continue
		}
		owner := f.file.Subjects
		for _, one := range f.file.PageRules {
			if one.Number == at.Number {
				owner = append(slices.Clone(owner), one.Subjects...)
			}
		}
		if len(owner) == 0 {
			owner = []string{string(f.file.ID[:])}
		}
		owner = slices.Clone(owner)
		slices.Sort(owner)
		whose[strings.Join(slices.Compact(owner), " ")] = true
	}
	return max(1, len(whose))
}

// dropForeign leaves out what shows something else where a page has what others of its form have not (page.Result.Own).
func (c *comparing) dropForeign() {
	kept := make([]comparedPage, 0, len(c.same))
	for at, k := range c.same {
		others := slices.Clone(c.others)
		for i := range c.same {
			if i != at {
				others = append(others, &c.same[i].found)
			}
		}
		if k.own = k.found.Own(others[:min(len(others), othersAsked)]); !k.own.Foreign {
			kept = append(kept, k)
		}
	}
	c.same = kept
}

// alike tells whether the pages that are the same are one, registered more than once.
func (c *comparing) alike() bool {
	var first []byte
	for i, k := range c.same {
		b, err := c.snap.Known[k.seg].PageBody(k.page)
		if err != nil {
			return false
		}
		_, body, err := openBody(b)
		if err != nil {
			return false
		}
		if i == 0 {
			first = body
		} else if same, err := page.Alike(first, body); err != nil || !same {
			return false
		}
	}
	return true
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
		m, own := r.imageMatch(e, f, byFile[ref])
		if slices.ContainsFunc(told, func(t ranked) bool { return t.FileID == m.FileID && t.level < levelImage }) {
			continue
		}
		r.member(f, e.part.Path, own)
		found = append(found, ranked{m, ref, levelImage})
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(b.Bits, a.Bits) })
	r.matches = append(r.matches, found[:min(len(found), maxMatches)]...)
}

// imageMatch is a match with one known file, of which pages were found, and what of its weight is somebody's own.
func (r *ranking) imageMatch(e *partMatch, f knownFile, hits []imageHit) (m match.Match, own float64) {
	part := e.part.Path
	if n := hits[0].number; paged(e.part.Type) && !slices.ContainsFunc(hits, func(h imageHit) bool { return h.number != n }) {
		part = open.PagePath(r.item, part, n)
	}
	m = r.describe(f, match.Image, part)
	best := map[uint32]float64{} // of each known page, how much of it was found
	for _, h := range hits {
		if have, seen := best[h.known]; !seen || h.shown.Coverage > have {
			best[h.known] = h.shown.Coverage
		}
		if len(m.Pages) < maxPagesTold {
			m.Pages = append(m.Pages, h.shown)
		}
	}
	for _, share := range best {
		m.Coverage += share
	}
	all, own := pageWorth(hits)
	m.Bits = math.Min(maxExact, all)
	m.Coverage = math.Min(1, m.Coverage/float64(max(1, f.file.Pages)))
	m.Passages = len(best)
	for _, one := range f.file.PageRules {
		if _, ok := best[one.Number]; ok {
			m.Categories = inOrder(append(slices.Clone(m.Categories), one.Categories...))
		}
	}
	m.Subjects = pageSubjects(f.file, best)
	return m, math.Min(maxExact, own)
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
