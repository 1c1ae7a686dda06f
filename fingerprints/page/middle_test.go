package page

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// brightXray is a chest on a bright ground, as an X-ray is seen on a screen whose tones were turned: the spine, and ribs at the same
// heights, are everybody's; lungs, the ribs' bend and what is cloudy are somebody's own.
func brightXray(who uint64) *image.Gray {
	const side = 900
	r := rand.New(rand.NewPCG(who, 16))
	middle := 0.5 + 0.06*(r.Float64()-0.5)
	lung := func() [3]float64 {
		return [3]float64{0.2 + 0.07*r.Float64(), 0.13 + 0.06*r.Float64(), 0.28 + 0.12*r.Float64()}
	}
	lungs, heart, bend := [2][3]float64{lung(), lung()}, 0.12+0.08*r.Float64(), 0.2+0.2*r.Float64()
	cloud := clouds(r, side)
	g := image.NewGray(image.Rect(0, 0, side, side))
	bell := func(u, v float64) float64 { return math.Exp(-(u*u + v*v)) }
	for y := range side {
		for x := range side {
			u, v := float64(x)/side-middle, float64(y)/side
			tone := 200.0
			for i, l := range lungs {
				at := (u - float64(2*i-1)*l[0]) / l[1]
				across := at*at + (v-0.5)*(v-0.5)/(l[2]*l[2])
				tone -= 130 * math.Exp(-across*across)
			}
			for k := range 10 {
				tone += 16 * bell((v-0.13-0.08*float64(k)-bend*u*u)/0.012, 0)
			}
			tone += 55*bell(u/0.05, 0) + 50*bell((u-0.08)/0.13, (v-0.65)/heart) + 20*float64(cloud.p[y*side+x])
			g.Pix[y*side+x] = uint8(min(max(tone, 0), 255))
		}
	}
	return g
}

// clouds is noise of all sizes, from -0.5 to 0.5.
func clouds(r *rand.Rand, side int) plane {
	out, weight, all := newPlane(side, side), float32(1), float32(0)
	for n := 3; n < 130; n = 2*n - 1 {
		few := newPlane(n, n)
		for i := range few.p {
			few.p[i] = r.Float32() - 0.5
		}
		step := float32(n-1) / float32(side)
		for i := range out.p {
			out.p[i] += weight * few.at(float32(i%side)*step, float32(i/side)*step)
		}
		all += weight
		weight *= 0.7
	}
	for i := range out.p {
		out.p[i] /= all / 2
	}
	return out
}

func TestABrightXrayIsNobodyElses(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	known, ok := register(t, p, brightXray(1))
	if !ok {
		t.Fatal("no print")
	}
	if known.body[2] != layerShade|layerMiddle {
		t.Errorf("layers %d", known.body[2])
	}
	for who := uint64(2); who < 8; who++ {
		g := brightXray(who)
		for name, g := range map[string]*image.Gray{"as it is": g, "reduced": resized(g, 0.5), "bordered": bordered(g, .05, 0), "turned": rotated(g, 2, 255)} {
			if r, err := p.Look(raster(g)).Compare(known.body); err != nil || r.Same {
				t.Errorf("person %d's, %s: %s, %v", who, name, short(r), err)
			}
		}
	}
}

func TestABrightXrayIsFound(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	p := New([]byte("a key"))
	g := brightXray(1)
	known, ok := register(t, p, g)
	if !ok {
		t.Fatal("no print")
	}
	for _, c := range changes {
		switch c.name {
		case "watermark light", "watermark strong", "tiled watermark", "salt and pepper", "left half", "upper half", "lower half", "rescan hard":
			continue // some of these are not found: a mark's edges are all that is sharp on it
		}
		if r, err := p.Look(raster(c.do(g, rand.New(rand.NewPCG(1, 3))))).Compare(known.body); err != nil || !r.Same || r.Bits < 64 {
			t.Errorf("%s: %s, %v", c.name, short(r), err)
		}
	}
}
