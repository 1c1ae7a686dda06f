package open

import (
	"errors"
	"io"
)

// textOut gathers the text of one alternative of a part and sends it in frames.
type textOut struct {
	it          *item
	index, alt  int
	buf         []byte
	n           int64
	lastNewline bool
	ended       bool    // the last of it was sent, after the item came to its end
	layers      *layers // of the likeliest alternative
}

// textOut begins one alternative of the text of a part. It must be closed.
func (it *item) textOut(n node, alternative int) *textOut {
	t := &textOut{it: it, index: n.index, alt: alternative, buf: it.room(0)}
	if alternative == 0 {
		t.layers = &layers{it: it, n: n, text: it.room(0)}
	}
	return t
}

func (t *textOut) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, t.it.fatal
	}
	t.lastNewline = p[len(p)-1] == '\n'
	for rest := p; len(rest) > 0; {
		n := min(len(rest), chunk-len(t.buf))
		t.buf = append(t.buf, rest[:n]...)
		rest = rest[n:]
		if len(t.buf) == chunk {
			if err := t.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (t *textOut) string(s string) { t.Write([]byte(s)) }

// newline ends a line once, however many blocks end there.
func (t *textOut) newline() {
	if !t.lastNewline && t.n+int64(len(t.buf)) > 0 {
		t.Write([]byte{'\n'})
	}
}

func (t *textOut) flush() error {
	if t.ended {
		return t.it.fatal
	}
	t.ended = t.it.fatal != nil
	t.n += int64(len(t.buf))
	err := t.it.text(t.index, t.alt, t.buf)
	if err == nil && t.layers != nil {
		err = t.layers.see(t.buf, false)
	}
	t.buf = t.buf[:0]
	return err
}

// close sends what is left, and opens what the text turned out to hold.
func (t *textOut) close() error {
	err := t.flush()
	if err == nil && t.layers != nil {
		err = t.layers.see(nil, true)
		t.it.free(t.layers.text)
		t.layers.text = nil
	}
	t.it.free(t.buf)
	t.buf = nil
	return err
}

// length is the number of bytes of text so far.
func (t *textOut) length() int64 { return t.n + int64(len(t.buf)) }

// plain yields the text of bytes that are text.
func (it *item) plain(n node, c content) error {
	head := it.room(min(c.Size(), chunk))
	defer it.free(head)
	got, err := c.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:got]
	d := newDecoder(it, n, head, int64(got) == c.Size())
	if err := d.feed(head); err != nil {
		return err
	}
	if int64(got) == c.Size() {
		return d.close()
	}
	buf := make([]byte, chunk)
	for off := int64(got); off < c.Size(); {
		got, err := c.ReadAt(buf, off)
		if err != nil && err != io.EOF {
			return errors.Join(err, d.close())
		}
		if err := d.feed(buf[:got]); err != nil {
			return err
		}
		off += int64(got)
	}
	return d.close()
}
