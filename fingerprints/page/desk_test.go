package page

import (
	"image"
	"math"
	"testing"
)

// photographed is a page on a darker, uneven ground, its corners at these places from 0 to 1 of the picture.
func photographed(g *image.Gray, w, h int, corners [4][2]float64) Raster {
	t := squareTo(corners)
	// The inverse of a homography is its adjugate.
	back := transform{
		t[4]*t[8] - t[5]*t[7], t[2]*t[7] - t[1]*t[8], t[1]*t[5] - t[2]*t[4],
		t[5]*t[6] - t[3]*t[8], t[0]*t[8] - t[2]*t[6], t[2]*t[3] - t[0]*t[5],
		t[3]*t[7] - t[4]*t[6], t[1]*t[6] - t[0]*t[7], t[0]*t[4] - t[1]*t[3],
	}
	out := Raster{W: w, H: h, Pix: make([]byte, w*h)}
	page := raster(g)
	for i := range out.Pix {
		x, y := float64(i%w)/float64(w), float64(i/w)/float64(h)
		u, v := back.apply(x, y)
		shadow := 0.75 + 0.25*x
		if u < 0 || v < 0 || u >= 1 || v >= 1 {
			out.Pix[i] = byte((90 + 20*math.Sin(9*x+4*y)) * shadow)
			continue
		}
		var at [1]byte
		page.read(at[:], u*float64(page.W)-0.5, v*float64(page.H)-0.5, 0, 0)
		out.Pix[i] = byte(float64(at[0]) * shadow)
	}
	return out
}

func TestAPageOnADeskIsLaidFlatAndKnown(t *testing.T) {
	g := form(1, 1)
	corners := [4][2]float64{{0.09, 0.04}, {0.93, 0.08}, {0.97, 0.95}, {0.03, 0.92}}
	item := photographed(g, 900, 1250, corners)
	flat, p, ok := onDesk(item)
	if !ok {
		t.Fatal("no page is seen on the desk")
	}
	if ratio := float64(flat.H) / float64(flat.W); math.Abs(ratio-1.35) > 0.12 {
		t.Errorf("laid flat it is %d x %d", flat.W, flat.H)
	}
	for i, c := range [4][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
		x, y := (*transform)(&p).apply(c[0], c[1])
		if math.Hypot(x-corners[i][0], y-corners[i][1]) > 0.01 {
			t.Errorf("corner %d is said to lie at %.3f, %.3f", i, x, y)
		}
	}
	keys := New([]byte("a key"))
	known, ok := keys.Print(raster(g))
	if !ok {
		t.Fatal("no print")
	}
	r, err := keys.Look(item).Compare(known.Body)
	if err != nil || !r.Same {
		t.Errorf("the photographed page: %s, %v", short(r), err)
	}
	for _, b := range r.Item {
		if b.X0 < 0.03 || b.X1 > 0.97 || b.Y0 < 0.04 || b.Y1 > 0.95 {
			t.Errorf("a region is said to lie off the page: %+v", b)
		}
	}
	r, err = keys.Look(photographed(form(1, 2), 900, 1250, corners)).Compare(known.Body)
	if err != nil || r.Same {
		t.Errorf("another person's page: %s, %v", short(r), err)
	}
}

func TestWhatLiesOnNoDeskIsLeftAsItIs(t *testing.T) {
	for _, kind := range kinds {
		if r := raster(kind.make(1, 1)); kind.name != "photo" {
			if _, _, ok := onDesk(r); ok {
				t.Errorf("%s: a page is seen on a desk", kind.name)
			}
		}
	}
	for _, r := range []Raster{{W: 1, H: 1, Pix: []byte{9}}, {W: 900, H: 2, Pix: make([]byte, 1800)}, {W: 300, H: 300, Pix: make([]byte, 90_000)}} {
		if _, _, ok := onDesk(r); ok {
			t.Errorf("%d x %d: a page is seen on a desk", r.W, r.H)
		}
	}
}
