package reply

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

// header is the fields of a mail or of one of its parts, by lower-case name, in their order. Unlike net/mail it takes what is broken
// as far as it goes: a reply must not be lost because a machine of thirty years wrote it.
type header map[string][]string

// split parts head and body at the first empty line, and reads the fields.
func split(raw []byte) (header, []byte) {
	h := header{}
	var name string
	var value strings.Builder // a field may be folded into very many lines
	keep := func() {
		if name != "" {
			h[name] = append(h[name], strings.TrimSpace(value.String()))
		}
		name = ""
		value.Reset()
	}
	fields, read := 0, 0
	for len(raw) > 0 && fields < maxFields && read < maxHeader {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			keep()
			return h, rest
		}
		read += len(line)
		switch field, after, ok := strings.Cut(string(line), ":"); {
		case line[0] == ' ' || line[0] == '\t':
			value.WriteString(" " + strings.TrimSpace(string(line)))
		case ok && named(field):
			keep()
			fields++
			name = strings.ToLower(strings.TrimSpace(field))
			value.WriteString(after)
		case fields == 0 && !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")):
			return h, raw // there is no head: all of it is text
		}
		raw = rest
	}
	keep()
	return h, raw
}

func named(field string) bool {
	field = strings.TrimRight(field, " \t")
	return field != "" && len(field) <= 76 && !strings.ContainsFunc(field, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (h header) all(name string) []string { return h[strings.ToLower(name)] }

func (h header) get(name string) string { return first(h.all(name)) }

// word is the first word of a field in lower case, without parameters.
func (h header) word(name string) string {
	w, _, _ := strings.Cut(h.get(name), ";")
	w, _, _ = strings.Cut(strings.TrimSpace(w), " ")
	return strings.ToLower(w)
}

// text is a field with its encoded words decoded, on one line.
func (h header) text(name string) string { return clip(plain(h.get(name)), 1000) }

func plain(s string) string {
	d := mime.WordDecoder{CharsetReader: func(label string, in io.Reader) (io.Reader, error) { return charset.NewReaderLabel(label, in) }}
	if out, err := d.DecodeHeader(s); err == nil {
		s = out
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
}

func clip(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

func (h header) date() time.Time {
	t, err := mail.ParseDate(h.get("Date"))
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

// bare is an address as it stands anywhere in a field that cannot be parsed.
var bare = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}[A-Za-z0-9]`)

func (h header) sender() (address, name string) {
	for _, field := range []string{"From", "Reply-To", "Sender"} {
		if list, err := mail.ParseAddressList(h.get(field)); err == nil && len(list) > 0 {
			return clip(list[0].Address, 320), clip(plain(list[0].Name), 200)
		}
		if a := bare.FindString(h.get(field)); a != "" {
			return a, ""
		}
	}
	return "", ""
}

// addressees are all addresses that the mail may have come by, a plus-address among them.
func (h header) addressees() []string {
	var out []string
	for _, field := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"} {
		for _, v := range h.all(field) {
			for _, a := range bare.FindAllString(v, 50) {
				if a = strings.ToLower(a); !slices.Contains(out, a) && len(out) < 100 {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// nullSender says that the mail came with the empty return path of RFC 5321, which no person sends with.
func (h header) nullSender() bool {
	for _, v := range h.all("Return-Path") {
		if strings.TrimSpace(v) == "<>" {
			return true
		}
	}
	return false
}

var messageID = regexp.MustCompile(`<[^<>@\s]{1,250}@[^<>@\s]{1,250}>`)

func ids(s string) []string { return messageID.FindAllString(s, 200) }

// answers are the mails that this one refers to, nearest first.
func answers(h header, w *walker, k Kind) []string {
	out := ids(h.get("In-Reply-To"))
	refs := ids(h.get("References"))
	slices.Reverse(refs)
	out = append(out, refs...)
	if w.original != nil {
		out = append(out, ids(w.original.get("Message-ID"))...)
	}
	out = append(out, w.named...)
	if k == Bounce && w.original == nil { // one that quotes the head as text
		if m := quotedID.FindStringSubmatch(clip(w.all(), 4*maxWeigh)); m != nil {
			out = append(out, m[1])
		}
	}
	var distinct []string
	for _, id := range out {
		if !slices.Contains(distinct, id) && len(distinct) < 100 {
			distinct = append(distinct, id)
		}
	}
	return distinct
}

var quotedID = regexp.MustCompile(`(?im)^[> \t]*Message-ID:\s*(<[^<>@\s]{1,250}@[^<>@\s]{1,250}>)`)
