// Package paper writes a notice as a PDF for a registered letter, a form's upload or a file: A4, with the fonts embedded and the page
// numbers of its ticket, the same bytes for the same letter.
// It never changes a word of what was approved, never breaks an address with a hyphen, and makes no address a link.
package paper

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// Letter is what is set on paper.
type Letter struct {
	Ticket   string
	Subject  string
	Body     string // lines end in LF, as notice.Canonical gives them
	To       string // e-mail address; empty: not told
	From     string // e-mail address; empty: not told
	Language string // nl, fr, de, en; anything else reads as en
	Date     time.Time
}

// Measures in millimetres, sizes in points. Paragraphs run over 160 mm, about ninety characters.
const (
	left, right, top, bottom = 25.0, 25.0, 22.0, 25.0
	width, height            = 210.0, 297.0
	textSize, titleSize      = 10.0, 13.0
	headSize, monoSize       = 10.5, 8.5
	leading                  = 4.9
	gap                      = 2.6  // between paragraphs
	indent                   = 5.0  // of a list
	signing                  = 18.0 // room for a signature
)

// maxBody bounds what is laid out: a notice of a thousand locations has some 300 kB.
const maxBody = 4 << 20

// Write sets the letter. It fails for a letter that is too large, and when the fonts cannot be read.
func Write(l Letter) ([]byte, error) {
	if len(l.Body) > maxBody {
		return nil, errors.New("set letter: the text is too large")
	}
	fonts, err := readFonts()
	if err != nil {
		return nil, fmt.Errorf("set letter: %w", err)
	}
	// The number of pages is known only when all are set: they are set twice.
	pages := 0
	for range 2 {
		s := newSheet(l, fonts, pages)
		s.letter()
		if err := s.pdf.Error(); err != nil {
			return nil, fmt.Errorf("set letter: %w", err)
		}
		if n := s.pdf.PageNo(); n != pages {
			pages = n
			continue
		}
		var b bytes.Buffer
		if err := s.pdf.Output(&b); err != nil {
			return nil, fmt.Errorf("write letter: %w", err)
		}
		return b.Bytes(), nil
	}
	s := newSheet(l, fonts, pages)
	s.letter()
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	return b.Bytes(), nil
}

// The faces that a letter uses.
const (
	plain = "go"
	mono  = "gomono"
)

// readFonts parses the faces to know which characters each has.
func readFonts() (map[string]*sfnt.Font, error) {
	out := map[string]*sfnt.Font{}
	for name, ttf := range map[string][]byte{plain: goregular.TTF, mono: gomono.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("read font %s: %w", name, err)
		}
		out[name] = f
	}
	return out, nil
}

// sheet is a letter while it is being set.
type sheet struct {
	pdf   *fpdf.Fpdf
	l     Letter
	fonts map[string]*sfnt.Font
	buf   sfnt.Buffer
	w     labels
	y     float64
	style string
	face  string
	size  float64
}

func newSheet(l Letter, fonts map[string]*sfnt.Font, pages int) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	at := l.Date.UTC().Truncate(time.Second)
	if l.Date.IsZero() {
		at = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	pdf.SetCatalogSort(true)
	pdf.SetProducer("unmirror", true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(plain, "", goregular.TTF)
	pdf.AddUTF8FontFromBytes(plain, "B", gobold.TTF)
	pdf.AddUTF8FontFromBytes(mono, "", gomono.TTF)
	s := &sheet{pdf: pdf, l: l, fonts: fonts, w: labelsOf(l.Language)}
	pdf.SetTitle(s.printable(l.Subject, plain), true)
	pdf.SetLang(s.w.language)
	pdf.SetFooterFunc(func() {
		foot := fmt.Sprintf(s.w.page, s.printable(l.Ticket, plain), pdf.PageNo(), pages)
		pdf.SetFont(plain, "", 8)
		pdf.Text((width-pdf.GetStringWidth(foot))/2, height-13, foot)
	})
	s.page()
	return s
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.y = top
}

// room begins a new page where less than so many millimetres are left.
func (s *sheet) room(mm float64) {
	if s.y+mm > height-bottom {
		s.page()
	}
}

func (s *sheet) use(face, style string, size float64) {
	s.face, s.style, s.size = face, style, size
	s.pdf.SetFont(face, style, size)
}

// line sets one line and moves on.
func (s *sheet) line(x float64, text string) {
	if s.y+leading > height-bottom {
		s.page()
	}
	s.pdf.SetFont(s.face, s.style, s.size) // a new page's footer used another
	s.y += leading
	s.pdf.Text(x, s.y, text)
}

// printable replaces what a face has no picture for. An address was made printable before: see address.
func (s *sheet) printable(text, face string) string {
	f := s.fonts[face]
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u202f':
			return '\u00a0' // the narrow no-break space, which few fonts have
		case r > 0xffff || r < ' ':
			return '?'
		}
		if i, err := f.GlyphIndex(&s.buf, r); err != nil || i == 0 {
			return '?'
		}
		return r
	}, text)
}

// address writes a URL with what the face cannot print percent-encoded, so that it stays exact (RFC 3986, 2.1).
func (s *sheet) address(url string) string {
	f := s.fonts[mono]
	var b strings.Builder
	for _, r := range url {
		if i, err := f.GlyphIndex(&s.buf, r); err == nil && i != 0 && r >= ' ' && r <= 0xffff {
			b.WriteRune(r)
			continue
		}
		var raw [utf8.UTFMax]byte
		for _, c := range raw[:utf8.EncodeRune(raw[:], r)] {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
