package fingerprints

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"math/rand/v2"
	"testing"

	"unmirror/fingerprints/match"
)

// pdfLike is a PDF with a font that every file of its program has and one page of text, and the places of their bytes.
func pdfLike(text string) (file []byte, font, page [2]int) { return pdfWritten(text, false) }

// pdfWritten writes the compressed bytes as ASCII, as some programs do.
func pdfWritten(text string, ascii bool) (file []byte, font, page [2]int) {
	var b bytes.Buffer
	stream := func(dict string, content []byte) (at [2]int) {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write(content) // into memory
		z.Close()
		filter := "/FlateDecode"
		if ascii {
			var code bytes.Buffer
			e := ascii85.NewEncoder(&code)
			e.Write(packed.Bytes()) // into memory
			e.Close()
			code.WriteString("~>")
			packed, filter = code, "[/ASCII85Decode/FlateDecode]"
		}
		fmt.Fprintf(&b, "%d 0 obj\n<</Length %d/Filter%s%s>>\nstream\n", b.Len()+3, packed.Len(), filter, dict)
		at[0] = b.Len()
		b.Write(packed.Bytes())
		at[1] = b.Len()
		b.WriteString("\nendstream\nendobj\n")
		return at
	}
	b.WriteString("%PDF-1.5\n")
	glyphs := make([]byte, 4000)
	r := rand.NewChaCha8([32]byte{7})
	r.Read(glyphs)
	font = stream("/Length1 4000", append([]byte("BT Tj "), glyphs...))
	page = stream("", []byte("BT /F1 10 Tf 50 790 Td ("+text+") Tj ET"))
	b.WriteString("trailer<<>>\n%%EOF\n")
	return b.Bytes(), font, page
}

// recognised wants nine of ten pieces of 1 KB of a page found.
func recognised(t *testing.T, m *Matcher, page []byte) {
	t.Helper()
	tries, found := 0, 0
	for at := 0; at+1024 <= len(page); at += 211 {
		tries++
		if rep := matchText(m, string(page[at:at+1024])); rep.Verdict == match.Matched && rep.Best().KnownFile == "brief.pdf" {
			found++
		}
	}
	if tries == 0 || found*10 < tries*9 {
		t.Errorf("%d of %d pieces of 1 KB were recognised", found, tries)
	}
}

func TestAPieceOfThePageOfAPDFIsRecognisedAndNoneOfItsFont(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 2))
	known, font, page := pdfLike(filler(r, 6000))
	m := registered(t, map[string][]byte{"brief.pdf": known})
	recognised(t, m, known[page[0]+1:page[1]])
	other, _, page := pdfLike(filler(r, 6000))
	for _, piece := range [][]byte{known[font[0]+100 : font[0]+1124], other[page[0]+1 : page[0]+1025]} {
		if rep := matchText(m, string(piece)); rep.Verdict == match.Matched {
			t.Errorf("a font, or another's page: %+v", rep.Best())
		}
	}
}

func TestAPieceOfAPageWrittenAsASCIIIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(44, 2))
	known, _, page := pdfWritten(filler(r, 6000), true)
	m := registered(t, map[string][]byte{"brief.pdf": known})
	recognised(t, m, known[page[0]+1:page[1]])
	other, _, page := pdfWritten(filler(r, 6000), true)
	if rep := matchText(m, string(other[page[0]+1:page[0]+1025])); rep.Verdict == match.Matched {
		t.Errorf("another's page: %+v", rep.Best())
	}
}

func TestOnlyStreamsThatWriteTextArePages(t *testing.T) {
	file, font, page := pdfLike("some words of a page")
	var seen [][]byte
	eachPage(file, func(b []byte) { seen = append(seen, b) })
	if len(seen) != 1 || !bytes.HasPrefix(seen[0], file[page[0]:page[1]]) {
		t.Errorf("%d pages; the font is %d bytes", len(seen), font[1]-font[0])
	}
	eachPage([]byte("stream"), func([]byte) { t.Error("a page of nothing") })
	eachPage([]byte("<</Filter/FlateDecode>>stream\nendstream"), func([]byte) { t.Error("a page of an empty stream") })
}
