package fingerprints

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"

	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
)

// A piece out of the middle of an office document is compressed bytes of which nothing opens. It is known by the
// compressed bytes of what is the document's own: its text and its cells, not styles, themes and fonts, which are the
// program's. A compressed block begins with codes that all of its content decides, so that two documents of one template have
// no bytes of it in common.
const (
	// packedMost bounds the office documents of which that is registered, and the items in which it is looked for, in bytes.
	packedMost = 16 << 20
	// packedPrice is how many bits of compressed content make one bit of weight.
	packedPrice = 10
	// packedEnough is how many bytes must be shared.
	packedEnough = 80
	// writtenMost bounds the texts in which it is looked for as ASCII, writtenRun is how long a run of it is, in bytes.
	writtenMost, writtenRun = 64 << 10, 200
)

// packedDomain keeps hashes of fine chunks apart from those of others.
var packedDomain = []byte("packed\x00")

// packedOwn tells whether a member of an office document is the document's own.
func packedOwn(kind, name string) bool {
	dir, base := path.Split(name)
	switch kind {
	case "docx":
		return dir == "word/" && (base == "document.xml" || base == "footnotes.xml" || base == "endnotes.xml" || base == "comments.xml")
	case "xlsx":
		return name == "xl/sharedStrings.xml" || dir == "xl/worksheets/" && strings.HasPrefix(base, "sheet")
	case "pptx":
		return dir == "ppt/slides/" && strings.HasPrefix(base, "slide")
	case "odt", "ods", "odp":
		return name == "content.xml"
	}
	return false
}

func (c *chunkReading) hashPacked(b []byte) uint64 {
	return c.hash(append(packedDomain[:len(packedDomain):len(packedDomain)], b...))
}

// packedRoot registers the compressed bytes of an office document. What cannot be read as one is left out: it is
// recognised otherwise.
func (x *extraction) packedRoot(r io.ReaderAt, size int64, root *knownPart) error {
	if !packedOwn(root.kind, packedSample(root.kind)) || size > packedMost || root.chunks != nil {
		return nil
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil
	}
	c := x.newChunks(root.kind)
	left := size // a directory may name the same bytes a hundred thousand times
	for _, f := range z.File {
		if !packedOwn(root.kind, f.Name) || f.Method != zip.Deflate || f.CompressedSize64 > uint64(left) {
			continue
		}
		left -= int64(f.CompressedSize64)
		raw, err := f.OpenRaw()
		if err != nil {
			continue
		}
		b, err := io.ReadAll(raw)
		if err != nil {
			return fmt.Errorf("read again: %w", err)
		}
		chunk.Fine(x.secrets.cuts, b, func(b []byte) {
			c.own.bytes += int64(len(b))
			c.pairs = append(c.pairs, index.Pair{Hash: c.hashPacked(b), Doc: c.own.n})
		})
	}
	root.chunks = c
	return c.end(x.chunks)
}

// packedSample is the name of a member that every document of a kind has.
func packedSample(kind string) string {
	switch kind {
	case "docx":
		return "word/document.xml"
	case "xlsx":
		return "xl/sharedStrings.xml"
	case "pptx":
		return "ppt/slides/slide1.xml"
	}
	return "content.xml"
}

// packedItem tells whether fine chunks of an item are looked for: it is nothing that is known to open, or broken.
func (s *matchSink) packedItem() bool {
	return s.rootBytes <= packedMost && (s.rootPart.part.Type == "binary" || len(s.reasons) > 0)
}

// mayBeWritten tells whether a text may be a piece of a page whose compressed bytes are written as ASCII: it is short, and has a run of
// characters that no blank breaks, as no language has.
func (s *matchSink) mayBeWritten(r io.ReaderAt) bool {
	if s.rootPart.part.Type != "text" || s.rootBytes > writtenMost {
		return false
	}
	b := make([]byte, s.rootBytes)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, s.rootBytes), b); err != nil {
		return false
	}
	run := 0
	for _, c := range b {
		if run++; c <= ' ' || c > '~' {
			run = 0
		}
		if run >= writtenRun {
			return true
		}
	}
	return false
}

// seePacked looks up the fine chunks of an item.
func (h *chunkHits) seePacked(t *chunk.Table, r io.ReaderAt, size int64) error {
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	chunk.Fine(t, b, func(b []byte) {
		if len(h.seen) < maxChunkHits {
			h.look(h.hashPacked(b), func(w *chunkWeight) {
				w.bytes += int64(len(b))
				w.packed += int64(len(b))
				w.n++
				w.bits += 8 * float64(len(b)) / packedPrice
			})
		}
	})
	return nil
}
