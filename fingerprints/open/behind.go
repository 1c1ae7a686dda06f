package open

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zlib"
)

// behind yields what lies behind the end of a document or picture, where no program looks for it.
func (it *item) behind(n node, r io.Reader) error {
	b := bufio.NewReaderSize(r, 4<<10)
	head, _ := b.Peek(4 << 10)
	if len(bytes.Trim(head, " \r\n\t\x00")) < runMin {
		return nil
	}
	switch sniff(head, false) {
	case kindZip, kindRar, kind7z: // appended finds them
		return nil
	}
	n.hidden = true
	return it.member(n, "behind", -1, b)
}

// tail reads what a picture says beside its pixels: its comments, and what lies behind it.
func (it *item) tail(n node, k kind, c content) error {
	if n.depth >= it.limits.Depth {
		return nil
	}
	a := it.aside(n)
	end := int64(0)
	switch k {
	case kindJPEG:
		end = jpegTail(a, c)
	case kindPNG:
		end = pngTail(a, c)
	}
	if err := a.close(); err != nil || end <= 0 || end >= c.Size() {
		return err
	}
	return it.behind(n, io.NewSectionReader(c, end, c.Size()-end))
}

// tailComments bounds what comments are read, in bytes each.
const tailComments = 1 << 20

// jpegTail goes through the segments (ITU-T T.81, B.1) and returns where the picture ends, 0 where that is not found.
func jpegTail(a *aside, c content) int64 {
	var h [4]byte
	off := int64(2)
	for range 10_000 {
		if n, _ := c.ReadAt(h[:], off); n < len(h) || h[0] != 0xff {
			return 0
		}
		size := int64(binary.BigEndian.Uint16(h[2:]))
		if h[1] == 0xfe {
			b := make([]byte, max(size-2, 0))
			n, _ := c.ReadAt(b, off+4)
			a.add(b[:n])
		}
		off += 2 + size
		if h[1] == 0xda {
			break
		}
	}
	return endOf(c, off, "\xff\xd9")
}

// endOf returns the place behind a mark, from a place on.
func endOf(c content, off int64, mark string) int64 {
	buf := make([]byte, chunk)
	for off < c.Size() {
		n, _ := c.ReadAt(buf, off)
		if n < len(mark) {
			break
		}
		if i := bytes.Index(buf[:n], []byte(mark)); i >= 0 {
			return off + int64(i+len(mark))
		}
		off += int64(n - len(mark) + 1)
	}
	return 0
}

// pngTail goes through the chunks (PNG 2nd ed., 5.3 and 11.3.4).
func pngTail(a *aside, c content) int64 {
	var h [8]byte
	off := int64(len(pngMagic))
	for range 100_000 {
		if n, _ := c.ReadAt(h[:], off); n < len(h) {
			return 0
		}
		size, kind := int64(binary.BigEndian.Uint32(h[:])), string(h[4:])
		if (kind == "tEXt" || kind == "zTXt" || kind == "iTXt") && size <= tailComments {
			b := make([]byte, size)
			n, _ := c.ReadAt(b, off+8)
			pngComment(a, kind, b[:n])
		}
		off += 12 + size
		if kind == "IEND" {
			return off
		}
	}
	return 0
}

func pngComment(a *aside, kind string, b []byte) {
	name, rest, found := bytes.Cut(b, []byte{0})
	packed := kind == "zTXt"
	switch {
	case !found || bytes.HasPrefix(name, []byte("XML:com.adobe")) || len(rest) < 2:
		return
	case kind == "iTXt":
		packed = rest[0] != 0
		for range 2 { // a language, and the name in it
			if _, behind, found := bytes.Cut(rest[2:], []byte{0}); found {
				rest = append([]byte{0, 0}, behind...)
			}
		}
		rest = rest[2:]
	case packed:
		rest = rest[1:]
	}
	if packed {
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return
		}
		rest, _ = io.ReadAll(io.LimitReader(z, tailComments)) // what came before a fault counts
	}
	a.add(rest)
}
