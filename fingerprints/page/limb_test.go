package page

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// limb is an X-ray of a knee: two bones that widen to the gap between them, a third beside the lower one. Its outline is everybody's but
// for some pixels; grain and what is cloudy are somebody's own.
func limb(who uint64) *image.Gray {
	const w, h = 620, 830
	r := rand.New(rand.NewPCG(who, 17))
	middle, gap, soft, lean := w*(0.45+0.1*r.Float64()), h*(0.46+0.08*r.Float64()), w*(0.28+0.08*r.Float64()), 0.05*r.NormFloat64()
	var bones [2]struct{ thin, wide, turn float64 }
	for i := range bones {
		bones[i].thin, bones[i].wide, bones[i].turn = w*(0.07+0.02*r.Float64()), w*(0.2+0.03*r.Float64()), 3+2.5*r.Float64()
	}
	cloud := clouds(r, h)
	g := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		v := float64(y) - gap
		b := bones[0]
		if v > 0 {
			b = bones[1]
		}
		half := b.thin + (b.wide-b.thin)*math.Pow(max(1-abs(v)/(h*0.55), 0), b.turn)
		for x := range w {
			u := float64(x) - middle - lean*v
			flesh := math.Exp(-math.Pow((float64(x)-middle)/soft, 4))
			tone := 18 + flesh*(62+limbClouds*float64(cloud.p[y*h+x]))
			if across := abs(u) / half; abs(v) > 9 && across < 1.1 {
				tone += (75 + 50*across*across) * min((1.1-across)*8, 1)
			}
			if v > 0.07*h {
				tone += 45 * math.Exp(-math.Pow((u-0.18*w)/(w*0.028), 2))
			}
			g.Pix[y*w+x] = uint8(min(max(tone+3*r.NormFloat64(), 0), 255))
		}
	}
	return g
}

const limbClouds = 110 // grey values from the darkest to the brightest cloud

func TestHalfOfAnXrayIsNobodyElses(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	halves := map[string]func(*image.Gray) *image.Gray{
		"upper": func(g *image.Gray) *image.Gray { return cropped(g, 0, 0, 0, 0.5) },
		"lower": func(g *image.Gray) *image.Gray { return cropped(g, 0, 0.5, 0, 0) },
		"left":  func(g *image.Gray) *image.Gray { return cropped(g, 0, 0, 0.5, 0) },
		"right": func(g *image.Gray) *image.Gray { return cropped(g, 0.5, 0, 0, 0) },
	}
	print, ok := register(t, p, limb(0))
	if !ok {
		t.Fatal("no print")
	}
	for who := range uint64(5) {
		for name, half := range halves {
			if r, err := p.Look(raster(jpegged(half(limb(who)), 70))).Compare(print.body); err != nil || r.Same != (who == 0) {
				t.Errorf("%s half of %d: %s, %v", name, who, short(r), err)
			}
		}
	}
}
