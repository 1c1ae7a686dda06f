package open

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// joined yields the files that lie in a row in r, as packers write them whose directory is lost. Where one ends and another
// begins, their formats tell; texts run together.
func (it *item) joined(parent node, r io.Reader) error {
	s := &splitter{r: newLook(r)}
	for i := 1; s.begin(); i++ {
		if err := it.member(parent, fmt.Sprintf("unnamed %d", i), -1, s); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, s); err != nil { // what a limit left
			return err
		}
	}
	return s.err
}

const (
	splitLook = 2 * chunk
	splitKeep = 2048 // bytes that must be in sight behind a beginning
)

// splitter reads the files in a row one by one: each ends with io.EOF.
type splitter struct {
	r    *bufio.Reader
	kind kind
	at   int64 // bytes of this file so far
	size int64 // of this file, 0: something else tells
	safe int   // bytes in sight that are this file's
	last bool  // and its last ones
	err  error // of r, but for its end
}

// begin goes to the next file, if there is one.
func (s *splitter) begin() bool {
	head, err := s.r.Peek(splitLook)
	if len(head) == 0 {
		if err != io.EOF {
			s.err = err
		}
		return false
	}
	whole := err == io.EOF
	if next := beginning(head, 0); next > 0 {
		head, whole = head[:next], true
	}
	s.start(head, whole)
	return true
}

// start takes a file's beginning.
func (s *splitter) start(head []byte, whole bool) {
	s.kind, s.at, s.size, s.safe, s.last = sniff(head, whole), 0, 0, 0, false
	le := binary.LittleEndian
	switch {
	case s.kind == kindSQLite && len(head) >= 100:
		page := int64(binary.BigEndian.Uint16(head[16:]))
		if page == 1 {
			page = 64 << 10
		}
		s.size = page * int64(binary.BigEndian.Uint32(head[28:]))
	case s.kind == kindBMP:
		s.size = int64(le.Uint32(head[2:]))
	}
}

// Read implements io.Reader.
func (s *splitter) Read(p []byte) (int, error) {
	if s.safe == 0 {
		if s.last {
			return 0, io.EOF
		}
		b, err := s.r.Peek(splitLook)
		if len(b) == 0 {
			return 0, err
		}
		s.safe, s.last = s.look(b, err != nil)
	}
	n, err := s.r.Read(p[:min(len(p), s.safe)])
	s.safe -= n
	s.at += int64(n)
	return n, err
}

// look tells how many of the next bytes are this file's, and whether they are its last ones.
func (s *splitter) look(b []byte, last bool) (int, bool) {
	end := -1
	switch {
	case s.size > 0:
		if left := s.size - s.at; left <= int64(len(b)) {
			end = int(max(left, 0))
		}
	case s.kind == kindPNG:
		end = behind(b, "\x00\x00\x00\x00IEND\xaeB`\x82")
	case s.kind == kindPDF:
		end = pdfEnd(b)
	case s.zipped():
		end = s.zipEnd(b)
	default:
		from := 0
		if s.at == 0 {
			from = 1
		}
		end = beginning(b, from)
	}
	switch {
	case end == 0 && s.at == 0:
	case end >= 0:
		return end, true
	}
	if last {
		return len(b), false
	}
	return max(len(b)-splitKeep, 1), false
}

func (s *splitter) zipped() bool {
	switch s.kind {
	case kindZip, kindDocx, kindXlsx, kindPptx, kindOOX, kindOdt, kindOds, kindOdp:
		return true
	}
	return false
}

func behind(b []byte, mark string) int {
	if i := bytes.Index(b, []byte(mark)); i >= 0 {
		return i + len(mark)
	}
	return -1
}

// zipEnd looks for the end of a zip that tells where it stands itself (APPNOTE.TXT 4.3.16), as one within it does not.
func (s *splitter) zipEnd(b []byte) int {
	le := binary.LittleEndian
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("PK\x05\x06"))
		if i < 0 || from+i+22 > len(b) {
			return -1
		}
		i += from
		size, offset := int64(le.Uint32(b[i+12:])), int64(le.Uint32(b[i+16:]))
		if size+offset == s.at+int64(i) || offset == zip64Marker {
			return min(i+22+int(le.Uint16(b[i+20:])), len(b))
		}
		from = i + 4
	}
}

// pdfEnd looks for an end that no later version of the document follows.
func pdfEnd(b []byte) int {
	const mark = "%%EOF"
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(mark))
		if i < 0 {
			return -1
		}
		end := from + i + len(mark)
		for end < len(b) && (b[end] == '\r' || b[end] == '\n') {
			end++
		}
		rest := b[end:min(len(b), end+64)]
		if !bytes.Contains(rest, []byte(" obj")) && !bytes.HasPrefix(rest, []byte("xref")) && !bytes.HasPrefix(rest, []byte("%")) || bytes.HasPrefix(rest, []byte("%PDF-")) {
			return end
		}
		from = end
	}
}

// fileStarts are what begins a file wherever it stands: none of them is likely within another.
var fileStarts = []string{
	localMagic, "%PDF-1.", "%PDF-2.", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", sqliteMagic, sevenMagic, rarMagic, pngMagic, xzMagic,
	"{\\rtf1", "\xff\xd8\xff\xe0\x00\x10JFIF", "\xff\xd8\xff\xe1",
}

// beginning returns where the next file begins, from a place on; -1 where none does.
func beginning(b []byte, from int) int {
	best := -1
	for _, start := range fileStarts {
		limit := len(b)
		if best >= 0 {
			limit = min(limit, best+len(start))
		}
		for at := from; at < limit; {
			i := bytes.Index(b[at:limit], []byte(start))
			if i < 0 {
				break
			}
			if at += i; start != localMagic || soundLocal(b[at:]) {
				if best < 0 || at < best {
					best = at
				}
				break
			}
			at++
		}
	}
	return best
}

func newLook(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, splitLook) }
