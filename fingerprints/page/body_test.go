package page

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"sync"
	"testing"
)

func TestPrintsUnderOtherKeysHaveNothingInCommon(t *testing.T) {
	a, b := New([]byte("one")), New([]byte("another"))
	r := raster(letter(1, 1))
	printed, ok := a.Print(r)
	if !ok {
		t.Fatal("no print")
	}
	again, _ := a.Print(r)
	if !bytes.Equal(printed.Body, again.Body) {
		t.Error("the same page was printed differently")
	}
	words := map[uint32]bool{}
	for _, w := range printed.Words {
		words[w] = true
	}
	look := b.Look(r)
	under := registered{words: words}
	hits := under.hits(look)
	result, err := look.Compare(printed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if hits > 2 || result.Same || result.FormOnly {
		t.Errorf("under another key: %d words, %s", hits, short(result))
	}
}

func TestBlankAndStrangeRastersHaveNoPrint(t *testing.T) {
	p := New([]byte("a key"))
	blank := image.NewGray(image.Rect(0, 0, 1000, 1414))
	draw.Draw(blank, blank.Bounds(), image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	black := image.NewGray(image.Rect(0, 0, 600, 800))
	line := newPen(1)
	line.text(100, 400, px(12), prose(line.rand, 3))
	known, _ := p.Print(raster(letter(1, 1)))
	for name, r := range map[string]Raster{
		"blank": raster(blank), "black": raster(black), "one line": raster(line.img), "nothing": {}, "short": {W: 10, H: 10, Pix: make([]byte, 99)},
		"a strip": {W: 1800, H: 1, Pix: make([]byte, 1800)}, "a dot": {W: 1, H: 1, Pix: []byte{9}}, "negative": {W: -1, H: -1, Pix: []byte{1}},
		"huge": {W: 1 << 20, H: 1, Pix: make([]byte, 1<<20)}, "narrow": {W: 3, H: 1800, Pix: make([]byte, 5400)},
	} {
		if _, ok := p.Print(r); ok {
			t.Errorf("%s: has a print", name)
		}
		l := p.Look(r)
		l.Probes()
		if result, err := l.Compare(known.Body); err != nil || result.Same {
			t.Errorf("%s: %v %v", name, result, err)
		}
	}
}

func TestAPrinterServesManyAtOnce(t *testing.T) {
	p := New([]byte("a key"))
	r := raster(handwritten(3, 3))
	want, _ := p.Print(r)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if got, _ := p.Print(r); !bytes.Equal(got.Body, want.Body) {
				t.Error("another print")
			}
			if result, err := p.Look(r).Compare(want.Body); err != nil || !result.Same {
				t.Errorf("%v, %s", err, short(result))
			}
		})
	}
	all.Wait()
}

func TestDamagedBodiesAreRefused(t *testing.T) {
	p := New([]byte("a key"))
	known, _ := p.Print(raster(form(1, 1)))
	l := p.Look(raster(form(1, 1)))
	for n := range len(known.Body) {
		if n > 64 && n%97 != 0 {
			continue
		}
		if _, err := l.Compare(known.Body[:n]); err == nil {
			t.Errorf("a body cut to %d bytes was accepted", n)
		}
	}
	other := bytes.Clone(known.Body)
	other[0]++
	if _, err := l.Compare(other); err == nil {
		t.Error("another version was accepted")
	}
	if _, err := l.Compare(append(bytes.Clone(known.Body), 0)); err == nil {
		t.Error("a longer body was accepted")
	}
}

func FuzzCompare(f *testing.F) {
	p := New([]byte("a key"))
	looks := []*Look{p.Look(raster(form(1, 1))), p.Look(raster(brightXray(1)))}
	for _, g := range []*image.Gray{form(1, 1), form(1, 2), report(1, 1), photo(2, 1), brightXray(1)} {
		known, _ := p.Print(raster(g))
		f.Add(known.Body)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, l := range looks {
			r, err := l.Compare(body)
			if err != nil && (r.Same || r.Bits != 0) {
				t.Errorf("an error and a result: %v, %s", err, short(r))
			}
			for _, b := range append(r.Item, r.Known...) {
				if !(b.X0 >= 0 && b.X0 <= b.X1 && b.X1 <= 1 && b.Y0 >= 0 && b.Y0 <= b.Y1 && b.Y1 <= 1) {
					t.Errorf("a box outside the page: %v", b)
				}
			}
		}
	})
}
