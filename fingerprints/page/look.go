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
	sheet plane

	raster        Raster
	clean         plane // the sheet without overlay and specks, once tried
	tried, spoilt bool
}

// Look takes the features of an item's page.
func (p *Printer) Look(r Raster) *Look {
	l := &Look{printer: p, features: &features{}, raster: r}
	if !r.valid() {
		return l
	}
	l.features = p.features(r, itemPoints)
	l.sheet = sheet(l.ink)
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
