package page

// A page that was put into a wide frame of one tone is smaller on the plane of work than the known one, and of a dense page
// other points are the strongest then. So the frame is taken away before the page is reduced.
const (
	frameNear  = 16   // grey values around a frame's tone
	frameEven  = 0.99 // of a line's pixels, how many are of that tone
	frameLeast = 0.012
	// The page begins where so many pixels of a line differ by so much: an X-ray only fades into its black ground.
	frameStep  = 0.7
	frameApart = 40
	// A frame in the paper's tone ends nowhere, and no paper is darker than paperLeast. Where all margins are wider than a
	// page's own, so much of them is kept.
	marginWide = 0.085
	// A frame may be as deep as so much of what it is around, as that of a picture on a telephone's screen, which is so much of each side at
	// least; one in the paper's tone, which ends nowhere, a third.
	frameDeep, paperDeep = 0.6, 1. / 3
	framedLeast          = 0.3
	marginKept           = 0.045
	paperLeast           = 128 // grey value
)

// part is what of a raster was looked at: it maps places from 0 to 1 of the part to those of the raster.
type part transform

var wholeRaster = part{1, 0, 0, 0, 1, 0, 0, 0, 1}

// of is where a box of the part lies on the whole.
func (p part) of(b Box) Box {
	if p == (part{}) {
		return b
	}
	var corners [][2]float64
	for _, c := range [4][2]float64{{b.X0, b.Y0}, {b.X1, b.Y0}, {b.X0, b.Y1}, {b.X1, b.Y1}} {
		x, y := (*transform)(&p).apply(c[0], c[1])
		corners = append(corners, [2]float64{x, y})
	}
	return boxOf(corners, 1, 1)
}

// unframed is a raster without the frame around it, and which part of it that is.
func unframed(r Raster) (Raster, part) {
	all := wholeRaster
	tone := int(r.Pix[0])
	long := float64(max(r.W, r.H))
	least := min(int(frameLeast*long), min(r.W, r.H)/4)
	var wide [4]int // left, top, right, bottom
	for side := range wide {
		if wide[side] = r.even(side, tone); wide[side] < max(least, 2) {
			return r, all
		}
	}
	stepped := true
	for side, n := range wide {
		stepped = stepped && r.steps(side, n+2, tone, wide)
	}
	if !stepped {
		own := int(min(float64(min(wide[0], wide[2])), paperDeep*float64(r.W), float64(min(wide[1], wide[3])), paperDeep*float64(r.H)))
		if tone < paperLeast || abs(tone-brightest(r)) > frameNear || float64(own) < marginWide*long {
			return r, all
		}
		for side := range wide {
			wide[side] = own - int(marginKept*long)
		}
	}
	w, h := r.W-wide[0]-wide[2], r.H-wide[1]-wide[3]
	share := framedLeast
	if !stepped {
		share = 0.5
	}
	if float64(w) < share*float64(r.W) || float64(h) < share*float64(r.H) {
		return r, all
	}
	inner := Raster{W: w, H: h, Pix: make([]byte, 0, w*h)}
	for y := wide[1]; y < wide[1]+h; y++ {
		inner.Pix = append(inner.Pix, r.Pix[y*r.W+wide[0]:y*r.W+wide[0]+w]...)
	}
	return inner, part{float64(w) / float64(r.W), 0, float64(wide[0]) / float64(r.W), 0, float64(h) / float64(r.H), float64(wide[1]) / float64(r.H), 0, 0, 1}
}

// along is where a line parallel to a side begins, its step and its length; deep is how far inside it lies.
func (r Raster) along(side, deep int) (at, step, n int) {
	switch side {
	case 0:
		return deep, r.W, r.H
	case 1:
		return deep * r.W, 1, r.W
	case 2:
		return r.W - 1 - deep, r.W, r.H
	}
	return (r.H - 1 - deep) * r.W, 1, r.W
}

// even counts the lines from a side inwards that are of one tone, at most frameDeep.
func (r Raster) even(side, tone int) (deep int) {
	_, _, across := r.along(1-side%2, 0)
	for ; deep < int(frameDeep*float64(across)); deep++ {
		at, step, n := r.along(side, deep)
		for other := int((1 - frameEven) * float64(n)); n > 0; n-- {
			if abs(int(r.Pix[at])-tone) > frameNear {
				if other--; other < 0 {
					return deep
				}
			}
			at += step
		}
	}
	return deep
}

// steps tells whether most of a line, between the frame's other sides, is of quite another tone.
func (r Raster) steps(side, deep, tone int, wide [4]int) bool {
	at, step, n := r.along(side, deep)
	before, after := wide[(side+1)%2], wide[(side+1)%2+2]
	at, n = at+before*step, n-before-after
	other := 0
	for i := range max(n, 0) {
		if abs(int(r.Pix[at+i*step])-tone) > frameApart {
			other++
		}
	}
	return n > 0 && float64(other) >= frameStep*float64(n)
}
