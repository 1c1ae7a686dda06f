package open

import (
	"io"
	"iter"
)

// pushed is a member whose bytes come out of a text that is still being read. It is opened by the same code as all
// others, which pulls: a coroutine turns the one into the other, so that no more than a piece lies in memory and
// nothing runs beside anything else.
type pushed struct {
	next func() (struct{}, bool)
	stop func()
	buf  []byte
	end  bool // no more bytes come
	done bool // the member was closed
	err  error
}

// push begins a member of parent. It must be closed.
func (it *item) push(parent node, name string, forced kind) *pushed {
	p := &pushed{}
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.err = it.memberAs(parent, name, -1, forced, pushedReader{p, yield})
	})
	return p
}

type pushedReader struct {
	p    *pushed
	more func(struct{}) bool
}

func (r pushedReader) Read(b []byte) (int, error) {
	for len(r.p.buf) == 0 {
		if r.p.end {
			return 0, io.EOF
		}
		if !r.more(struct{}{}) {
			return 0, io.ErrUnexpectedEOF
		}
	}
	n := copy(b, r.p.buf)
	r.p.buf = r.p.buf[n:]
	return n, nil
}

// Write hands bytes on; once the member is closed, as when it became too long, they are dropped.
func (p *pushed) Write(b []byte) (int, error) {
	p.buf = b
	for len(p.buf) > 0 && !p.done {
		_, alive := p.next()
		p.done = !alive
	}
	return len(b), p.err
}

// close ends the member. The error is one that ends the item as a whole.
func (p *pushed) close() error {
	p.end = true
	for !p.done {
		_, alive := p.next()
		p.done = !alive
	}
	p.stop()
	return p.err
}
