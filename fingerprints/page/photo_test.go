package page

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// soft is a photo out of focus: nothing of it is as fine as a letter.
func soft(seed uint64) *image.Gray {
	g := resized(photo(seed, seed), 0.8)
	p := newPlane(g.Bounds().Dx(), g.Bounds().Dy())
	for i, v := range g.Pix {
		p.p[i] = float32(v)
	}
	p = convolve(p, gaussian(14))
	r := rand.New(rand.NewPCG(seed, 12))
	for i, v := range p.p {
		g.Pix[i] = uint8(min(max(float64(v)+2*r.NormFloat64(), 0), 255))
	}
	return g
}

// xray is a dark picture with the same spine and outline for everybody, ribs of somebody's own and the name in light type.
func xray(who uint64) *image.Gray {
	const side = 1000
	r := rand.New(rand.NewPCG(who, 13))
	p := &pen{img: image.NewGray(image.Rect(0, 0, side, side)), face: newPen(0).face, font: testFonts()[2], tone: 230}
	bend, step, from := 0.0006+0.0008*r.Float64(), 60+25*r.Float64(), 180+40*r.Float64()
	for y := range side {
		for x := range side {
			u, v := float64(x-side/2), float64(y-side/2)
			tone := 10.0
			if u*u/160000+v*v/200000 < 1 {
				tone = 70
				if abs(u) > 60 && abs(u) < 340 {
					if rib := float64(y) - from - bend*u*u; rib > 0 && rib < 8*step && int(rib)%int(step) < 14 {
						tone += 35
					}
				}
			}
			if abs(u) < 40 {
				tone += 80
			}
			p.img.SetGray(x, y, color.Gray{uint8(tone + 4*r.NormFloat64() + 8)})
		}
	}
	s := person(who)
	p.text(30, 50, px(14), s.first+" "+s.last)
	p.text(30, 80, px(14), s.born)
	return p.img
}

func TestPhotosAreFoundHoweverSmoothTheyAre(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	for name, g := range map[string]*image.Gray{"soft": soft(1), "X-ray": xray(1)} {
		known, ok := register(t, p, g)
		if !ok {
			t.Errorf("%s: no print", name)
			continue
		}
		for _, c := range changes {
			switch c.name {
			case "jpeg 30", "tint", "turn 270", "quarter size", "crop 5", "rotate 1", "rescan", "perspective":
			default:
				continue
			}
			l := p.Look(raster(c.do(g, rand.New(rand.NewPCG(1, 3)))))
			r, err := l.Compare(known.body)
			if err != nil {
				t.Fatal(err)
			}
			if hits := known.hits(l); !r.Same || !r.Photo || r.Bits < 64 || hits < 2 {
				t.Errorf("%s, %s: %s hits %d", name, c.name, short(r), hits)
			}
		}
	}
}

func TestPhotosThatAreAlikeAreNotTheSame(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	for name, of := range map[string]func(uint64) *image.Gray{"soft": soft, "X-ray": xray} {
		known, ok := register(t, p, of(1))
		if !ok {
			t.Errorf("%s: no print", name)
			continue
		}
		for who := uint64(2); who < 5; who++ {
			if r, err := p.Look(raster(of(who))).Compare(known.body); err != nil || r.Same {
				t.Errorf("%s %d: %s, %v", name, who, short(r), err)
			}
		}
	}
}

// portrait is a face before a bright ground, as all of one photographer's.
func portrait(who uint64) *image.Gray {
	const w, h = 480, 600
	r := rand.New(rand.NewPCG(who, 14))
	g := image.NewGray(image.Rect(0, 0, w, h))
	canvas := newPlane(w, h)
	for i := range canvas.p {
		canvas.p[i] = 215
	}
	disc := func(x, y, rx, ry, tone float64) {
		for v := max(int(y-ry), 0); v < min(int(y+ry)+1, h); v++ {
			for u := max(int(x-rx), 0); u < min(int(x+rx)+1, w); u++ {
				dx, dy := (float64(u)-x)/rx, (float64(v)-y)/ry
				at := &canvas.p[v*w+u]
				*at += (float32(tone) - *at) * float32(min(max((1-dx*dx-dy*dy)*4, 0), 1))
			}
		}
	}
	disc(240, 630, 230, 200, 70)
	disc(240, 258, 129, 162, 50)
	disc(240, 288, 108, 141, 150)
	for range 60 {
		disc(150+180*r.Float64(), 170+240*r.Float64(), 5+27*r.Float64(), 5+15*r.Float64(), 70+130*r.Float64())
	}
	for range 120 { // of what is worn
		disc(50+380*r.Float64(), 470+120*r.Float64(), 4+18*r.Float64(), 4+18*r.Float64(), 40+100*r.Float64())
	}
	for i, v := range canvas.p {
		g.Pix[i] = uint8(min(max(float64(v)+4*r.NormFloat64(), 0), 255))
	}
	return g
}

func TestABrightPhotoIsNoPage(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	kind := func(g *image.Gray) byte {
		tones := tallyOf(raster(g))
		return kindOf(work(raster(g)), &tones)
	}
	if got := kind(portrait(1)); got != kindPicture {
		t.Errorf("a portrait is of kind %d", got)
	}
	wall := image.NewGray(image.Rect(0, 0, 1200, 800))
	for i := range wall.Pix {
		wall.Pix[i] = uint8(212 + i%7)
	}
	draw.Draw(wall, image.Rect(360, 200, 840, 800), portrait(1), image.Point{}, draw.Src)
	if got := kind(wall); got != kindPicture {
		t.Errorf("a portrait before a wide wall is of kind %d", got)
	}
	dark := func(v float64) float64 { return 0.6 * v }
	for name, g := range map[string]*image.Gray{"form": form(1, 1), "letter": letter(1, 1), "table": table(1, 1), "dark form": tone(form(1, 1), dark), "shadow": tone(report(1, 1), dark)} {
		if got := kind(g); got != kindWritten {
			t.Errorf("%s: of kind %d", name, got)
		}
	}
}

// What both layers of a photo say counts together: of half a photo each may say too little.
func TestBothLayersOfAPhotoCount(t *testing.T) {
	p := New([]byte("a key"))
	g := scaledTo(photo(1, 1), 600, 800)
	known, ok := p.Print(raster(g))
	if !ok {
		t.Fatal("no print")
	}
	k, err := readBody(known.Body)
	if err != nil || k.ink == nil || k.shade == nil {
		t.Fatal(err, k)
	}
	l := p.Look(raster(cropped(g, 0, .5, 0, 0)))
	both, err := l.Compare(known.Body)
	if err != nil {
		t.Fatal(err)
	}
	paper := l.onPaper(k.ink)
	fine, _ := paper.compareInk(k.ink, paper.lay(k.ink))
	if !both.Same || both.Bits < min(fine.Bits+10, bitsMost) {
		t.Errorf("both layers: %s, the fine one: %s", short(both), short(fine))
	}
}

func TestPortraitsAreFoundAndNobodyElses(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	g := portrait(1)
	known, ok := register(t, p, g)
	if !ok {
		t.Fatal("no print")
	}
	for _, c := range changes {
		switch c.name {
		case "jpeg 30", "rescan", "watermark light", "lower half":
		default:
			continue
		}
		if r, err := p.Look(raster(c.do(g, rand.New(rand.NewPCG(1, 3))))).Compare(known.body); err != nil || !r.Same || r.Bits < 64 {
			t.Errorf("%s: %s, %v", c.name, short(r), err)
		}
	}
	for who := uint64(2); who < 5; who++ {
		if r, err := p.Look(raster(portrait(who))).Compare(known.body); err != nil || r.Same {
			t.Errorf("portrait %d: %s, %v", who, short(r), err)
		}
	}
}

func TestTwoSkiesAreNotTheSame(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	sky := func(top, bottom float64) *image.Gray {
		g := image.NewGray(image.Rect(0, 0, 600, 400))
		r := rand.New(rand.NewPCG(1, 15))
		for i := range g.Pix {
			part := float64(i/600) / 400
			g.Pix[i] = uint8(top + (bottom-top)*part + 2*r.NormFloat64())
		}
		return g
	}
	p := New([]byte("a key"))
	known, ok := register(t, p, sky(180, 40))
	if !ok {
		return
	}
	for name, g := range map[string]*image.Gray{"another": sky(150, 60), "upside down": sky(60, 150)} {
		if r, err := p.Look(raster(g)).Compare(known.body); err != nil || r.Same {
			t.Errorf("%s: %s, %v", name, short(r), err)
		}
	}
}

// onTable is a card of somebody's on a table that is the same for everybody.
func onTable(who uint64) *image.Gray {
	table := photo(1, 1)
	b := table.Bounds()
	sheet := resized(form(1, who), 0.42)
	card := image.Rect(0, 0, sheet.Bounds().Dx(), sheet.Bounds().Dy()/3)
	at := card.Add(image.Pt(b.Dx()/3, b.Dy()/3))
	out := image.NewGray(b)
	draw.Draw(out, b, table, b.Min, draw.Src)
	draw.Draw(out, at, sheet, image.Pt(0, card.Dy()/3), draw.Src)
	return jpegged(out, 90)
}

// However rich the table is on which a card lies, another person's card on it is another photo, and so is one that was reduced.
func TestAnotherCardOnTheSameTableIsNotTheSame(t *testing.T) {
	p := New([]byte("a key"))
	known, ok := p.Print(raster(onTable(1)))
	if !ok {
		t.Fatal("no print")
	}
	last := uint64(5)
	if raceEnabled {
		last = 2
	}
	for who := uint64(1); who <= last; who++ {
		for name, g := range map[string]*image.Gray{"as it is": onTable(who), "reduced": resized(onTable(who), 0.5), "stored anew": jpegged(onTable(who), 40)} {
			if r, err := p.Look(raster(g)).Compare(known.Body); err != nil || r.Same != (who == 1) {
				t.Errorf("person %d's card, %s: %s, %v", who, name, short(r), err)
			}
		}
	}
}
