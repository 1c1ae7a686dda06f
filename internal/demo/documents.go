package demo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"strings"
	"time"
)

// packed is one file on its way into an archive.
type packed struct {
	name string
	body []byte
}

// written is the time that all invented files carry: the same seed makes the same bytes.
var written = time.Date(2025, 9, 14, 8, 30, 0, 0, time.UTC)

func zipped(files []packed) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: written})
		if err != nil {
			return nil, fmt.Errorf("zip: %w", err)
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, fmt.Errorf("zip: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("zip: %w", err)
	}
	return b.Bytes(), nil
}

func tarred(files []packed) ([]byte, error) {
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	t := tar.NewWriter(g)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.body)), ModTime: written, Typeflag: tar.TypeReg}); err != nil {
			return nil, fmt.Errorf("tar: %w", err)
		}
		if _, err := t.Write(f.body); err != nil {
			return nil, fmt.Errorf("tar: %w", err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, fmt.Errorf("tar: %w", err)
	}
	if err := g.Close(); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return b.Bytes(), nil
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func rels(list ...string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i := 0; i+1 < len(list); i += 2 {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>`, i/2+1, list[i], list[i+1])
	}
	b.WriteString(`</Relationships>`)
	return []byte(b.String())
}

func contentTypes(list ...string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`)
	for i := 0; i+1 < len(list); i += 2 {
		fmt.Fprintf(&b, `<Override PartName="%s" ContentType="application/vnd.openxmlformats-officedocument.%s+xml"/>`, list[i], list[i+1])
	}
	b.WriteString(`</Types>`)
	return []byte(b.String())
}

// docx writes a Word document of paragraphs.
func docx(text string) ([]byte, error) {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for p := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(&b, `<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, html.EscapeString(p))
	}
	b.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`)
	return zipped([]packed{
		{"[Content_Types].xml", contentTypes("/word/document.xml", "wordprocessingml.document.main")},
		{"_rels/.rels", rels("officeDocument", "word/document.xml")},
		{"word/document.xml", []byte(b.String())},
	})
}

// xlsx writes a workbook of one sheet; all cells are shared strings, as office programs write text.
func xlsx(rows [][]string) ([]byte, error) {
	index := map[string]int{}
	var strs, sheet strings.Builder
	count := 0
	for y, row := range rows {
		fmt.Fprintf(&sheet, `<row r="%d">`, y+1)
		for x, cell := range row {
			i, ok := index[cell]
			if !ok {
				i = len(index)
				index[cell] = i
				fmt.Fprintf(&strs, `<si><t xml:space="preserve">%s</t></si>`, html.EscapeString(cell))
			}
			count++
			fmt.Fprintf(&sheet, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+x, y+1, i)
		}
		sheet.WriteString(`</row>`)
	}
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	return zipped([]packed{
		{"[Content_Types].xml", contentTypes("/xl/workbook.xml", "spreadsheetml.sheet.main", "/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet", "/xl/sharedStrings.xml", "spreadsheetml.sharedStrings")},
		{"_rels/.rels", rels("officeDocument", "xl/workbook.xml")},
		{"xl/_rels/workbook.xml.rels", rels("worksheet", "worksheets/sheet1.xml", "sharedStrings", "sharedStrings.xml")},
		{"xl/workbook.xml", []byte(xmlHead + `<workbook ` + ns + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>`)},
		{"xl/worksheets/sheet1.xml", []byte(xmlHead + `<worksheet ` + ns + `><sheetData>` + sheet.String() + `</sheetData></worksheet>`)},
		{"xl/sharedStrings.xml", fmt.Appendf(nil, `%s<sst %s count="%d" uniqueCount="%d">%s</sst>`, xmlHead, ns, count, len(index), strs.String())},
	})
}

const (
	pdfColumns = 88 // characters a line at 10 points between the margins
	pdfLines   = 54 // lines a page
)

// pdf writes a PDF 1.4 of plain text in Helvetica, with WinAnsi encoding: what the standard fonts need to be read by every viewer.
func pdf(text string) []byte {
	lines := wrap(text, pdfColumns)
	var pages [][]string
	for len(lines) > 0 {
		n := min(pdfLines, len(lines))
		pages, lines = append(pages, lines[:n]), lines[n:]
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(at))
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\nendobj\n")
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	object("<< /Type /Pages /Kids [ %s] /Count %d >>", kids.String(), len(pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, page := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i)
		var s strings.Builder
		s.WriteString("BT\n/F1 10 Tf\n14 TL\n56 790 Td\n")
		for _, line := range page {
			fmt.Fprintf(&s, "(%s) Tj\nT*\n", pdfString(line))
		}
		s.WriteString("ET")
		object("<< /Length %d >>\nstream\n%s\nendstream", s.Len(), s.String())
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// pdfString escapes a string literal; Latin-1 is the same in WinAnsi, anything beyond it becomes a question mark.
func pdfString(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x80:
			b.WriteRune(r)
		case r >= 0xa0 && r <= 0xff:
			fmt.Fprintf(&b, "\\%03o", r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// wrap breaks text into lines of at most width characters, at spaces.
func wrap(text string, width int) []string {
	var out []string
	for p := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line := ""
		for _, w := range strings.Fields(p) {
			if line != "" && len([]rune(line))+1+len([]rune(w)) > width {
				out, line = append(out, line), ""
			}
			if line != "" {
				line += " "
			}
			line += w
		}
		out = append(out, line)
	}
	return out
}
