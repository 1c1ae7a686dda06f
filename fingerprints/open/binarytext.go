package open

import (
	"errors"

	"golang.org/x/text/transform"
)

// BinaryText is the alternative that the text in a binary is. What is read of an archive among its bytes is another one.
const BinaryText = 1

// Text lies in the midst of other bytes in a database of whatever make, an image of a disk, or what a program left of its
// memory. It is looked for by blocks: of random bytes hardly one in twenty thousand has so many characters, and between the
// fields of a row only a few bytes lie that are none.
const (
	textBlock      = 64
	textBlockChars = 40 // of ASCII; as UTF-16, of half a block
	wideBlockChars = 24
)

// Classes of bytes.
const (
	byteOther = iota // of ASCII's controls; neither text nor part of a character
	byteHigh         // may be part of a character
	byteChar
)

var byteClass = func() (class [256]byte) {
	for i := range class {
		switch {
		case i >= ' ' && i < 0x7f || i == '\t' || i == '\n' || i == '\r':
			class[i] = byteChar
		case i >= 0x80:
			class[i] = byteHigh
		}
	}
	return class
}()

// blockKind tells what a block is.
type blockKind int

const (
	blockNoText blockKind = iota
	blockNarrow           // ASCII and what extends it
	blockWide             // UTF-16 of mostly Latin letters, of either byte order
)

// blockCount has characters in its low half and zeros in its high one, so that a block is counted without a branch. Ends of
// lines and tabs are small numbers elsewhere.
var blockCount = func() (count [256]uint32) {
	for i := range count {
		if i >= ' ' && byteClass[i] == byteChar {
			count[i] = 1
		}
	}
	count[0] = 1 << 16
	return count
}()

func kindOfBlock(b []byte) blockKind {
	var even, odd uint32
	i := 0
	for ; i+1 < len(b); i += 2 {
		even += blockCount[b[i]]
		odd += blockCount[b[i+1]]
	}
	if i < len(b) {
		even += blockCount[b[i]]
	}
	const low = 1<<16 - 1
	narrow, wide := textBlockChars*len(b), uint32(wideBlockChars*len(b))
	switch {
	case int(even&low+odd&low)*textBlock >= narrow:
		return blockNarrow
	case even&low*textBlock >= wide && odd>>16*textBlock >= wide, odd&low*textBlock >= wide && even>>16*textBlock >= wide:
		return blockWide
	}
	return blockNoText
}

// binaryText writes the text that lies in the bytes that it is fed. A block beside one of text is read as far as its
// characters reach.
type binaryText struct {
	it   *item
	n    node
	d    *decoder // nil: there is none yet
	last blockKind
	kept []byte // the block before, where it was no text
	rest []byte // less than a block
	line []byte
}

func (t *binaryText) feed(b []byte) error {
	if len(t.rest) > 0 {
		n := min(textBlock-len(t.rest), len(b))
		t.rest, b = append(t.rest, b[:n]...), b[n:]
		if len(t.rest) < textBlock {
			return nil
		}
		if err := t.block(t.rest); err != nil {
			return err
		}
		t.rest = t.rest[:0]
	}
	for ; len(b) >= textBlock; b = b[textBlock:] {
		if err := t.block(b[:textBlock]); err != nil {
			return err
		}
	}
	t.rest = append(t.rest, b...)
	return nil
}

func (t *binaryText) block(b []byte) error {
	k := kindOfBlock(b)
	was := t.last
	t.last = k
	t.line = t.line[:0]
	switch {
	case k == blockNoText && was == blockNoText:
		t.kept = append(t.kept[:0], b...)
		return nil
	case k == blockNoText:
		t.write(b[:reach(b, was)], was)
		t.line = append(t.line, '\n')
		t.kept = t.kept[:0]
	default:
		if was == blockNoText {
			t.write(t.kept[reachBack(t.kept, k):], k)
			t.kept = t.kept[:0]
		}
		t.write(b, k)
	}
	if t.d == nil { // what begins with text is not thought to be of another encoding than this
		out := t.it.textOut(t.n, 0) // with what is encoded in it
		out.alt = BinaryText
		t.d = &decoder{outs: []*textOut{out}, enc: make([]transform.Transformer, 1), left: make([][]byte, 1)}
	}
	return t.d.feed(t.line)
}

// write puts characters into the line; what lies between two fields becomes a blank.
func (t *binaryText) write(b []byte, k blockKind) {
	for _, c := range b {
		switch {
		case byteClass[c] != byteOther:
			t.line = append(t.line, c)
		case c == 0 && k == blockWide:
		case len(t.line) > 0 && t.line[len(t.line)-1] != ' ':
			t.line = append(t.line, ' ')
		}
	}
}

// reach is how far characters go on into a block behind one of text.
func reach(b []byte, k blockKind) int {
	for i, c := range b {
		if byteClass[c] == byteOther && (c != 0 || k != blockWide) {
			return i
		}
	}
	return len(b)
}

// reachBack is from where on a block before one of text has nothing but characters.
func reachBack(b []byte, k blockKind) int {
	for i := len(b); i > 0; i-- {
		if c := b[i-1]; byteClass[c] == byteOther && (c != 0 || k != blockWide) {
			return i
		}
	}
	return 0
}

func (t *binaryText) close() error {
	if len(t.rest) > 0 {
		if err := t.block(t.rest); err != nil {
			return err
		}
	}
	if t.d == nil {
		return nil
	}
	return t.d.close()
}

// binary yields the text in bytes of which nothing else is understood, and what lies in an archive among them.
func (it *item) binary(n node, c content) error {
	wrong := it.appended(n, c)
	t, files := &binaryText{it: it, n: n}, &carver{it: it, n: n}
	buf := it.take()
	defer it.give(buf)
	for off := int64(0); off < min(c.Size(), it.limits.Output) && it.fatal == nil; {
		got, err := c.ReadAt(buf, off)
		if got == 0 {
			return errors.Join(wrong, faultOf(err), t.close(), files.close())
		}
		if err := t.feed(buf[:got]); err != nil {
			return err
		}
		if n.depth < it.limits.Depth {
			if err := files.feed(buf[:got]); err != nil {
				return err
			}
		}
		off += int64(got)
	}
	return errors.Join(wrong, t.close(), files.close())
}
