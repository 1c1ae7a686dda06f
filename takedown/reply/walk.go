package reply

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// walker gathers what a mail consists of. Its depth and number of parts are bounded; what lies beyond is left out.
type walker struct {
	plain, html strings.Builder
	status      []header // the blocks of a message/delivery-status part
	report      string   // report-type of a multipart/report
	original    header   // head of the mail that a bounce returned
	returned    string   // its subject, for a ticket number
	named       []string // Message-IDs that a report gives as those of the mail that it is about
	others      int
	parts       int
	cut         bool
}

// part reads one entity and what is in it.
func (w *walker) part(h header, body []byte, depth int) {
	if w.parts++; w.parts > maxParts || depth > maxDepth {
		w.cut = true
		return
	}
	kind, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if kind == "" || err != nil && kind == "" {
		if kind = h.word("Content-Type"); kind == "" || !strings.Contains(kind, "/") {
			kind = "text/plain"
		}
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		if kind == "multipart/report" && w.report == "" {
			w.report = strings.ToLower(params["report-type"])
		}
		w.multipart(body, params["boundary"], depth)
		return
	}
	disposition := h.word("Content-Disposition")
	switch {
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		w.blocks(decoded(h, body))
		for _, b := range w.status[:min(len(w.status), 1)] {
			w.named = append(w.named, ids(b.get("X-Original-Message-ID"))...) // as Gmail gives it
		}
	case kind == "message/disposition-notification" || kind == "message/feedback-report":
		about, _ := split(bytes.TrimLeft(decoded(h, body), "\r\n"))
		w.named = append(w.named, ids(about.get("Original-Message-ID"))...) // RFC 8098, 3.2.5
		w.others++
	case kind == "message/rfc822" || kind == "message/global" || kind == "text/rfc822-headers" || kind == "message/global-headers":
		if head, _ := split(bytes.TrimLeft(decoded(h, body), "\r\n")); w.original == nil {
			w.original = head
			w.returned = head.text("Subject")
		}
	case disposition == "attachment" || !strings.HasPrefix(kind, "text/"):
		w.others++
	case kind == "text/html":
		w.add(&w.html, fromHTML(inUTF8(decoded(h, body), params["charset"])))
	default:
		w.add(&w.plain, inUTF8(decoded(h, body), params["charset"]))
	}
}

func (w *walker) multipart(body []byte, boundary string, depth int) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	before := w.parts
	for {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		h := header{}
		for name, values := range p.Header {
			h[strings.ToLower(name)] = values
		}
		inner, err := io.ReadAll(io.LimitReader(p, int64(len(body))))
		if err != nil && len(inner) == 0 {
			break
		}
		w.part(h, inner, depth+1)
		if w.parts > maxParts {
			w.cut = true
			return
		}
	}
	if w.parts == before { // its boundary is nowhere: then it is text
		w.add(&w.plain, inUTF8(body, ""))
	}
}

func (w *walker) add(to *strings.Builder, text string) {
	if room := maxText - to.Len(); len(text) > room {
		w.cut = true
		text = strings.ToValidUTF8(text[:max(room, 0)], "")
	}
	to.WriteString(text)
	to.WriteString("\n")
}

// blocks reads the groups of fields of a delivery status, each ended by an empty line (RFC 3464, 2.1).
func (w *walker) blocks(body []byte) {
	for len(body) > 0 && len(w.status) < 100 {
		h, rest := split(bytes.TrimLeft(body, "\r\n"))
		if len(h) > 0 {
			w.status = append(w.status, h)
		}
		if len(rest) >= len(body) {
			return
		}
		body = rest
	}
}

// words is what a person would read: the plain text, or the HTML where there is none.
func (w *walker) words() string {
	if strings.TrimSpace(w.plain.String()) != "" {
		return w.plain.String()
	}
	return w.html.String()
}

func (w *walker) all() string { return w.plain.String() + "\n" + w.html.String() }

// decoded undoes the transfer encoding; what is broken gives as much as could be read.
func decoded(h header, body []byte) []byte {
	limit := int64(len(body)) + 1
	switch h.word("Content-Transfer-Encoding") {
	case "base64":
		// Line ends and whatever else is no base64 may stand between.
		clean := bytes.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' {
				return r
			}
			return -1
		}, body)
		out, _ := io.ReadAll(io.LimitReader(base64.NewDecoder(base64.RawStdEncoding, bytes.NewReader(clean)), limit))
		return out
	case "quoted-printable":
		out, _ := io.ReadAll(io.LimitReader(quotedprintable.NewReader(bytes.NewReader(body)), limit))
		if len(out) == 0 {
			return body
		}
		return out
	}
	return body
}

func inUTF8(body []byte, label string) string {
	if len(body) > 2*maxText {
		body = body[:2*maxText]
	}
	if label != "" && !strings.EqualFold(label, "utf-8") && !strings.EqualFold(label, "us-ascii") {
		if r, err := charset.NewReaderLabel(label, bytes.NewReader(body)); err == nil {
			if out, err := io.ReadAll(io.LimitReader(r, 4*maxText)); err == nil {
				body = out
			}
		}
	}
	if !utf8.Valid(body) { // it says nothing of its letters, or nothing true: then most are those of Western Europe
		if out, err := charmap.Windows1252.NewDecoder().Bytes(body); err == nil {
			body = out
		}
	}
	s := strings.ReplaceAll(strings.ReplaceAll(string(body), "\r\n", "\n"), "\r", "\n")
	return strings.ToValidUTF8(s, "�")
}

// fromHTML is the text of a page of HTML, a line for each block; what stands in a blockquote is quoted.
func fromHTML(page string) string {
	z := html.NewTokenizer(strings.NewReader(page))
	var b strings.Builder
	hidden, quote := 0, 0
	for b.Len() < maxText {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 && quote == 0 {
				b.WriteString(strings.Join(strings.Fields(string(z.Text())), " ") + " ")
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "style", "script", "head", "title":
				hidden++
			case "blockquote":
				quote++
			case "p", "br", "div", "tr", "li", "h1", "h2", "h3":
				b.WriteString("\n")
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "style", "script", "head", "title":
				hidden = max(0, hidden-1)
			case "blockquote":
				quote = max(0, quote-1)
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}
