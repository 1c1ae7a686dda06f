package recall

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"html"
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// entry is a file of an archive.
type entry struct {
	name string
	body []byte
}

// must is for what cannot fail, such as writing into a bytes.Buffer.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// stored0 is the level at which a zip stores its members as they are.
const stored0 = -100

// zipped packs with a level of package flate, or stored0.
func zipped(level int, all ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(o io.Writer) (io.WriteCloser, error) { return flate.NewWriter(o, level) })
	for _, e := range all {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if level == stored0 {
			h.Method = zip.Store
		}
		f, err := w.CreateHeader(h)
		must(err)
		_, err = f.Write(e.body)
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

// encryptedZip has the directory of an archive packed with a password: names, sizes and checksums, but no content.
func encryptedZip(noise func([]byte), all ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range all {
		var packed bytes.Buffer
		f, err := flate.NewWriter(&packed, 6)
		must(err)
		f.Write(e.body)
		must(f.Close())
		cipher := make([]byte, packed.Len()+12) // the old cipher's header
		noise(cipher)
		o, err := w.CreateRaw(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: 1, CRC32: crc32.ChecksumIEEE(e.body),
			CompressedSize64: uint64(len(cipher)), UncompressedSize64: uint64(len(e.body))})
		must(err)
		o.Write(cipher)
	}
	must(w.Close())
	return b.Bytes()
}

func tarred(all ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range all {
		must(w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.body))}))
		w.Write(e.body)
	}
	must(w.Close())
	return b.Bytes()
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(body)
	must(w.Close())
	return b.Bytes()
}

func packed(kind string, body []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "xz":
		w, err = xz.NewWriter(&b)
	case "zst":
		w, err = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	case "lz4":
		w = lz4.NewWriter(&b)
	}
	must(err)
	w.Write(body)
	must(w.Close())
	return b.Bytes()
}

// paragraphsXML writes paragraphs as a word processor does: variant says how it cuts runs and lays out its XML.
func paragraphsXML(paragraphs []string, variant int) string {
	var b strings.Builder
	for _, p := range paragraphs {
		b.WriteString(`<w:p>`)
		for len(p) > 0 {
			cut := len(p)
			if variant > 0 {
				cut = 0
				for n := 0; cut < len(p) && (n < 23+17*variant || p[cut] != ' '); n++ {
					cut++
				}
			}
			if variant == 2 {
				b.WriteString("\n  ")
			}
			b.WriteString(`<w:r><w:rPr><w:lang w:val="nl-BE"/></w:rPr><w:t xml:space="preserve">` + html.EscapeString(p[:cut]) + `</w:t></w:r>`)
			p = p[cut:]
		}
		b.WriteString("</w:p>")
	}
	return b.String()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func docx(paragraphs []string, variant, level int) []byte {
	main := entry{"word/document.xml", []byte(xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
		paragraphsXML(paragraphs, variant) + `<w:sectPr/></w:body></w:document>`)}
	types := entry{"[Content_Types].xml", []byte(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)}
	rels := entry{"_rels/.rels", []byte(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`)}
	style := entry{"word/styles.xml", []byte(xmlHead + `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>`)}
	if variant == 2 {
		return zipped(level, types, style, rels, main)
	}
	return zipped(level, types, rels, main, style)
}

func odt(paragraphs []string) []byte {
	var b strings.Builder
	for _, p := range paragraphs {
		b.WriteString(`<text:p text:style-name="P1">` + html.EscapeString(p) + `</text:p>`)
	}
	return zipped(6, entry{"mimetype", []byte("application/vnd.oasis.opendocument.text")},
		entry{"content.xml", []byte(xmlHead + `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text>` + b.String() + `</office:text></office:body></office:document-content>`)},
		entry{"META-INF/manifest.xml", []byte(xmlHead + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`)})
}

func rtf(paragraphs []string) []byte {
	var b strings.Builder
	b.WriteString(`{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Calibri;}}\f0\fs22` + "\n")
	for _, p := range paragraphs {
		for _, c := range p {
			switch {
			case strings.ContainsRune(`\{}`, c):
				b.WriteString(`\` + string(c))
			case c < 128:
				b.WriteRune(c)
			case c < 256:
				fmt.Fprintf(&b, `\'%02x`, c)
			default:
				fmt.Fprintf(&b, `\u%d?`, c)
			}
		}
		b.WriteString("\\par\n")
	}
	return []byte(b.String() + "}")
}

func page(title string, paragraphs []string) []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + html.EscapeString(title) + "</title><style>p{margin:1em}</style></head><body>\n")
	for _, p := range paragraphs {
		b.WriteString("<p>" + html.EscapeString(p) + "</p>\n")
	}
	return []byte(b.String() + "</body></html>\n")
}

func mail(paragraphs []string, attached ...entry) []byte {
	var b strings.Builder
	b.WriteString("From: Dienst <dienst@post.example>\r\nTo: iemand@post.example\r\nSubject: dossier\r\nDate: Tue, 3 Mar 2026 10:11:12 +0100\r\nMIME-Version: 1.0\r\n")
	text := func() {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		io.WriteString(w, strings.Join(paragraphs, "\r\n\r\n"))
		w.Close()
		b.WriteString("\r\n")
	}
	if len(attached) == 0 {
		text()
		return []byte(b.String())
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=\"grens42\"\r\n\r\n--grens42\r\n")
	text()
	for _, a := range attached {
		b.WriteString("--grens42\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + a.name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		b.WriteString(wrapped(base64.StdEncoding.EncodeToString(a.body), 76, "\r\n") + "\r\n")
	}
	b.WriteString("--grens42--\r\n")
	return []byte(b.String())
}

// wrapped cuts s into pieces of n bytes.
func wrapped(s string, n int, with string) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + with)
		s = s[n:]
	}
	return b.String() + s
}

// pdf sets paragraphs in lines on pages.
func pdf(paragraphs []string) []byte {
	const perPage = 60
	var lines []string
	for _, p := range paragraphs {
		lines = append(lines, broken(p, 92)...)
		lines = append(lines, "")
	}
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"}
	var kids []string
	for len(lines) > 0 {
		n := min(len(lines), perPage)
		var content strings.Builder
		content.WriteString("BT /F1 10 Tf 12 TL 50 800 Td\n")
		for _, l := range lines[:n] {
			content.WriteString("(" + winAnsi(strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l)) + ") Tj T*\n")
		}
		content.WriteString("ET")
		lines = lines[n:]
		at := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", at))
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", at+1),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", content.Len(), content.String()))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids))
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	xref := ""
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref, len(objects)+1, start)
	return b.Bytes()
}

// broken breaks a paragraph into lines of at most n bytes, between words.
func broken(p string, n int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(p) {
		if line != "" && len(line)+1+len(w) > n {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}

// winAnsi writes a string in one byte a character; what does not fit becomes "-".
func winAnsi(s string) string {
	b := make([]byte, 0, len(s))
	for _, c := range s {
		if c > 0xff {
			c = '-'
		}
		b = append(b, byte(c))
	}
	return string(b)
}
