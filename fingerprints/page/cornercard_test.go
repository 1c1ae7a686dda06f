package page

import (
	"image"
	"image/draw"
	"testing"
)

// inCorner is a card of somebody's in the corner of a photo of a table.
func inCorner(who uint64) *image.Gray {
	table := photo(1, 1)
	out := image.NewGray(table.Bounds())
	draw.Draw(out, out.Bounds(), table, table.Bounds().Min, draw.Src)
	sheet := resized(form(1, who), 0.42)
	card := image.Rect(0, 0, sheet.Bounds().Dx(), sheet.Bounds().Dy()/3)
	draw.Draw(out, card.Add(image.Pt(12, 12)), sheet, image.Pt(0, card.Dy()/3), draw.Src)
	return jpegged(out, 90)
}

// A card in the corner of a photo has a ground of one tone and its print hangs together, as a logo's does that hides what it covers. Another
// person's there is another photo all the same.
func TestACardInTheCornerIsNoMark(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	known, ok := register(t, p, inCorner(1))
	if !ok {
		t.Fatal("no print")
	}
	for who := uint64(1); who < 6; who++ {
		if r, err := p.Look(raster(jpegged(inCorner(who), 75))).Compare(known.body); err != nil || r.Same != (who == 1) {
			t.Errorf("person %d's card: %s, %v", who, short(r), err)
		}
	}
}
