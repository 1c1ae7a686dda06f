package open

import (
	"bufio"
	"bytes"
	stdlzw "compress/lzw"
	"encoding/ascii85"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
	"golang.org/x/image/tiff/lzw"
)

// pdfFilters bounds how many filters a stream goes through.
const pdfFilters = 8

// pdfStep is one filter of a stream.
type pdfStep struct {
	name pdfName
	with pdfDict
}

// steps lists the filters of a stream.
func (f *pdfFile) steps(d pdfDict) []pdfStep {
	filters, parms := f.get(first(d, "Filter", "F")), f.get(first(d, "DecodeParms", "DP"))
	var list []pdfStep
	switch filters := filters.(type) {
	case pdfName:
		with := f.dict(parms)
		if a, ok := parms.([]any); ok && len(a) > 0 {
			with = f.dict(a[0])
		}
		list = append(list, pdfStep{filters, with})
	case []any:
		withs, _ := parms.([]any)
		for i, o := range filters[:min(len(filters), pdfFilters)] {
			s := pdfStep{name: f.name(o)}
			if i < len(withs) {
				s.with = f.dict(withs[i])
			} else if one, ok := parms.(pdfDict); ok && len(filters) == 1 {
				s.with = one
			}
			list = append(list, s)
		}
	}
	return list
}

func first(d pdfDict, names ...pdfName) any {
	for _, n := range names {
		if v, ok := d[n]; ok {
			return v
		}
	}
	return nil
}

// decoded undoes the filters of a stream up to one that is an image's own, whose name comes back.
func (f *pdfFile) decoded(s *pdfBody) (r io.Reader, left pdfName) {
	r, step := f.unfiltered(s)
	return r, step.name
}

func (f *pdfFile) unfiltered(s *pdfBody) (io.Reader, pdfStep) {
	r := f.raw(s)
	for _, step := range f.steps(s.dict) {
		switch step.name {
		case "FlateDecode", "Fl":
			r = f.predicted(inflated(r), step.with)
		case "LZWDecode", "LZW":
			if early, ok := f.get(step.with["EarlyChange"]).(float64); ok && early == 0 {
				r = stdlzw.NewReader(bufio.NewReader(r), stdlzw.MSB, 8)
			} else {
				r = lzw.NewReader(bufio.NewReader(r), lzw.MSB, 8)
			}
			r = f.predicted(r, step.with)
		case "ASCII85Decode", "A85":
			r = ascii85.NewDecoder(&until85{r: bufio.NewReader(r)})
		case "ASCIIHexDecode", "AHx":
			r = &hexReader{r: bufio.NewReader(r)}
		case "RunLengthDecode", "RL":
			r = &packBits{r: bufio.NewReader(r), eod: 128}
		case "Crypt":
		default:
			return r, step
		}
	}
	return r, pdfStep{}
}

// inflated reads what is deflated; where the two bytes before it are damaged, as it stands.
func inflated(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, chunk)
	head, _ := b.Peek(2)
	if len(head) == 2 && head[0]&15 == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		if z, err := zlib.NewReader(b); err == nil {
			return z
		}
	}
	return flate.NewReader(b)
}

// predicted undoes a predictor (ISO 32000-1, 7.4.4.4).
func (f *pdfFile) predicted(r io.Reader, with pdfDict) io.Reader {
	kind := int(f.number(with["Predictor"]))
	if kind < 2 {
		return r
	}
	p := &predictor{r: bufio.NewReaderSize(r, chunk), png: kind >= 10, s: pixels{bits: 8, each: 1}}
	columns := 1
	if v := f.number(with["Columns"]); v >= 1 && v <= imageSide {
		columns = int(v)
	}
	if v := f.number(with["Colors"]); v >= 1 && v <= 32 {
		p.s.each = int(v)
	}
	if v := f.number(with["BitsPerComponent"]); v >= 1 && v <= 16 {
		p.s.bits = int(v)
	}
	n := p.s.rowBytes(columns)
	p.back = max(1, p.s.bits*p.s.each/8)
	p.cur, p.above = make([]byte, p.back+n), make([]byte, p.back+n)
	return p
}

// predictor gives rows that were told by how they differ.
type predictor struct {
	r          *bufio.Reader
	png        bool
	s          pixels
	back       int
	cur, above []byte
	have       []byte
}

func (p *predictor) Read(b []byte) (int, error) {
	if len(p.have) == 0 {
		filter := byte(0)
		if p.png {
			var err error
			if filter, err = p.r.ReadByte(); err != nil {
				return 0, err
			}
		}
		p.cur, p.above = p.above, p.cur
		row := p.cur[p.back:]
		n, err := io.ReadFull(p.r, row)
		if n == 0 {
			return 0, err
		}
		clear(row[n:])
		if !p.png {
			addUp(row, p.s.bits, p.s.each)
		} else if !unfilter(filter, p.cur, p.above, p.back, len(row)) {
			return 0, ErrDamaged
		}
		p.have = row[:n]
	}
	n := copy(b, p.have)
	p.have = p.have[n:]
	return n, nil
}

// until85 ends ascii85 where its own mark does.
type until85 struct {
	r    *bufio.Reader
	done bool
}

func (u *until85) Read(b []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(b)
	if i := bytes.IndexByte(b[:n], '~'); i >= 0 {
		u.done = true
		return i, io.EOF
	}
	return n, err
}

// hexReader reads pairs of digits up to a bracket.
type hexReader struct {
	r    *bufio.Reader
	done bool
}

func (h *hexReader) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) && !h.done {
		var pair [2]byte
		got := 0
		for got < 2 && !h.done {
			c, err := h.r.ReadByte()
			if err != nil || c == '>' {
				h.done = true
			} else if _, ok := hexValue(c); ok {
				pair[got] = c
				got++
			}
		}
		if got > 0 {
			b[n] = hexDigits(nil, pair[:got])[0]
			n++
		}
	}
	if n == 0 && h.done {
		return 0, io.EOF
	}
	return n, nil
}
