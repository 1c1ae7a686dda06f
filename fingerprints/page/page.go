package page

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Sizes of a print.
const (
	version     = 2
	knownPoints = 128
	bodyBudget  = 5000 // bytes
	headBytes   = 3
	layerBytes  = 6
	pointBytes  = 12
	// A code gives two words, so that either may survive where the other does not.
	wordTables  = 2
	wordBits    = 28
	leastPoints = 12 // below it a page is too empty to be told from others
	leastCells  = 40
)

// Errors of damaged bodies.
var (
	errShort   = errors.New("page print: wrong length")
	errStrange = errors.New("page print: impossible values")
)

// Printer makes and compares prints under one key. It is safe for concurrent use.
type Printer struct {
	signs   [2][2]uint64         // of the transforms of descriptors
	cells   [mostBits]projection // of ink
	shades  [mostBits]projection // of light and shade
	wordKey uint64
}

// Print is what is kept of a page.
type Print struct {
	Words []uint32 // keyed words, at most 256, by which an inverted index finds the page
	Body  []byte   // what is compared; the index encrypts it
}

// Box is a region of a page: its corners from 0 to 1 of its width and height.
type Box struct{ X0, Y0, X1, Y1 float64 }

// New makes a printer. Prints of different keys have nothing in common.
func New(key []byte) *Printer {
	seed, err := hkdf.Key(sha256.New, key, nil, "page prints", 32)
	if err != nil {
		panic(fmt.Sprintf("page: derive 32 bytes: %v", err)) // only too long an output fails
	}
	random := rand.NewChaCha8([32]byte(seed))
	p := &Printer{}
	for i := range p.signs {
		p.signs[i] = [2]uint64{random.Uint64(), random.Uint64()}
	}
	p.cells = projections(random.Uint64, 1)
	p.wordKey = random.Uint64()
	p.shades = projections(random.Uint64, 0)
	return p
}

// Print makes the print of a page. It is false where the page is blank or nearly so.
func (p *Printer) Print(r Raster) (Print, bool) {
	if !r.valid() {
		return Print{}, false
	}
	grey, tones := work(r), tallyOf(r)
	kind, points, least := kindOf(grey, &tones), knownPoints, float32(shadeFaint)
	shaded := kind != kindWritten || tones.shaded() > shadedKnown
	if shaded {
		points, least = finePoints, shadeLeast
	}
	d := ink(grey)
	fine := p.look(d, skew(d), points, 1, false)
	written, threshold := d, inkThreshold
	if kind != kindWritten {
		written, threshold = light(grey), func([]float32) float32 { return inkMost }
	}
	cells := takeCells(sheet(written, 1), p.cells[:], threshold, bodyBudget-len(fine.points)*pointBytes)
	words := newWords()
	layers, body := byte(0), make([]byte, headBytes, bodyBudget+1000)
	if len(fine.points) >= leastPoints && len(cells.places) >= leastCells {
		layers = layerInk
		body = p.appendLayer(body, fine, cells, 0, words)
	}
	if shaded || layers == 0 {
		if more, ok := p.appendShades(body, grey, least, words); ok {
			layers, body = layers|layerShade, more
		}
		if layers == layerShade {
			if more, ok := p.appendMiddle(body, grey); ok {
				layers, body = layers|layerMiddle, more
			}
		}
	}
	if layers == 0 {
		return Print{}, false
	}
	body[0], body[1], body[2] = version, kind, layers
	return Print{Words: words.all, Body: body}, true
}

// Kinds of pages, and layers of their prints.
const (
	kindWritten = 0
	kindPhoto   = 1
	kindPicture = 2 // a photo by its texture, not by its tones
	layerInk    = 1
	layerShade  = 2
	layerMiddle = 4
)

// word is one of the retrieval words of a code of a layer: a secret mix of some of its bits.
func (p *Printer) word(bits uint64, table, layer int) uint32 {
	x := (bits>>(table*wordBits)&(1<<wordBits-1) | uint64(layer*wordTables+table)<<wordBits) + p.wordKey
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint32(x >> 32)
}

// words are some words, each once, in the order in which they came.
type words struct {
	all  []uint32
	seen map[uint32]struct{}
}

func newWords() *words { return &words{seen: map[uint32]struct{}{}} }

func (w *words) add(word uint32) {
	if _, old := w.seen[word]; !old {
		w.seen[word] = struct{}{}
		w.all = append(w.all, word)
	}
}

const (
	placeParts = 16 // of a pixel
	placeBits  = 13
	sigmaParts = 8 // of an octave
)

// packPoint packs a place to a sixteenth of a pixel and a scale to an eighth of an octave.
func packPoint(k keypoint) uint32 {
	x, y := uint32(k.x*placeParts), uint32(k.y*placeParts)
	s := math.Round(math.Log2(float64(k.sigma)) * sigmaParts)
	return x&(1<<placeBits-1) | y&(1<<placeBits-1)<<placeBits | uint32(min(max(s, 0), 63))<<(2*placeBits)
}

func unpackPoint(v uint32) point {
	return point{
		x: float64(v&(1<<placeBits-1)) / placeParts, y: float64(v>>placeBits&(1<<placeBits-1)) / placeParts,
		sigma: math.Exp2(float64(v>>(2*placeBits)) / sigmaParts),
	}
}

// point is a keypoint of a known page.
type point struct {
	x, y, sigma float64
	bits        uint64
}

// known is a layer of a body, read.
type known struct {
	w, h   int
	skew   float64 // degrees
	photo  bool    // not written on paper
	bright bool    // a photo as bright as paper
	smooth bool    // a middle layer tells more
	points []point
	cells  *cells

	need       []bool // tiles that are read of an item
	needAcross int
}

// layers are a body, read; a layer that it lacks is nil.
type layers struct{ ink, shade, middle *known }

func readBody(body []byte) (l layers, err error) {
	if len(body) < headBytes {
		return l, errShort
	}
	if body[0] != version {
		return l, fmt.Errorf("page print of version %d: %w", body[0], errStrange)
	}
	kind, has := body[1], body[2]
	if kind > kindPicture || has == 0 || has > layerInk|layerShade|layerMiddle {
		return l, errStrange
	}
	body = body[headBytes:]
	if has&layerInk != 0 {
		if l.ink, body, err = readLayer(body, workSide); err != nil {
			return layers{}, err
		}
		l.ink.photo, l.ink.bright = kind != kindWritten, kind == kindPicture
	}
	if has&layerShade != 0 {
		if l.shade, body, err = readLayer(body, shadeSide); err != nil {
			return layers{}, err
		}
		l.shade.photo = true
	}
	if has&layerMiddle != 0 {
		if l.middle, body, err = readLayer(body, middleSide); err != nil {
			return layers{}, err
		}
		l.middle.photo = true
		if l.shade != nil {
			l.shade.smooth = true
		}
	}
	if len(body) > 0 {
		return layers{}, errShort
	}
	return l, nil
}
