package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"unmirror/takedown/xarf"
)

// messageID is RFC 5322's msg-id without comments, folding or quoting; 250 keeps the header line under 998 octets by far.
var messageID = regexp.MustCompile("^<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,120}>$")

// Render writes the complete RFC 5322 message without its Date, which is added at sending: CRLF lines of at most 998 octets, pure ASCII,
// and the same bytes for the same input. The text comes first; with attachments an XARF report for each location follows, unless the letter is none that reports go with. A report that
// does not validate is left out: Check then names what is missing, so that such a message cannot be approved.
//
// The subject carries the ticket, also when an edit took it out. There is no Auto-Submitted header: a person approves every notice, and
// the header would suppress the recipient's confirmation of receipt. It fails for an address or a message id that is none; an empty To
// leaves the header out, for review while no recipient is known.
func Render(f Facts, d Draft, e Envelope, attachments bool) ([]byte, error) {
	head, err := header(f, d, e)
	if err != nil {
		return nil, fmt.Errorf("render notice: %w", err)
	}
	text, err := quoted(Canonical(d.Body))
	if err != nil {
		return nil, fmt.Errorf("render notice: %w", err)
	}
	var reports [][]byte
	for i := range f.Locations {
		if !attachments || !f.reported() {
			break
		}
		b, err := XARF(f, e, i)
		if err != nil {
			return nil, fmt.Errorf("render notice: %w", err)
		}
		if xarf.Validate(b) == nil {
			reports = append(reports, b)
		}
	}
	textHead := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
	var b bytes.Buffer
	b.WriteString(head)
	if len(reports) == 0 {
		b.WriteString(textHead + "\r\n")
		b.Write(text)
		return b.Bytes(), nil
	}
	// "=_" stands in no quoted-printable or base64 text, so that no part can end early (RFC 2045, 6.7).
	sum := sha256.Sum256([]byte(e.MessageID))
	boundary := "=_um_" + hex.EncodeToString(sum[:16])
	fmt.Fprintf(&b, "Content-Type: multipart/mixed;\r\n boundary=\"%s\"\r\n\r\n", boundary)
	fmt.Fprintf(&b, "--%s\r\n%s\r\n%s", boundary, textHead, text)
	for i, r := range reports {
		fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: application/json; charset=utf-8; name=\"xarf-%d.json\"\r\n", boundary, i+1)
		fmt.Fprintf(&b, "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"xarf-%d.json\"\r\n\r\n", i+1)
		encode(&b, r)
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes(), nil
}

func header(f Facts, d Draft, e Envelope) (string, error) {
	var b strings.Builder
	from, err := address(e.FromName, e.From)
	if err != nil {
		return "", fmt.Errorf("sender: %w", err)
	}
	fmt.Fprintf(&b, "From: %s\r\n", from)
	if e.To != "" {
		to, err := address("", e.To)
		if err != nil {
			return "", fmt.Errorf("recipient: %w", err)
		}
		fmt.Fprintf(&b, "To: %s\r\n", to)
	}
	if e.ReplyTo != "" {
		reply, err := address("", e.ReplyTo)
		if err != nil {
			return "", fmt.Errorf("address for answers: %w", err)
		}
		fmt.Fprintf(&b, "Reply-To: %s\r\n", reply)
	}
	fmt.Fprintf(&b, "Subject: %s\r\n", foldSubject(subject(f, d)))
	if !messageID.MatchString(e.MessageID) {
		return "", errors.New("message id is not of the form <left@right>")
	}
	fmt.Fprintf(&b, "Message-ID: %s\r\n", e.MessageID)
	if e.InReplyTo != "" {
		if !messageID.MatchString(e.InReplyTo) {
			return "", errors.New("in-reply-to is not of the form <left@right>")
		}
		fmt.Fprintf(&b, "In-Reply-To: %s\r\n", e.InReplyTo)
	}
	for i, r := range e.References {
		if !messageID.MatchString(r) {
			return "", errors.New("a reference is not of the form <left@right>")
		}
		b.WriteString(map[bool]string{true: "References: ", false: "\r\n "}[i == 0] + r)
	}
	if len(e.References) > 0 {
		b.WriteString("\r\n")
	}
	lang := language(f.Language)
	if lang != "en" && strings.Contains(d.Body, rule("English version")) {
		lang += ", en"
	}
	fmt.Fprintf(&b, "Content-Language: %s\r\nMIME-Version: 1.0\r\n", lang)
	return b.String(), nil
}

// address renders one mailbox. The host name goes in its DNS form; a local part outside ASCII would need an extension (RFC 6531) that
// not every relay has, and is refused. The error never repeats the address.
func address(name, addr string) (string, error) {
	a, err := mail.ParseAddress(addr)
	if err != nil || a.Address != addr {
		return "", errors.New("not a bare e-mail address")
	}
	at := strings.LastIndexByte(addr, '@')
	local, domain := addr[:at], asciiDomain(addr[at+1:])
	for i := range len(local) {
		if c := local[i]; c <= ' ' || c >= 0x7f || c == '"' {
			return "", errors.New("the part before the @ holds a character that mail servers refuse")
		}
	}
	if domain == "" || len(addr) > 254 {
		return "", errors.New("the part after the @ is no host name, or the address is too long")
	}
	if name = clean(name); name == "" {
		return local + "@" + domain, nil
	}
	return encodedOrQuoted(name) + "\r\n <" + local + "@" + domain + ">", nil
}

func encodedOrQuoted(name string) string {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || len(name) > 60 {
			return encodedWords(name)
		}
	}
	return `"` + name + `"`
}

// subject is the draft's subject on one line, with the ticket in front if it is not in it.
func subject(f Facts, d Draft) string {
	s, tag := clean(d.Subject), "["+clean(f.Ticket)+"]"
	if f.Ticket == "" || strings.Contains(s, tag) {
		return s
	}
	return strings.TrimSpace(tag + " " + s)
}

// foldSubject folds plain ASCII at its spaces and writes everything else, also what only looks like one, as encoded words (RFC 2047).
func foldSubject(s string) string {
	plain := !strings.Contains(s, "=?")
	for _, w := range strings.Split(s, " ") {
		plain = plain && len(w) <= 60
		for i := range len(w) {
			plain = plain && w[i] > ' ' && w[i] < 0x7f
		}
	}
	if !plain {
		return encodedWords(s)
	}
	var b strings.Builder
	n := len("Subject:")
	for i, w := range strings.Split(s, " ") {
		if n+1+len(w) > 76 {
			b.WriteString("\r\n")
			n = 0
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		n += 1 + len(w)
	}
	return b.String()
}

// encodedWords writes s in UTF-8 encoded words, never cutting a character, one a line. Lines with them may have 76 characters
// (RFC 2047, 2); the first shares its line with the header's name.
func encodedWords(s string) string {
	const open = "=?utf-8?q?"
	most := 75 - len(open+"?=") - len("Subject: ")
	var words []string
	var cur strings.Builder
	for _, r := range s {
		var e strings.Builder
		switch {
		case r == ' ':
			e.WriteByte('_')
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-':
			e.WriteRune(r)
		default:
			percentWith(&e, '=', string(r))
		}
		if cur.Len()+e.Len() > most {
			words = append(words, open+cur.String()+"?=")
			cur.Reset()
			most = 75 - len(open+"?=")
		}
		cur.WriteString(e.String())
	}
	return strings.Join(append(words, open+cur.String()+"?="), "\r\n ")
}

// Canonical is the body as it goes out: valid UTF-8, LF line ends, no white space at the end of a line, one line end at the end.
func Canonical(body string) string {
	if !utf8.ValidString(body) {
		body = strings.ToValidUTF8(body, "\uFFFD")
	}
	body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(body, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

func quoted(text string) ([]byte, error) {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, fmt.Errorf("encode text: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode text: %w", err)
	}
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, data []byte) {
	s := base64.StdEncoding.EncodeToString(data)
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	b.WriteString(s + "\r\n")
}

// decodeWords undoes encodedWords.
func decodeWords(s string) (string, error) {
	var d mime.WordDecoder
	out, err := d.DecodeHeader(s)
	if err != nil {
		return "", fmt.Errorf("decode header: %w", err)
	}
	return out, nil
}
