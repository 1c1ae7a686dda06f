package page

import (
	"image"
	"image/color"
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
