package open

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"
)

// mailDeep bounds the nesting of multiparts within one mail; each level reads through all above it.
const mailDeep = 16

// mail is one message being read. Its visible text is the head fields that people read and the text bodies; everything
// else in it is a member.
type mail struct {
	it  *item
	n   node
	out *textOut
}

func (it *item) mail(n node, c content) error {
	m := mail{it: it, n: n, out: it.textOut(n, 0)}
	r := bufio.NewReaderSize(sequential(c), 16<<10)
	h := mailHeader(r)
	words := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	for _, name := range []string{"Subject", "From", "To", "Cc", "Date"} {
		for _, v := range h[name] {
			if d, err := words.DecodeHeader(v); err == nil {
				v = d
			}
			m.out.string(strings.ToValidUTF8(v, "\ufffd") + "\n")
		}
	}
	err := m.body(h, r, 0)
	if e := m.out.close(); e != nil {
		return e
	}
	return err
}

// mailHeader reads a header up to its empty line. It takes what it understands: net/textproto gives a whole
// mail up over one odd line.
func mailHeader(r *bufio.Reader) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	last := ""
	for fields := 0; fields < 2000; fields++ {
		line, err := r.ReadSlice('\n')
		for err == bufio.ErrBufferFull {
			_, err = r.ReadSlice('\n') // the rest of a line too long to mean anything
		}
		text := string(bytes.TrimRight(line, "\r\n"))
		if text == "" {
			return h
		}
		if name, value, found := strings.Cut(text, ":"); found && text[0] != ' ' && text[0] != '\t' {
			last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
			h[last] = append(h[last], strings.TrimSpace(value))
		} else if vs := h[last]; len(vs) > 0 && len(vs[len(vs)-1]) < 64<<10 {
			vs[len(vs)-1] += " " + strings.TrimSpace(text)
		}
		if err != nil {
			return h
		}
	}
	return h
}

// body reads one entity: its own text, or its parts.
func (m *mail) body(h textproto.MIMEHeader, r io.Reader, level int) error {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media == "" {
		media = strings.ToLower(strings.TrimSpace(strings.Split(h.Get("Content-Type")+";", ";")[0]))
	}
	disposition, dispParams, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	name := dispParams["filename"]
	if name == "" {
		name = params["name"]
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		r = newBase64(r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	switch {
	case strings.HasPrefix(media, "multipart/") && params["boundary"] != "":
		return m.parts(params["boundary"], r, level)
	case disposition == "attachment" || name != "" || (media != "" && !strings.HasPrefix(media, "text/")):
		return m.it.member(m.n, attachmentName(name, media), -1, r)
	}
	return m.text(media, params["charset"], r)
}

func attachmentName(name, media string) string {
	words := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	if d, err := words.DecodeHeader(name); err == nil {
		name = d
	}
	switch {
	case name != "":
		return name
	case media == "message/rfc822":
		return "message.eml"
	}
	return "attachment"
}

func (m *mail) parts(boundary string, r io.Reader, level int) error {
	if level >= mailDeep {
		return &LimitError{Limit: "depth"}
	}
	parts := multipart.NewReader(r, boundary)
	var wrong error
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return wrong
		}
		if err != nil {
			return errors.Join(err, wrong)
		}
		wrong = errors.Join(wrong, faultOf(m.body(p.Header, p, level+1)))
		if m.it.fatal != nil {
			return m.it.fatal
		}
	}
}

// text writes a text body. What is valid UTF-8 counts as that, whatever the mail says; what is neither is decoded as declared.
func (m *mail) text(media, declared string, r io.Reader) error {
	b := bufio.NewReaderSize(r, 16<<10)
	sample, err := b.Peek(8 << 10)
	if len(sample) == 0 && err != io.EOF {
		return err
	}
	sets := decodings(sample, err == io.EOF, declared)
	if len(sets) == 0 {
		return nil
	}
	m.out.newline()
	text := decoded(b, sets[0])
	if media == "text/html" {
		return htmlText(m.out, text)
	}
	_, err = io.Copy(m.out, text)
	return err
}

// base64Reader drops what is not of the alphabet and tells a cut end from a padded one. Within a line such a character stands for
// one that was damaged.
type base64Reader struct {
	r      io.Reader
	within bool // the last character was of the alphabet
}

func newBase64(r io.Reader) io.Reader {
	return base64.NewDecoder(base64.StdEncoding, &base64Reader{r: r})
}

func (b *base64Reader) Read(p []byte) (int, error) {
	for {
		n, err := b.r.Read(p)
		kept := 0
		for i := range n {
			switch c := p[i]; {
			case isBase64(c):
				p[kept] = c
				kept++
			case b.within && !isSpace(c) && i+1 < n && isBase64(p[i+1]): // damaged: what follows must stay in step
				p[kept] = 'A'
				kept++
			case c == '=':
				p[kept] = c
				kept++
				b.within = false
				continue
			default:
				b.within = false
				continue
			}
			b.within = true
		}
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

func isBase64(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
