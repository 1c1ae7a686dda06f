package page

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// pasted puts a logo over a page: a disc of one tone with letters in it.
func pasted(g *image.Gray, x, y, across int, tone uint8) *image.Gray {
	p := &pen{img: image.NewGray(g.Bounds()), face: newPen(0).face, font: testFonts()[4], tone: 245}
	draw.Draw(p.img, p.img.Bounds(), g, image.Point{}, draw.Src)
	for v := range across {
		for u := range across {
			if a, b := 2*u-across, 2*v-across; a*a+b*b < across*across {
				p.img.SetGray(x+u, y+v, color.Gray{tone})
			}
		}
	}
	p.text(x+across/5, y+across*3/5, across/4, "LKS")
	return jpegged(p.img, 85)
}

// What a logo hides is not seen: a page is found, and another person's page of the form under the same logo is nobody's.
func TestAPastedLogoHidesWhatIsUnderItAndNoMore(t *testing.T) {
	p := New([]byte("a key"))
	found, all, layouts := 0, 0, uint64(3)
	if raceEnabled {
		layouts = 1
	}
	for layout := uint64(1); layout <= layouts; layout++ {
		mine := form(layout, 1)
		known, ok := p.Print(raster(mine))
		if !ok {
			t.Fatal("no print")
		}
		w := mine.Bounds().Dx()
		for i, at := range [][2]int{{20, 20}, {w - w/7 - 20, 20}, {w / 3, 300}} {
			tone := uint8(60 + 40*i)
			for who := uint64(1); who <= 3; who++ {
				result, err := p.Look(raster(pasted(form(layout, who), at[0], at[1], w/7, tone))).Compare(known.Body)
				switch {
				case err != nil:
					t.Fatal(err)
				case who == 1:
					if all++; result.Same {
						found++
					}
				case result.Same:
					t.Errorf("lay-out %d, logo %d: person %d's page is person 1's", layout, i, who)
				}
			}
		}
	}
	if found < all-1 {
		t.Errorf("%d of %d found", found, all)
	}
}

func TestWhatIsNoPatch(t *testing.T) {
	const w, h = 800, 1130
	blank := func() Raster {
		r := Raster{W: w, H: h, Pix: make([]byte, w*h)}
		for i := range r.Pix {
			r.Pix[i] = 250
		}
		return r
	}
	paint := func(r Raster, box image.Rectangle, tone byte) {
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				r.Pix[y*w+x] = tone
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		box   image.Rectangle
		tone  byte
		patch bool
	}{
		"a square":           {image.Rect(40, 40, 160, 160), 120, true},
		"a dark square":      {image.Rect(500, 700, 600, 800), 30, true},
		"a tinted field":     {image.Rect(40, 40, 160, 160), 225, false},
		"a coloured heading": {image.Rect(40, 40, 760, 90), 120, false},
		"a bold letter":      {image.Rect(40, 40, 60, 60), 40, false},
		"a picture":          {image.Rect(40, 40, 500, 600), 120, false},
	} {
		one := blank()
		paint(one, c.box, c.tone)
		for i := range one.Pix {
			one.Pix[i] += byte(r.IntN(3))
		}
		if got := patches(one, flatTones(one), brightest(one)).p != nil; got != c.patch {
			t.Errorf("%s: patch %t", name, got)
		}
	}
}
