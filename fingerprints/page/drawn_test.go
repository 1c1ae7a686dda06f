package page

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// drawn is a portrait of even fields: a face of somebody's own, and a wall as bright as paper that the light falls on from one side.
func drawn(who uint64) *image.Gray {
	const w, h = 640, 800
	r := rand.New(rand.NewPCG(who, 16))
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = uint8(205 + 35*(i%w)/w)
	}
	disc := func(x, y, a, b, tone float64) {
		for v := max(int(y-b), 0); v < min(int(y+b), h); v++ {
			for u := max(int(x-a), 0); u < min(int(x+a), w); u++ {
				if p, q := (float64(u)-x)/a, (float64(v)-y)/b; p*p+q*q < 1 {
					g.SetGray(u, v, color.Gray{uint8(tone)})
				}
			}
		}
	}
	few := func(v float64) float64 { return v * (0.9 + 0.2*r.Float64()) }
	middle, face := w/2+20*r.Float64(), few(250)
	disc(middle, 830, few(250), few(240), 60+70*r.Float64())
	disc(middle, face-few(60), few(130), few(170), 60+60*r.Float64())
	disc(middle, face+170, 40, 90, 165)
	disc(middle, face+20, few(100), few(165), 196)
	apart, eyes := few(42), face-few(20)
	for _, side := range [2]float64{-1, 1} {
		disc(middle+side*apart, eyes, few(20), few(9), 240)
		disc(middle+side*apart, eyes, 9, 9, 50)
		disc(middle+side*apart, eyes-few(24), few(24), 3, 110)
	}
	disc(middle, face+few(40), 4, few(26), 150)
	disc(middle, face+few(95), few(38), few(6), 110)
	return jpegged(g, 90)
}

// A portrait that is drawn in even fields is no page, of which a part would be enough: an arc of a jacket lies on one of hair.
func TestDrawnPortraitsAreFoundAndNobodyElses(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	const people = 6
	p := New([]byte("a key"))
	for who := uint64(1); who <= people; who++ {
		g := drawn(who)
		known, ok := register(t, p, g)
		if !ok || known.body[1] == kindWritten {
			t.Errorf("portrait %d is a page that is written on", who)
			continue
		}
		for name, copied := range map[string]*image.Gray{
			"stored anew": jpegged(g, 30), "reduced": resized(g, 0.5), "turned": turn(g), "framed": bordered(g, 0.06, 0), "cut": cropped(g, 0.05, 0.05, 0.05, 0.05),
		} {
			if r, err := p.Look(raster(copied)).Compare(known.body); err != nil || !r.Same || r.Bits < 64 {
				t.Errorf("portrait %d, %s: %s, %v", who, name, short(r), err)
			}
		}
		for other := uint64(1); other <= 3*people; other++ {
			if other == who {
				continue
			}
			if r, err := p.Look(raster(turn(drawn(other)))).Compare(known.body); err != nil || r.Same && r.Bits >= 64 {
				t.Errorf("portrait %d is portrait %d: %s, %v", other, who, short(r), err)
			}
		}
	}
}
