package page

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
)

func TestAWideFrameIsTakenAwayAndRegionsStayOnTheWholePage(t *testing.T) {
	g := form(1, 1)
	for _, fill := range []uint8{0, 128} {
		by := 0.1
		framed := raster(bordered(g, by, fill))
		inner, p := unframed(framed)
		if abs(inner.W-g.Bounds().Dx()) > 2 || abs(inner.H-g.Bounds().Dy()) > 2 {
			t.Errorf("frame of %d: %d x %d is left of %v", fill, inner.W, inner.H, g.Bounds())
		}
		b := p.of(Box{0, 0, 1, 1})
		if x := by / (1 + 2*by); math.Abs(b.X0-x) > 0.01 || math.Abs(1-b.X1-x) > 0.01 || b.Y0 <= 0 || b.Y1 >= 1 {
			t.Errorf("frame of %d: the page is said to lie at %+v", fill, b)
		}
	}
}

func TestAPhotoOnATelephonesScreenIsTakenOutOfIt(t *testing.T) {
	g := scaledTo(photo(1, 1), 900, 675)
	screen := image.NewGray(image.Rect(0, 0, 1080, 1920))
	draw.Draw(screen, screen.Bounds(), image.NewUniform(color.Gray{20}), image.Point{}, draw.Src)
	draw.Draw(screen, g.Bounds().Add(image.Pt(90, 300)), g, image.Point{}, draw.Src)
	if inner, _ := unframed(raster(jpegged(screen, 75))); abs(inner.W-900) > 4 || abs(inner.H-675) > 4 {
		t.Errorf("%d x %d is left", inner.W, inner.H)
	}
}

func TestAPageWithoutAFrameIsLookedAtWhole(t *testing.T) {
	dark := Raster{W: 300, H: 300, Pix: make([]byte, 300*300)}
	for i := range dark.Pix { // light that fades into a black ground
		x, y := float64(i%300-150), float64(i/300-150)
		dark.Pix[i] = byte(max(0, 200-2*math.Hypot(x, y)))
	}
	blank := Raster{W: 200, H: 300, Pix: make([]byte, 200*300)}
	for name, r := range map[string]Raster{"form": raster(form(1, 1)), "x-ray": dark, "blank": blank, "one pixel": {W: 1, H: 1, Pix: []byte{9}}, "line": {W: 900, H: 2, Pix: make([]byte, 1800)}} {
		if got, p := unframed(r); got.W != r.W || got.H != r.H || p != (wholeRaster) {
			t.Errorf("%s: %d x %d of %d x %d", name, got.W, got.H, r.W, r.H)
		}
	}
}

func TestAMarkOverTintedRowsIsTakenAway(t *testing.T) {
	const w, h = 400, 400
	r := Raster{W: w, H: h, Pix: make([]byte, w*h)}
	for i := range r.Pix {
		x, y := i%w, i/w
		v := 255.0
		if y/40%2 == 0 {
			v = 225 // a tinted row
		}
		if x%20 < 2 && y%20 < 12 {
			v = 0 // strokes of letters
		}
		if x > 100 && x < 300 && y > 100 && y < 300 {
			v = v*0.45 + 80*0.55 // the mark
		}
		r.Pix[i] = byte(v)
	}
	paper := brightest(r)
	clean := Raster{W: w, H: h, Pix: append([]byte(nil), r.Pix...)}
	if !newTints(flatTones(r), paper).lift(clean, paper) {
		t.Fatal("no tint was seen")
	}
	for _, at := range [][2]int{{110, 135}, {150, 150}, {290, 279}, {150, 210}} {
		if v := clean.Pix[at[1]*w+at[0]]; int(v) < paper-10 {
			t.Errorf("under the mark, paper at %v is %d of %d", at, v, paper)
		}
	}
	for _, at := range [][2]int{{160, 165}, {200, 205}, {20, 25}} {
		if v := clean.Pix[at[1]*w+at[0]]; int(v) > paper*3/4 {
			t.Errorf("the letter at %v is lost: %d of %d", at, v, paper)
		}
	}
}

func TestTheBrighterOfTwoRowsIsKeptPixelByPixel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		a, b := make([]byte, n), make([]byte, n)
		for i := range a {
			a[i], b[i] = byte(r.Uint32()), byte(r.Uint32())
			if r.IntN(4) == 0 {
				b[i] = a[i]
			}
		}
		got := append([]byte(nil), a...)
		most(got, b)
		for i, v := range got {
			if v != max(a[i], b[i]) {
				t.Fatalf("of %d and %d, %d is kept", a[i], b[i], v)
			}
		}
	}
}
