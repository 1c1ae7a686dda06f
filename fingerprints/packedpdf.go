package fingerprints

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"io"

	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
)

// The pages of a PDF are compressed by themselves, too: a piece out of the middle of one, without its beginning, opens as
// little as a piece of an office document, also where the compressed bytes are written as ASCII. Only what writes text is looked at: fonts, pictures, profiles and tables of
// characters are the program's or the letterhead's.
const (
	// dictBytes is how far before a stream its dictionary is looked for.
	dictBytes = 512
	// textLook is how much of a page is unpacked to see that it writes text.
	textLook = 64 << 10
)

// packedPDF registers the compressed bytes of a PDF's pages, besides its chunks.
func (x *extraction) packedPDF(r io.ReaderAt, size int64, root *knownPart) error {
	if root.kind != "pdf" || size > packedMost || root.chunks == nil {
		return nil
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	c := x.newChunks(root.kind)
	c.own, c.pictures = root.chunks.own, root.chunks.pictures
	eachPage(b, func(page []byte) {
		chunk.Fine(x.secrets.cuts, page, func(b []byte) {
			c.pairs = append(c.pairs, index.Pair{Hash: c.hashPacked(b), Doc: c.own.n})
		})
	})
	root.chunks = c
	return c.end(x.chunks)
}

// eachPage calls see with each compressed stream of a PDF that writes text.
func eachPage(b []byte, see func(page []byte)) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("stream"))
		if i < 0 {
			return
		}
		from := at + i + len("stream")
		end := bytes.Index(b[from:], []byte("endstream"))
		if end < 0 {
			return
		}
		if page := bytes.TrimLeft(b[from:from+end], "\r\n"); writesText(b[:at+i], page) {
			see(page)
		}
		at = from + end + len("endstream")
	}
}

// writesText tells whether a stream is a page's text, by the dictionary before it and by what it unpacks to.
func writesText(before, stream []byte) bool {
	dict := before[max(0, len(before)-dictBytes):]
	dict = dict[bytes.LastIndex(dict, []byte(" obj"))+1:]
	for _, other := range []string{"/Subtype", "/Type", "/Length1", "/Alternate"} {
		if bytes.Contains(dict, []byte(other)) {
			return false
		}
	}
	if !bytes.Contains(dict, []byte("/FlateDecode")) {
		return false
	}
	var from io.Reader = bytes.NewReader(stream)
	if bytes.Contains(dict, []byte("/ASCII85Decode")) {
		written, _, _ := bytes.Cut(stream, []byte("~>"))
		from = ascii85.NewDecoder(bytes.NewReader(written))
	}
	z, err := zlib.NewReader(from)
	if err != nil {
		return false
	}
	text, _ := io.ReadAll(io.LimitReader(z, textLook)) // of a damaged one, what there is
	return bytes.Contains(text, []byte("BT")) && (bytes.Contains(text, []byte("Tj")) || bytes.Contains(text, []byte("TJ")))
}
