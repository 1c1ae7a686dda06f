package open

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
)

// carver looks for files in the midst of other bytes, as in an image of a disk or behind a program's head, while those bytes pass. What
// it finds is hidden: programs have such files in common, and what only looks like one is no fault of what it lies in.
type carver struct {
	it       *item
	n        node
	archives bool // zip, RAR and 7z, too; else somebody else looks for them
	held     []byte
	from     int // how far held was looked through
	found    int
	piece    splitter
	into     *pushed
}

const (
	// carveLook is how much of a file must be in sight to tell what it is.
	carveLook = 4 << 10
	// carveMost is how long a file may be whose end nothing tells.
	carveMost = 64 << 20
	// carvedFiles is how many are looked at.
	carvedFiles = 1000
)

func (c *carver) feed(b []byte) error {
	if c.into == nil && len(c.held) == 0 && c.found < carvedFiles {
		// Most bytes hold nothing: they are not copied.
		i := c.next(b, 0)
		if i < 0 {
			i = max(len(b)-carveHead, 0)
		}
		c.held, c.from = append(c.held, b[i:]...), 0
		return c.pass(false)
	}
	c.held = append(c.held, b...)
	return c.pass(false)
}

func (c *carver) close() error {
	if err := c.pass(true); err != nil {
		return err
	}
	return c.end()
}

func (c *carver) end() error {
	if c.into == nil {
		return nil
	}
	into := c.into
	c.into = nil
	return into.close()
}

// pass looks through what is held, and passes on what is a file's.
func (c *carver) pass(last bool) error {
	for c.it.fatal == nil {
		if c.into == nil {
			if !c.begin(last) {
				return nil
			}
			continue
		}
		if len(c.held) < 2*splitKeep && !last || len(c.held) == 0 {
			return nil
		}
		n, ended := c.piece.look(c.held, last)
		if _, err := c.into.Write(c.held[:n]); err != nil {
			return err
		}
		c.piece.at += int64(n)
		c.drop(n)
		if ended || c.piece.at > carveMost || len(c.held) == 0 && last {
			if err := c.end(); err != nil {
				return err
			}
		}
	}
	return c.it.fatal
}

func (c *carver) drop(n int) { c.held, c.from = append(c.held[:0], c.held[n:]...), 0 }

// begin goes to where a file begins; false: what is held has none, as far as can be told.
func (c *carver) begin(last bool) bool {
	i := c.next(c.held, c.from)
	if i < 0 || c.found >= carvedFiles {
		c.drop(max(len(c.held)-carveHead, 0))
		if last {
			c.held = c.held[:0]
		}
		return false
	}
	c.drop(i)
	if len(c.held) < carveLook && !last {
		return false
	}
	if !carved(c.held) {
		c.from = 1
		return true
	}
	c.found++
	c.piece = splitter{}
	c.piece.start(c.held[:min(len(c.held), chunk)], last)
	n := c.n
	n.hidden = true
	c.into = c.it.push(n, fmt.Sprintf("unnamed %d", c.found), "")
	return true
}

// carveHead is how many bytes of a file next needs.
const carveHead = 10

// next returns where a file may begin; -1: nowhere.
func (c *carver) next(b []byte, from int) int {
	for i := from; i+carveHead <= len(b); i++ {
		if carveFirst[b[i]]&carveSecond[b[i+1]] == 0 {
			continue
		}
		switch h := b[i : i+carveHead]; h[0] {
		case 'P':
			if c.archives && string(h[:4]) == localMagic {
				return i
			}
		case '%':
			if string(h[:6]) == "%PDF-1" || string(h[:6]) == "%PDF-2" {
				return i
			}
		case 0x1f:
			if h[1] == 0x8b && h[2] == 8 && h[3] <= 0x1f {
				return i
			}
		case 'B':
			if string(h[:3]) == "BZh" && string(h[4:10]) == bzip2Block {
				return i
			}
		default:
			for _, mark := range carveMarks {
				if h[0] == mark[0] && string(h[:min(len(mark), carveHead)]) == mark[:min(len(mark), carveHead)] && (c.archives || mark != rarMagic && mark != sevenMagic) {
					return i
				}
			}
		}
	}
	return -1
}

// bzip2Block begins every block of bzip2.
const bzip2Block = "1AY&SY"

var carveMarks = []string{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", sqliteMagic, "{\\rtf1", xzMagic, "\x28\xb5\x2f\xfd", rarMagic, sevenMagic}

// carveFirst and carveSecond have a bit for each beginning, at its first and at its second byte, so that hardly any place is looked at twice.
var carveFirst, carveSecond = func() (first, second [256]uint16) {
	for i, m := range append([]string{localMagic, "%PDF", "\x1f\x8b", "BZ"}, carveMarks...) {
		first[m[0]] |= 1 << i
		second[m[1]] |= 1 << i
	}
	return first, second
}()

// carved tells whether a file begins there indeed, where its first bytes do not prove it.
func carved(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte(localMagic)):
		return soundLocal(b)
	case b[0] == '%':
		return bytes.Contains(b[:min(len(b), carveLook)], []byte(" obj"))
	case b[0] == 0x1f:
		return soundGzip(b)
	}
	return true
}

// soundGzip asks whether what follows a header does inflate.
func soundGzip(b []byte) bool {
	at := 10
	if b[3]&4 != 0 && len(b) > 12 {
		at += 2 + int(b[10]) + int(b[11])<<8
	}
	for _, named := range []byte{8, 16} {
		if b[3]&named == 0 || at >= len(b) {
			continue
		}
		i := bytes.IndexByte(b[at:], 0)
		if i < 0 {
			return false
		}
		at += i + 1
	}
	if b[3]&2 != 0 {
		at += 2
	}
	if at >= len(b) {
		return false
	}
	var sample [256]byte
	n, err := io.ReadFull(flate.NewReader(bytes.NewReader(b[at:])), sample[:])
	return n > 0 && (err == nil || err == io.ErrUnexpectedEOF || err == io.EOF)
}
