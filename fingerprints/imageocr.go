package fingerprints

import (
	"context"
	"fmt"
	"time"

	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
	"unmirror/fingerprints/winnow"
)

// pageReader reads the text of an image, as open.OCR does: within so much time, of which it tells what it took.
type pageReader interface {
	Text(ctx context.Context, r page.Raster, most time.Duration) (text string, took time.Duration, err error)
}

// WithOCR returns a matcher that has the text of images read, too: it goes through passages and records as all text does.
// An image that shows a known page is not read, nor is one in a document with words of its own.
func (m *Matcher) WithOCR(r pageReader) *Matcher {
	with := *m
	with.ocr = r
	return &with
}

const (
	// readText is where the text that was read of a part's images stands among its texts.
	readText = -1
	// readTime bounds the time by the clock that reading takes of one item, without what it waits for its turn; readLeast is
	// the longer side of an image, in pixels, below which nothing can be read.
	readTime  = 90 * time.Second
	readLeast = 600
)

// readImage has the text of an image read. What cannot be read is no failure of the item: it was looked at already.
func (s *matchSink) readImage(e *partMatch, p open.Page) error {
	if s.m.ocr == nil || s.reading >= readTime || max(p.Raster.W, p.Raster.H) < readLeast {
		return nil
	}
	if t := e.texts[0]; t != nil && t.stream.Len() >= wordsEnough {
		return nil
	}
	text, took, err := s.m.ocr.Text(s.ctx, p.Raster, readTime-s.reading)
	s.reading += took
	if err != nil || text == "" {
		return nil
	}
	if err := s.feed(e, readText, []byte(text+"\n")); err != nil {
		return fmt.Errorf("take what was read: %w", err)
	}
	return nil
}

// feed takes some of a text of a part.
func (s *matchSink) feed(e *partMatch, alternative int, b []byte) error {
	t := e.texts[alternative]
	if t == nil {
		if e.texts == nil {
			e.texts = map[int]*textMatch{}
		}
		t = beginText(s.m.library.secrets, s.snap)
		t.records = newRecordHits(s.m.library.secrets, s.snap)
		e.texts[alternative] = t
	}
	if t.records != nil {
		t.records.feed(b)
	}
	if err := t.numbers.feed(b, t, s.m.library.secrets); err != nil {
		return err
	}
	return t.feed(b, func(prints []winnow.Print) error {
		t.hits.seeFrom(&t.stream, prints)
		return nil
	})
}
