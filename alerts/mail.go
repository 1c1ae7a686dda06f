package alerts

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// render makes the whole message without Date. All of it comes from the approved catalogue, except for the links.
func (a *Alerts) render(m *outgoing) ([]byte, error) {
	t := a.texts[m.language]
	w := t.News
	if m.kind == "confirm" {
		w = t.Confirm
	}
	name := a.o.Name
	if name == "" {
		name = t.Sender
	}
	body := strings.NewReplacer("{link}", m.link, "{unsubscribe}", m.unsubscribe, "{until}", t.date(m.expires)).Replace(w.Body)
	domain := a.o.From[strings.LastIndexByte(a.o.From, '@')+1:]
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", (&mail.Address{Name: name, Address: a.o.From}).String())
	header("To", "<"+m.to+">")
	header("Subject", mime.QEncoding.Encode("utf-8", w.Subject))
	header("Message-ID", "<"+m.id+"@"+domain+">")
	header("Auto-Submitted", "auto-generated") // RFC 3834: no auto-replies, please
	if m.unsubscribe != "" {
		header("List-Unsubscribe", "<"+m.unsubscribe+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Language", m.language)
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	qp := quotedprintable.NewWriter(&b)
	if _, err := qp.Write([]byte(strings.ReplaceAll(body, "\n", "\r\n"))); err != nil {
		return nil, fmt.Errorf("encode mail: %w", err)
	}
	if err := qp.Close(); err != nil {
		return nil, fmt.Errorf("encode mail: %w", err)
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("\r\n")) {
		b.WriteString("\r\n")
	}
	return b.Bytes(), nil
}
