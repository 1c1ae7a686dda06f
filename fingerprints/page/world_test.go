package page

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The pages of the tests are made here: forms, letters, tables, handwriting and photos of invented people. A lay-out is a
// seed, a person another one.

const (
	sheetW, sheetH = 1000, 1414
)

var testFonts = sync.OnceValue(func() (all []*opentype.Font) {
	for _, b := range [][]byte{goregular.TTF, gomedium.TTF, gomono.TTF, goitalic.TTF, gobold.TTF, gosmallcaps.TTF} {
		f, err := opentype.Parse(b)
		if err != nil {
			panic(err)
		}
		all = append(all, f)
	}
	// A folder of other fonts, to try what the tests were not made with.
	names, _ := filepath.Glob(filepath.Join(os.Getenv("UNMIRROR_PAGES_FONTS"), "*.[to]tf"))
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil {
			if f, err := opentype.Parse(b); err == nil {
				all = append(all, f)
			}
		}
	}
	return all
})

type pen struct {
	img  *image.Gray
	rand *rand.Rand
	face map[int]font.Face
	font *opentype.Font
	tone uint8
}

func newPen(layout uint64) *pen {
	p := &pen{img: image.NewGray(image.Rect(0, 0, sheetW, sheetH)), face: map[int]font.Face{}}
	p.rand = rand.New(rand.NewPCG(layout, 77))
	draw.Draw(p.img, p.img.Bounds(), image.NewUniform(color.Gray{uint8(244 + p.rand.IntN(12))}), image.Point{}, draw.Src)
	fonts := testFonts()
	p.font = fonts[p.rand.IntN(len(fonts))]
	p.tone = uint8(p.rand.IntN(50))
	return p
}

// px is the size of a font in pixels for points at 121 dots an inch.
func px(points float64) int { return int(points*121/72 + 0.5) }

func (p *pen) with(size int) font.Face {
	if p.face[size] == nil {
		f, err := opentype.NewFace(p.font, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			panic(err)
		}
		p.face[size] = f
	}
	return p.face[size]
}

func (p *pen) text(x, y, size int, s string) int {
	d := font.Drawer{Dst: p.img, Src: image.NewUniform(color.Gray{p.tone}), Face: p.with(size), Dot: fixed.P(x, y)}
	d.DrawString(s)
	return d.Dot.X.Round()
}

// wrapped writes a paragraph and returns the line below it.
func (p *pen) wrapped(x, y, width, size int, text string) int {
	line := ""
	face := p.with(size)
	for _, word := range strings.Fields(text) {
		if line != "" && font.MeasureString(face, line+" "+word).Round() > width {
			p.text(x, y, size, line)
			y += size * 4 / 3
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	p.text(x, y, size, line)
	return y + size*4/3
}

func (p *pen) rule(x0, y0, x1, y1, thick int) {
	draw.Draw(p.img, image.Rect(x0, y0, max(x1, x0+thick), max(y1, y0+thick)), image.NewUniform(color.Gray{p.tone}), image.Point{}, draw.Src)
}

func (p *pen) box(x0, y0, x1, y1 int) {
	p.rule(x0, y0, x1, y0, 2)
	p.rule(x0, y1, x1, y1, 2)
	p.rule(x0, y0, x0, y1, 2)
	p.rule(x1, y0, x1, y1+2, 2)
}

var syllables = strings.Fields("ba de ri no mu ka les tor vin hal ge pre su dan el mor fi ta ren wou ski jan se lo bru ver an der hei bos ma ri el o nie pa tri sche lin co tes qua zi bel")

func word(r *rand.Rand) string {
	s := ""
	for range 1 + r.IntN(3) + r.IntN(2) {
		s += syllables[r.IntN(len(syllables))]
	}
	return s
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func prose(r *rand.Rand, words int) string {
	all := make([]string, words)
	for i := range all {
		all[i] = word(r)
	}
	return capital(strings.Join(all, " ")) + "."
}

// somebody is an invented person's data.
type somebody struct {
	first, last, born, number, street, town, telephone, employer, doctor string
	r                                                                    *rand.Rand
}

func person(seed uint64) *somebody {
	r := rand.New(rand.NewPCG(seed, 4242))
	day, month, year := 1+r.IntN(28), 1+r.IntN(12), 1945+r.IntN(60)
	return &somebody{
		first: capital(word(r)), last: capital(word(r)), born: fmt.Sprintf("%02d/%02d/%d", day, month, year),
		number: fmt.Sprintf("%02d.%02d.%02d-%03d.%02d", year%100, month, day, 1+r.IntN(997), 1+r.IntN(97)),
		street: capital(word(r)) + "straat " + fmt.Sprint(1+r.IntN(200)), town: fmt.Sprint(1000+r.IntN(8999)) + " " + capital(word(r)),
		telephone: fmt.Sprintf("0%d %02d %02d %02d", 400+r.IntN(99), r.IntN(100), r.IntN(100), r.IntN(100)),
		employer:  capital(word(r)) + " nv", doctor: "dr. " + capital(word(r)), r: r,
	}
}

// form is a page of boxes and labels with a person's data in it.
func form(layout, who uint64) *image.Gray {
	p, s := newPen(layout), person(who)
	r := p.rand
	body := px(8 + float64(r.IntN(13))/2)
	left := 60 + r.IntN(60)
	p.text(left, 90, px(16), capital(word(r))+" "+word(r)+" "+word(r))
	p.text(left, 90+px(13), px(9), prose(r, 6))
	values := []string{s.last, s.first, s.born, s.number, s.street, s.town, s.telephone, s.employer, s.doctor}
	r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	y := 170 + r.IntN(40)
	columns := 1 + r.IntN(2)
	style := r.IntN(3)
	width := (sheetW - 2*left) / columns
	step := body*2 + r.IntN(body)
	for i := range 3 + r.IntN(len(values)-2) {
		x := left + i%columns*width
		label := capital(word(r)) + ":"
		end := p.text(x+6, y+body, body*5/6, label)
		switch style {
		case 0:
			p.box(x, y-6, x+width-10, y-6+step-4)
		case 1:
			p.rule(end+4, y+body+4, x+width-20, y+body+5, 1)
		}
		p.text(max(end+14, x+width/3), y+body, body, values[i])
		if i%columns == columns-1 {
			y += step
		}
	}
	y += step * 2
	for y < sheetH-260 {
		switch r.IntN(3) {
		case 0:
			y = p.wrapped(left, y, sheetW-2*left, body, prose(r, 10+r.IntN(30))) + 12
		case 1:
			for range 2 + r.IntN(4) {
				p.box(left, y-body+2, left+body, y+2)
				end := p.text(left+2*body, y, body, prose(r, 3+r.IntN(5)))
				if s.r.IntN(3) == 0 {
					p.text(left+2, y, body, "x")
				}
				_ = end
				y += step
			}
		case 2:
			p.text(left, y, body, capital(word(r))+":")
			if s.r.IntN(2) == 0 {
				p.text(left+160, y, body, prose(s.r, 2+s.r.IntN(5)))
			}
			p.rule(left, y+8, sheetW-left, y+9, 1)
			y += step + 10
		}
	}
	p.text(left, sheetH-150, body, "Datum: "+fmt.Sprintf("%02d/%02d/2024", 1+s.r.IntN(28), 1+s.r.IntN(12)))
	p.scribble(s.r, sheetW/2, sheetH-140, 200, 40)
	p.text(left, sheetH-60, px(7), prose(r, 14))
	return p.img
}

// letter is a template in which only a few words are the person's.
func letter(layout, who uint64) *image.Gray { return letterTo(layout, person(who)) }

func letterTo(layout uint64, s *somebody) *image.Gray {
	p := newPen(layout)
	r := p.rand
	body := px(9 + float64(r.IntN(9))/2)
	left := 80 + r.IntN(50)
	width := sheetW - 2*left
	p.text(left, 90, px(18), capital(word(r))+" "+capital(word(r)))
	p.text(left, 120, px(8), prose(r, 7))
	p.text(left+width/2, 200, body, s.first+" "+s.last)
	p.text(left+width/2, 200+body*4/3, body, s.street)
	p.text(left+width/2, 200+body*8/3, body, s.town)
	y := 330
	p.text(left, y, body, capital(word(r))+" "+s.last+",")
	y += body * 3
	place := r.IntN(3)
	for i := range 3 + r.IntN(4) {
		text := prose(r, 25+r.IntN(60))
		if i == place {
			words := strings.Fields(text)
			words[len(words)/2] = s.born
			words[len(words)/3] = s.employer
			text = strings.Join(words, " ")
		}
		y = p.wrapped(left, y, width, body, text) + body
		if y > sheetH-260 {
			break
		}
	}
	p.text(left, y+body, body, capital(word(r))+" "+word(r))
	p.scribble(r, left, y+4*body, 180, 50)
	p.text(left, sheetH-60, px(7), prose(r, 16))
	return p.img
}

// table is a list of people under the same head.
func table(layout, who uint64) *image.Gray {
	p := newPen(layout)
	r, rows := p.rand, rand.New(rand.NewPCG(who, 5))
	body := px(8 + float64(r.IntN(7))/2)
	left := 50 + r.IntN(30)
	p.text(left, 80, px(14), capital(word(r))+" "+word(r))
	columns := 3 + r.IntN(4)
	width := (sheetW - 2*left) / columns
	y := 130
	step := body*8/5 + r.IntN(8)
	ruled := r.IntN(2) == 0
	kinds := r.Perm(7)
	for i := range columns {
		p.text(left+i*width+4, y, body, capital(word(r)))
	}
	p.rule(left, y+6, sheetW-left, y+7, 2)
	for n := 0; y < sheetH-120 && n < 20+r.IntN(30); n++ {
		y += step
		s := person(rows.Uint64())
		fields := []string{s.last, s.first, s.born, s.number, s.town, s.telephone, s.employer}
		for i := range columns {
			value := fields[kinds[i%len(kinds)]]
			for font.MeasureString(p.with(body), value).Round() > width-8 {
				value = value[:len(value)-1]
			}
			p.text(left+i*width+4, y, body, value)
		}
		if ruled {
			p.rule(left, y+6, sheetW-left, y+7, 1)
		}
	}
	return p.img
}

// scribble is a curve as of a hand.
func (p *pen) scribble(r *rand.Rand, x, y, w, h int) {
	px, py, a := float64(x), float64(y), r.Float64()
	for i := 0; px < float64(x+w) && i < 4000; i++ {
		a += (r.Float64() - 0.5) * 0.9
		px += 0.35 + 0.9*math.Cos(a)
		py += 1.1*math.Sin(a*1.7) + (float64(y)-py)*0.03*float64(40)/float64(h)
		p.dot(px, py)
	}
}

func (p *pen) dot(x, y float64) {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			X, Y := int(x)+dx, int(y)+dy
			if (dx == 0 || dy == 0) && image.Pt(X, Y).In(p.img.Bounds()) {
				p.img.SetGray(X, Y, color.Gray{p.tone})
			}
		}
	}
}

// handwritten is lined paper, each line written by hand.
func handwritten(layout, who uint64) *image.Gray {
	p := newPen(layout)
	hand := rand.New(rand.NewPCG(who, 6))
	step := 44 + p.rand.IntN(30)
	p.text(80, 80, px(12), capital(word(p.rand))+" "+word(p.rand)+":")
	lines := 6 + p.rand.IntN(16)
	for n := range lines {
		y := 150 + n*step
		if y > sheetH-80 {
			break
		}
		p.rule(60, y+8, sheetW-60, y+9, 1)
		for x := 70; x < sheetW-250; {
			w := 40 + hand.IntN(120)
			p.scribble(hand, x, y-8, w, 14+hand.IntN(10))
			x += w + 24
		}
	}
	return p.img
}

// report is a page of running text, all of it somebody's own.
func report(layout, who uint64) *image.Gray {
	p := newPen(layout)
	own := rand.New(rand.NewPCG(who, 8))
	body := px(8.5 + float64(p.rand.IntN(8))/2)
	left := 70 + p.rand.IntN(60)
	p.text(left, 80, px(9), prose(p.rand, 5))
	for y := 140; y < sheetH-200; {
		y = p.wrapped(left, y, sheetW-2*left, body, prose(own, 20+own.IntN(50))) + body*2/3
	}
	return p.img
}

// photo is a scene of shades, shapes and grain.
func photo(layout, _ uint64) *image.Gray {
	r := rand.New(rand.NewPCG(layout, 9))
	w, h := sheetW, 700+r.IntN(700)
	img := image.NewGray(image.Rect(0, 0, w, h))
	type shape struct{ x, y, rx, ry, a, v, soft float64 }
	shapes := make([]shape, 30+r.IntN(90))
	for i := range shapes {
		size := 15 + 250*r.Float64()*r.Float64()
		shapes[i] = shape{r.Float64() * float64(w), r.Float64() * float64(h), size, size * (0.3 + r.Float64()), r.Float64() * math.Pi, r.Float64() * 255, 0.02 + 0.4*r.Float64()}
	}
	canvas := make([]float64, w*h)
	gx, gy, base := r.Float64()*0.1, r.Float64()*0.1, r.Float64()*100
	for i := range canvas {
		canvas[i] = base + gx*float64(i%w) + gy*float64(i/w)
	}
	for _, s := range shapes {
		sin, cos := math.Sincos(s.a)
		m := max(s.rx, s.ry) * 1.5
		for y := max(0, int(s.y-m)); y < min(h, int(s.y+m)); y++ {
			for x := max(0, int(s.x-m)); x < min(w, int(s.x+m)); x++ {
				dx, dy := float64(x)-s.x, float64(y)-s.y
				u, v := (dx*cos+dy*sin)/s.rx, (dy*cos-dx*sin)/s.ry
				if k := min(max((1-math.Sqrt(u*u+v*v))/s.soft, 0), 1); k > 0 {
					canvas[y*w+x] += (s.v - canvas[y*w+x]) * k
				}
			}
		}
	}
	for i, v := range canvas {
		img.Pix[i] = uint8(min(max(v+r.NormFloat64()*4, 0), 255))
	}
	return img
}

var kinds = []struct {
	name string
	make func(layout, who uint64) *image.Gray
}{
	{"form", form}, {"letter", letter}, {"table", table}, {"handwritten", handwritten}, {"report", report}, {"photo", photo},
}

func raster(g *image.Gray) Raster {
	b := g.Bounds()
	if g.Stride == b.Dx() {
		return Raster{W: b.Dx(), H: b.Dy(), Pix: g.Pix[:b.Dx()*b.Dy()]}
	}
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), g, b.Min, draw.Src)
	return Raster{W: b.Dx(), H: b.Dy(), Pix: out.Pix}
}
