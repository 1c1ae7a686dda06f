package open

import (
	"errors"
	"io"
)

// item is the work on one item inside the child.
type item struct {
	l      *link
	limits Limits
	tools  tools

	next  int      // index of the next part
	in    int64    // bytes of the item
	out   int64    // bytes yielded, data and text
	raw   int64    // bytes of members yielded
	fatal error    // the item as a whole ends: a limit, or the parent is gone
	bufs  [][]byte // free ones, of a chunk each
	head  []byte   // scratch for frame fields
	mere  bool     // only text is read: anything else ends the item with errElsewhere
	draw  *drawer  // nil: no pages are wanted
}

// node is a part that is being opened.
type node struct {
	index int
	path  string // as members see it: the base name at the top
	depth int    // 0 for the item
	// hidden is that of its part.
	hidden bool
}

func newItem(l *link, limits Limits, t tools) *item {
	return &item{l: l, limits: limits, tools: t}
}

// run goes through the item that an open frame announces. The error is that of the item as a whole.
func (it *item) run(frame []byte) error {
	f := fields{b: frame}
	size, name := f.int(), f.string(maxPath)
	if f.bad || size < 0 {
		return ErrDamaged
	}
	it.in = size
	var c content
	if size <= inlineMax {
		if int64(len(f.b)) != size {
			return ErrDamaged
		}
		c = memory(f.b)
		if !it.mere { // the frame is overwritten by the next one
			c = memory(append([]byte(nil), f.b...))
		}
	} else {
		c = &remote{l: it.l, size: size}
	}
	head := it.room(min(size, chunk))
	if n, err := c.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	} else {
		head = head[:n]
	}
	k := named(sniff(head, int64(len(head)) == size), name, head)
	it.free(head)
	index, err := it.part(node{index: -1}, "", k, size)
	if err != nil {
		return it.fatal
	}
	it.end(index, it.open(node{index: index, path: name}, k, c))
	return it.fatal
}

// fail ends the item as a whole.
func (it *item) fail(err error) error {
	if it.fatal == nil {
		it.fatal = err
	}
	return it.fatal
}

func (it *item) send(kind byte, fields, body []byte) error {
	if it.fatal != nil {
		return it.fatal
	}
	if err := it.l.send(kind, fields, body); err != nil {
		return it.fail(errParent)
	}
	return nil
}

// part announces a part of parent and returns its index.
func (it *item) part(parent node, path string, k kind, size int64) (int, error) {
	if it.mere && (parent.index >= 0 || !k.inPlace()) {
		return 0, it.fail(errElsewhere)
	}
	if it.next >= it.limits.Parts {
		return 0, it.fail(&LimitError{Limit: "parts"})
	}
	p := Part{Index: it.next, Parent: parent.index, Path: path, Type: string(k), Size: size, Extractor: it.extractor(k), Hidden: parent.hidden}
	it.next++
	it.head = appendPart(it.head[:0], p)
	return p.Index, it.send(framePart, it.head, nil)
}

func (it *item) end(index int, err error) error {
	it.head = appendString(appendInt(it.head[:0], int64(index)), codeOf(err))
	return it.send(frameEnd, it.head, nil)
}

// spend counts what is about to be yielded.
func (it *item) spend(n int) error {
	if it.out += int64(n); it.out > it.limits.Output {
		return it.fail(&LimitError{Limit: "output"})
	}
	return nil
}

func (it *item) data(index int, b []byte) error {
	if err := it.spend(len(b)); err != nil {
		return err
	}
	if it.raw += int64(len(b)); it.limits.bomb(it.raw, it.in) {
		return it.fail(&LimitError{Limit: "ratio"})
	}
	it.head = appendInt(it.head[:0], int64(index))
	return it.send(frameData, it.head, b)
}

func (it *item) text(index, alternative int, b []byte) error {
	if len(b) == 0 {
		return it.fatal
	}
	// What was read before the item came to its end is still told: a writer hands over what it holds, and then stops.
	if it.fatal == nil {
		if err := it.spend(len(b)); err != nil {
			return err
		}
	}
	it.head = appendInt(appendInt(it.head[:0], int64(index)), int64(alternative))
	if it.fatal != errParent && it.l.send(frameText, it.head, b) != nil {
		return it.fail(errParent)
	}
	return it.fatal
}

// member yields one member of a container, whose bytes r gives, and opens it in turn. Only what ends the item as a
// whole comes back; what is wrong with the member is told with its end.
func (it *item) member(parent node, name string, size int64, r io.Reader) error {
	return it.memberAs(parent, name, size, "", r)
}

// memberAs is member for content whose kind, if its own start does not tell more than that it is text, is forced.
func (it *item) memberAs(parent node, name string, size int64, forced kind, r io.Reader) error {
	if it.mere {
		return it.fail(errElsewhere) // before a byte of it is decoded
	}
	if it.fatal != nil {
		return it.fatal
	}
	head, readErr := readHead(r)
	whole := readErr == io.EOF
	k := sniff(head, whole)
	k = named(k, name, head)
	if forced != "" && (k.hasPlainText() || k == kindBinary) {
		k = forced
	}
	n := node{path: joinPath(parent.path, name), depth: parent.depth + 1, hidden: parent.hidden}
	if whole {
		size = int64(len(head))
	}
	var err error
	if n.index, err = it.part(parent, n.path, k, size); err != nil {
		return err
	}
	var end error
	switch {
	case readErr != nil:
		if it.data(n.index, head) == nil {
			if end = it.open(n, k, memory(head)); !whole {
				end = faultOf(readErr)
			}
		}
	case k.streams() && !it.draws(k):
		end = it.stream(n, k, head, r)
	default:
		end = it.keep(n, k, head, r)
	}
	return it.end(n.index, end)
}

// readHead reads up to a chunk; io.EOF says that this was all.
func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, 0, 4096)
	for len(head) < chunk {
		if len(head) == cap(head) {
			head = append(head, make([]byte, len(head))...)[:len(head)]
		}
		n, err := r.Read(head[len(head):min(cap(head), chunk)])
		head = head[:len(head)+n]
		if err != nil {
			return head, err
		}
	}
	return head, nil
}

// fill reads until buf is full or r gives an error, which it hands back as it is (io.ReadFull would hide a truncation).
func fill(r io.Reader, buf []byte) (int, error) {
	n := 0
	for n < len(buf) {
		got, err := r.Read(buf[n:])
		n += got
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// unreadable announces a member whose bytes cannot be had.
func (it *item) unreadable(parent node, name string, size int64, why error) error {
	index, err := it.part(parent, joinPath(parent.path, name), kindBinary, size)
	if err != nil {
		return err
	}
	return it.end(index, faultOf(why))
}

// stream passes a large member on, and its text beside it.
func (it *item) stream(n node, k kind, head []byte, r io.Reader) error {
	switch {
	case k == kindBinary:
		text, files := &binaryText{it: it, n: n}, &carver{it: it, n: n, archives: true}
		end := it.copyData(n, head, r, func(b []byte) error {
			if err := text.feed(b); err != nil || n.depth >= it.limits.Depth {
				return err
			}
			return files.feed(b)
		})
		return errors.Join(end, text.close(), files.close())
	case !k.hasPlainText():
		return it.copyData(n, head, r, func([]byte) error { return nil })
	}
	text := newDecoder(it, n, head, false)
	end := it.copyData(n, head, r, text.feed)
	return errors.Join(end, text.close())
}

// keep passes a large member on while the parent keeps it, then opens it there.
func (it *item) keep(n node, k kind, head []byte, r io.Reader) error {
	it.head = appendInt(it.head[:0], int64(n.index))
	if err := it.send(frameKeep, it.head, nil); err != nil {
		return err
	}
	var size int64
	end := it.copyData(n, head, r, func(b []byte) error {
		size += int64(len(b))
		return nil
	})
	if it.fatal != nil {
		return it.fatal
	}
	opened := it.open(n, k, &remote{l: it.l, source: n.index, size: size})
	it.head = appendInt(it.head[:0], int64(n.index))
	if err := it.send(frameDrop, it.head, nil); err != nil {
		return err
	}
	return errors.Join(end, opened)
}

func (it *item) take() []byte {
	if n := len(it.bufs); n > 0 {
		b := it.bufs[n-1]
		it.bufs = it.bufs[:n-1]
		return b
	}
	return make([]byte, chunk)
}

func (it *item) give(b []byte) { it.bufs = append(it.bufs, b) }

// room is n bytes of scratch, up to a chunk. Where small texts are read one after the other, those of the last one are
// used again; elsewhere what is kept would cost more than it saves.
func (it *item) room(n int64) []byte {
	if it.mere {
		return it.take()[:n]
	}
	return make([]byte, n)
}

// free takes back what room gave, perhaps grown.
func (it *item) free(b []byte) {
	if it.mere && cap(b) >= chunk {
		it.give(b[:chunk:chunk])
	}
}

// copyData yields head and the rest of r as data, up to the limit for one member, and shows each piece to see.
func (it *item) copyData(n node, head []byte, r io.Reader, see func([]byte) error) error {
	// Members lie within members, and those found in a text are passed on while it is.
	buf := it.take()
	defer it.give(buf)
	left := it.limits.MemberBytes
	piece := head
	var readErr error
	for {
		if int64(len(piece)) > left {
			piece, readErr = piece[:left], &LimitError{Limit: "member"}
		}
		left -= int64(len(piece))
		if err := it.data(n.index, piece); err != nil {
			return err
		}
		if err := see(piece); err != nil {
			return err
		}
		if readErr != nil {
			break
		}
		var got int
		got, readErr = fill(r, buf)
		piece = buf[:got]
	}
	if readErr == io.EOF {
		return nil
	}
	return faultOf(readErr)
}
