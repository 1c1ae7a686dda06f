package page

import (
	"encoding/binary"
	"math"
)

// A layer is what is kept of a page at one resolution: its points and its cells. Every page has a fine one, of its ink; a
// photo has a coarse one, too, of its light and shade.

// look takes the points of a plane whose lines lie so many degrees off, and codes of as many quarter turns.
func (p *Printer) look(d plane, skew float64, points, turns int, fixed bool) *features {
	f := &features{ink: d, skew: skew}
	octaves := pyramid(d)
	f.points = spread(keypoints(octaves), d.w, d.h, points)
	if fixed {
		f.points = append(fixedPoints(octaves, d.w, d.h), f.points...)
	}
	sin, cos := math.Sincos(skew * math.Pi / 180)
	f.codes = make([][4]code, len(f.points))
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

// appendLayer writes a layer, and adds the words of its points.
func (p *Printer) appendLayer(body []byte, f *features, c *cells, table int, to *words) []byte {
	body = binary.LittleEndian.AppendUint16(body, uint16(f.ink.w))
	body = binary.LittleEndian.AppendUint16(body, uint16(f.ink.h))
	body = append(body, byte(int8(math.Round(f.skew*8))), byte(len(f.points)))
	for i, k := range f.points {
		bits := f.codes[i][0].bits
		body = binary.LittleEndian.AppendUint32(body, packPoint(k))
		body = binary.LittleEndian.AppendUint64(body, bits)
		for t := range wordTables {
			to.add(p.word(bits, t, table))
		}
	}
	return c.append(body)
}

// readLayer reads what appendLayer wrote of a plane of that size, and tells what comes after it.
func readLayer(body []byte, side int) (k *known, rest []byte, err error) {
	if len(body) < layerBytes {
		return nil, nil, errShort
	}
	k = &known{
		w: int(binary.LittleEndian.Uint16(body)), h: int(binary.LittleEndian.Uint16(body[2:])),
		skew: float64(int8(body[4])) / 8,
	}
	if max(k.w, k.h) != side || min(k.w, k.h) < window {
		return nil, nil, errStrange
	}
	n := int(body[5])
	body = body[layerBytes:]
	if len(body) < n*pointBytes {
		return nil, nil, errShort
	}
	for ; n > 0; n-- {
		p := unpackPoint(binary.LittleEndian.Uint32(body))
		p.bits = binary.LittleEndian.Uint64(body[4:])
		if p.x > float64(k.w) || p.y > float64(k.h) {
			return nil, nil, errStrange
		}
		k.points = append(k.points, p)
		body = body[pointBytes:]
	}
	k.cells, rest, err = readCells(body, k.w, k.h)
	return k, rest, err
}

// unit is half the longest side, in pixels.
func (k *known) unit() float64 { return float64(max(k.w, k.h)) / 2 }
