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
	whole  bool // it may be a page of its own, by its size and shape
}

// A picture in a document that has words of its own may be its letterhead, so only what may be a page counts there: of so
// many pixels at least, and not much longer than wide.
const (
	wholeArea  = 400_000
	wholeShape = 2
)

func wholePage(r page.Raster) bool {
	return r.W*r.H >= wholeArea && max(r.W, r.H) <= wholeShape*min(r.W, r.H)
}

// worded tells of a document with words of its own.
func (k *knownPart) worded() bool {
	return len(k.texts) > 0 && k.texts[0].length >= wordsEnough
}

// Page prints an image of a known file.
func (s *extractSink) Page(i int, p open.Page) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	made, ok := s.x.secrets.pages.Print(p.Raster)
	if !ok {
		return s.readImage(i, p)
	}
	number := uint32(pageNumber(p))
	place, err := s.x.pages.Add(number, made.Words, pageBody(p.Raster, made))
	if err != nil {
		s.broken = err
		return err
	}
	e.known.pages = append(e.known.pages, knownPage{place, number, wholePage(p.Raster)})
	return s.readImage(i, p)
}

// worded tells whether a part is a document with words of its own, or lies in one.
func (x *extractedFile) worded(at int) bool {
	for ; at >= 0; at = x.parts[at].parent {
		if p := x.parts[at]; isArchive(p.kind) {
			return false
		} else if p.worded() {
			return true
		}
	}
	return false
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
func (b *drafting) imaged(f *index.File, at uint32, pages []knownPage, worded bool, rule func(number uint32) index.FilePage) {
	for _, p := range pages {
		if worded && !p.whole {
			continue
		}
		f.Pages++
		b.d.PageFiles[p.place] = at
		if slices.ContainsFunc(f.PageRules, func(have index.FilePage) bool { return have.Number == p.number }) {
			continue // of another image on that page
		}
		if one := rule(p.number); len(one.Subjects)+len(one.Categories) > 0 {
			f.PageRules = append(f.PageRules, one)
		}
	}
}
