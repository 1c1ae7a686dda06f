package page

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Sizes of a print.
const (
	version     = 1
	knownPoints = 128
	bodyBudget  = 5000 // bytes
	headBytes   = 8
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
	signs   [2][2]uint64 // of the transforms of descriptors
	cells   [mostBits]projection
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
	p.cells = projections(random.Uint64)
	p.wordKey = random.Uint64()
	return p
}

// Print makes the print of a page. It is false where the page is blank or nearly so.
func (p *Printer) Print(r Raster) (Print, bool) {
	if !r.valid() {
		return Print{}, false
	}
	f := p.features(r, knownPoints)
	if len(f.points) < leastPoints {
		return Print{}, false
	}
	body := make([]byte, 0, bodyBudget+1000)
	kind := kindOf(r)
	body = append(body, version, kind)
	body = binary.LittleEndian.AppendUint16(body, uint16(f.ink.w))
	body = binary.LittleEndian.AppendUint16(body, uint16(f.ink.h))
	body = append(body, byte(int8(math.Round(f.skew*8))), byte(len(f.points)))
	words := newWords()
	for i, k := range f.points {
		c := &f.codes[i][0]
		body = binary.LittleEndian.AppendUint32(body, packPoint(k))
		body = binary.LittleEndian.AppendUint64(body, c.bits)
		for table := range wordTables {
			words.add(p.word(c.bits, table))
		}
	}
	c := p.takeCells(sheet(f.ink, 1), kind, bodyBudget-len(body))
	if len(c.places) < leastCells {
		return Print{}, false
	}
	return Print{Words: words.all, Body: c.append(body)}, true
}

// Kinds of pages.
const (
	kindWritten = 0
	kindPhoto   = 1
	// A photo has most of its pixels between these shares of its bright tone; on paper hardly any are.
	photoDark, photoBright = 0.2, 0.8
)

// kindOf tells a photo from what is written on paper.
func kindOf(r Raster) byte {
	var counts [256]int
	for _, v := range r.Pix {
		counts[v]++
	}
	bright, seen := 255, 0
	for ; bright > 0 && seen*10 < len(r.Pix); bright-- {
		seen += counts[bright]
	}
	middle := 0
	for v := int(photoDark * float64(bright)); v < int(photoBright*float64(bright)); v++ {
		middle += counts[v]
	}
	if 2*middle > len(r.Pix) {
		return kindPhoto
	}
	return kindWritten
}

// word is one of the retrieval words of a code: a secret mix of some of its bits.
func (p *Printer) word(bits uint64, table int) uint32 {
	x := (bits>>(table*wordBits)&(1<<wordBits-1) | uint64(table)<<wordBits) + p.wordKey
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

// known is a body, read.
type known struct {
	w, h   int
	skew   float64 // degrees
	photo  bool    // not written on paper
	points []point
	cells  *cells

	need       []bool // tiles that are read of an item
	needAcross int
}

func readBody(body []byte) (*known, error) {
	if len(body) < headBytes {
		return nil, errShort
	}
	if body[0] != version {
		return nil, fmt.Errorf("page print of version %d: %w", body[0], errStrange)
	}
	k := &known{
		w: int(binary.LittleEndian.Uint16(body[2:])), h: int(binary.LittleEndian.Uint16(body[4:])),
		skew: float64(int8(body[6])) / 8, photo: body[1] == kindPhoto,
	}
	if body[1] > kindPhoto || max(k.w, k.h) != workSide || min(k.w, k.h) < window {
		return nil, errStrange
	}
	n := int(body[7])
	body = body[headBytes:]
	if len(body) < n*pointBytes {
		return nil, errShort
	}
	for ; n > 0; n-- {
		p := unpackPoint(binary.LittleEndian.Uint32(body))
		p.bits = binary.LittleEndian.Uint64(body[4:])
		if p.x > float64(k.w) || p.y > float64(k.h) {
			return nil, errStrange
		}
		k.points = append(k.points, p)
		body = body[pointBytes:]
	}
	var err error
	if k.cells, err = readCells(body, k.w, k.h); err != nil {
		return nil, err
	}
	return k, nil
}
