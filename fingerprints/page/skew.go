package page

import "math"

const (
	skewMost = 9.0  // degrees either way
	skewStep = 0.25 // degrees
	// skewPlain is how much the best angle's profile must stand out above the mean of all for the page to have lines.
	skewPlain = 1.25
)

// skew tells by how many degrees the page's lines, written or ruled, lie away from the nearest axis; 0 where it has none.
// At the right angle the sums of ink along lines differ most from each other (projection profiles; Postl 1986).
func skew(d plane) float64 {
	type dot struct{ x, y, ink float32 }
	var dots []dot
	stride := 1
	if len(d.p) > 60_000 {
		stride = 2
	}
	for y := 0; y < d.h; y += stride {
		for x := (y / stride) % stride; x < d.w; x += stride {
			if v := d.p[y*d.w+x]; v > 0.12 {
				dots = append(dots, dot{float32(x), float32(y), min(v, 0.5)})
			}
		}
	}
	if len(dots) < 50 {
		return 0
	}
	reach := d.w + d.h
	rows, columns := make([]float32, 2*reach), make([]float32, 2*reach)
	steps := int(2*skewMost/skewStep) + 1
	along, across := make([]float64, steps), make([]float64, steps)
	for i := range steps {
		sin, cos := math.Sincos((float64(i)*skewStep - skewMost) * math.Pi / 180)
		s, c := float32(sin), float32(cos)
		clear(rows)
		clear(columns)
		for _, p := range dots {
			rows[int(float32(p.y*c)-float32(p.x*s))+reach] += p.ink
			columns[int(float32(p.x*c)+float32(p.y*s))+reach] += p.ink
		}
		along[i], across[i] = roughness(rows), roughness(columns)
	}
	a, standsA := peak(along)
	b, standsB := peak(across)
	if standsB > standsA {
		a, standsA = b, standsB
	}
	if standsA < skewPlain {
		return 0
	}
	return a
}

// roughness is the energy of a profile's steps.
func roughness(profile []float32) (sum float64) {
	for i := range profile[1:] {
		step := float64(profile[i+1] - profile[i])
		sum += step * step
	}
	return sum
}

// peak gives the angle of the greatest, and how far it stands above the mean.
func peak(of []float64) (degrees, stands float64) {
	best, sum := 0, 0.0
	for i, v := range of {
		sum += v
		if v > of[best] {
			best = i
		}
	}
	at := float64(best)
	if best > 0 && best < len(of)-1 {
		at += parabola(of[best-1], of[best], of[best+1])
	}
	return at*skewStep - skewMost, of[best] * float64(len(of)) / max(sum, 1e-12)
}

// parabola is where between -0.5 and 0.5 the extremum of the parabola through three neighbours lies.
func parabola(before, at, after float64) float64 {
	curve := before - 2*at + after
	if curve == 0 {
		return 0
	}
	return min(max((before-after)/(2*curve), -0.5), 0.5)
}
