package open

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"unmirror/fingerprints/page"
)

// pageFrames are what an honest child sends about one part with one page of 200 × 300.
func pageFrames(t testing.TB, change func(it *item, n node)) []byte {
	t.Helper()
	var b bytes.Buffer
	it := newItem(&link{w: newFrameWriter(&b)}, DefaultLimits(), tools{})
	it.draw = newDrawer(it.l)
	index, _ := it.part(node{index: -1}, "", kindPNG, 10)
	change(it, node{index: index})
	it.end(index, nil)
	it.send(frameDone, appendInt(appendString(nil, ""), 0), nil)
	it.l.w.flush()
	return b.Bytes()
}

func parentOf(b []byte, l Limits, sink Sink) error {
	s := &session{p: &process{r: newFrameReader(bytes.NewReader(b)), w: newFrameWriter(io.Discard)}, limits: l.withDefaults(), item: bytes.NewReader(nil), sink: sink, clock: startClock(time.Hour, func() {})}
	defer s.clock.hold()
	defer s.dropAll()
	return s.events()
}

func TestTheParentTakesHonestPagesAndRefusesOthers(t *testing.T) {
	sheet := page.Raster{W: 200, H: 300, Pix: bytes.Repeat([]byte{1, 2, 3}, 20_000)}
	honest := func(it *item, n node) { it.page(n, 3, 2, sheet) }
	v := &viewer{heard: newHeard()}
	if err := parentOf(pageFrames(t, honest), Limits{}, v); err != nil {
		t.Fatal(err)
	}
	if len(v.pages) != 1 || v.pages[0].Number != 3 || v.pages[0].Image != 2 || !bytes.Equal(v.pages[0].Raster.Pix, sheet.Pix) {
		t.Fatalf("%s", v)
	}
	if err := parentOf(pageFrames(t, honest), Limits{}, newHeard()); !errors.Is(err, errFrame) {
		t.Errorf("unasked: %v", err)
	}
	head := func(values ...int64) (b []byte) {
		for _, v := range values {
			b = appendInt(b, v)
		}
		return b
	}
	for name, change := range map[string]func(it *item, n node){
		"of a part that is not there": func(it *item, n node) { it.page(node{index: 7}, 1, 1, sheet) },
		"too wide":                    func(it *item, n node) { it.send(framePage, head(0, 1, 1, 1801, 1), nil) },
		"too high":                    func(it *item, n node) { it.send(framePage, head(0, 1, 1, 1, 1<<40), nil) },
		"empty":                       func(it *item, n node) { it.send(framePage, head(0, 1, 1, 0, 10), nil) },
		"negative":                    func(it *item, n node) { it.send(framePage, head(0, -1, 1, 10, 10), nil) },
		"cut short":                   func(it *item, n node) { it.send(framePage, head(0, 1, 1, 10), nil) },
		"never finished":              func(it *item, n node) { it.send(framePage, head(0, 1, 1, 10, 10), make([]byte, 0)) },
		"two at once": func(it *item, n node) {
			it.send(framePage, head(0, 1, 1, 10, 10), nil)
			it.send(framePage, head(0, 1, 1, 10, 10), nil)
		},
		"pixels of none": func(it *item, n node) { it.send(framePix, nil, make([]byte, 10)) },
		"too many pixels": func(it *item, n node) {
			it.send(framePage, head(0, 1, 1, 10, 10), nil)
			it.send(framePix, nil, make([]byte, 101))
		},
	} {
		if err := parentOf(pageFrames(t, change), Limits{}, &viewer{heard: newHeard()}); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	three := func(it *item, n node) {
		for range 3 {
			it.page(n, 1, 1, sheet)
		}
	}
	if err := parentOf(pageFrames(t, three), Limits{Pages: 2}, &viewer{heard: newHeard()}); limitOf(err) != "pages" {
		t.Errorf("more than asked for: %v", err)
	}
}

// pageStrict also checks what pages promise.
type pageStrict struct{ strict }

func (s *pageStrict) Page(i int, p Page) error {
	s.live(i)
	r := p.Raster
	if r.W < 1 || r.H < 1 || r.W > pageLongest || r.H > pageLongest || len(r.Pix) != r.W*r.H || p.Number < 0 || p.Image < 1 {
		s.t.Fatalf("impossible page %d × %d with %d pixels", r.W, r.H, len(r.Pix))
	}
	return nil
}

// FuzzParentBelievesNoChildsPages is FuzzParentBelievesNoChild for a sink that takes pages.
func FuzzParentBelievesNoChildsPages(f *testing.F) {
	f.Add(pageFrames(f, func(it *item, n node) {
		it.page(n, 1, 1, page.Raster{W: 200, H: 200, Pix: make([]byte, 40_000)})
	}))
	f.Add([]byte{framePage, 5, 0, 0, 0, 0, 2, 2, 20, 20, framePix, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		sink := &pageStrict{strict{t: t, ended: map[int]bool{}}}
		parentOf(b, Limits{Output: 1 << 20, MemberBytes: 1 << 18, Parts: 100, Pages: 10}, sink)
	})
}

func TestASinkThatRefusesAPageStopsTheItem(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	enough := errors.New("enough")
	item := pngOf(t, drawnPage(300, 400))
	if err := o.Open(context.Background(), "a", bytes.NewReader(item), int64(len(item)), refusingPages{newHeard(), enough}); err != enough {
		t.Errorf("got %v", err)
	}
	mustOpen(t, o, "a", []byte(letter))
}

type refusingPages struct {
	*heard
	err error
}

func (r refusingPages) Page(int, Page) error { return r.err }

func TestPagesOfALongDocumentAreBoundedByWorkNotByTheClock(t *testing.T) {
	limits := Limits{}.withDefaults()
	it := &item{limits: limits, l: &link{}, in: 100 << 20}
	it.draw = newDrawer(it.l)
	it.draw.begun = time.Now().Add(-limits.Wall)
	var limit *LimitError
	if err := it.patient(); !errors.As(err, &limit) || limit.Limit != "pages" {
		t.Errorf("no page in all the time that an item has: %v", err)
	}
	if it.draw.drawn = 30; it.patient() != nil {
		t.Errorf("a page in %v, of a busy machine: %v", limits.Wall/30, it.patient())
	}
	it.draw.drawn, it.draw.begun = limits.Pages, time.Now().Add(-(pagesWalls+1)*limits.Wall)
	if err := it.patient(); !errors.As(err, &limit) {
		t.Errorf("an item may take for ever: %v", err)
	}
	it.draw.begun = time.Now()
	if it.draw.spent = cpuUsed() - limits.CPU; it.patient() == nil {
		t.Error("an item's pages may take all of its processor time")
	}
}

func TestAClockGoesOnForWhatIsGrantedAndNoLonger(t *testing.T) {
	over := make(chan struct{})
	c := startClock(10*time.Millisecond, func() { close(over) })
	c.hold()
	for range 100 {
		c.grant(time.Hour)
	}
	if c.left > (pagesWalls+1)*10*time.Millisecond || c.left <= 10*time.Millisecond {
		t.Errorf("%v are left", c.left)
	}
	c.run()
	<-over
	c.hold()
}
