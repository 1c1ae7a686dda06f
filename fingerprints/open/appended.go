package open

import (
	"bytes"
	"io"
)

// appendedMost is how far into a picture or program an archive is looked for that was written behind it.
const appendedMost = 64 << 20

// appended opens the zip, RAR or 7z archive that lies in something else, such as behind a picture. What turns out to be
// none is no fault of the part's.
func (it *item) appended(n node, c content) error {
	buf := it.take()
	k, at := findArchive(c, buf)
	it.give(buf)
	if k == "" {
		return nil
	}
	if n.depth >= it.limits.Depth {
		return &LimitError{Limit: "depth"}
	}
	if err := it.l.flush(); err != nil {
		return it.fail(errParent)
	}
	err := it.dispatch(n, k, section{io.NewSectionReader(c, at, c.Size()-at)})
	if it.fatal != nil || isLimit(err) {
		return err
	}
	return nil
}

type section struct{ *io.SectionReader }

// findArchive looks for the start of an archive anywhere but at the start.
func findArchive(c content, buf []byte) (kind, int64) {
	const header = localSize + 512 // and a name
	for off := int64(0); off < min(c.Size(), appendedMost); {
		n, err := c.ReadAt(buf, off)
		if n == 0 || err != nil && err != io.EOF {
			return "", 0
		}
		best, found := n, kind("")
		for _, m := range appendable {
			for i := 0; i < best; {
				j := bytes.Index(buf[i:best], []byte(m.bytes))
				if j < 0 {
					break
				}
				if i += j; m.kind != kindZip || soundLocal(buf[i:n]) {
					best, found = i, m.kind
				}
				i++
			}
		}
		if found != "" {
			return found, off + int64(best)
		}
		off += int64(max(n-header, min(n, header)))
	}
	return "", 0
}

var appendable = []struct {
	kind  kind
	bytes string
}{{kindZip, localMagic}, {kindRar, rarMagic}, {kind7z, sevenMagic + "\x00"}}
