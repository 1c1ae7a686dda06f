package open

import (
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// ole yields the text of an office document of before 2007, or of a message of Outlook. Of a file that is cut or
// broken, whatever runs of text it holds count.
func (it *item) ole(n node, c content) error {
	out := it.textOut(n, 0)
	f, err := openCFB(c)
	if err == nil {
		err = it.oleStreams(out, n, f)
		if f.cut {
			err = errors.Join(ErrTruncated, err)
		}
	}
	if err != nil && !errors.Is(err, ErrEncrypted) && it.fatal == nil {
		out.newline()
		err = errors.Join(err, textRuns(out, sequential(c)))
	}
	return errors.Join(err, out.close())
}

// oleStreams reads the streams that hold text. A file without any is unsupported.
func (it *item) oleStreams(out *textOut, n node, f *cfb) error {
	var wrong error
	known := false
	for _, r := range []struct {
		name string
		read func(*oleStream) error
	}{
		{"WordDocument", func(s *oleStream) error { return wordText(out, s, f) }},
		{"Workbook", func(s *oleStream) error { return newBiff(it, out).read(sequential(s)) }},
		{"Book", func(s *oleStream) error { return newBiff(it, out).read(sequential(s)) }},
		{"PowerPoint Document", func(s *oleStream) error { return slidesText(out, s) }},
	} {
		if s := f.stream(r.name); s != nil {
			known = true
			wrong = errors.Join(wrong, r.read(s))
		}
		if it.fatal != nil {
			return it.fatal
		}
	}
	message, err := it.outlook(out, n, f)
	if it.fatal != nil {
		return it.fatal
	}
	held, heldErr := it.oleObjects(n, f)
	if !known && !message && !held {
		return ErrUnsupported
	}
	return errors.Join(wrong, err, heldErr)
}

// Properties of a message ([MS-OXPROPS]) by the names of their streams, without the type that ends the name.
const (
	msgStream     = "__substg1.0_"
	msgSubject    = "0037"
	msgSender     = "0C1A"
	msgTo         = "0E04"
	msgBody       = "1000"
	msgHTML       = "1013"
	msgAttachment = "37010102"
)

// outlook reads a message: its fields as text, its page and its attachments as members.
func (it *item) outlook(out *textOut, n node, f *cfb) (message bool, wrong error) {
	for _, e := range f.streams {
		if len(e.name) != len(msgStream)+8 || e.name[:len(msgStream)] != msgStream {
			continue
		}
		message = true
		property, kind := e.name[len(msgStream):len(msgStream)+4], e.name[len(msgStream)+4:]
		var err error
		switch s := f.open(e); {
		case property+kind == msgAttachment:
			err = it.member(n, "attachment", s.Size(), sequential(s))
		case property == msgHTML && kind == "0102":
			err = it.memberAs(n, "body.html", s.Size(), kindHTML, sequential(s))
		case property == msgSubject || property == msgSender || property == msgTo || property == msgBody:
			if kind == "001F" {
				err = copyUTF16(out, sequential(s))
			} else if kind == "001E" {
				_, err = io.Copy(out, charmap.Windows1252.NewDecoder().Reader(sequential(s)))
			}
			out.newline()
		}
		wrong = errors.Join(wrong, err)
		if it.fatal != nil {
			return message, it.fatal
		}
	}
	return message, wrong
}

// copyUTF16 writes little-endian UTF-16 as text.
func copyUTF16(out *textOut, r io.Reader) error {
	var b [4096]byte
	for {
		n, err := io.ReadFull(r, b[:])
		writeUTF16(out, b[:n])
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return out.it.fatal
		case err != nil:
			return err
		case out.it.fatal != nil:
			return out.it.fatal
		}
	}
}

// writeUTF16 writes little-endian code units; a pair of surrogates that is cut in two is lost.
func writeUTF16(out *textOut, b []byte) {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		if u := uint16(b[0]) | uint16(b[1])<<8; u != 0 {
			units = append(units, u)
		}
	}
	out.string(string(utf16.Decode(units)))
}

// writeLatin writes bytes of windows-1252.
func writeLatin(out *textOut, b []byte) {
	var text []byte
	for _, c := range b {
		text = utf8.AppendRune(text, charmap.Windows1252.DecodeByte(c))
	}
	out.Write(text)
}

// slidesText walks the records of a presentation ([MS-PPT] 2.3.1) for their text.
func slidesText(out *textOut, s *oleStream) error {
	const chars, latin, container, most = 0x0FA0, 0x0FA8, 0xF, 1 << 20
	var h [8]byte
	for off := int64(0); off+8 <= s.Size(); {
		if _, err := s.ReadAt(h[:], off); err != nil {
			return err
		}
		off += 8
		kind, size := int(h[2])|int(h[3])<<8, int64(h[4])|int64(h[5])<<8|int64(h[6])<<16|int64(h[7])<<24
		if h[0]&0xF == container {
			continue
		}
		if kind == chars || kind == latin {
			b := make([]byte, min(size, most, s.Size()-off))
			if _, err := s.ReadAt(b, off); err != nil {
				return err
			}
			for i, c := range b {
				if c == '\r' && (kind == latin || i%2 == 0) {
					b[i] = '\n'
				}
			}
			if kind == chars {
				writeUTF16(out, b)
			} else {
				writeLatin(out, b)
			}
			out.newline()
		}
		if off += size; out.it.fatal != nil {
			return out.it.fatal
		}
	}
	return nil
}
