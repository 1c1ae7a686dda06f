// Package packing makes the content of a notice's version small before it is sealed: a letter stands once instead of three times, and
// what all letters share stands in a dictionary.
// It never changes a byte of what it gives back, and never decides what a version holds.
package packing

import (
	"bytes"
	_ "embed" // the dictionary
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"regexp"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Version is what is packed together.
type Version struct {
	Content []byte // without the body
	Body    string // of the letter
	Message []byte // as it goes out; nil: there is none
}

// first is the format of all that is packed so far: a byte, then a zstd frame with dictionary 1.
const first = 1

// mostUnpacked bounds what a frame may claim to hold, in bytes.
const mostUnpacked = 64 << 20

// dictionary1 never changes again: what was packed with it could not be read any more. A better one gets a number of its own.
//
//go:embed dictionary1.txt
var dictionary1 []byte

// codec is made once: loading the dictionary takes longer than packing a letter.
var codec = sync.OnceValues(func() (c struct {
	in  *zstd.Encoder
	out *zstd.Decoder
}, err error,
) {
	if c.in, err = zstd.NewWriter(nil, zstd.WithEncoderDictRaw(1, dictionary1), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1)); err != nil {
		return c, fmt.Errorf("load dictionary: %w", err)
	}
	c.out, err = zstd.NewReader(nil, zstd.WithDecoderDictRaw(1, dictionary1), zstd.WithDecoderMaxMemory(mostUnpacked), zstd.WithDecoderConcurrency(2))
	if err != nil {
		return c, fmt.Errorf("load dictionary: %w", err)
	}
	return c, nil
})

// Pack makes v small. Unpack gives back exactly v.
func Pack(v Version) ([]byte, error) {
	c, err := codec()
	if err != nil {
		return nil, err
	}
	var b []byte
	b = text(b, []byte(v.Body))
	if v.Message == nil {
		b = append(b, 0)
	} else {
		b = pieces(append(b, 1), v)
	}
	b = text(b, v.Content)
	return c.in.EncodeAll(b, []byte{first}), nil
}

// Unpack is the way back from Pack.
func Unpack(packed []byte) (v Version, err error) {
	if !Packed(packed) {
		return v, errors.New("unpack version: not in a format that this program knows")
	}
	c, err := codec()
	if err != nil {
		return v, err
	}
	plain, err := c.out.DecodeAll(packed[1:], nil)
	if err != nil {
		return v, fmt.Errorf("unpack version: %w", err)
	}
	r := rest{b: plain}
	v.Body = string(r.text())
	if r.one() == 1 {
		v.Message = r.message(v.Body)
	}
	v.Content = r.text()
	if r.short || len(r.b) > 0 {
		return Version{}, errors.New("unpack version: it is cut")
	}
	return v, nil
}

// Packed says whether something was made by Pack.
func Packed(b []byte) bool { return len(b) > 0 && b[0] == first }

func text(to, b []byte) []byte { return append(binary.AppendUvarint(to, uint64(len(b))), b...) }

// The kinds of pieces that a message is made of.
const (
	end    = 0
	plain  = 1 // as it is
	letter = 2 // the body, in quoted-printable
	attach = 3 // in base64
)

// base64Lines is a part in base64 as mail has it: whole lines of 76, and a last one.
var base64Lines = regexp.MustCompile(`\r\n\r\n((?:[A-Za-z0-9+/]{76}\r\n)+[A-Za-z0-9+/=]{1,76}\r\n)`)

// pieces writes a message such that neither body nor attachments stand in it encoded. What does not come out the same is left as it is.
func pieces(to []byte, v Version) []byte {
	m := v.Message
	if enc := quoted(v.Body); len(enc) > 0 {
		if i := bytes.Index(m, enc); i >= 0 {
			to = append(attached(to, m[:i]), letter)
			m = m[i+len(enc):]
		}
	}
	return append(attached(to, m), end)
}

func attached(to, m []byte) []byte {
	at := 0
	for _, x := range base64Lines.FindAllSubmatchIndex(m, -1) {
		raw, err := base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(m[x[2]:x[3]], []byte("\r\n"), nil)))
		if err != nil || !bytes.Equal(lines(raw), m[x[2]:x[3]]) {
			continue
		}
		to = text(append(to, plain), m[at:x[2]])
		to = text(append(to, attach), raw)
		at = x[3]
	}
	return text(append(to, plain), m[at:])
}

// quoted is a body in quoted-printable, as messages are written.
func quoted(body string) []byte {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(body)) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// lines is base64 in lines of 76 characters, each ended.
func lines(raw []byte) []byte {
	s := base64.StdEncoding.EncodeToString(raw)
	var b []byte
	for len(s) > 76 {
		b = append(append(b, s[:76]...), "\r\n"...)
		s = s[76:]
	}
	return append(append(b, s...), "\r\n"...)
}

// rest is what is still to be read.
type rest struct {
	b     []byte
	short bool
}

func (r *rest) one() byte {
	if len(r.b) == 0 {
		r.short = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *rest) text() []byte {
	n, used := binary.Uvarint(r.b)
	if used <= 0 || n > uint64(len(r.b)-used) {
		r.short, r.b = true, nil
		return nil
	}
	t := r.b[used : used+int(n)]
	r.b = r.b[used+int(n):]
	return t
}

func (r *rest) message(body string) []byte {
	m := []byte{}
	for !r.short {
		switch r.one() {
		case plain:
			m = append(m, r.text()...)
		case letter:
			m = append(m, quoted(body)...)
		case attach:
			m = append(m, lines(r.text())...)
		case end:
			return m
		default:
			r.short = true
		}
	}
	return m
}
