package fingerprints

import (
	"compress/flate"
	"crypto/sha256"
	"hash"
	"math"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

// textReading takes one text in pieces: canonical form, its digest, its passages.
type textReading struct {
	fold   canonical.Folder
	stream winnow.Stream
	sum    textSum
	buf    []byte
	prints []winnow.Print
	total  int // passages selected, repeats included
	edges  edges
	trace  *trace.Writer // nil: none is kept
}

func newTextReading(s *secrets) *textReading {
	return &textReading{stream: s.winnow.Stream(), sum: textSum{key: s.sum}}
}

// pieceBytes bounds the buffers of a text that arrives in large pieces.
const pieceBytes = 16 << 10

// feed calls see with the passages of the next piece of UTF-8 text; the slice is reused.
func (t *textReading) feed(b []byte, see func([]winnow.Print) error) error {
	for len(b) > 0 {
		n := min(len(b), pieceBytes)
		t.buf = t.fold.Append(t.buf[:0], b[:n])
		b = b[n:]
		t.sum.write(t.buf)
		if t.trace != nil {
			t.trace.Write(t.buf)
		}
		t.edges.keep(t.buf)
		t.prints = t.stream.Append(t.prints[:0], t.buf)
		t.total += len(t.prints)
		if len(t.prints) > 0 {
			if err := see(t.prints); err != nil {
				return err
			}
		}
	}
	return nil
}

// minText is the length of canonical text, in bytes, from which it can be recognised at all.
const minText = winnow.Guarantee

// digest returns the keyed digest of the whole text.
func (t *textReading) digest(s *secrets) index.Digest {
	sum := t.sum.sum()
	return keyed(s.text, sum[:])
}

const (
	// entropySample is how much of a content is compressed to see how much there is in it.
	entropySample = 1 << 20
	// maxExact caps what the same bytes or the same text can weigh, in bits.
	maxExact = 400
	// minBytes is the size below which content without text is too small to tell anything.
	minBytes = 64
)

// bytesReading takes content in pieces: its digest, its size, and how much is in it.
type bytesReading struct {
	sum     hash.Hash
	size    int64
	sampled int
	packed  counter
	deflate *flate.Writer
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// newBytesReading measures entropy only where it is asked for, at registration.
func newBytesReading(entropy bool) *bytesReading {
	r := &bytesReading{sum: sha256.New()}
	if entropy {
		r.deflate, _ = flate.NewWriter(&r.packed, flate.BestSpeed) // the level is valid
	}
	return r
}

func (r *bytesReading) Write(p []byte) (int, error) {
	r.sum.Write(p)
	r.size += int64(len(p))
	if r.deflate != nil && r.sampled < entropySample {
		n := min(len(p), entropySample-r.sampled)
		r.sampled += n
		if _, err := r.deflate.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// entropy returns the bits of content by compression, capped at maxExact; 0 for what is tiny or has next to nothing in
// it, such as zeros or one repeated line.
func (r *bytesReading) entropy() float64 {
	if r.deflate == nil || r.deflate.Close() != nil || r.size < minBytes {
		return 0
	}
	packed := float64(r.packed)
	if packed < 48 || packed < 0.02*float64(r.sampled) {
		return 0
	}
	return math.Min(maxExact, 8*(packed-40))
}
