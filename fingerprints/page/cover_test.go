package page

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// stamped puts a word in a frame over a page, slanted and anywhere.
func stamped(g *image.Gray, r *rand.Rand) *image.Gray {
	p := newPen(0)
	p.img = image.NewGray(image.Rect(0, 0, 380, 150))
	draw.Draw(p.img, p.img.Bounds(), image.White, image.Point{}, draw.Src)
	p.font = testFonts()[4]
	p.text(35, 100, 64+r.IntN(12), "STOLEN")
	const line = 6
	p.rule(6, 6, 374, 6, line)
	p.rule(6, 140, 374, 140, line)
	for x := range line {
		p.rule(6+x, 6, 6+x, 145, 1)
		p.rule(369+x, 6, 369+x, 145, 1)
	}
	slant := 8 + 20*r.Float64()
	if r.IntN(2) == 0 {
		slant = -slant
	}
	mark := rotated(p.img, slant, 255)
	return overprinted(g, mark, 40+r.IntN(500), 100+r.IntN(1000), uint8(30+r.IntN(90)))
}

// overprinted covers a page where a mark is dark.
func overprinted(g, mark *image.Gray, x, y int, tone uint8) *image.Gray {
	out := image.NewGray(g.Bounds())
	draw.Draw(out, out.Bounds(), g, image.Point{}, draw.Src)
	for v := range mark.Bounds().Dy() {
		for u := range mark.Bounds().Dx() {
			if at := out.PixOffset(x+u, y+v); (image.Point{x + u, y + v}).In(out.Bounds()) {
				share := 255 - int(mark.Pix[v*mark.Stride+u])
				out.Pix[at] = uint8((int(out.Pix[at])*(255-share) + int(tone)*share) / 255)
			}
		}
	}
	return jpegged(out, 80)
}

// stripped puts a dark strip with bright words over the lower edge of a page.
func stripped(g *image.Gray, r *rand.Rand) *image.Gray {
	p := &pen{img: image.NewGray(g.Bounds()), face: newPen(0).face, font: testFonts()[1], tone: 230}
	draw.Draw(p.img, p.img.Bounds(), g, image.Point{}, draw.Src)
	high := 50 + r.IntN(30)
	foot := image.Rect(0, g.Bounds().Dy()-high, g.Bounds().Dx(), g.Bounds().Dy())
	draw.Draw(p.img, foot, image.Black, image.Point{}, draw.Src)
	p.text(30, g.Bounds().Dy()-high/3, high/2, "found at somewhere.invalid by nobody")
	return jpegged(p.img, 80)
}

// headed puts a pale strip with dark words over the upper edge of a page.
func headed(g *image.Gray, r *rand.Rand) *image.Gray {
	p := &pen{img: image.NewGray(g.Bounds()), face: newPen(0).face, font: testFonts()[1], tone: 40}
	draw.Draw(p.img, p.img.Bounds(), g, image.Point{}, draw.Src)
	high := 50 + r.IntN(40)
	tone := color.Gray{uint8(205 + r.IntN(20))}
	draw.Draw(p.img, image.Rect(0, 0, g.Bounds().Dx(), high), image.NewUniform(tone), image.Point{}, draw.Src)
	p.text(120, high*2/3, high/2, "found at somewhere.invalid by nobody")
	return jpegged(p.img, 80)
}

// cornered puts a logo of two tones over a corner of a page.
func cornered(g *image.Gray, r *rand.Rand) *image.Gray {
	across := g.Bounds().Dx() * (16 + r.IntN(8)) / 100
	x, y := 20, 20
	if r.IntN(2) == 0 {
		x = g.Bounds().Dx() - across - 20
	}
	if r.IntN(2) == 0 {
		y = g.Bounds().Dy() - across - 20
	}
	return pasted(pasted(g, x, y, across, uint8(r.IntN(40))), x+across/5, y+across/5, across*3/5, uint8(80+r.IntN(40)))
}

// What a mark covers is not seen: a page is found under it, and another person's page of the form with such a mark is nobody's.
func TestAMarkHidesWhatItCoversAndNoMore(t *testing.T) {
	p := New([]byte("a key"))
	marks := map[string]func(*image.Gray, *rand.Rand) *image.Gray{
		"stamp": stamped, "strip": stripped, "pale strip": headed, "logo": cornered,
	}
	found, all := map[string]int{}, map[string]int{}
	layouts := uint64(4)
	if raceEnabled {
		layouts = 1
	}
	for layout := uint64(1); layout <= layouts; layout++ {
		known, ok := p.Print(raster(form(layout, 1)))
		if !ok {
			t.Fatal("no print")
		}
		for name, mark := range marks {
			r := rand.New(rand.NewPCG(layout, 5))
			for who := range uint64(6) {
				whose := max(who, 2) - 1 // thrice the same page
				result, err := p.Look(raster(mark(form(layout, whose), r))).Compare(known.Body)
				switch {
				case err != nil:
					t.Fatal(err)
				case whose == 1:
					if all[name]++; result.Same {
						found[name]++
					}
				case result.Same:
					t.Errorf("lay-out %d, %s: person %d's page is person 1's", layout, name, whose)
				}
			}
		}
	}
	for name, n := range all {
		if found[name] < n-1 {
			t.Errorf("%s: %d of %d found", name, found[name], n)
		}
	}
}

// certificate is a page on which nothing but a name in large letters is somebody's own.
func certificate(name string) *image.Gray {
	p := newPen(9)
	p.font = testFonts()[4]
	p.text(220, 180, 44, "Attest van deelname")
	p.font = testFonts()[0]
	for i := range 5 {
		p.text(120, 300+40*i, 22, prose(rand.New(rand.NewPCG(uint64(i), 4)), 9))
	}
	p.font = testFonts()[4]
	p.text(140, 620, 52, name)
	p.font = testFonts()[0]
	for i := range 8 {
		p.text(120, 740+40*i, 22, prose(rand.New(rand.NewPCG(uint64(i), 8)), 9))
	}
	return p.img
}

func TestANameInLargeLettersIsNoMark(t *testing.T) {
	p := New([]byte("a key"))
	known, ok := p.Print(raster(certificate("An Li")))
	if !ok {
		t.Fatal("no print")
	}
	for name, same := range map[string]bool{"An Li": true, "Jo Ma": false, "Bart Peeters": false, "Maximiliaan Van den Broecke": false} {
		result, err := p.Look(raster(jpegged(certificate(name), 85))).Compare(known.Body)
		if err != nil {
			t.Fatal(err)
		}
		if result.Same != same {
			t.Errorf("%s: same %t: %s", name, result.Same, short(result))
		}
	}
}
