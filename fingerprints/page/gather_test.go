package page

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// smallCard is a card of somebody's, with print of a few pixels, on a smooth table of that tone that is the same for everybody.
func smallCard(who uint64, tone float64) *image.Gray {
	const w, h = 1000, 750
	s, r := person(who), rand.New(rand.NewPCG(3, 19))
	card := image.NewGray(image.Rect(0, 0, 860, 540))
	for i := range card.Pix {
		x, y := i%860, i/860
		card.Pix[i] = uint8(205 + 12*float64((x/23+y/31)%3))
	}
	draw.Draw(card, image.Rect(40, 190, 190, 300), image.NewUniform(color.Gray{160}), image.Point{}, draw.Src)
	p := &pen{img: card, face: newPen(0).face, font: testFonts()[1], tone: 20}
	p.text(40, 60, 40, "REPUBLIC INVENTED")
	p.text(40, 100, 24, "IDENTITY CARD")
	number := rand.New(rand.NewPCG(who, 20))
	for i, line := range [][2]string{
		{"Name", s.last}, {"First names", s.first}, {"Born", s.born}, {"Card", fmt.Sprintf("%03d-%07d", number.IntN(1000), number.IntN(1e7))}, {"Until", fmt.Sprintf("%02d/%02d/20%02d", 1+number.IntN(28), 1+number.IntN(12), 10+number.IntN(15))},
	} {
		p.text(310, 150+70*i, 16, line[0])
		p.text(310, 178+70*i, 32, line[1])
	}
	small := rotated(resized(card, 0.3), 7, 0)
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		x, y := float64(i%w)/w-0.4, float64(i/w)/h-0.5
		out.Pix[i] = uint8(tone - 25*(x*x+y*y) + 2*r.NormFloat64())
	}
	at := image.Rect(370, 260, 370+small.Bounds().Dx(), 260+small.Bounds().Dy())
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			if v := small.GrayAt(x-at.Min.X, y-at.Min.Y).Y; v > 0 {
				out.SetGray(x, y, color.Gray{v})
			}
		}
	}
	return jpegged(out, 92)
}

// A card is a small part of a photo, and its print a few pixels high: a few cells differ between two people's, all in one place.
func TestAnotherSmallCardIsNotTheSame(t *testing.T) {
	p := New([]byte("a key"))
	last := uint64(5)
	if raceEnabled {
		last = 2
	}
	for name, tone := range map[string]float64{"bright": 190, "dark": 60} {
		known, ok := p.Print(raster(smallCard(1, tone)))
		if !ok {
			t.Fatalf("%s: no print", name)
		}
		for who := uint64(1); who <= last; who++ {
			g := smallCard(who, tone)
			for change, g := range map[string]*image.Gray{"as it is": g, "reduced": resized(g, 0.5), "stored anew": jpegged(g, 40)} {
				if r, err := p.Look(raster(g)).Compare(known.Body); err != nil || r.Same != (who == 1) {
					t.Errorf("%s table, person %d's card, %s: %s, %v", name, who, change, short(r), err)
				}
			}
		}
	}
}
