package open

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// inPlaceMax is the size up to which a text is read in this process. Whatever a text of this size holds, the loops that
// read it end within a fraction of a second.
const inPlaceMax = 16 << 10

// errElsewhere says that an item holds more than text and has to go to a child.
var errElsewhere = errors.New("is no mere text")

// inPlace reports whether a kind may be read without a child: by plain loops over a few KiB, with no parser of nested
// content and no decoder. Pages are among them, since whoever follows links reads them with the same tokenizer.
func (k kind) inPlace() bool { return k == kindText || k == kindCSV || k == kindHTML }

// bench is where a small text is read in place. The frames are those that a child would send, and are checked as a
// child's are.
type bench struct {
	frames bytes.Buffer
	l      *link
	r      *frameReader
	open   []byte // the frame that announces the item
	bufs   [][]byte
}

var benches = sync.Pool{New: func() any {
	b := &bench{}
	b.l, b.r = &link{w: newFrameWriter(&b.frames)}, newFrameReader(&b.frames)
	return b
}}

// inPlace reads an item in this process when it is small and nothing but text, which costs a tenth of asking a child.
// Not done: nothing was told to the sink, and the item has to go to a child.
func (o *Opener) inPlace(name string, item io.ReaderAt, size int64, sink Sink) (done bool, err error) {
	if size > inPlaceMax {
		return false, nil
	}
	b := benches.Get().(*bench)
	b.open = appendString(appendInt(b.open[:0], size), baseName(name))
	at := len(b.open)
	b.open = append(b.open, make([]byte, size)...)
	if n, err := item.ReadAt(b.open[at:], 0); int64(n) < size {
		return true, fmt.Errorf("read item: %w", orEOF(err))
	}
	if !b.read(o.limits, o.tools) {
		return false, nil // what it holds by now is not used again
	}
	s := &session{p: &process{r: b.r}, limits: o.limits, item: item, size: size, sink: sink}
	err = s.events()
	s.dropAll()
	if err == nil && b.frames.Len() == 0 {
		benches.Put(b)
	}
	var mine sinkError
	if errors.As(err, &mine) {
		return true, mine.err
	}
	return true, err
}

// read writes the item's frames, unless it has to go to a child.
func (b *bench) read(l Limits, t tools) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	it := newItem(b.l, l, t)
	it.mere, it.bufs = true, b.bufs
	err := it.run(b.open)
	b.bufs = it.bufs
	if err != nil {
		return false
	}
	return b.l.send(frameDone, appendInt(appendString(nil, ""), 0), nil) == nil && b.l.flush() == nil
}
