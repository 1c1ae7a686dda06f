package open

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// decoder turns the bytes of a part into its text, in all plausible encodings at once.
type decoder struct {
	outs []*textOut
	enc  []transform.Transformer // nil: UTF-8 with repair
	left [][]byte                // undecoded tail of each
	work []byte
	mark bool // a UTF-8 mark may still come
}

// newDecoder looks at the first bytes of the part; they are fed like all others.
func newDecoder(it *item, n node, sample []byte, whole bool) *decoder {
	d := &decoder{mark: true}
	for alt, e := range decodings(sample, whole, "") {
		d.outs = append(d.outs, it.textOut(n, alt))
		var t transform.Transformer
		if e != nil {
			t = e.NewDecoder()
		}
		d.enc = append(d.enc, t)
	}
	d.left = make([][]byte, len(d.outs))
	return d
}

func (d *decoder) feed(b []byte) error {
	first := d.mark
	d.mark = false
	for i, out := range d.outs {
		piece := b
		if d.enc[i] == nil && first {
			piece = bytes.TrimPrefix(piece, []byte("\xef\xbb\xbf"))
		}
		if err := d.decode(i, out, piece, false); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) close() error {
	for i, out := range d.outs {
		if err := d.decode(i, out, nil, true); err != nil {
			return err
		}
		if err := out.close(); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) decode(i int, out *textOut, b []byte, last bool) error {
	if d.enc[i] == nil {
		return d.utf8(i, out, b, last)
	}
	if len(d.left[i]) > 0 {
		b = append(d.left[i], b...)
	}
	if d.work == nil {
		d.work = make([]byte, chunk)
	}
	for {
		n, used, err := d.enc[i].Transform(d.work, b, last)
		if _, e := out.Write(d.work[:n]); e != nil {
			return e
		}
		b = b[used:]
		if err != transform.ErrShortDst {
			break // the rest, if any, is half a character
		}
	}
	d.left[i] = append(d.left[i][:0:0], b...)
	return nil
}

// utf8 passes valid text on; where a byte does not fit, the part is not what its start promised, and the
// byte is read as windows-1252, which is what mixed logs and tables hold there.
func (d *decoder) utf8(i int, out *textOut, b []byte, last bool) error {
	if len(d.left[i]) > 0 {
		b = append(d.left[i], b...)
		d.left[i] = nil
	}
	if utf8.Valid(b) { // several times faster than rune by rune
		_, err := out.Write(b)
		return err
	}
	for {
		good := validPrefix(b)
		if _, err := out.Write(b[:good]); err != nil {
			return err
		}
		b = b[good:]
		if len(b) == 0 {
			return nil
		}
		if !last && !utf8.FullRune(b) {
			d.left[i] = append([]byte(nil), b...)
			return nil
		}
		out.string(string(charmap.Windows1252.DecodeByte(b[0])))
		b = b[1:]
	}
}

func validPrefix(b []byte) int {
	n := 0
	for n < len(b) {
		if b[n] < utf8.RuneSelf {
			n++
			continue
		}
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}
