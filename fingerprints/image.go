package fingerprints

import (
	"encoding/binary"
	"fmt"
	"slices"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
)

// Pages are recognised by their images (package page): those of known files are printed when they are registered, and
// every image of an item is looked at that may be a page. What the index keeps of a page is its shape and its print.

// shapeBytes is how much of a page's body is its shape: width and height in pixels, of which only the ratio tells anything.
const shapeBytes = 4

// pageBody is what the index keeps of a page beside its words.
func pageBody(r page.Raster, p page.Print) []byte {
	b := make([]byte, shapeBytes, shapeBytes+len(p.Body))
	binary.LittleEndian.PutUint16(b, uint16(min(r.W, 1<<16-1)))
	binary.LittleEndian.PutUint16(b[2:], uint16(min(r.H, 1<<16-1)))
	return append(b, p.Body...)
}

// openBody undoes pageBody.
func openBody(b []byte) (shape float64, body []byte, err error) {
	if len(b) < shapeBytes {
		return 0, nil, fmt.Errorf("a page's body is cut short: %w", index.ErrCorrupt)
	}
	w, h := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	return float64(w) / float64(max(1, h)), b[shapeBytes:], nil
}

// knownPage is a page of a known file while its segment is drafted.
type knownPage struct {
	place  uint32 // in the spool
	number uint32
}

// Page prints an image of a known file.
func (s *extractSink) Page(i int, p open.Page) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	made, ok := s.x.secrets.pages.Print(p.Raster)
	if !ok {
		return nil
	}
	number := uint32(pageNumber(p))
	place, err := s.x.pages.Add(number, made.Words, pageBody(p.Raster, made))
	if err != nil {
		s.broken = err
		return err
	}
	e.known.pages = append(e.known.pages, knownPage{place, number})
	return nil
}

// pageNumber is a page's number, or its image's where the document is too damaged to tell.
func pageNumber(p open.Page) int {
	if p.Number > 0 {
		return p.Number
	}
	return max(1, p.Image)
}

// pageFiles are as many pages without a file as the spool holds.
func (r *registration) pageFiles() []uint32 {
	return slices.Repeat([]uint32{index.NoDoc}, r.pages.Count())
}

// imaged gives a file's pages to it, with what the manifest says of single ones.
func (b *drafting) imaged(f *index.File, at uint32, pages []knownPage, rule func(number uint32) index.FilePage) {
	for _, p := range pages {
		b.d.PageFiles[p.place] = at
		if one := rule(p.number); len(one.Subjects)+len(one.Categories) > 0 {
			f.PageRules = append(f.PageRules, one)
		}
	}
	f.Pages = len(pages)
}
