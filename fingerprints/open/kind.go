package open

import (
	"bytes"
	"compress/flate"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
)

// kind is what a part is, told by its content.
type kind string

const (
	kindBinary kind = "binary"
	kindText   kind = "text"
	kindCSV    kind = "csv"
	kindHTML   kind = "html"
	kindXML    kind = "xml"
	kindRTF    kind = "rtf"
	kindEML    kind = "eml"
	kindPDF    kind = "pdf"

	kindZip    kind = "zip"
	kindTar    kind = "tar"
	kindGz     kind = "gz"
	kindBz2    kind = "bz2"
	kindXz     kind = "xz"
	kindZst    kind = "zst"
	kindLz4    kind = "lz4"
	kindBr     kind = "br"
	kindZlib   kind = "zlib" // what RFC 1950 describes: deflate with two bytes before it
	kindLzma   kind = "lzma" // the format before xz
	kindZ      kind = "z"    // of Unix's compress
	kindFlate  kind = "deflate"
	kindYenc   kind = "yenc"
	kind7z     kind = "7z"
	kindRar    kind = "rar"
	kindMbox   kind = "mbox"
	kindSQLite kind = "sqlite"
	kindOLE    kind = "ole" // the office formats before 2007
	kindDocx   kind = "docx"
	kindXlsx   kind = "xlsx"
	kindPptx   kind = "pptx"
	kindOOX    kind = "ooxml" // an office document whose sort shows only further down
	kindOdt    kind = "odt"
	kindOds    kind = "ods"
	kindOdp    kind = "odp"
)

// What some files begin with.
const (
	sevenMagic = "7z\xbc\xaf\x27\x1c"
	rarMagic   = "Rar!\x1a\x07"
	pngMagic   = "\x89PNG\r\n\x1a\n"
)

// magics are the signatures at the very start of a file.
var magics = []struct {
	kind  kind
	bytes string
}{
	{kindGz, "\x1f\x8b\x08"},
	{kindXz, "\xfd7zXZ\x00"},
	{kindZ, compressMagic},
	{kindZst, "\x28\xb5\x2f\xfd"},
	{kindLz4, "\x04\x22\x4d\x18"},
	{kindLz4, "\x02\x21\x4c\x18"}, // as Linux kernels are packed
	{kind7z, sevenMagic},
	{kindRar, rarMagic},
	{kindOLE, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
	{kindJPEG, "\xff\xd8\xff"},
	{kindPNG, pngMagic},
	{kindGIF, "GIF8"},
	{kindTIFF, "II*\x00"},
	{kindTIFF, "MM\x00*"},
	{kindJP2, jp2Magic},
	{kindJP2, jpxMagic},
	{kindSQLite, sqliteMagic},
	{kindRTF, "{\\rtf"},
}

// sniff tells the kind from the first bytes; whole says that these are all bytes.
func sniff(head []byte, whole bool) kind {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.kind
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return officeOrZip(localNames(head))
	case len(head) > 10 && bytes.HasPrefix(head, []byte("BZh")) && string(head[4:10]) == "1AY&SY":
		return kindBz2
	case isTar(head):
		return kindTar
	case isPDF(head):
		return kindPDF
	case isBMP(head):
		return kindBMP
	case isWebP(head):
		return kindWebP
	}
	if isYenc(head) {
		return kindYenc
	}
	return sniffText(head, whole)
}

// isPDF looks for the header where readers accept it: within the first kilobyte, behind other text at the beginning of a
// line: within one, it is quoted, as beside the bytes of a dump.
func isPDF(head []byte) bool {
	i := bytes.Index(head[:min(len(head), 1024)], []byte("%PDF-"))
	if i < 0 {
		return false
	}
	return len(bytes.TrimLeft(head[:i], "\xef\xbb\xbf\x00\r\n\t ")) == 0 || !utf8.Valid(head[:i]) ||
		head[i-1] <= '\r' && bytes.Contains(head[i:], []byte(" obj"))
}

// isPDFPiece recognises what was cut out of a PDF of printable characters behind its header: a stream's end, and then an object.
func isPDFPiece(head []byte) bool {
	code := head
	if i := bytes.IndexByte(head, ' '); i >= 0 {
		code = head[:i]
	}
	_, rest, found := bytes.Cut(code, []byte("endstream"))
	return found && bytes.HasPrefix(bytes.TrimLeft(rest, "\r\n"), []byte("endobj"))
}

// isTar checks the header's own sum, which holds for every dialect of tar.
func isTar(head []byte) bool {
	if len(head) < tarBlock || head[0] == 0 {
		return false
	}
	field := bytes.Trim(head[148:156], " \x00")
	want, err := strconv.ParseInt(string(field), 8, 32)
	if err != nil {
		return false
	}
	var sum int64
	for i, b := range head[:tarBlock] {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
	}
	return sum == want
}

// tarMagic stands in a header of every dialect of tar but the first (POSIX.1-2001, ustar), so far behind its beginning.
const (
	tarMagic   = "\x00ustar" // with the end of the name before it
	tarMagicAt = 256
	tarBlock   = 512
)

// cutTar finds the first header of a tape archive whose beginning is missing; 0 is none.
func cutTar(head []byte) int {
	for from := 0; ; {
		i := bytes.Index(head[from:], []byte(tarMagic))
		if i < 0 {
			return 0
		}
		from += i + len(tarMagic)
		if at := from - len(tarMagic) - tarMagicAt; at > 0 && isTar(head[at:]) {
			return at
		}
	}
}

func sniffText(head []byte, whole bool) kind {
	text, ok := sampleText(head, whole)
	if !ok {
		return sniffHeadless(head)
	}
	switch {
	case isPDFPiece(text):
		return kindPDF
	case cutTar(head) > 0:
		return kindTar
	}
	text = bytes.TrimLeft(text[:min(len(text), 8<<10)], "\ufeff \t\r\n\f")
	if k := sniffMarkup(text); k != "" {
		return k
	}
	switch {
	case looksMbox(text):
		return kindMbox
	case looksMail(text):
		return kindEML
	case looksTable(text):
		return kindCSV
	}
	return kindText
}

// sniffMarkup tells what begins with a tag from the rest, of which it tells nothing.
func sniffMarkup(text []byte) kind {
	if len(text) == 0 || text[0] != '<' {
		return ""
	}
	lower := bytes.ToLower(text[:min(len(text), 2<<10)])
	switch {
	case bytes.HasPrefix(lower, []byte("<!doctype")) && bytes.Contains(lower, []byte("<!entity")):
		return kindXML // pages declare none
	case looksHTML(lower):
		return kindHTML
	case bytes.HasPrefix(lower, []byte("<?xml")), bytes.HasPrefix(lower, []byte("<svg")):
		return kindXML
	}
	return ""
}

// sniffHeadless tells what has no signature at its start, or lost it.
func sniffHeadless(head []byte) kind {
	switch {
	case isZlib(head):
		return kindZlib
	case isLzma(head):
		return kindLzma
	case cutTar(head) > 0:
		return kindTar
	case hasLocalHeader(head):
		return kindZip
	case hasSQLiteRows(head):
		return kindSQLite
	case isFlate(head):
		return kindFlate
	}
	return kindBinary
}

// isFlate recognises deflate without anything around it by the text that it packs: it has no signature.
func isFlate(head []byte) bool {
	if len(head) < 32 || head[0]&6 != 2 && (head[0]&6 != 4 || head[0]>>3 > 29 || head[1]&0x1f > 29) {
		return false
	}
	var sample [512]byte
	n, err := io.ReadFull(flate.NewReader(bytes.NewReader(head)), sample[:])
	// What begins with a tag is a part of an office document, pieces of which are known as they are.
	return n >= 64 && sample[0] != '<' && (err == nil || err == io.ErrUnexpectedEOF || err == io.EOF) && readable(sample[:n], false)
}

// isZlib checks the header's own sum, and that what follows does inflate: two bytes alone prove nothing.
func isZlib(head []byte) bool {
	if len(head) < 16 || head[0] != 0x78 || head[1]&0x20 != 0 || (int(head[0])<<8|int(head[1]))%31 != 0 {
		return false
	}
	var sample [64]byte
	n, err := io.ReadFull(flate.NewReader(bytes.NewReader(head[2:])), sample[:])
	return n > 0 && (err == nil || err == io.ErrUnexpectedEOF || err == io.EOF)
}

// named asks the name where the content tells nothing: brotli has no signature. What is called so must also decode so.
func named(k kind, name string, head []byte) kind {
	if k != kindBinary || !strings.HasSuffix(strings.ToLower(name), ".br") {
		return k
	}
	var sample [256]byte
	if n, err := io.ReadFull(brotli.NewReader(bytes.NewReader(head)), sample[:]); n == 0 || err != nil && err != io.ErrUnexpectedEOF {
		return k
	}
	return kindBr
}

func looksHTML(lower []byte) bool {
	if len(lower) == 0 || lower[0] != '<' {
		return false
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<script", "<meta", "<table", "<div", "<pre", "<p>", "<h1"} {
		if bytes.HasPrefix(lower, []byte(tag)) {
			return true
		}
	}
	return bytes.Contains(lower, []byte("<html")) || bytes.Contains(lower, []byte("<body"))
}

// mailFields are the header fields of which a mail has at least two, and one of the first four.
var mailFields = []string{"from", "received", "return-path", "message-id", "to", "subject", "date", "mime-version", "content-type", "delivered-to", "cc", "reply-to"}

// looksMail reads the start as the header of a mail: nothing but fields and their continuations.
func looksMail(text []byte) bool {
	known, strong := 0, false
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 || bytes.ContainsAny(name, " \t") {
			return false
		}
		for i, f := range mailFields {
			if bytes.EqualFold(name, []byte(f)) {
				known++
				strong = strong || i < 4
			}
		}
		if known >= 4 && strong {
			return true
		}
	}
	return known >= 2 && strong
}

// looksTable asks whether the first lines have the same number of one of the usual delimiters.
func looksTable(text []byte) bool {
	var room [12][]byte
	lines := room[:0]
	for len(lines) < len(room) {
		line, rest, whole := bytes.Cut(text, []byte{'\n'})
		if !whole {
			break // the last one may be cut
		}
		lines, text = append(lines, line), rest
	}
	for _, delimiter := range []byte{'\t', ';', ',', '|'} {
		same, first := 0, 0
		for _, line := range lines {
			n := outsideQuotes(line, delimiter)
			if same == 0 {
				first = n
			}
			if n == 0 || n != first {
				same = 0
				break
			}
			same++
		}
		if same >= 2 {
			return true
		}
	}
	return false
}

func outsideQuotes(line []byte, delimiter byte) int {
	if bytes.IndexByte(line, '"') < 0 {
		return bytes.Count(line, []byte{delimiter})
	}
	n, quoted := 0, false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == delimiter && !quoted:
			n++
		}
	}
	return n
}

// streams reports whether the kind is read from start to end and needs no random access.
func (k kind) streams() bool { return k.hasPlainText() || !k.opens() }

// hasPlainText reports whether the bytes themselves are the text.
func (k kind) hasPlainText() bool { return k == kindText || k == kindCSV }

// opens reports whether there is anything to open.
func (k kind) opens() bool {
	switch k {
	case kindHTML, kindXML, kindRTF, kindEML, kindMbox, kindSQLite, kindPDF, kindZip, kindTar, kindGz, kindBz2, kindXz, kindZst, kindLz4, kindBr, kindZlib, kindLzma, kindZ, kindFlate, kindYenc, kind7z, kindRar,
		kindOLE, kindDocx, kindXlsx, kindPptx, kindOOX, kindOdt, kindOds, kindOdp, kindText, kindCSV:
		return true
	}
	return false
}

// extractor names what makes the text of a kind, with the version of our own readers.
func (it *item) extractor(k kind) string {
	switch k {
	case kindPDF:
		return it.tools.pdfReaders()
	case kindText, kindCSV, kindHTML, kindXML, kindRTF, kindEML, kindOLE, kindSQLite, kindDocx, kindXlsx, kindPptx, kindOOX, kindOdt, kindOds, kindOdp:
		return string(k) + "/1"
	}
	return ""
}
