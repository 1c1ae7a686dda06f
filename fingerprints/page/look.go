package page

import "math"

// features are what a page is recognised by.
type features struct {
	ink    plane
	skew   float64 // degrees
	points []keypoint
	codes  [][4]code // of each point: as it stands, and turned clockwise once, twice, three times
}

// features takes the points of a page and codes of the turns wanted.
func (p *Printer) features(r Raster, points int) *features {
	f := &features{ink: ink(work(r))}
	f.skew = skew(f.ink)
	octaves := pyramid(f.ink)
	f.points = spread(keypoints(octaves), f.ink.w, f.ink.h, points)
	sin, cos := math.Sincos(f.skew * math.Pi / 180)
	f.codes = make([][4]code, len(f.points))
	turns := 4
	if points == knownPoints {
		turns = 1
	}
	for i := range f.points {
		d := describe(&octaves[f.points[i].octave], &f.points[i], float32(sin), float32(cos))
		for t := range turns {
			if t > 0 {
				d = d.turned()
			}
			f.codes[i][t] = p.code(&d)
		}
	}
	return f
}

const (
	itemPoints = 400
	// probePoints and probeFlips say how many words are looked up: of so many points, each with its least certain bits
	// the other way round.
	probePoints = 224
	probeFlips  = 2
)

// Look is an item's page, ready to be compared with known ones. It is not safe for concurrent use.
type Look struct {
	printer *Printer
	*features
	sheet plane // of a known page of the same scale

	raster        Raster
	scaled        map[int]plane // sheets of other scales
	clean         plane         // the ink without overlay and specks, once tried
	tried, spoilt bool
	frames        []*frame // of pages that fitted, each another way of lying
}

// Look takes the features of an item's page.
func (p *Printer) Look(r Raster) *Look {
	l := &Look{printer: p, features: &features{}, raster: r, scaled: map[int]plane{}}
	if !r.valid() {
		return l
	}
	l.features = p.features(r, itemPoints)
	l.sheet = sheet(l.ink, 1)
	return l
}

// Probes are the words under which known pages that look like this one may be found, each once.
func (l *Look) Probes() []uint32 {
	all := newWords()
	for i := range l.codes[:min(len(l.codes), probePoints)] {
		for t := range l.codes[i] {
			c := &l.codes[i][t]
			for table := range wordTables {
				all.add(l.printer.word(c.bits, table))
				for _, bit := range unsure(c, table*wordBits) {
					all.add(l.printer.word(c.bits^1<<bit, table))
				}
			}
		}
	}
	return all.all
}

// unsure are the least certain bits of a code's word, which begins at that bit.
func unsure(c *code, from int) (least [probeFlips]int) {
	sure := c.sure[from : from+wordBits]
	a, b := 0, 1
	if sure[b] < sure[a] {
		a, b = b, a
	}
	for i := 2; i < wordBits; i++ {
		if sure[i] < sure[a] {
			a, b = i, a
		} else if sure[i] < sure[b] {
			b = i
		}
	}
	return [probeFlips]int{from + a, from + b}
}

const (
	scaleSteps = 4 // of an octave
	scaleMost  = 6 // steps either way
)

// scaleOf is how many of the item's pixels a known page's pixel is, in the steps of which there are sheets.
func scaleOf(t *transform) float64 {
	steps := math.Round(scaleSteps / 2.0 * math.Log2(max(abs(t[0]*t[4]-t[1]*t[3]), 1e-6)))
	return math.Exp2(min(max(steps, -scaleMost), scaleMost) / scaleSteps)
}

// sheetFor is the sheet for known pages that lie so on the item.
func (l *Look) sheetFor(t *transform) plane {
	scale := scaleOf(t)
	at := int(math.Round(scaleSteps * math.Log2(scale)))
	if at == 0 {
		return l.sheet
	}
	if l.scaled[at].p == nil {
		l.scaled[at] = sheet(l.ink, scale)
	}
	return l.scaled[at]
}
