package open

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

func TestDocumentsYieldTheirVisibleTextOnly(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for name, c := range map[string]struct {
		item []byte
		kind string
		want []string
		not  []string
	}{
		"docx": {docxOf(t, []string{"Geachte mevrouw Vandergucht", "een &lt; twee is drie en meer"}, [][2]string{{"naam", "datum"}, {"Annelies", "12 maart"}}), "docx",
			[]string{"Geachte mevrouw Vandergucht\n", "een < twee is drie en meer\n", "naam \tdatum \t\nAnnelies \t12 maart \t\n", "Kopregel van de dienst", "Voetnoot & bron", "Opmerking van de arts"},
			[]string{"geschrapt", "PAGE", "styletext"}},
		"xlsx": {xlsxOf(t), "xlsx",
			[]string{"naam\tgeboren op\t\topmerking\t\n", "Vandergucht\t01/01/1985\t0.3\t31048\t\n"}, []string{"furigana"}},
		"odt": {odtOf(t, "Geachte mevrouw", "tweede alinea"), "odt",
			[]string{"Geachte mevrouw\n", "tweede alinea\n", "naam \tdatum \t\n", "Voettekst"}, []string{"verborgen", "geschrapt", "no"}},
		"html": {[]byte("<!doctype html><html><head><title>Lijst</title><style>.a{color:red}</style><script>var x='</p>'</script></head><body><p>Caf&eacute; <b>Vander</b>gucht</p><table><tr><td>naam<td>datum</tr></table><pre>a\n  b</pre><!-- weg --></body>"), "html",
			[]string{"Lijst\n", "Café Vandergucht\n", "naam\tdatum\n", "a\n  b"}, []string{"color", "var x", "weg"}},
		"html latin":        {[]byte("<html><head><meta charset=iso-8859-1></head><body>zesde g\xe9\xe9n na\xefef bericht</body></html>"), "html", []string{"zesde géén naïef bericht"}, nil},
		"xml":               {[]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><a><b>caf` + "\xe9" + `</b><c x="weg">twee &amp; drie</c></a>`), "xml", []string{"café\t", "twee & drie"}, []string{"weg"}},
		"xml of attributes": {[]byte(`<?xml version="1.0"?><a xmlns="n" x:y="weg"><r naam="Jans&#233;" born='1/2/1980' /><r naam="Piet" born="3/4/1990"/></a>`), "xml", []string{"Jansé\t1/2/1980\t\nPiet\t3/4/1990\t\n"}, []string{"weg"}},
		"rtf": {[]byte(`{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Times;}}{\*\generator Riched}\pard Caf\'e9 \b Vander\b0 gucht\par na\u239?ef\tab x\{y\}\cell z\row}trailing`), "rtf",
			[]string{"Café Vandergucht\n", "naïef\tx{y}\tz\n"}, []string{"Times", "Riched", "trailing", "?"}},
		"csv":  {[]byte("naam;geboren\nVandergucht;1985\n"), "csv", []string{"naam;geboren\nVandergucht;1985\n"}, nil},
		"text": {[]byte("Geachte mevrouw, dit is geen tabel.\nEn dit ook niet\n"), "text", []string{"geen tabel"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "a.bin", c.item)
			text := h.textOf(0)
			for _, w := range c.want {
				if !strings.Contains(text, w) {
					t.Errorf("lacks %q:\n%q", w, text)
				}
			}
			for _, w := range c.not {
				if strings.Contains(text, w) {
					t.Errorf("holds %q:\n%q", w, text)
				}
			}
			if h.parts[0].Type != c.kind || len(h.parts) != 1 || h.ends[0] != nil || h.parts[0].Extractor == "" {
				t.Errorf("%s", h)
			}
		})
	}
}

func TestAPageWithManyUnclosedTagsIsReadToItsEnd(t *testing.T) {
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a", []byte("<html><body>"+strings.Repeat("<b><div>", 2000)+"Vandergucht"))
	if !strings.Contains(h.textOf(0), "Vandergucht") {
		t.Errorf("%s", h)
	}
}

func TestOnlyLargeEmbeddedFilesOfADocumentAreMembers(t *testing.T) {
	big, small := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 5000)...), append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 500)...)
	h := mustOpen(t, newOpener(t, Limits{}, 1), "brief.docx", docxOf(t, []string{letter}, nil, file{"word/media/image1.png", big}, file{"word/media/bullet.png", small}))
	if len(h.parts) != 2 || h.parts[1].Path != "brief.docx!/word/media/image1.png" || h.parts[1].Type != "png" {
		t.Errorf("%s", h)
	}
}

func TestATruncatedDocumentYieldsWhatSurvived(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	var paragraphs []string
	for i := range 400 {
		paragraphs = append(paragraphs, fmt.Sprintf("Alinea %d over dossier %x van de werknemer.", i, i*i*7919))
	}
	for name, item := range map[string][]byte{"docx": docxOf(t, paragraphs, nil), "odt": odtOf(t, paragraphs...)} {
		h := mustOpen(t, o, "a", item[:len(item)/2])
		if !strings.Contains(h.textOf(0), "Alinea 50 over dossier") || !errors.Is(h.ends[0], ErrTruncated) {
			t.Errorf("%s: %d bytes of text: %s", name, len(h.textOf(0)), h)
		}
	}
}

const mailText = `From: =?UTF-8?Q?Bureau_Caf=C3=A9?= <a@example.org>
To: b@example.org
Subject: =?iso-8859-1?Q?dossier_g=E9heim?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="XX"

--XX
Content-Type: multipart/alternative; boundary=YY

--YY
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

De werkneemster =E9n haar dos=
sier
--YY
Content-Type: text/html; charset=utf-8

<p>De <b>werkneemster</b></p>
--YY--
--XX
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="../brief.docx"
Content-Transfer-Encoding: base64

%s
--XX
Content-Type: message/rfc822

From: c@example.org
Subject: binnenin
Date: today

Inhoud van de doorgestuurde mail
--XX--
`

func TestAMailYieldsItsTextAndItsAttachments(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	docx := docxOf(t, []string{letter}, nil)
	item := fmt.Sprintf(mailText, wrapped(base64.StdEncoding.EncodeToString(docx)))
	for name, m := range map[string]string{"lf": item, "crlf": strings.ReplaceAll(item, "\n", "\r\n")} {
		h := mustOpen(t, o, "x.eml", []byte(m))
		for _, w := range []string{"dossier géheim\n", "Bureau Café", "De werkneemster én haar dossier", "De werkneemster\n"} {
			if !strings.Contains(h.textOf(0), w) {
				t.Errorf("%s: lacks %q in %q", name, w, h.textOf(0))
			}
		}
		a := h.at(t, "x.eml!/brief.docx")
		if !bytes.Equal(h.data[a.Index], docx) || !strings.Contains(h.textOf(a.Index), "Vandergucht") {
			t.Errorf("%s: attachment: %s", name, h)
		}
		f := h.at(t, "x.eml!/message.eml")
		if f.Type != "eml" || !strings.Contains(h.textOf(f.Index), "doorgestuurde") {
			t.Errorf("%s: forwarded: %s", name, h)
		}
	}
}

func wrapped(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}

func TestAPasteThatIsBase64IsReadAsWhatItEncodes(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	docx := docxOf(t, []string{letter}, nil)
	for name, item := range map[string]string{"one line": base64.StdEncoding.EncodeToString(docx), "wrapped": wrapped(base64.StdEncoding.EncodeToString(docx)) + "\n"} {
		h := mustOpen(t, o, "p", []byte(item))
		if len(h.parts) != 2 || h.parts[1].Type != "docx" || !bytes.Equal(h.data[1], docx) || !strings.Contains(h.textOf(1), "Vandergucht") {
			t.Errorf("%s: %s", name, h)
		}
	}
	for _, prose := range []string{letter, strings.Repeat("deadbeefcafe0123", 20), strings.Repeat("abcd\n", 40)} {
		if h := mustOpen(t, o, "p", []byte(prose)); len(h.parts) > 1 {
			t.Errorf("taken for base64: %.40q", prose)
		}
	}
}

func pdfPages() []string {
	var pages []string
	for i := range 30 {
		pages = append(pages, fmt.Sprintf("Bladzijde %d van het dossier\nGeachte mevrouw (Annelies) Vandergucht\nuw afspraak van %d maart is verplaatst", i, i))
	}
	return pages
}

func withoutPoppler(t testing.TB, l Limits) *Opener {
	o := newOpener(t, l, 1)
	o.tools.pdftotext, o.tools.pdftotextVersion = "", ""
	return o
}

func TestAPdfIsReadByPopplerOrElseByTheGoReader(t *testing.T) {
	for _, p := range []string{"poppler", "go"} {
		t.Run(p, func(t *testing.T) {
			o := withoutPoppler(t, Limits{})
			want := "ledongthuc/pdf"
			if p == "poppler" {
				testneeds.Program(t, "pdftotext", "poppler-utils")
				o, want = newOpener(t, Limits{}, 1), "pdftotext "
			}
			h := mustOpen(t, o, "a.zip", zipOf(t, file{"x.pdf", pdfOf(pdfPages()...)}))
			x := h.at(t, "a.zip!/x.pdf")
			if text := h.textOf(x.Index); !strings.Contains(text, "Bladzijde 29 van het dossier") || !strings.Contains(text, "(Annelies) Vandergucht") || h.ends[x.Index] != nil {
				t.Errorf("%q: %s", text, h)
			}
			if !strings.HasPrefix(x.Extractor, want) || x.Type != "pdf" {
				t.Errorf("%+v", x)
			}
		})
	}
}

func TestAPdfCutInHalfStillYieldsItsFirstPages(t *testing.T) {
	item := pdfOf(pdfPages()...)
	item = item[:len(item)/2]
	for _, p := range []string{"poppler", "go"} {
		t.Run(p, func(t *testing.T) {
			o := withoutPoppler(t, Limits{})
			if p == "poppler" {
				testneeds.Program(t, "pdftotext", "poppler-utils")
				o = newOpener(t, Limits{}, 1)
			}
			h := mustOpen(t, o, "x.pdf", item)
			if text := h.textOf(0); !strings.Contains(text, "Bladzijde 10 van het dossier") || !strings.Contains(text, "afspraak van 10 maart") {
				t.Errorf("%q: %s", text, h)
			}
			if h.ends[0] == nil {
				t.Error("no word of the cut")
			}
		})
	}
}

func TestAnOldOfficeFileWithoutADirectoryIsDamaged(t *testing.T) {
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)))
	if !errors.Is(h.ends[0], ErrDamaged) {
		t.Errorf("%s", h)
	}
}

func TestBinaryYieldsNoText(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	b := make([]byte, 70_000)
	for i := range b {
		b[i] = byte(i * i >> 3)
	}
	if h := mustOpen(t, o, "a.txt", b); h.parts[0].Type != "binary" || len(h.text) > 0 {
		t.Errorf("%s", h)
	}
}

// TestACutWorkbookGivesTheTextsThatNoCellPointsTo: programs write the list of texts before or behind the sheets.
func TestACutWorkbookGivesTheTextsThatNoCellPointsTo(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	var list, rows strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&list, "<si><t>naam %x</t></si>", i*i*7919)
		fmt.Fprintf(&rows, `<row><c t="s"><v>%d</v></c><c><v>%d</v></c></row>`, i, i*i*104729)
	}
	types, book := file{"[Content_Types].xml", []byte("<Types/>")}, file{"xl/workbook.xml", []byte("<workbook/>")}
	strs := file{"xl/sharedStrings.xml", []byte("<sst>" + list.String() + "</sst>")}
	sheet := file{"xl/worksheets/sheet1.xml", []byte("<worksheet>" + rows.String() + "</worksheet>")}
	for name, c := range map[string]struct {
		item        []byte
		has, hasNot string
	}{
		"texts cut":        {zipOf(t, types, book, strs), fmt.Sprintf("naam %x\t", 900*900*7919), fmt.Sprintf("naam %x\t", 2999*2999*7919)},
		"sheet cut, first": {zipOf(t, types, book, strs, sheet), fmt.Sprintf("naam %x\t", 2999*2999*7919), "nooit"},
		"sheet cut":        {zipOf(t, types, book, strs, sheet), fmt.Sprintf("naam %x\t%d\t", 50*50*7919, 50*50*104729), "nooit"},
		"no texts":         {zipOf(t, types, book, sheet, strs), fmt.Sprintf("\t%d\t", 50*50*104729), "naam"},
	} {
		cut := c.item[:len(c.item)*2/5]
		if strings.HasPrefix(name, "sheet") {
			cut = c.item[:len(c.item)*3/4]
		}
		h := mustOpen(t, o, "a.xlsx", cut)
		if got := h.textOf(0); !strings.Contains(got, c.has) || strings.Contains(got, c.hasNot) || h.ends[0] != ErrTruncated {
			t.Errorf("%s: %v, %d bytes of text, has %t, has not %t", name, h.ends[0], len(got), strings.Contains(got, c.has), !strings.Contains(got, c.hasNot))
		}
	}
}
