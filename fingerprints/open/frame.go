package open

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frame is one byte of kind, four of length (little endian) and the payload.
const (
	frameHead = 5
	// maxFrame bounds a payload: the largest are 64 KiB of data or a path of 4 KiB, so that 1 MiB is generous.
	maxFrame = 1 << 20
	// chunk is how much data or text goes into one frame, and the block in which the child reads.
	chunk = 64 << 10
)

// Kinds of frames, from the child to the parent unless said otherwise.
const (
	framePart  = 'P' // index, parent, size, path, type, extractor
	frameData  = 'D' // index, bytes
	frameText  = 'T' // index, alternative, bytes
	frameEnd   = 'E' // index, code
	frameKeep  = 'K' // index: the parent keeps this member's coming bytes in a spool
	frameDrop  = 'X' // index: the kept bytes are no longer needed
	frameRead  = 'R' // index, offset, length: asks for a range of the item (0) or of a kept member
	frameDone  = 'F' // code, retire: the item is finished; retire 1 asks to be replaced
	framePage  = 'G' // index, number, image, width, height: the next frames bring its pixels
	framePix   = 'L' // bytes of the page under way
	frameBytes = 'B' // parent to child: the range asked for, shorter at the end
	frameHello = 'H' // parent to child, once: limits and programs; the child answers with its own
	frameOpen  = 'O' // parent to child: size, base name, the whole content if it is small
	frameDraw  = 'W' // the same, and pages are wanted
)

var errFrame = errors.New("malformed frame")

// frameReader reads frames of an untrusted peer.
type frameReader struct {
	r    *bufio.Reader
	head [frameHead]byte
	buf  []byte
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, chunk+1024)}
}

// next returns the next frame; the payload is valid until the following call.
func (f *frameReader) next() (kind byte, payload []byte, err error) {
	if _, err := io.ReadFull(f.r, f.head[:]); err != nil {
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	n := int(binary.LittleEndian.Uint32(f.head[1:]))
	if n < 0 || n > maxFrame {
		return 0, nil, fmt.Errorf("read frame: %w", errFrame)
	}
	if cap(f.buf) < n {
		f.buf = make([]byte, max(n, 4096))
	}
	f.buf = f.buf[:n]
	if _, err := io.ReadFull(f.r, f.buf); err != nil {
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	return f.head[0], f.buf, nil
}

// frameWriter writes frames through a buffer, so that the many small frames of a
// small item cost one system call.
type frameWriter struct {
	w    *bufio.Writer
	head []byte
}

func newFrameWriter(w io.Writer) *frameWriter {
	return &frameWriter{w: bufio.NewWriterSize(w, chunk+1024), head: make([]byte, 0, 128)}
}

// send writes a frame whose payload is fields followed by body.
func (f *frameWriter) send(kind byte, fields, body []byte) error {
	n := len(fields) + len(body)
	if n > maxFrame {
		return fmt.Errorf("write frame: %w", errFrame)
	}
	f.head = append(f.head[:0], kind, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(f.head[1:], uint32(n))
	f.head = append(f.head, fields...)
	if _, err := f.w.Write(f.head); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	if _, err := f.w.Write(body); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

func (f *frameWriter) flush() error {
	if err := f.w.Flush(); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// fields reads the numbers and strings at the start of a payload; after the first
// malformed one, bad stays set and zero values come back.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) int() int64 {
	v, n := binary.Varint(f.b)
	if n <= 0 {
		f.bad, f.b = true, nil
		return 0
	}
	f.b = f.b[n:]
	return v
}

func (f *fields) string(limit int) string {
	n := f.int()
	if n < 0 || n > int64(limit) || n > int64(len(f.b)) {
		f.bad, f.b = true, nil
		return ""
	}
	s := string(f.b[:n])
	f.b = f.b[n:]
	return s
}

func appendInt(b []byte, v int64) []byte { return binary.AppendVarint(b, v) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendVarint(b, int64(len(s))), s...)
}

// Bounds of the strings of a part.
const (
	maxPath = 4 << 10
	maxWord = 96
)

func appendPart(b []byte, p Part) []byte {
	b = appendInt(b, int64(p.Index))
	b = appendInt(b, int64(p.Parent))
	b = appendInt(b, p.Size)
	b = appendString(b, p.Path)
	b = appendString(b, p.Type)
	b = appendString(b, p.Extractor)
	hidden := int64(0)
	if p.Hidden {
		hidden = 1
	}
	return appendInt(b, hidden)
}

// parsePart reads a part that the child announced and refuses what an honest child never sends.
func parsePart(b []byte) (Part, error) {
	f := fields{b: b}
	p := Part{
		Index: int(f.int()), Parent: int(f.int()), Size: f.int(),
		Path: f.string(maxPath), Type: f.string(maxWord), Extractor: f.string(maxWord), Hidden: f.int() != 0,
	}
	if f.bad || len(f.b) > 0 || !plainWord(p.Type) || !plainWord(p.Extractor) || p.Size < -1 || cleanPath(p.Path) != p.Path {
		return Part{}, fmt.Errorf("read part: %w", errFrame)
	}
	return p, nil
}

// plainWord reports whether s is fit for a log: the child chooses it.
func plainWord(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
