package open

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// entry is one file of a zip, found through the central directory or by its local header.
type entry struct {
	name      string
	size      int64 // unpacked, -1 when not known
	encrypted bool
	open      func() (io.ReadCloser, error)
}

// zipEntries lists a zip. Without a readable central directory, as when the file was cut, the local headers
// are walked, and the error says so while the entries found are still good.
func (it *item) zipEntries(c content) ([]entry, error) {
	if zipMembers(c) > uint64(it.limits.Parts) {
		// Its directory alone would take the memory; as many members as may be come from their own headers.
		return it.localEntries(c, it.limits.Parts), nil
	}
	z, err := zip.NewReader(c, c.Size())
	if err != nil || (len(z.File) == 0 && c.Size() > 1024) {
		return it.localEntries(c, it.limits.Parts), ErrTruncated
	}
	entries := make([]entry, 0, len(z.File))
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
			continue
		}
		entries = append(entries, entry{name: f.Name, size: int64(f.UncompressedSize64), encrypted: f.Flags&1 != 0, open: func() (io.ReadCloser, error) { return it.openZipped(f) }})
	}
	return entries, nil
}

// zipMembers reads from the end of a zip how many members its directory has (APPNOTE.TXT 4.3.14 and 4.3.16), 0 when it
// has no end.
func zipMembers(c content) uint64 {
	const end, long = "PK\x05\x06", "PK\x06\x06"
	tail := make([]byte, min(c.Size(), 22+20+56+4096))
	if n, _ := c.ReadAt(tail, c.Size()-int64(len(tail))); n < len(tail) {
		return 0
	}
	i := bytes.LastIndex(tail, []byte(end))
	if i < 0 || i+22 > len(tail) {
		return 0
	}
	n := uint64(binary.LittleEndian.Uint16(tail[i+10:]))
	if j := bytes.LastIndex(tail[:i], []byte(long)); n == 0xffff && j >= 0 && j+40 <= i {
		n = binary.LittleEndian.Uint64(tail[j+32:])
	}
	return n
}

// zip yields the members of an archive; an office document found behind it is read as a document.
func (it *item) zip(n node, c content) error {
	entries, listErr := it.zipEntries(c)
	names := make([]string, 0, min(len(entries), 64))
	for _, e := range entries {
		names = append(names, e.name)
	}
	if k := officeOrZip(names); k != kindZip {
		return it.office(n, k, entries, listErr)
	}
	for _, e := range entries {
		if err := it.zipMember(n, e); err != nil {
			return err
		}
	}
	return listErr
}

func (it *item) zipMember(n node, e entry) error {
	if e.encrypted {
		return it.unreadable(n, e.name, e.size, ErrEncrypted)
	}
	r, err := e.open()
	if err != nil {
		return it.unreadable(n, e.name, e.size, err)
	}
	defer r.Close()
	return it.member(n, e.name, e.size, r)
}

// Local file header (APPNOTE.TXT 4.3.7).
const (
	localMagic   = "PK\x03\x04"
	localSize    = 30
	zip64Marker  = 0xffffffff
	methodStored = 0
)

// local is what a local header says.
type local struct {
	flags, method uint16
	packed, size  int64
	name          string
	header        int64 // bytes of the header, name and extra included
	sizesFollow   bool  // the sizes stand behind the data
}

// parseLocal reads a local header at the start of b.
func parseLocal(b []byte) (local, bool) {
	if len(b) < localSize || string(b[:4]) != localMagic {
		return local{}, false
	}
	le := binary.LittleEndian
	nameLen, extraLen := int(le.Uint16(b[26:])), int(le.Uint16(b[28:]))
	if nameLen == 0 || localSize+nameLen > len(b) {
		return local{}, false
	}
	h := local{
		flags: le.Uint16(b[6:]), method: le.Uint16(b[8:]),
		packed: int64(le.Uint32(b[18:])), size: int64(le.Uint32(b[22:])),
		name: string(b[localSize : localSize+nameLen]), header: int64(localSize + nameLen + extraLen),
	}
	h.sizesFollow = h.flags&8 != 0 && h.packed == 0
	if h.packed == zip64Marker || h.size == zip64Marker {
		h.zip64(b[localSize+nameLen : min(len(b), int(h.header))])
	}
	return h, true
}

// zip64 takes the long sizes from the extra field (APPNOTE.TXT 4.5.3).
func (h *local) zip64(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		if id == 1 && n >= 16 {
			h.size, h.packed = int64(le.Uint64(extra)), int64(le.Uint64(extra[8:]))
			if h.size < 0 || h.packed < 0 || h.packed > 1<<60 {
				h.size, h.packed = 0, 0
			}
			return
		}
		extra = extra[n:]
	}
}

// localEntries walks the local headers of a zip without a usable directory.
func (it *item) localEntries(c content, limit int) []entry {
	var found []entry
	window := make([]byte, chunk)
	for off := int64(0); off < c.Size() && len(found) < limit; {
		n, _ := c.ReadAt(window, off)
		i := bytes.Index(window[:n], []byte(localMagic))
		if i < 0 {
			off += max(int64(n)-3, 1)
			continue
		}
		if i > 0 && n-i < localSize+2048 {
			off += int64(i) // look again with the whole header in sight
			continue
		}
		h, ok := parseLocal(window[i:n])
		if !ok {
			off += int64(i) + 4
			continue
		}
		start := off + int64(i) + h.header
		end := c.Size()
		off = start
		if !h.sizesFollow && start+h.packed <= c.Size() && h.packed >= 0 {
			end = start + h.packed
			off = end
		}
		if !strings.HasSuffix(h.name, "/") {
			found = append(found, h.entry(it, c, start, end))
		}
	}
	return found
}

// entry gives the file whose data lie in [start, end); end is the end of the archive when nobody says where the data end.
func (h local) entry(it *item, c content, start, end int64) entry {
	e := entry{name: h.name, size: h.size, encrypted: h.flags&1 != 0}
	if h.sizesFollow {
		e.size = -1
	}
	e.open = func() (io.ReadCloser, error) {
		section := io.NewSectionReader(c, start, end-start)
		if h.method == methodStored && h.sizesFollow {
			return nil, ErrUnsupported
		}
		return it.unzipped(h.method, section, e.size)
	}
	return e
}

// hasLocalHeader looks for a sound local header anywhere in the head, as a piece cut out of a zip has it, or a program
// that unpacks itself.
func hasLocalHeader(head []byte) bool {
	for off := 0; ; off += 4 {
		i := bytes.Index(head[off:], []byte(localMagic))
		if i < 0 {
			return false
		}
		if off += i; soundLocal(head[off:]) {
			return true
		}
	}
}

// soundLocal tells whether what b begins with is a local header that a packer can have written.
func soundLocal(b []byte) bool {
	h, ok := parseLocal(b)
	known := h.method == methodStored || h.method == zip.Deflate || h.method == 12 || h.method == methodLZMA || h.method >= 93 && h.method <= 98
	return ok && b[5] <= 3 && known && h.packed >= 0 && cleanPath(h.name) == h.name
}

// localNames lists the names in the local headers that lie within head; the content of an
// OpenDocument's "mimetype" follows its name after a colon.
func localNames(head []byte) []string {
	var names []string
	for len(head) > 0 {
		i := bytes.Index(head, []byte(localMagic))
		if i < 0 {
			break
		}
		h, ok := parseLocal(head[i:])
		if !ok {
			head = head[i+4:]
			continue
		}
		if h.name == "mimetype" && h.method == methodStored && h.header < int64(len(head)-i) {
			body := head[i+int(h.header):]
			h.name += ":" + string(body[:min(int64(len(body)), max(h.size, 0), 80)])
		}
		names = append(names, h.name)
		// A stored member may itself be a zip, whose names are not ours.
		skip := int64(i) + h.header + h.packed
		if skip > int64(len(head)) || (h.sizesFollow && h.method == methodStored) {
			break
		}
		head = head[skip:]
	}
	return names
}

// officeOrZip tells an office document from an archive by the names in it.
func officeOrZip(names []string) kind {
	found := kindZip
	has := map[string]bool{}
	for _, name := range names {
		switch name {
		case "word/document.xml":
			return kindDocx
		case "xl/workbook.xml":
			return kindXlsx
		case "ppt/presentation.xml":
			return kindPptx
		case "[Content_Types].xml":
			found = kindOOX
		}
		has[name] = true
		if rest, ok := strings.CutPrefix(name, "mimetype:application/vnd.oasis.opendocument."); ok {
			switch {
			case strings.HasPrefix(rest, "text"):
				return kindOdt
			case strings.HasPrefix(rest, "spreadsheet"):
				return kindOds
			case strings.HasPrefix(rest, "presentation"):
				return kindOdp
			}
		}
	}
	if found == kindZip && has["content.xml"] && (has["META-INF/manifest.xml"] || has["styles.xml"]) {
		return kindOdt
	}
	return found
}
