package page

import (
	"image"
	"math/rand/v2"
	"testing"
)

// terms is a page of dense print on which a line is somebody's own.
func terms(layout, who uint64) *image.Gray {
	p, s := newPen(layout), person(who)
	y := p.wrapped(70, 90, 860, px(8), prose(p.rand, 420))
	p.text(70, y+20, px(9), "Naam")
	p.text(200, y+20, px(9), s.last+" "+s.first)
	p.text(560, y+20, px(9), s.born)
	p.wrapped(70, y+60, 860, px(8), prose(p.rand, 420))
	return p.img
}

func TestNoiseOnDensePrintIsNobodysOwn(t *testing.T) {
	p := New([]byte("a key"))
	bodies := make([][]byte, 3)
	for i := range bodies {
		known, ok := p.Print(raster(terms(5, uint64(i)+1)))
		if !ok {
			t.Fatal("no print")
		}
		bodies[i] = known.Body
	}
	compare := func(g *image.Gray, turned float64, noise float64) []*Result {
		l := p.Look(raster(rescanned(rotated(g, turned, 255), rand.New(rand.NewPCG(1, 2)), 1, noise)))
		all := make([]*Result, len(bodies))
		for i, body := range bodies {
			r, err := l.Compare(body)
			if err != nil {
				t.Fatal(err)
			}
			all[i] = &r
		}
		return all
	}
	for who := range uint64(2) {
		all := compare(terms(5, who+1), 4, 14)
		others := append(append([]*Result(nil), all[:who]...), all[who+1:]...)
		if own := all[who].Own(others); !all[who].Same || own.Foreign || !own.Seen {
			t.Errorf("page %d: %s, %+v", who, short(*all[who]), own)
		}
		if own := others[0].Own([]*Result{all[who], others[1]}); !own.Foreign || own.Seen {
			t.Errorf("another's beside page %d: %s, %+v", who, short(*others[0]), own)
		}
	}
	for i, all := 0, compare(terms(5, 9), 4, 14); i < len(all); i++ {
		if own := all[i].Own([]*Result{all[(i+1)%3], all[(i+2)%3]}); !own.Foreign || own.Seen {
			t.Errorf("somebody's who is not known: %s, %+v", short(*all[i]), own)
		}
	}
}

func TestAPartOfTheFormAloneIsBare(t *testing.T) {
	p := New([]byte("a key"))
	l := p.Look(raster(cropped(terms(5, 1), 0, 0.52, 0, 0)))
	var all []*Result
	for who := range uint64(2) {
		known, _ := p.Print(raster(terms(5, who+1)))
		r, err := l.Compare(known.Body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &r)
	}
	if own := all[0].Own(all[1:]); !all[0].Same || !own.Bare || own.Seen {
		t.Errorf("%s, %+v", short(*all[0]), own)
	}
}

func TestPagesOfOneFormAreAlikeWhereTheyWereStoredAlike(t *testing.T) {
	p := New([]byte("a key"))
	formOf := func(g *image.Gray) *Form {
		known, ok := p.Print(raster(g))
		if !ok {
			t.Fatal("no print")
		}
		f, err := FormOf(known.Body)
		if err != nil || f == nil {
			t.Fatal(err)
		}
		return f
	}
	one := formOf(terms(5, 1))
	for _, g := range []*image.Gray{terms(5, 2), jpegged(terms(5, 3), 60)} {
		if other := formOf(g); !one.Like(other) || !other.Like(one) {
			t.Error("another's page of the form is not like it")
		}
	}
	for _, g := range []*image.Gray{terms(6, 1), letter(1, 1), table(2, 1), resized(terms(5, 1), 0.7).SubImage(image.Rect(0, 0, 600, 800)).(*image.Gray)} {
		if other := formOf(g); one.Like(other) || other.Like(one) {
			t.Error("another form is like it")
		}
	}
	if _, err := FormOf([]byte{version}); err == nil {
		t.Error("a damaged body was read")
	}
}

func TestWordsAreFoundInTheTurnThatThePageWasGiven(t *testing.T) {
	p := New([]byte("a key"))
	known, ok := register(t, p, letter(3, 3))
	if !ok {
		t.Fatal("no print")
	}
	g := letter(3, 3)
	for turns := range 4 {
		most, all := 0, 0
		for _, words := range p.Look(raster(g)).Probes() {
			n := 0
			for _, w := range words {
				if known.words[w] {
					n++
				}
			}
			most, all = max(most, n), all+n
		}
		if most < 60 || most < all*5/6 {
			t.Errorf("turned %d times, %d words of %d are found in one turn", turns, most, all)
		}
		g = turn(g)
	}
}

// chartOfRow is a row of cells that agree, with so much ink.
func chartOfRow(cells int, ink, score float32) chart {
	c := chart{middle: 0.99, pitch: pitch, faintInk: faintShare}
	for i := range cells {
		c.spots = append(c.spots, spot{x: float32(20 + i*pitch), y: 20, score: score, ink: ink})
	}
	return c
}

// Rules, dashes and the edges of letters are written on one page of a form and not on another that was fed otherwise.
func TestFaintCellsAreNobodysOwn(t *testing.T) {
	blank, other := chartOfRow(0, 0, 0), chartOfRow(ownSeen, 1, -0.2)
	for name, c := range map[string]struct {
		ink    float32
		beside chart
		seen   bool
	}{
		"written on, and not on the others": {1, blank, true},
		"faint, and not on the others":      {0.5, blank, false},
		"faint, otherwise on the others":    {0.5, other, true},
	} {
		mine := chartOfRow(ownSeen, c.ink, 0.98)
		one, two := c.beside, c.beside
		if own := mine.guessed([]*Result{{seen: one}, {seen: two}}); own.Seen != c.seen || own.Foreign {
			t.Errorf("%s: %+v", name, own)
		}
	}
	// What the known page has and the item has not is faint on the item, too, and speaks against the page.
	gone := chartOfRow(ownSeen, 0.1, 0.1)
	if own := gone.guessed([]*Result{{seen: blank}}); !own.Foreign {
		t.Errorf("what is not there is another's: %+v", own)
	}
}
