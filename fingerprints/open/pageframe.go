package open

import (
	"time"

	"unmirror/fingerprints/page"
)

// Bounds of an image that may be a page, in pixels.
const (
	pageLongest = 1800   // what is larger is reduced by a whole number
	pageSide    = 200    // of the longer side at least
	pageArea    = 40_000 // at least: below lie icons and logos
	smallArea   = 20_000 // at least of what is no strip: a photo at a quarter of its size
	smallSide   = 100    // of the shorter side of such a one
)

// pixPiece is how many pixels go into one frame.
const pixPiece = 256 << 10

// drawing is a page that is on its way from the child.
type drawing struct {
	page  Page
	index int
	got   int
	under bool // its pixels have not all come
	seen  int  // pages of the item so far
}

// of reports whether a page of that part is under way.
func (d *drawing) of(index int) bool { return d.under && d.index == index }

// page begins one.
func (s *session) page(f *fields) error {
	i, _, err := s.live(f)
	if err != nil {
		return err
	}
	number, image, w, h := f.int(), f.int(), f.int(), f.int()
	const most = 1 << 30
	_, wanted := s.sink.(PageSink)
	d := &s.draw
	if f.bad || len(f.b) > 0 || !wanted || d.under || number < 0 || number > most || image < 1 || image > most || w < 1 || h < 1 || w > pageLongest || h > pageLongest {
		return errFrame
	}
	if d.seen++; d.seen > s.limits.Pages {
		return &LimitError{Limit: "pages"}
	}
	d.index, d.got, d.under = i, 0, true
	d.page = Page{Number: int(number), Image: int(image), Raster: page.Raster{W: int(w), H: int(h), Pix: grow(d.page.Raster.Pix, int(w*h))}}
	return nil
}

// pixels takes some of its pixels, and hands the page on when these are the last.
func (s *session) pixels(f *fields) error {
	d := &s.draw
	if !d.under || len(f.b) > len(d.page.Raster.Pix)-d.got {
		return errFrame
	}
	d.got += copy(d.page.Raster.Pix[d.got:], f.b)
	if d.got < len(d.page.Raster.Pix) {
		return nil
	}
	d.under = false
	sink, ok := s.sink.(PageSink)
	if !ok {
		return errFrame
	}
	// What is done with it is not the item's doing, and may wait for a processor.
	s.clock.hold()
	defer s.clock.run()
	s.clock.grant(pageWall)
	return s.told(sink.Page(d.index, d.page))
}

// drawer is what the child keeps of the pages of one item.
type drawer struct {
	drawn int
	begun time.Time
	spent time.Duration // processor time of this process when the item began
	still time.Duration // how long it had waited for its parent by then
	made  page.Raster   // whose pixels are used again
	turns []byte        // and those that turning it takes
}

func newDrawer(l *link) *drawer {
	return &drawer{begun: time.Now(), spent: cpuUsed(), still: time.Duration(l.waited.Load())}
}

// pageShare is how much of an item's time its pages may take, so that what else is in it is read, too.
const pageShare = 0.7

// What the pages of an item may take of a processor beside that: the densest of honest ones, faxes of 600 dots an inch,
// take 12 µs a byte, and bombs have few bytes.
const (
	pagesFree    = 5 * time.Second
	pagesPerByte = 30 * time.Microsecond
)

// Beside others, the child may get a small part of a processor only, and what it does is bounded by its processor time. So by the
// clock an item has so much more for each page that it has shown, up to so many times what it has for all else.
const (
	pageWall   = 10 * time.Second
	pagesWalls = 4
)

// wall is how long the images of an item may take by the clock once some are drawn.
func (d *drawer) wall(l Limits) time.Duration {
	return time.Duration(pageShare*float64(l.Wall)) + min(time.Duration(d.drawn)*pageWall, pagesWalls*l.Wall)
}

// patient says that an item's images have not taken too much time yet.
func (it *item) patient() error {
	if it.fatal != nil {
		return it.fatal
	}
	l, d := it.limits, it.draw
	most := min(pageShare*l.CPU.Seconds(), pagesFree.Seconds()+pagesPerByte.Seconds()*float64(it.in))
	waited := time.Duration(it.l.waited.Load()) - d.still // while the parent looked at pages, for the most part
	if time.Since(d.begun)-waited > d.wall(l) || (cpuUsed()-d.spent).Seconds() > most {
		return &LimitError{Limit: "pages"}
	}
	return nil
}

// page yields an image, unless it is too small to be a page.
func (it *item) page(n node, number, image int, r page.Raster) error {
	if it.fatal != nil || !pageSized(r.W, r.H) {
		return it.fatal
	}
	if it.draw.drawn >= it.limits.Pages {
		return &LimitError{Limit: "pages"}
	}
	it.draw.drawn++
	it.head = it.head[:0]
	for _, v := range []int{n.index, number, image, r.W, r.H} {
		it.head = appendInt(it.head, int64(v))
	}
	if err := it.send(framePage, it.head, nil); err != nil {
		return err
	}
	for pix := r.Pix[:r.W*r.H]; len(pix) > 0; {
		m := min(len(pix), pixPiece)
		if err := it.send(framePix, nil, pix[:m]); err != nil {
			return err
		}
		pix = pix[m:]
	}
	return nil
}

// pageSized tells a possible page from an icon.
func pageSized(w, h int) bool {
	return max(w, h) >= pageSide && (w*h >= pageArea || w*h >= smallArea && min(w, h) >= smallSide)
}
