package fingerprints

import (
	"errors"
	"io"

	"unmirror/fingerprints/open"
)

// errPanicked stands for a panic under the opener's feet. What it panicked with may hold content, and is dropped.
var errPanicked = errors.New("internal error while matching")

// guardedSink turns a panic into an error before it reaches the opener, whose child would otherwise be left in the
// middle of a conversation and answer the next item with the rest of this one.
type guardedSink struct{ sink open.Sink }

func (g *guardedSink) Part(p open.Part) (err error) {
	defer caught(&err)
	return g.sink.Part(p)
}

func (g *guardedSink) Data(i int, b []byte) (err error) {
	defer caught(&err)
	return g.sink.Data(i, b)
}

func (g *guardedSink) Text(i, alternative int, b []byte) (err error) {
	defer caught(&err)
	return g.sink.Text(i, alternative, b)
}

func (g *guardedSink) End(i int, end error) (err error) {
	defer caught(&err)
	return g.sink.End(i, end)
}

// guardedReader does the same for the item.
type guardedReader struct{ r io.ReaderAt }

func (g *guardedReader) ReadAt(p []byte, off int64) (n int, err error) {
	defer caught(&err)
	return g.r.ReadAt(p, off)
}

func caught(err *error) {
	if recover() != nil {
		*err = errPanicked
	}
}
