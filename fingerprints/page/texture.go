package page

import "math"

// What is written stands on paper: of a few letters most pixels are bright, and some are much darker; on a screen it is the
// other way round. What is seen has neither more of what is brighter than most nor of what is darker. So the third moment of
// small squares tells pictures from pages, and where on a picture a mark lies from where something else is written.
const (
	textureBlock = 14  // pixels of work a side
	textureLeast = 6.0 // grey values that a square varies by
	leansLeast   = 0.7 // skewness of one that may be written on
	// A picture's squares lean as little, so few of them to the dark side, and hardly any of the whole as far as print does.
	pictureLeans, pictureDark = 0.75, 0.5
	printLeans, picturePrint  = 1.5, 0.08
	// On a picture that is drawn in even fields, and not on paper, only outlines vary, and most of a square that a line crosses is a field:
	// of all squares no more vary, and no less is shaded.
	drawnVaries, drawnShaded = 0.2, 0.2
	drawnLeans, drawnDark    = 1.0, 0.6
	// Where something else than a mark is written, a square around it leans by markLeans, or is as even as paper, to so much
	// of its tone.
	markWindow = 20
	markLeans  = 0.8
	markEven   = 0.04
	markCells  = 0.6  // agreement of cells that may be spoilt by a mark
	markMiddle = 0.95 // of half of all cells, or nothing tells a mark from something else
	markShare  = 0.06 // of the cells, how many marks may spoil
	markLeast  = 10   // cells: what spoils fewer is as small as a name
	markWeight = 0.15 // of what their cells say
)

// moments are the mean, the deviation and the skewness of what was added.
type moments struct{ n, sum, squares, cubes float64 }

func (m *moments) add(v float64) {
	m.n, m.sum, m.squares, m.cubes = m.n+1, m.sum+v, m.squares+v*v, m.cubes+v*v*v
}

func (m *moments) all() (mean, deviation, skewness float64) {
	n := max(m.n, 1)
	mean = m.sum / n
	variance := max(m.squares/n-mean*mean, 1e-9)
	deviation = math.Sqrt(variance)
	return mean, deviation, (m.cubes/n - 3*mean*variance - mean*mean*mean) / (variance * deviation)
}

// picture tells from its texture that a plane shows no page; so much of it is not as bright as paper.
func picture(grey plane, shaded float64) bool {
	all, used, dark, print, leans := 0.0, 0.0, 0.0, 0.0, 0.0
	for y := 0; y+textureBlock <= grey.h; y += textureBlock {
		for x := 0; x+textureBlock <= grey.w; x += textureBlock {
			var m moments
			for v := y; v < y+textureBlock; v++ {
				for _, g := range grey.p[v*grey.w+x : v*grey.w+x+textureBlock] {
					m.add(float64(g))
				}
			}
			_, deviation, skewness := m.all()
			if all++; deviation < textureLeast {
				continue
			}
			used++
			leans += skewness
			if skewness < -leansLeast {
				dark++
			}
			if skewness < -printLeans {
				print++
			}
		}
	}
	mostLeans, mostDark := pictureLeans, pictureDark
	if used <= drawnVaries*all && shaded >= drawnShaded {
		mostLeans, mostDark = drawnLeans, drawnDark
	}
	return used > 0 && abs(leans) <= mostLeans*used && dark <= mostDark*used && print <= picturePrint*all
}

// marks finds the cells of a photo that a watermark may have spoilt: those that disagree although most of the others agree,
// where nothing is written.
func (s *seen) marks(k *known, over plane) {
	if len(s.cells) < richCells || quantile(s.score, 0.5) < markMiddle {
		return
	}
	spoilt := make([]bool, len(s.cells))
	n := 0
	for i, cell := range s.cells {
		if s.score[i] < markCells {
			spoilt[i] = seenAround(over, k.cells.places[cell], k.cells.across)
			n++
		}
	}
	if n >= markLeast && float64(n) <= markShare*float64(len(s.cells)) {
		s.marked = spoilt
	}
}

// seenAround tells whether an item shows something around a cell that is not written.
func seenAround(over plane, place, across int) bool {
	x, y := corner(place, across)
	const far = (markWindow - window) / 2
	var m moments
	for v := max(y-far, 0); v < min(y+window+far, over.h); v++ {
		for _, light := range over.p[v*over.w+max(x-far, 0) : v*over.w+min(x+window+far, over.w)] {
			if light >= 0 {
				m.add(math.Exp(float64(light)))
			}
		}
	}
	mean, deviation, skewness := m.all()
	return m.n > window*window && deviation > markEven*mean && abs(skewness) < markLeans
}
