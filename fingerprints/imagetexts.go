package fingerprints

import (
	"sync/atomic"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
)

// ImageTexts has the text of known pages read that are images, so that it is found as text, too.
type ImageTexts struct {
	Reader pageReader    // nil: no text of images is read
	Most   time.Duration // by the clock, of one registration; 0: as long as it takes
	// Progress is told how many were read so far, from several goroutines; since each takes seconds. May be nil.
	Progress func(read int)
}

// imageTexts reads images for all workers of a registration.
type imageTexts struct {
	reader       pageReader
	until        time.Time // zero: without end
	progress     func(read int)
	read, unread atomic.Int64
}

func newImageTexts(i ImageTexts) *imageTexts {
	if i.Reader == nil {
		return nil
	}
	t := &imageTexts{reader: i.Reader, progress: i.Progress}
	if i.Most > 0 {
		t.until = time.Now().Add(i.Most)
	}
	return t
}

func (t *imageTexts) counts() (read, unread int) {
	if t == nil {
		return 0, 0
	}
	return int(t.read.Load()), int(t.unread.Load())
}

// readKind is the kind of file as which the text of images is read: lines as they lie on a page.
const readKind = "pdf"

// readImage has the text of an image of a known file read, as that of an item's image is. It is kept beside the file's own
// text, because it does not stand for the file: who has the image need not read the same.
func (s *extractSink) readImage(i int, p open.Page) error {
	t, e := s.x.images, s.open[i]
	if t == nil || max(p.Raster.W, p.Raster.H) < readLeast || e.worded() {
		return nil
	}
	most := readTime
	if !t.until.IsZero() {
		most = min(most, time.Until(t.until))
	}
	if most <= 0 {
		t.unread.Add(1)
		return nil
	}
	text, _, err := t.reader.Text(s.ctx, p.Raster, most)
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if err != nil {
		t.unread.Add(1)
		return nil
	}
	if n := t.read.Add(1); t.progress != nil {
		t.progress(int(n))
	}
	if text == "" {
		return nil
	}
	return s.Text(i, readText, []byte(text+"\n"))
}

// worded tells whether a part has words of its own so far, or lies in a document that has.
func (e *partExtract) worded() bool {
	for ; e != nil; e = e.in {
		if t := e.texts[0]; t != nil && t.stream.Len() >= wordsEnough {
			return true
		}
		if isArchive(e.known.kind) {
			return false
		}
	}
	return false
}

// groupOf is the text whose digest says with which others the i-th counts once: what was read of images may have been read
// wrongly, and stands for itself.
func (k *knownPart) groupOf(i int) []byte {
	if i < len(k.texts) {
		return k.texts[0].text[:]
	}
	return k.read[i-len(k.texts)].text[:]
}

// readOf tells of a document that it was read of images and is no file's own text. Where an image shows another image, the
// images themselves decide, which tell a form from what is written in it: by their texts they would look alike, since what
// was read wrongly on one page of a form and rightly on another seems to be the other's own.
func (r *ranking) readOf(ref docRef) bool {
	seg := r.snap.Known[ref.seg]
	for _, at := range seg.DocFiles(seg.Doc(ref.doc)) {
		if f, err := seg.File(at); err != nil || f.Doc != index.NoDoc {
			return false
		}
	}
	return true
}

// misreadPrice is what a text pays that shares something with one that was read of images, in matches: what is printed on
// two pages of a form and was misread on one of them seems to be the other's own.
const misreadPrice = 2

// misread leaves of what a text shares with one that was read of images what is that one's own beyond the price.
func (r *ranking) misread(s *shared) {
	if r.readOf(s.ref) {
		s.bits, s.beyond = min(s.bits, s.own)-misreadPrice*r.m.noticeBits, 0
	}
}
