package open

import (
	"bytes"
	"encoding/binary"
	"io"
	"path"
	"strings"
)

// embeddedFile yields a file that lies in a document. Small pictures and the like are the same in innocent documents and are left
// out; what else is small is hidden, because little of it is anybody's own.
func (it *item) embeddedFile(n node, name string, r io.Reader) error {
	if n.depth >= it.limits.Depth {
		return nil
	}
	head := make([]byte, mediaMin)
	got, err := fill(r, head)
	head = head[:got]
	if err == nil {
		return it.member(n, name, -1, io.MultiReader(bytes.NewReader(head), r))
	}
	if k := sniff(head, err == io.EOF); got < runMin || k.isImage() || k == kindBinary {
		return nil
	}
	n.hidden = true
	return it.member(n, name, -1, bytes.NewReader(head))
}

// documentExts are the names of files of which a document takes its text from elsewhere in its package ([ECMA-376-1] 11.3.1).
var documentExts = map[string]bool{
	".htm": true, ".html": true, ".xhtml": true, ".mht": true, ".mhtml": true, ".txt": true, ".rtf": true, ".docx": true, ".doc": true, ".xlsx": true, ".xls": true,
	".pptx": true, ".pdf": true, ".zip": true, ".7z": true, ".gz": true, ".eml": true, ".msg": true, ".csv": true, ".odt": true, ".ods": true,
}

func isDocumentName(name string) bool { return documentExts[strings.ToLower(path.Ext(name))] }

// unseenParts are parts of office documents that are not shown, from so many bytes on, below which nothing of anybody's is in them.
func unseenPart(e entry) bool {
	if !strings.HasSuffix(e.name, ".xml") {
		return false
	}
	for _, dir := range []string{"customXml/item", "docProps/", "word/glossary/document", "ppt/slideLayouts/slideLayout", "ppt/slideMasters/slideMaster"} {
		if strings.HasPrefix(e.name, dir) {
			return e.size >= unseenMin && !strings.Contains(e.name, "itemProps")
		}
	}
	// Of an embedded OpenDocument, the pieces lie in a folder of its own.
	return strings.HasPrefix(e.name, "Object ") && strings.HasSuffix(e.name, "/content.xml")
}

const unseenMin = 1 << 10

// oleNative is the stream in which Windows wraps a file that was dropped into a document.
const oleNative = "\x01Ole10Native"

// oleObjects yields what lies in the streams of which nothing else is known.
func (it *item) oleObjects(n node, f *cfb) (found bool, wrong error) {
	for _, e := range f.streams {
		if it.fatal != nil || strings.HasPrefix(e.name, msgStream) {
			continue
		}
		s := f.open(e)
		if e.name == oleNative {
			found = true
			name, r := oleFile(s)
			wrong = it.embeddedFile(n, name, r)
			continue
		}
		head := make([]byte, min(s.Size(), 4<<10))
		got, _ := s.ReadAt(head, 0)
		k := sniff(head[:got], int64(got) == s.Size())
		if _, own := oleOwn[e.name]; own || k.hasPlainText() || k == kindBinary || !k.opens() {
			continue
		}
		found = true
		wrong = it.embeddedFile(n, "object", sequential(s))
	}
	return found, wrong
}

// oleOwn are the streams that documents have of themselves.
var oleOwn = map[string]struct{}{
	"WordDocument": {}, "Workbook": {}, "Book": {}, "PowerPoint Document": {}, "1Table": {}, "0Table": {}, "Data": {}, "\x05SummaryInformation": {},
	"\x05DocumentSummaryInformation": {}, "\x01CompObj": {}, "\x01Ole": {},
}

// oleFile reads the head before a file's own bytes: a size, a mark, two names, two marks, a path with its length, a size. What has none is
// given as it is.
func oleFile(s *oleStream) (name string, r io.Reader) {
	head := make([]byte, min(s.Size(), 4<<10))
	got, _ := s.ReadAt(head, 0)
	head = head[:got]
	whole := io.NewSectionReader(s, 0, s.Size())
	at := 6
	text := func() string {
		i := bytes.IndexByte(head[min(at, len(head)):], 0)
		if i < 0 {
			at = len(head)
			return ""
		}
		word := string(head[at : at+i])
		at += i + 1
		return word
	}
	name = text()
	text()
	number := func() int64 {
		if at+4 > len(head) {
			at = len(head)
			return -1
		}
		v := int64(binary.LittleEndian.Uint32(head[at:]))
		at += 4
		return v
	}
	number()
	path := number()
	if path < 0 || int64(at)+path > int64(len(head)) {
		return "object", whole
	}
	at += int(path)
	size := number()
	if size <= 0 || int64(at)+size > s.Size() {
		return "object", whole
	}
	return strings.ToValidUTF8(name, "\ufffd"), io.NewSectionReader(s, int64(at), size)
}

// attachments yields the files that lie in a PDF (ISO 32000-1, 7.11.4).
func (it *item) attachments(n node, c content) error {
	const mark, plural = "/EmbeddedFile", "/EmbeddedFiles"
	if !contains(c, mark, plural) {
		return nil
	}
	f, err := openPDF(it, c)
	if err != nil {
		return err
	}
	for number := range f.objects {
		if it.fatal != nil {
			return it.fatal
		}
		body, ok := f.load(pdfRef{number: number}).(*pdfBody)
		if !ok || f.name(body.dict["Type"]) != "EmbeddedFile" {
			continue
		}
		if r, left := f.decoded(body); left == "" {
			if err := it.embeddedFile(n, "attachment", r); err != nil {
				return err
			}
		}
	}
	return nil
}

// contains looks for a mark that is not the beginning of another.
func contains(c content, mark, not string) bool {
	buf := make([]byte, chunk)
	for off := int64(0); off < c.Size(); off += int64(chunk - len(not)) {
		n, _ := c.ReadAt(buf, off)
		for b := buf[:n]; ; {
			i := bytes.Index(b, []byte(mark))
			if i < 0 {
				break
			}
			if b = b[i:]; len(b) >= len(not) && !bytes.HasPrefix(b, []byte(not)) {
				return true
			}
			b = b[1:]
		}
	}
	return false
}
