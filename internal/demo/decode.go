package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// maxDepth bounds nested multiparts, maxParts what is shown of one mail.
const (
	maxDepth = 8
	maxParts = 50
)

// letterView is a decoded mail.
type letterView struct {
	N       int
	At      time.Time
	From    string
	To      string
	Subject string
	Kind    string // notice, alert or mail
	Headers [][2]string
	Parts   []partView
}

type partView struct {
	Type string
	Name string // of an attachment
	Text string
}

// view decodes a mail; what cannot be decoded is shown as it came.
func view(r Received) letterView {
	v := letterView{N: r.N, At: r.At, From: r.From, To: strings.Join(r.To, ", ")}
	m, err := mail.ReadMessage(bytes.NewReader(r.Raw))
	if err != nil {
		v.Subject, v.Kind, v.Parts = "(not readable as a mail)", "mail", []partView{{Type: "text/plain", Text: string(r.Raw)}}
		return v
	}
	v.Headers = headerLines(r.Raw)
	v.Subject = decoded(m.Header.Get("Subject"))
	if from := decoded(m.Header.Get("From")); from != "" {
		v.From = from
	}
	v.Kind = "notice"
	if m.Header.Get("Auto-Submitted") != "" {
		v.Kind = "alert"
	}
	v.walk(textproto.MIMEHeader(m.Header), m.Body, 0)
	return v
}

func decoded(s string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return d
	}
	return s
}

// headerLines lists the header fields in their order, unfolded.
func headerLines(raw []byte) [][2]string {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var out [][2]string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if len(out) > 0 && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			out[len(out)-1][1] += line
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			out = append(out, [2]string{name, strings.TrimSpace(value)})
		}
	}
	for i := range out {
		out[i][1] = decoded(out[i][1])
	}
	return out
}

func (v *letterView) walk(h textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		parts := multipart.NewReader(body, params["boundary"])
		for len(v.Parts) < maxParts {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			v.walk(p.Header, p, depth+1)
		}
		return
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(io.LimitReader(body, maxMail)) // a broken encoding shows what came before
	p := partView{Type: kind, Text: strings.ToValidUTF8(string(b), "\ufffd")}
	if _, d, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		p.Name = decoded(d["filename"])
	}
	if strings.HasSuffix(kind, "json") {
		var pretty bytes.Buffer
		if json.Indent(&pretty, b, "", "  ") == nil {
			p.Text = pretty.String()
		}
	}
	v.Parts = append(v.Parts, p)
}

var address = regexp.MustCompile(`https?://[^\s<>"']+`)

// links escapes a text and makes its web addresses clickable.
func links(text string) template.HTML {
	var b strings.Builder
	last := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		u := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)]")
		b.WriteString(template.HTMLEscapeString(text[last:at[0]]))
		b.WriteString(`<a href="` + template.HTMLEscapeString(u) + `" rel="noreferrer">` + template.HTMLEscapeString(u) + `</a>`)
		last = at[0] + len(u)
	}
	b.WriteString(template.HTMLEscapeString(text[last:]))
	return template.HTML(b.String()) // every piece above is escaped
}
