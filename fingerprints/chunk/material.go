package chunk

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"io"
	"regexp"
	"strings"
)

// Raw tells whether content of a type, as package open calls it, is recognised by chunks: what is text, or is opened
// into members or text of its own, is recognised by those.
func Raw(kind string) bool {
	switch kind {
	case "pdf", "jpeg", "png", "gif", "tiff", "bmp", "webp", "jp2", "binary", "7z", "rar":
		return true
	}
	return false
}

// Material follows the chunks of one content and tells which of them are its own: not what programs put into every
// file, such as fonts, colour profiles, object tables and code. It is for content to be registered; what is not
// registered is not found either.
type Material struct {
	kind     string
	begun    bool
	none     bool // of this kind of content nothing counts
	segments segments
	profile  int64  // where an ICC profile ends
	tail     []byte // the bytes before the chunk
	in       bool   // a stream of a PDF
	worth    Worth  // of that stream
}

// Worth is what a chunk is worth.
type Worth int

// The kinds of chunks.
const (
	Nothing Worth = iota // it lies in unrelated files too, or may
	Own                  // it is the content's own
	Picture              // it is a picture in a document: of a scan all there is, of a letter often the letterhead
)

// NewMaterial follows content of that type.
func NewMaterial(kind string) *Material { return &Material{kind: kind} }

// tailBytes is how much is kept of what stood before a chunk: more than a stream's dictionary takes.
const tailBytes = 2 << 10

// Worth tells what the next chunk is worth. It must be called for each in turn.
func (m *Material) Worth(at int64, chunk []byte) Worth {
	if !m.begun {
		m.begun = true
		m.none = m.kind == "binary" && program(chunk)
		m.segments = segmentsOf(m.kind)
	}
	if m.none {
		return Nothing
	}
	worth := Own
	if m.kind == "pdf" {
		worth = m.inPDF(chunk)
	}
	m.segments.feed(at, chunk)
	if m.inProfile(at, chunk) || at < m.segments.from || len(chunk) < Min {
		worth = Nothing
	}
	m.tail = append(m.tail, chunk[max(0, len(chunk)-tailBytes):]...)
	m.tail = m.tail[:copy(m.tail, m.tail[max(0, len(m.tail)-tailBytes):])]
	return worth
}

// programs are the first bytes of what is never a person's: code, fonts and the office formats before 2007, in which
// styles and themes lie as they came.
var programs = []string{
	"MZ", "\x7fELF", "\xca\xfe\xba\xbe", "\xfe\xed\xfa", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "!<arch>\n", "\x00asm", "dex\n",
	"\x00\x01\x00\x00\x00", "OTTO", "true\x00", "ttcf", "wOFF", "wOF2", "%!PS-AdobeFont", "\x80\x01", "\xd0\xcf\x11\xe0",
}

func program(head []byte) bool {
	for _, p := range programs {
		if bytes.HasPrefix(head, []byte(p)) {
			return true
		}
	}
	return len(head) >= 40 && string(head[36:40]) == "acsp"
}

// inProfile tells whether a chunk overlaps an ICC profile (ISO 15076-1, 7.2: its size first, "acsp" 36 bytes on).
func (m *Material) inProfile(at int64, chunk []byte) bool {
	near := chunk
	if n := min(len(m.tail), 40); n > 0 {
		near = append(append(make([]byte, 0, n+len(chunk)), m.tail[len(m.tail)-n:]...), chunk...)
		at -= int64(n)
	}
	inside := at+int64(len(near)-len(chunk)) < m.profile
	for from := 0; ; {
		i := bytes.Index(near[from:], []byte("acsp"))
		if i < 0 {
			return inside
		}
		i += from
		from = i + 4
		if i < 36 {
			continue
		}
		if size := int64(binary.BigEndian.Uint32(near[i-36:])); size >= 128 && size <= 16<<20 {
			inside = true
			// a JPEG cuts it into segments of at most 65,519 bytes, each with 18 bytes before it
			m.profile = max(m.profile, at+int64(i)-36+size+18*(1+size/65519))
		}
	}
}

// inPDF tells what the stream is worth to which a chunk belongs. The cutter cuts where streams begin and end.
func (m *Material) inPDF(chunk []byte) Worth {
	switch {
	case bytes.HasPrefix(chunk, endWord):
		m.in = false
	case !m.in && beginsStream(m.tail):
		m.in, m.worth = true, streamWorth(dictionary(m.tail), chunk)
	}
	if !m.in {
		return Nothing
	}
	return m.worth
}

func beginsStream(before []byte) bool {
	s, cut := bytes.CutSuffix(before, []byte("\n"))
	s, _ = bytes.CutSuffix(s, []byte("\r"))
	return cut && bytes.HasSuffix(s, streamWord) && !bytes.HasSuffix(s, endWord)
}

// dictionary returns what stands between the beginning of an object and its stream.
func dictionary(before []byte) []byte {
	return before[max(0, bytes.LastIndex(before, []byte(" obj"))):]
}

// foreign are the keys and values of streams that are not the document's own (ISO 32000-1): font programs (9.9), CMaps,
// colour profiles and functions, metadata, embedded files such as a printer's settings, object and cross-reference streams,
// and forms, which are what a page has in common with others.
var foreign = regexp.MustCompile(`/(Form|Length[123]|Type1C|CIDFontType0C|OpenType|XRef|ObjStm|CMap|CMapName|FunctionType|HalftoneType|EmbeddedFile|Alternate|CIDSet|XML)\b|/Type\s*/Metadata`)

var image = regexp.MustCompile(`/Subtype\s*/Image\b`)

func streamWorth(dict, begin []byte) Worth {
	if len(dict) >= tailBytes || foreign.Match(dict) {
		return Nothing
	}
	if image.Match(dict) {
		return Picture
	}
	if !bytes.Contains(dict, []byte("FlateDecode")) && !bytes.Contains(dict, []byte("/Fl")) {
		return Own
	}
	if !ownInside(inflated(begin)) {
		return Nothing
	}
	return Own
}

// inflated returns the first bytes of a compressed stream; fewer or none where it does not decode.
func inflated(b []byte) []byte {
	var r io.ReadCloser
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		r = flate.NewReader(bytes.NewReader(b))
	}
	defer r.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(r, head) // what broke off is of no matter
	return head[:n]
}

// ownInside tells by the first bytes whether a stream is no CMap, font, profile, or XML of a form.
func ownInside(head []byte) bool {
	if len(head) == 0 {
		return true
	}
	text := strings.TrimLeft(string(head), " \t\r\n\ufeff")
	for _, p := range []string{"/CIDInit", "%!PS", "%!FontType", "<", "\x00\x01\x00\x00", "OTTO", "true", "ttcf", "wOF", "\x01\x00\x04"} {
		if strings.HasPrefix(text, p) || strings.HasPrefix(string(head), p) {
			return false
		}
	}
	return !strings.Contains(text, "begincmap") && (len(head) < 40 || string(head[36:40]) != "acsp")
}
