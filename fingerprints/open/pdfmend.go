package open

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"golang.org/x/text/encoding/charmap"
)

// mendLimit is the size up to which a cut PDF is looked through for what survived.
const mendLimit = 64 << 20

var (
	pdfObject   = regexp.MustCompile(`(?:^|[\r\n ])(\d{1,9})[ ]+(\d{1,5})[ ]+obj\b`)
	pdfPageType = regexp.MustCompile(`/Type\s*/Page\b`)
	pdfCatalog  = regexp.MustCompile(`/Type\s*/Catalog\b`)
)

// mendPDF writes the end that a cut PDF lacks: a catalogue of the page objects that survived. Readers that rebuild the
// cross references by themselves find their way from there. It returns nil where there is nothing to mend.
func mendPDF(c content) []byte {
	b := survived(c)
	if b == nil || pdfCatalog.Match(b) {
		return nil
	}
	var kids bytes.Buffer
	found, highest := 0, 0
	objects := pdfObject.FindAllSubmatchIndex(b, 200_000)
	for i, at := range objects {
		end := len(b)
		if i+1 < len(objects) {
			end = objects[i+1][0]
		}
		number, _ := strconv.Atoi(string(b[at[2]:at[3]]))
		highest = max(highest, number)
		head := b[at[1]:min(end, at[1]+4096)]
		if pdfPageType.Match(head) {
			fmt.Fprintf(&kids, "%d %s R ", number, b[at[4]:at[5]])
			found++
		}
	}
	if found == 0 {
		return nil
	}
	pages, catalogue := highest+1, highest+2
	return fmt.Appendf(nil, "\nendstream endobj\n%d 0 obj\n<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 595 842]>>\nendobj\n%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\ntrailer\n<</Root %d 0 R/Size %d>>\n%%%%EOF\n",
		pages, found, kids.Bytes(), catalogue, pages, catalogue, catalogue+1)
}

func survived(c content) []byte {
	b := make([]byte, min(c.Size(), mendLimit))
	n, err := c.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	return b[:n]
}

// salvagePDF is the last resort: it inflates the page streams that survived and takes the literal strings that they show.
// Fonts with encodings of their own stay unread; the standard encodings read as windows-1252.
// It tells whether it came to the end of all of them.
func salvagePDF(out *textOut, c content) bool {
	const mostPage, most = 16 << 20, 4 * mendLimit
	b := survived(c)
	whole := c.Size() <= mendLimit
	for budget := int64(most); out.it.fatal == nil; {
		i := bytes.Index(b, []byte("stream"))
		if i < 0 {
			break
		}
		dict := b[max(0, i-512):i]
		b = bytes.TrimLeft(b[i+len("stream"):], "\r\n")
		if bytes.HasSuffix(dict, []byte("end")) || notAPage(dict[max(0, bytes.LastIndex(dict, []byte(" obj"))):]) {
			continue
		}
		page := b
		if end := bytes.Index(b, []byte("endstream")); end >= 0 {
			page = b[:end]
		}
		if bytes.Contains(dict, []byte("/ASCII85Decode")) || bytes.Contains(dict, []byte("/A85")) {
			page, _ = io.ReadAll(ascii85.NewDecoder(&until85{r: bufio.NewReader(bytes.NewReader(page))})) // as much as there is
		}
		if z, err := zlib.NewReader(bytes.NewReader(page)); err == nil {
			page, _ = io.ReadAll(io.LimitReader(z, min(budget, mostPage))) // a cut stream gives what it can
			budget -= int64(len(page))
		}
		if textObject.Match(page) {
			whole = whole && len(page) < mostPage
			shownStrings(out, page)
		}
		if budget <= 0 {
			return false
		}
	}
	return whole
}

// textObject is a text object's beginning and a shown string (ISO 32000-1, 9.4): two letters alone stand in any font.
var textObject = regexp.MustCompile(`(?s)(?:^|[\s\]>)])BT\s.+?[)\]>]\s*(?:Tj|TJ|'|")`)

// notAPage says whether a stream's dictionary is that of a picture, a font program or a colour profile.
func notAPage(dict []byte) bool {
	for _, key := range []string{"/Subtype", "/Length1", "/Length2", "/Length3", "/N "} {
		if bytes.Contains(dict, []byte(key)) {
			return true
		}
	}
	return false
}

// shownStrings writes the strings of a page's text objects (ISO 32000-1, 9.4.3): those before Tj, TJ, ' and ".
func shownStrings(out *textOut, page []byte) {
	var held []byte
	for i := 0; i < len(page); {
		switch c := page[i]; {
		case c == '(':
			s, n := literal(page[i:])
			held = append(held, s...)
			i += n
		case c == 'T' && i+1 < len(page) && (page[i+1] == 'j' || page[i+1] == 'J'), c == '\'', c == '"':
			writeCP1252(out, held)
			held = held[:0]
			i += 2
		case c == 'T' && i+1 < len(page) && (page[i+1] == 'd' || page[i+1] == 'D' || page[i+1] == '*' || page[i+1] == 'm'), c == 'E' && bytes.HasPrefix(page[i:], []byte("ET")):
			out.newline()
			held = held[:0]
			i += 2
		case c == '-' && len(held) > 0 && wideGap(page[i+1:]):
			held = append(held, ' ') // a TJ array moves on by more than a letter's share of an em
			i++
		default:
			i++
		}
	}
}

// wideGap reports whether a displacement in a TJ array is a space between words, in thousandths of an em.
func wideGap(b []byte) bool {
	digits := 0
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	return digits >= 3 && digits < 6 && b[0] >= '2'
}

func writeCP1252(out *textOut, s []byte) {
	if text, err := charmap.Windows1252.NewDecoder().Bytes(s); err == nil {
		out.Write(text)
	}
}

// literal reads a string in parentheses (ISO 32000-1, 7.3.4.2) and returns it with the number of bytes that it took.
func literal(b []byte) (s []byte, n int) {
	depth := 0
	for n = 0; n < len(b); n++ {
		c := b[n]
		switch {
		case c == '\\' && n+1 < len(b):
			n++
			switch e := b[n]; {
			case e == 'n' || e == 'r':
				s = append(s, '\n')
			case e == 't':
				s = append(s, '\t')
			case e >= '0' && e <= '7':
				v := 0
				for k := 0; k < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7'; k++ {
					v = v*8 + int(b[n]-'0')
					n++
				}
				n--
				s = append(s, byte(v))
			case e == '\r' || e == '\n':
			default:
				s = append(s, e)
			}
		case c == '(':
			if depth > 0 {
				s = append(s, c)
			}
			depth++
		case c == ')':
			depth--
			if depth == 0 {
				return s, n + 1
			}
			s = append(s, c)
		default:
			s = append(s, c)
		}
	}
	return s, n
}
