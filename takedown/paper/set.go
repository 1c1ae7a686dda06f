package paper

import (
	"math"
	"strings"
	"unicode/utf8"

	"unmirror/takedown/notice"
)

// labels are the words that the paper adds to the text.
type labels struct{ language, by, from, subject, page, signature string }

func labelsOf(language string) labels {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch base {
	case "nl":
		return labels{"nl", "Per e-mail aan: ", "Van: ", "Betreft: ", "%s · pagina %d van %d", "Handtekening:"}
	case "fr":
		return labels{"fr", "Par courrier électronique à\u00a0: ", "De\u00a0: ", "Objet\u00a0: ", "%s · page %d sur %d", "Signature\u00a0:"}
	case "de":
		return labels{"de", "Per E-Mail an: ", "Von: ", "Betreff: ", "%s · Seite %d von %d", "Unterschrift:"}
	}
	return labels{"en", "By e-mail to: ", "From: ", "Subject: ", "%s · page %d of %d", "Signature:"}
}

// letter sets everything.
func (s *sheet) letter() {
	s.use(plain, "", textSize)
	for _, l := range [][2]string{{s.w.by, s.l.To}, {s.w.from, s.l.From}} {
		if l[1] != "" {
			s.flow(left, l[0]+l[1])
		}
	}
	s.use(plain, "B", textSize)
	s.flow(left, s.w.subject+s.l.Subject)
	s.y += leading
	all := blocks(s.l.Body)
	for i, b := range all {
		if n := rest(all[i:]); n <= closing {
			s.room(float64(n) * leading) // a greeting is not parted from the name below it
		}
		if i == 0 || all[i-1].kind == space {
			s.room(s.together(all[i:]))
		}
		s.block(b, i == 0)
	}
}

// closing is how many lines at the end of a version stay together.
const closing = 3

// rest counts the blocks up to the end of a version.
func rest(all []block) int {
	for i, b := range all {
		if b.kind == version && i > 0 {
			return i
		}
	}
	return len(all)
}

// together is how many millimetres the lines at the beginning need that stay on one page: an address with its label, the number of
// its location above and the facts below; 0 for lines without an address, and for so many that half a page would stay empty.
func (s *sheet) together(all []block) (mm float64) {
	found := false
	for _, b := range all {
		if b.kind != paragraph && b.kind != address {
			break
		}
		text := b.text
		if s.use(plain, "", textSize); b.kind == address {
			found = true
			s.use(mono, "", monoSize)
			text = s.address(text)
		} else {
			text = s.printable(text, plain)
		}
		mm += leading * math.Ceil(s.pdf.GetStringWidth(text)/(width-left-right)*1.05) // words do not fill a line
	}
	if !found || mm > (height-top-bottom)/2 {
		return 0
	}
	return mm
}

func (s *sheet) block(b block, first bool) {
	switch b.kind {
	case space:
		if s.y > top {
			s.y += gap
		}
	case version:
		s.page()
		s.use(plain, "B", textSize)
		s.flow(left, b.text)
	case title:
		s.room(4 * leading)
		s.use(plain, "B", titleSize)
		if !first {
			s.y += gap
		}
		s.flow(left, b.text)
	case heading:
		s.room(5 * leading) // never alone at the foot of a page
		s.use(plain, "B", headSize)
		s.y += gap
		s.flow(left, b.text)
	case item:
		s.use(plain, "", textSize)
		s.room(leading)
		s.pdf.SetFont(s.face, s.style, s.size)
		s.pdf.Text(left+1, s.y+leading, "–")
		s.flow(left+indent, b.text)
	case address:
		s.use(mono, "", monoSize)
		text := s.address(b.text)
		if lines := s.pdf.GetStringWidth(text)/(width-left-right) + 1; lines < 12 {
			s.room(lines * leading) // not parted over two pages
		}
		s.flow(left, text)
	default:
		s.use(plain, "", textSize)
		s.flow(left, b.text)
		if b.text == s.w.signature {
			s.room(signing)
			s.y += signing
		}
	}
}

// flow sets a text in lines from x to the right margin: broken at spaces, a word that is wider than the line between any two
// characters, never with a hyphen.
func (s *sheet) flow(x float64, text string) {
	if s.face != mono {
		text = s.printable(text, s.face)
	}
	room := width - right - x
	cur := ""
	flush := func() {
		if cur != "" {
			s.line(x, cur)
			cur = ""
		}
	}
	for _, w := range notice.Units(text) {
		s.pdf.SetFont(s.face, s.style, s.size)
		joined := w
		if cur != "" {
			joined = cur + " " + w
		}
		if s.pdf.GetStringWidth(joined) <= room {
			cur = joined
			continue
		}
		flush()
		for s.pdf.GetStringWidth(w) > room {
			n := s.fits(w, room)
			s.line(x, w[:n])
			w = w[n:]
		}
		cur = w
	}
	flush()
}

// fits returns how many bytes of a word fit into so many millimetres, at least one character.
func (s *sheet) fits(w string, room float64) int {
	_, n := utf8.DecodeRuneInString(w)
	for i := range w {
		if i > 0 && s.pdf.GetStringWidth(w[:i]) > room {
			break
		}
		n = max(n, i)
	}
	return n
}
