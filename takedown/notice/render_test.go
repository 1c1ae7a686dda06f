package notice_test

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

func TestAMessageHoldsTheTextThenTheReports(t *testing.T) {
	f := facts("fr", "platform")
	d := compose(t, f)
	raw, err := notice.Render(f, d, envelope(), true)
	if err != nil {
		t.Fatal(err)
	}
	subject, body, head, att, err := notice.Text(raw)
	if err != nil {
		t.Fatal(err)
	}
	if subject != d.Subject || body != d.Body || len(att) != 2 {
		t.Errorf("subject %q, %d attachments, same body %v", subject, len(att), body == d.Body)
	}
	for i, a := range att {
		if err := xarf.Validate(a); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(a, []byte(f.Locations[i].URL)) {
			t.Errorf("report %d is about something else", i)
		}
	}
	for _, h := range []string{"Date", "Auto-Submitted", "Bcc", "Dkim-Signature", "In-Reply-To"} {
		if head.Get(h) != "" {
			t.Errorf("has a %s header", h)
		}
	}
	if head.Get("Message-Id") != envelope().MessageID || head.Get("To") != envelope().To || head.Get("Content-Language") != "fr, en" {
		t.Errorf("%v", head)
	}
	again, _ := notice.Render(f, d, envelope(), true)
	if !bytes.Equal(raw, again) {
		t.Error("two renderings differ")
	}
}

func TestARecipientWithoutAttachmentsGetsPlainTextAlone(t *testing.T) {
	f := facts("en", "host")
	raw, err := notice.Render(f, compose(t, f), envelope(), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, head, att, err := notice.Text(raw); err != nil || len(att) != 0 || !strings.HasPrefix(head.Get("Content-Type"), "text/plain") {
		t.Errorf("%v %d %v", head, len(att), err)
	}
}

func TestAReminderStaysInItsThread(t *testing.T) {
	f := facts("en", "host")
	e := envelope()
	e.InReplyTo, e.References = "<b.2@dienst.example>", []string{"<a.1@dienst.example>", "<b.2@dienst.example>"}
	raw, err := notice.Render(f, compose(t, f), e, true)
	if err != nil {
		t.Fatal(err)
	}
	_, _, head, att, err := notice.Text(raw)
	if err != nil || head.Get("In-Reply-To") != e.InReplyTo || head.Get("References") != strings.Join(e.References, " ") {
		t.Errorf("%v %v", head, err)
	}
	first, err := notice.XARF(f, envelope(), 0)
	if err != nil || !bytes.Equal(att[0], first) {
		t.Error("the reminder's report is another incident")
	}
}

func TestTheTicketComesBackIntoAnEditedSubject(t *testing.T) {
	f := facts("en", "host")
	raw, err := notice.Render(f, notice.Draft{Subject: "Please remove", Body: "x"}, envelope(), false)
	if err != nil {
		t.Fatal(err)
	}
	if s, _, _, _, _ := notice.Text(raw); s != "[UM-2026-000123] Please remove" {
		t.Errorf("subject %q", s)
	}
}

func TestADraftWithoutRecipientCanBeReviewed(t *testing.T) {
	f := facts("en", "host")
	e := envelope()
	e.To = ""
	raw, err := notice.Render(f, compose(t, f), e, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, head, _, err := notice.Text(raw); err != nil || head.Get("To") != "" {
		t.Errorf("%v %v", head, err)
	}
}

func TestAnIncompleteReportIsNotAttached(t *testing.T) {
	f := facts("en", "host")
	f.Notifier.Email = ""
	raw, err := notice.Render(f, compose(t, f), envelope(), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, att, err := notice.Text(raw); err != nil || len(att) != 0 {
		t.Errorf("%d attachments, %v", len(att), err)
	}
}

func TestEnvelopesThatAreNoneAreRefused(t *testing.T) {
	f := facts("en", "host")
	for name, spoil := range map[string]func(*notice.Envelope){
		"recipient with a header": func(e *notice.Envelope) { e.To = "a@b.example\r\nBcc: x@y.example" },
		"two recipients":          func(e *notice.Envelope) { e.To = "a@b.example, c@d.example" },
		"recipient with a name":   func(e *notice.Envelope) { e.To = "A <a@b.example>" },
		"recipient outside ASCII": func(e *notice.Envelope) { e.To = "zoë@b.example" },
		"recipient with quotes":   func(e *notice.Envelope) { e.To = `"a b"@b.example` },
		"no sender":               func(e *notice.Envelope) { e.From = "" },
		"no message id":           func(e *notice.Envelope) { e.MessageID = "" },
		"message id with a line":  func(e *notice.Envelope) { e.MessageID = "<a@b.example>\r\nX: y" },
		"bare message id":         func(e *notice.Envelope) { e.MessageID = "a@b.example" },
		"reply to two":            func(e *notice.Envelope) { e.InReplyTo = "<a@b.example> <c@d.example>" },
		"reference with a line":   func(e *notice.Envelope) { e.References = []string{"<a@b.example>", "<c@d.example>\nX: y"} },
	} {
		e := envelope()
		spoil(&e)
		if _, err := notice.Render(f, compose(t, f), e, true); err == nil {
			t.Errorf("%s: rendered", name)
		} else if strings.Contains(err.Error(), "b.example") {
			t.Errorf("%s: the error repeats the address: %v", name, err)
		}
	}
}

func TestInternationalHostNamesTravelInTheirDNSForm(t *testing.T) {
	f := facts("de", "host")
	e := envelope()
	e.To = "abuse@bücher.example"
	raw, err := notice.Render(f, compose(t, f), e, false)
	if err != nil || !bytes.Contains(raw, []byte("\r\nTo: abuse@xn--bcher-kva.example\r\n")) {
		t.Errorf("%v\n%.300s", err, raw)
	}
}

// allowed are the headers of a notice; whatever else appears was injected.
var allowed = map[string]bool{"From": true, "To": true, "Subject": true, "Message-Id": true, "In-Reply-To": true, "References": true,
	"Content-Language": true, "Mime-Version": true, "Content-Type": true, "Content-Transfer-Encoding": true}

func checkMessage(t interface {
	Fatalf(string, ...any)
	Errorf(string, ...any)
}, f notice.Facts, d notice.Draft, e notice.Envelope, attachments bool) {
	raw, err := notice.Render(f, d, e, attachments)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	if i := bytes.IndexFunc(raw, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && r != '\r' && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("byte %#x in the message", raw[i])
	}
	if rest := bytes.ReplaceAll(raw, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n") {
		t.Errorf("a bare line end")
	}
	for _, l := range bytes.Split(raw, []byte("\r\n")) {
		if len(l) > 998 {
			t.Errorf("a line of %d octets", len(l))
		}
	}
	subject, body, head, att, err := notice.Text(raw)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, raw)
	}
	for h, v := range head {
		if !allowed[h] || len(v) != 1 {
			t.Errorf("header %s: %q", h, v)
		}
	}
	if body != notice.Canonical(d.Body) {
		t.Errorf("body %q, want %q", body, notice.Canonical(d.Body))
	}
	if f.Ticket == "UM-2026-000123" && !strings.Contains(subject, "[UM-2026-000123]") {
		t.Errorf("subject %q lacks the ticket", subject)
	}
	if strings.ContainsAny(subject, "\r\n\x00") {
		t.Errorf("subject %q has control characters", subject)
	}
	if from, err := mail.ParseAddress(head.Get("From")); err != nil || from.Address != e.From {
		t.Errorf("from %q: %v", head.Get("From"), err)
	}
	if attachments && len(att) > len(f.Locations) {
		t.Errorf("%d attachments", len(att))
	}
}

func TestRenderingAndDecodingAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := facts("nl", "platform")
		d := notice.Draft{Subject: text(t, "subject"), Body: text(t, "body")}
		e := envelope()
		e.FromName = text(t, "from name")
		f.Notifier.Name, f.LeakTitle = text(t, "name"), text(t, "title")
		f.Categories = []string{text(t, "category")}
		f.Locations[0].URL = "https://x.example/" + text(t, "path")
		checkMessage(t, f, d, e, rapid.Bool().Draw(t, "attachments"))
	})
}

// text draws what people type and what attackers send.
func text(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"\r\n", "\n", "\r", "Bcc: x@y.example", ": ", "=?utf-8?q?=0D=0AX:y?=", "--=_um_", "\x00", "é", " ", "\t", "=", ".", "From ", "x",
			"[UM-2026-000123]", "\u2028", strings.Repeat("long", 300), "Content-Type: text/html", "\xff"}), 0, 12), func(s []string) string { return strings.Join(s, "") }),
	).Draw(t, label)
}

func FuzzNoHeaderIsInjected(f *testing.F) {
	f.Add("Subject\r\nBcc: a@b.example", "Name\nX-Evil: 1", "body\n.\n--=_um_\n", "UM-2026-000123")
	f.Add("=?utf-8?q?=0D=0ABcc:_x?=", "\"quoted\" <x@y>", "\r\r\n\xff\x00", "]\r\n")
	f.Fuzz(func(t *testing.T, subject, name, body, ticket string) {
		fa := facts("fr", "host")
		fa.Ticket, fa.Notifier.Name, fa.LeakTitle = ticket, name, subject
		e := envelope()
		e.FromName = name
		checkMessage(t, fa, notice.Draft{Subject: subject, Body: body}, e, true)
	})
}

func FuzzTextNeverPanics(f *testing.F) {
	fa := facts("nl", "platform")
	raw, err := notice.Render(fa, compose(f, fa), envelope(), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"))
	f.Add([]byte("Subject: =?x?q?y?=\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, body, _, _, err := notice.Text(b)
		if err != nil && body != "" {
			t.Error("a body beside an error")
		}
	})
}

func FuzzComposeAndCheckNeverPanic(f *testing.F) {
	f.Add("https://x.example/a b", "Leak", "x", "passages", "docx", 3)
	f.Fuzz(func(t *testing.T, url, title, name, grade, ext string, n int) {
		fa := facts("de", "platform")
		fa.Locations[0].URL, fa.LeakTitle, fa.Notifier.Name, fa.Grade, fa.FileType, fa.Passages, fa.Subjects = url, title, name, grade, ext, n, n
		d := compose(t, fa)
		for _, e := range notice.Check(table(t), fa, d) {
			if e.Present == (e.Missing != "") {
				t.Errorf("%+v", e)
			}
		}
		notice.LocationSpans(fa, d.Body)
	})
}
