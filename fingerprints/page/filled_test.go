package page

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
)

// diary is a form of numbered rows, of which somebody has filled in so many by hand.
func diary(who uint64, rows int) *image.Gray {
	p := newPen(3)
	hand := rand.New(rand.NewPCG(who, 12))
	p.text(80, 90, px(16), "Bloeddruk, dag aan dag")
	p.text(80, 140, px(10), person(who).first+" "+person(who).last)
	const top, step, all = 190, 44, 24
	for n := range all + 1 {
		p.rule(80, top+n*step, sheetW-80, top+n*step, 2)
	}
	for _, x := range []int{80, 150, 400, 650, sheetW - 82} {
		p.rule(x, top, x, top+all*step, 2)
	}
	for n := range all {
		y := top + n*step + 30
		p.text(95, y, px(11), fmt.Sprint(n+1))
		if n < rows {
			for _, x := range []int{170, 420} {
				p.scribble(hand, x, y-4, 70+hand.IntN(100), 18)
			}
		}
	}
	p.wrapped(80, top+all*step+40, sheetW-160, px(9), "Meet telkens op hetzelfde uur, zittend, na vijf minuten rust, en breng dit blad mee naar de volgende raadpleging. Noteer ook wat u die dag anders deed, welke pillen u nam of vergat, en of u slecht sliep, ziek was of zich ergens zorgen over maakte.")
	return p.img
}

// The lower half of a form on which nothing but print is known may be anybody's, but not that of who left it blank.
func TestAPartThatSomebodyElseFilledInIsTold(t *testing.T) {
	p := New([]byte("a key"))
	const mine, others = 5, 20
	known, ok := p.Print(raster(diary(1, mine)))
	if !ok {
		t.Fatal("no print")
	}
	half := image.Rect(0, sheetH/2, sheetW, sheetH)
	for name, c := range map[string]struct {
		part         image.Image
		same, filled bool
	}{
		"my own page":          {diary(1, mine), true, false},
		"my own half":          {diary(1, mine).SubImage(half), true, false},
		"another's half":       {diary(2, others).SubImage(half), true, true},
		"my half, with a tick": {ticked(diary(1, mine)).SubImage(half), true, false},
	} {
		got, err := p.Look(raster(jpegged(upright(c.part), 80))).Compare(known.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got.Same != c.same || got.Filled != c.filled {
			t.Errorf("%s: same %t, filled %t: %s", name, got.Same, got.Filled, short(got))
		}
	}
}

// ticked is a page on which somebody who passed it on put a small mark.
func ticked(g *image.Gray) *image.Gray {
	(&pen{img: g}).scribble(rand.New(rand.NewPCG(1, 1)), 700, sheetH-300, 40, 12)
	return g
}

// upright is a part of a page as a page of its own.
func upright(part image.Image) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, part.Bounds().Dx(), part.Bounds().Dy()))
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			g.Set(x, y, part.At(part.Bounds().Min.X+x, part.Bounds().Min.Y+y))
		}
	}
	return g
}
