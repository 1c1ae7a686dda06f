package page

import "math"

// features are what a page is recognised by.
type features struct {
	ink    plane
	skew   float64 // degrees
	points []keypoint
	codes  [][4]code // of each point: as it stands, and turned clockwise once, twice, three times
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

	part   part    // of the raster that was looked at
	cut    float32 // how near to the edge nothing is compared, in pixels
	by     []projection
	grey   plane
	light  *Look // of the fine layer of photos, once asked for
	middle *Look
	shade  *Look // of the coarse layer; nil of what is no photo

	raster        Raster
	scaled        map[int]plane // sheets of other scales
	clean         plane         // the ink without overlay and specks, once tried
	tried, spoilt bool
	patches       plane    // where solid patches hide what is written, once tried
	covers        *covers  // by marks, once tried
	frames        []*frame // of pages that fitted, each another way of lying
}

// Look takes the features of an item's page.
func (p *Printer) Look(r Raster) *Look {
	l := &Look{printer: p, features: &features{}, by: p.cells[:], cut: edgeCut, scaled: map[int]plane{}}
	if !r.valid() {
		return l
	}
	r, l.part = alone(r)
	l.raster = r
	grey := work(r)
	d := ink(grey)
	l.features = p.look(d, skew(d), itemPoints, 4, false)
	l.sheet, l.grey = sheet(l.ink, 1), grey
	if t := tallyOf(r); t.shaded() > shadedItem {
		if l.shade = p.lookShades(grey); l.shade != nil {
			l.shade.part = l.part
		}
	}
	return l
}

// onPaper is what is compared with a known page that is written on paper, or with a photo: the same points, but how dark or how
// bright the item is.
func (l *Look) onPaper(k *known) *Look {
	if !k.photo {
		return l
	}
	if l.light == nil {
		f := *l.features
		f.ink = light(l.grey)
		l.light = &Look{printer: l.printer, features: &f, by: l.by, part: l.part, cut: l.cut, sheet: sheet(f.ink, 1), scaled: map[int]plane{}, tried: true}
	}
	return l.light
}

// Probes are the words under which known pages that look like this one may be found, by the quarter turn that the item was given: those
// of a page that it shows are all of one turn, and what other pages share with it by chance is of any.
func (l *Look) Probes() (turns [4][]uint32) {
	for turn := range turns {
		some := newWords()
		l.probes(some, turn, 0)
		if l.shade != nil {
			l.shade.probes(some, turn, 1)
		}
		turns[turn] = some.all
	}
	return turns
}

func (l *Look) probes(some *words, turn, layer int) {
	for i := range l.codes[:min(len(l.codes), probePoints)] {
		c := &l.codes[i][turn]
		for table := range wordTables {
			some.add(l.printer.word(c.bits, table, layer))
			for _, bit := range unsure(c, table*wordBits) {
				some.add(l.printer.word(c.bits^1<<bit, table, layer))
			}
		}
	}
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
