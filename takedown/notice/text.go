package notice

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// The largest message that Text opens, and how many parts it may have.
const (
	maxMessage = 8 << 20
	maxParts   = 1000
)

// Text decodes a message that Render made, for review, for the guard, and for a second look just before sending: subject and body as a
// reader sees them (LF line ends), every header, and every attachment decoded. It refuses what Render does not make: nested parts, more
// than one text, other encodings.
func Text(raw []byte) (subject, body string, headers textproto.MIMEHeader, attachments [][]byte, err error) {
	if len(raw) > maxMessage {
		return "", "", nil, nil, errors.New("read message: too large")
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", nil, nil, errors.New("read message: broken header")
	}
	headers = textproto.MIMEHeader(m.Header)
	if subject, err = decodeWords(m.Header.Get("Subject")); err != nil {
		return "", "", nil, nil, fmt.Errorf("read subject: %w", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", nil, nil, errors.New("read message: broken content type")
	}
	if kind != "multipart/mixed" {
		b, err := decodePart(kind, "text/plain", m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return subject, lf(b), headers, nil, err
	}
	mr := multipart.NewReader(m.Body, params["boundary"])
	for n := 0; ; n++ {
		p, err := mr.NextRawPart()
		if errors.Is(err, io.EOF) && n > 0 {
			return subject, body, headers, attachments, nil
		}
		if err != nil || n >= maxParts {
			return "", "", nil, nil, errors.New("read message: broken or too many parts")
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			return "", "", nil, nil, errors.New("read part: broken content type")
		}
		want := "application/json"
		if n == 0 {
			want = "text/plain"
		}
		b, err := decodePart(kind, want, p.Header.Get("Content-Transfer-Encoding"), p)
		if err != nil {
			return "", "", nil, nil, err
		}
		if n == 0 {
			body = lf(b)
		} else {
			attachments = append(attachments, b)
		}
	}
}

func decodePart(kind, want, encoding string, r io.Reader) ([]byte, error) {
	if kind != want {
		return nil, errors.New("read part: of an unexpected kind")
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	default:
		return nil, errors.New("read part: unexpected transfer encoding")
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.New("read part: broken encoding")
	}
	return b, nil
}

func lf(b []byte) string { return strings.ReplaceAll(string(b), "\r\n", "\n") }

// PartHeads gives, for each part of a message that Render made, its header as a reader's program shows it: what an attachment is called
// stands there. A message without parts has none.
func PartHeads(raw []byte) []string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil
	}
	var out []string
	mr := multipart.NewReader(m.Body, params["boundary"])
	for len(out) < maxParts {
		p, err := mr.NextRawPart()
		if err != nil {
			return out
		}
		var b strings.Builder
		for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Description", "Content-Id"} {
			value := p.Header.Get(name)
			if plain, err := decodeWords(value); err == nil {
				value = plain
			}
			b.WriteString(value + "\n")
			if _, params, err := mime.ParseMediaType(value); err == nil {
				b.WriteString(params["name"] + "\n" + params["filename"] + "\n") // also in the form of RFC 2231
			}
		}
		out = append(out, b.String())
	}
	return out
}
