package open

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/internal/testneeds"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// file is one member of an archive that a test builds.
type file struct {
	name string
	body []byte
}

const letter = "Geachte mevrouw Annelies Vandergucht, uw dossier bij de dienst is op 12 maart besproken.\n"

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write(f.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// storedZip is what tools write that do not compress: the sizes stand in the local headers.
func storedZip(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(f.body),
			CompressedSize64: uint64(len(f.body)), UncompressedSize64: uint64(len(f.body))}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(f.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return b.Bytes()
}

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.body)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		w.Write(f.body)
	}
	w.Close()
	return b.Bytes()
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func xzOf(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func zst(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func bz2(t testing.TB, b []byte) []byte {
	t.Helper()
	cmd := exec.Command(testneeds.Program(t, "bzip2", "bzip2"), "-c")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sevenZ packs with the real program; args such as -psecret come before the archive's name.
func sevenZ(t testing.TB, files []file, args ...string) []byte {
	t.Helper()
	program := testneeds.Program(t, "7z", "p7zip-full")
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, "in", f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, append(append([]string{"a", "-bd"}, args...), "../a.7z", ".")...)
	cmd.Dir = filepath.Join(dir, "in")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("7z: %v: %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "a.7z"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rar5 writes an archive of stored files by the RAR 5.0 format description: no program that packs RAR is free.
func rar5(files ...file) []byte {
	vint := func(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
	block := func(out, header, data []byte) []byte {
		sized := append(vint(nil, uint64(len(header))), header...)
		out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(sized))
		return append(append(out, sized...), data...)
	}
	out := []byte("Rar!\x1a\x07\x01\x00")
	out = block(out, vint(vint(vint(nil, 1), 0), 0), nil) // main archive header: type 1, flags 0, archive flags 0
	for _, f := range files {
		h := vint(nil, 2)                // file header
		h = vint(h, 2)                   // flags: a data area follows
		h = vint(h, uint64(len(f.body))) // data size
		h = vint(h, 4)                   // file flags: CRC32 present
		h = vint(h, uint64(len(f.body))) // unpacked size
		h = vint(h, 0)                   // attributes
		h = binary.LittleEndian.AppendUint32(h, crc32.ChecksumIEEE(f.body))
		h = vint(h, 0) // compression: stored
		h = vint(h, 1) // host: Unix
		h = append(vint(h, uint64(len(f.name))), f.name...)
		out = block(out, h, f.body)
	}
	return block(out, vint(vint(vint(nil, 5), 0), 0), nil) // end of archive
}

const wordNS = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

// docxOf writes a Word document: a header, paragraphs, a table with two columns a row, a footnote and a comment.
func docxOf(t testing.TB, paragraphs []string, table [][2]string, extra ...file) []byte {
	t.Helper()
	var body strings.Builder
	for _, p := range paragraphs {
		// Word splits words over runs wherever the spelling checker stopped.
		half := len(p) / 2
		fmt.Fprintf(&body, `<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr><w:r><w:t>%s</w:t></w:r><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, p[:half], p[half:])
	}
	if table != nil {
		body.WriteString("<w:tbl>")
		for _, row := range table {
			fmt.Fprintf(&body, `<w:tr><w:tc><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc></w:tr>`, row[0], row[1])
		}
		body.WriteString("</w:tbl>")
	}
	body.WriteString(`<w:p><w:r><w:delText>geschrapt</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>`)
	part := func(root, inner string) []byte {
		return []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:` + root + wordNS + `>` + inner + `</w:` + root + `>`)
	}
	files := []file{
		{"[Content_Types].xml", []byte(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)},
		{"_rels/.rels", []byte(`<Relationships/>`)},
		{"word/document.xml", part("document", "<w:body>"+body.String()+"</w:body>")},
		{"word/styles.xml", part("styles", `<w:style><w:t>styletext</w:t></w:style>`)},
		{"word/header1.xml", part("hdr", `<w:p><w:r><w:t>Kopregel van de dienst</w:t></w:r></w:p>`)},
		{"word/footnotes.xml", part("footnotes", `<w:footnote><w:p><w:r><w:t>Voetnoot &amp; bron</w:t></w:r></w:p></w:footnote>`)},
		{"word/comments.xml", part("comments", `<w:comment><w:p><w:r><w:t>Opmerking van de arts</w:t></w:r></w:p></w:comment>`)},
	}
	return zipOf(t, append(files, extra...)...)
}

// xlsxOf writes a workbook with shared strings, an inline string, a long number and a date.
func xlsxOf(t testing.TB) []byte {
	t.Helper()
	return zipOf(t,
		file{"[Content_Types].xml", []byte(`<Types/>`)},
		file{"xl/workbook.xml", []byte(`<workbook><sheets><sheet name="Personeel" sheetId="1"/></sheets></workbook>`)},
		file{"xl/worksheets/sheet1.xml", []byte(`<worksheet><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="D1" t="inlineStr"><is><t>opmerking</t></is></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" s="1"><v>31048</v></c><c r="C2"><v>0.30000000000000004</v></c><c r="D2" s="2"><v>31048</v></c></row>
</sheetData></worksheet>`)},
		file{"xl/styles.xml", []byte(`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="3"/></cellXfs></styleSheet>`)},
		file{"xl/sharedStrings.xml", []byte(`<sst><si><t>naam</t></si><si><r><t>geboren </t></r><r><t>op</t></r><rPh><t>furigana</t></rPh></si><si><t>Vandergucht</t></si></sst>`)},
	)
}

func odtOf(t testing.TB, paragraphs ...string) []byte {
	t.Helper()
	var body strings.Builder
	for _, p := range paragraphs {
		body.WriteString("<text:p>" + strings.Replace(p, " ", "<text:s/>", 1) + "</text:p>")
	}
	content := `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b"><office:automatic-styles><style>no</style></office:automatic-styles><office:body><office:text>` +
		`<text:tracked-changes><text:p>geschrapt</text:p></text:tracked-changes>` + body.String() +
		`<table:table><table:table-row><table:table-cell><text:p>naam</text:p></table:table-cell><table:table-cell><text:p>datum</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>`
	styles := `<office:document-styles xmlns:office="o" xmlns:style="s" xmlns:text="t"><office:styles><text:p>verborgen</text:p></office:styles><office:master-styles><style:footer><text:p>Voettekst</text:p></style:footer></office:master-styles></office:document-styles>`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	mimetype := []byte("application/vnd.oasis.opendocument.text")
	w, err := z.CreateRaw(&zip.FileHeader{Name: "mimetype", Method: zip.Store, CRC32: crc32.ChecksumIEEE(mimetype), CompressedSize64: uint64(len(mimetype)), UncompressedSize64: uint64(len(mimetype))})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(mimetype)
	for _, f := range []file{{"content.xml", []byte(content)}, {"styles.xml", []byte(styles)}} {
		w, _ := z.Create(f.name)
		w.Write(f.body)
	}
	z.Close()
	return b.Bytes()
}

// pdfOf writes a PDF with one page for each text, in a standard font. tailFirst puts the catalogue before the pages, as some writers do.
func pdfOf(pages ...string) []byte {
	var drawn []string
	for _, page := range pages {
		var text strings.Builder
		text.WriteString("BT /F1 11 Tf 50 800 Td 14 TL\n")
		for _, line := range strings.Split(page, "\n") {
			text.WriteString("(" + inPDF.Replace(line) + ") Tj T*\n")
		}
		drawn = append(drawn, text.String()+"ET")
	}
	return pdfDrawing(drawn...)
}

var inPDF = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)

// pdfDrawing writes a PDF with one page for each list of operators.
func pdfDrawing(pages ...string) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	var kids []string
	root := 2*len(pages) + 2
	for i, page := range pages {
		object(fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(page), page))
		object(fmt.Sprintf("<</Type/Page/Parent %d 0 R/Contents %d 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 1 0 R>>>>>>", root, 2*i+2))
		kids = append(kids, fmt.Sprintf("%d 0 R", 2*i+3))
	}
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.Join(kids, " ")))
	object(fmt.Sprintf("<</Type/Catalog/Pages %d 0 R>>", root))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, root+1, start)
	return b.Bytes()
}
