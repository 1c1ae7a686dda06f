package reply_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"unmirror/takedown/reply"
)

func mail(head, body string) []byte {
	return []byte(strings.ReplaceAll(head+"\n\n"+body, "\n", "\r\n"))
}

const fromDesk = "From: Abuse Desk <abuse@host.example>\nTo: takedown@fictitious.example\nSubject: Re: [UM-2026-000001] Notice\nDate: Mon, 02 Mar 2026 10:00:00 +0100\nMessage-ID: <a1@host.example>"

// What each answer seems to say, by words of four languages. Words that only look alike must not be taken for it.
func TestWhatAnAnswerSeemsToSay(t *testing.T) {
	for _, c := range []struct {
		text string
		want reply.Says
	}{
		{"Hello,\n\nthe content has been removed.\n\nRegards", reply.Removed},
		{"We have taken the files offline.", reply.Removed},
		{"Removed.", reply.Removed},
		{"We removed the paste this morning.", reply.Removed},
		{"The URL is no longer accessible.", reply.Removed},
		{"The account was suspended.", reply.Removed},
		{"Thank you for your report. The file has been deleted from our servers.", reply.Removed},
		{"De inhoud werd verwijderd.", reply.Removed},
		{"Wij hebben de bestanden offline gehaald.", reply.Removed},
		{"De pagina is niet meer bereikbaar.", reply.Removed},
		{"Le contenu a été supprimé.", reply.Removed},
		{"Nous avons retiré le fichier.", reply.Removed},
		{"La page n'est plus accessible.", reply.Removed},
		{"Der Inhalt wurde gelöscht.", reply.Removed},
		{"Wir haben die Datei entfernt.", reply.Removed},
		{"Die Seite ist nicht mehr erreichbar.", reply.Removed},
		{"It's gone.", reply.Removed},
		{"Opgelost, het bestand staat er niet meer op.", reply.Removed},
		{"C'est fait, le fichier n'est plus là.", reply.Removed},
		{"Das ist erledigt, die Datei ist weg.", reply.Removed},
		{"Le fichier a \xe9t\xe9 supprim\xe9.", reply.Removed}, // without a word about its letters

		{"We will not remove this content.", reply.Refused},
		{"Your request has been declined.", reply.Refused},
		{"This does not violate our terms of service.", reply.Refused},
		{"We are unable to remove the file.", reply.Refused},
		{"Wij zullen deze inhoud niet verwijderen.", reply.Refused},
		{"Uw verzoek werd afgewezen.", reply.Refused},
		{"Nous ne supprimerons pas ce contenu.", reply.Refused},
		{"Votre demande est rejetée.", reply.Refused},
		{"Wir werden den Inhalt nicht löschen.", reply.Refused},
		{"Ihre Anfrage wurde abgelehnt.", reply.Refused},

		{"We have forwarded your complaint to our customer.", reply.Forwarded},
		{"We asked our customer to remove the content.", reply.Forwarded},
		{"Wij hebben uw melding doorgestuurd naar onze klant.", reply.Forwarded},
		{"Nous avons transmis votre demande à notre client.", reply.Forwarded},
		{"Wir haben Ihre Meldung an unseren Kunden weitergeleitet.", reply.Forwarded},

		{"Please provide the exact URL.", reply.Question},
		{"We need more information before we can act.", reply.Question},
		{"Could you please confirm whether the file has been removed?", reply.Question},
		{"Gelieve ons meer informatie te bezorgen.", reply.Question},
		{"Veuillez nous fournir une preuve de votre mandat.", reply.Question},
		{"Bitte senden Sie uns weitere Informationen.", reply.Question},

		{"Your notice is wrong: this is a public register.", reply.Dispute},
		{"Wij betwisten deze melding.", reply.Dispute},
		{"Nous contestons cette demande.", reply.Dispute},
		{"Wir bestreiten das.", reply.Dispute},

		{"Do not contact us again.", reply.Stop},
		{"Please use our abuse form at the website.", reply.Form},
		{"I am out of the office until Monday.", reply.Absent},
		{"We have received your report and will review it.", reply.Receipt},
		{"Wij hebben uw melding goed ontvangen.", reply.Receipt},
		{"Nous accusons réception de votre courriel.", reply.Receipt},
		{"Wir haben Ihre Meldung erhalten.", reply.Receipt},
		{"Hello there", reply.Other},
	} {
		m := reply.Parse(mail(fromDesk, c.text))
		if m.Kind != reply.Human || m.Says[0] != c.want {
			t.Errorf("%q: %s %v, want %s", c.text, m.Kind, m.Says, c.want)
		}
	}
}

func TestWhatOnlyLooksLikeARemovalIsNone(t *testing.T) {
	for _, text := range []string{
		"The content will be removed tomorrow.", "Once the content has been removed we will tell you.", "If it was removed, please tell us.",
		"The file has not been removed.", "We cannot confirm that it was removed?", "Has it been removed?",
		"De inhoud zal verwijderd worden.", "De inhoud werd nog niet verwijderd.", "Le contenu sera supprimé.", "Le contenu n'a pas été supprimé.",
		"Der Inhalt wird gelöscht.", "Der Inhalt wurde noch nicht gelöscht.", "Please remove the content.",
		"> The content has been removed.", "We asked our customer whether it has been removed.",
	} {
		if m := reply.Parse(mail(fromDesk, text)); m.Seems(reply.Removed) {
			t.Errorf("%q: %v", text, m.Says)
		}
	}
}

func TestAMachineIsToldFromAPerson(t *testing.T) {
	for _, c := range []struct {
		head, body string
		want       reply.Kind
	}{
		{fromDesk, "Hello", reply.Human},
		{fromDesk + "\nAuto-Submitted: no", "Hello", reply.Human},
		{fromDesk + "\nAuto-Submitted: auto-replied", "Hello", reply.Automatic},
		{fromDesk + "\nAuto-Submitted: auto-generated (vacation)", "Hello", reply.Automatic},
		{fromDesk + "\nPrecedence: bulk", "Hello", reply.Automatic},
		{fromDesk + "\nPrecedence: auto_reply", "Hello", reply.Automatic},
		{fromDesk + "\nX-Autoreply: yes", "Hello", reply.Automatic},
		{fromDesk + "\nX-Autoresponder: SomeBot", "Hello", reply.Automatic},
		{fromDesk + "\nReturn-Path: <>", "Hello", reply.Automatic},
		{fromDesk + "\nReturn-Path: <abuse@host.example>", "Hello", reply.Human},
		{strings.Replace(fromDesk, "Re: [UM", "Automatic reply: [UM", 1), "Hello", reply.Human}, // a subject alone is a weak hint
		{strings.Replace(fromDesk, "Re: [UM", "Automatic reply: [UM", 1), "This is an automated message.", reply.Automatic},
		{strings.Replace(strings.Replace(fromDesk, "abuse@", "no-reply@", 1), "Re: [UM", "Ontvangstbevestiging: [UM", 1), "Hallo", reply.Automatic},
		{strings.Replace(fromDesk, "Re: ", "Re: Automatic reply: ", 1), "Hello", reply.Human},
		{fromDesk + "\nX-Auto-Response-Suppress: All", "We removed it.", reply.Human},
		{fromDesk + "\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x", "--x\n\nread\n--x--", reply.Automatic},
		{"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender", "no such user <abuse@host.example>", reply.Bounce},
		{"From: postmaster@mx.example\nSubject: Undeliverable: notice", "user unknown: abuse@host.example", reply.Bounce},
		{"From: postmaster@host.example\nSubject: Re: notice", "We removed it.", reply.Human}, // postmaster is a person too
		{fromDesk, "Our mail to the customer could not be delivered, so we removed it.", reply.Human},
	} {
		if m := reply.Parse(mail(c.head, c.body)); m.Kind != c.want {
			t.Errorf("%s / %s: %s, want %s", c.head, c.body, m.Kind, c.want)
		}
	}
}

func dsn(action, status, diagnostic string) []byte {
	return mail("From: MAILER-DAEMON@mx.example (Mail Delivery System)\nReturn-Path: <>\nTo: takedown@fictitious.example\nSubject: Undelivered Mail Returned to Sender\n"+
		"Auto-Submitted: auto-replied\nMessage-ID: <b1@mx.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n boundary=\"=_x/1\"",
		"This is a MIME-encapsulated message.\n\n--=_x/1\nContent-Type: text/plain\n\nI'm sorry. <abuse@host.example> could not be reached.\n\n"+
			"--=_x/1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nArrival-Date: Mon, 02 Mar 2026 10:00:00 +0100\n\n"+
			"Final-Recipient: rfc822; Abuse@Host.example\nAction: "+action+"\nStatus: "+status+"\nDiagnostic-Code: smtp; "+diagnostic+"\n\n"+
			"--=_x/1\nContent-Type: text/rfc822-headers\n\nFrom: takedown@fictitious.example\nSubject: [UM-2026-000007] Notice\nMessage-ID: <notice_1.1.abc@fictitious.example>\n\n--=_x/1--\n")
}

func TestABounceNamesAddressStatusAndMail(t *testing.T) {
	for _, c := range []struct {
		action, status, diagnostic string
		want                       reply.Says
		hard                       bool
		code                       string
	}{
		{"failed", "5.1.1", "550 5.1.1 no such user", reply.Bounced, true, "5.1.1"},
		{"failed", "5.0.0", "550 5.1.1 <abuse@host.example> unknown", reply.Bounced, true, "5.1.1"},
		{"failed", "5.2.2", "552 5.2.2 mailbox full", reply.Bounced, false, "5.2.2"},
		{"failed", "4.4.7", "expired", reply.Bounced, false, "4.4.7"},
		{"failed", "5.7.1", "554 5.7.1 spam", reply.Bounced, false, "5.7.1"},
		{"delayed", "4.4.1", "no route", reply.Delayed, false, "4.4.1"},
	} {
		m := reply.Parse(dsn(c.action, c.status, c.diagnostic))
		if m.Kind != reply.Bounce || m.Says[0] != c.want || len(m.Failed) != 1 {
			t.Fatalf("%+v: %+v", c, m)
		}
		f := m.Failed[0]
		if f.Address != "abuse@host.example" || f.Status != c.code || f.Hard() != c.hard {
			t.Errorf("%+v: %+v", c, f)
		}
		if !slices.Equal(m.Answers, []string{"<notice_1.1.abc@fictitious.example>"}) || !slices.Equal(m.Tickets, []string{"UM-2026-000007"}) {
			t.Errorf("%+v: answers %v, tickets %v", c, m.Answers, m.Tickets)
		}
	}
}

func TestOldBouncesAreRead(t *testing.T) {
	const returned = "\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <takedown@fictitious.example>\nFrom: takedown@fictitious.example\nMessage-ID: <notice_2.1.abc@fictitious.example>\nSubject: x\n\nbody"
	for name, c := range map[string]struct{ head, body string }{
		"qmail": {"From: MAILER-DAEMON@mx.example\nTo: takedown@fictitious.example\nSubject: failure notice",
			"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<abuse@host.example>:\nSorry, no mailbox here by that name. (#5.1.1)" + returned},
		"exim": {"From: Mail Delivery System <Mailer-Daemon@mx.example>\nReturn-Path: <>\nX-Failed-Recipients: abuse@host.example\nTo: takedown@fictitious.example\nSubject: Mail delivery failed: returning message to sender",
			"A message that you sent could not be delivered.\n\n  abuse@host.example\n    550 5.1.1 unknown user" + returned},
		"words only": {"From: postmaster@mx.example\nTo: takedown@fictitious.example\nSubject: Undeliverable: notice",
			"Delivery to the following recipient has failed: abuse@host.example (user unknown)" + returned},
	} {
		m := reply.Parse(mail(c.head, c.body))
		if m.Kind != reply.Bounce || m.Says[0] != reply.Bounced || !m.Failed[0].Hard() || m.Failed[0].Address != "abuse@host.example" {
			t.Errorf("%s: %+v", name, m)
		}
		if !slices.Contains(m.Answers, "<notice_2.1.abc@fictitious.example>") {
			t.Errorf("%s: answers %v", name, m.Answers)
		}
	}
	m := reply.Parse(mail("From: MAILER-DAEMON@mx.example\nSubject: Warning: could not send message for past 4 hours", "THIS IS A WARNING MESSAGE ONLY. abuse@host.example: user@host still being tried, could not be delivered yet"))
	if m.Kind != reply.Bounce || m.Says[0] != reply.Delayed {
		t.Errorf("a warning: %+v", m)
	}
}

func TestWhatIsQuotedIsNotSaid(t *testing.T) {
	for _, body := range []string{
		"Hello.\n\nOn Mon, 2 Mar 2026 at 10:00, Takedown <t@fictitious.example> wrote:\n> The content has been removed.\n",
		"Hello.\n\nOp ma 2 mrt. 2026 om 10:00 schreef Takedown <t@fictitious.example>:\n\nThe content has been removed.\n",
		"Hello.\n\nLe 2 mars 2026 à 10:00, Takedown a écrit :\nLe contenu a été supprimé.",
		"Hello.\n\nAm 2. März 2026 um 10:00 schrieb Takedown <t@fictitious.example>:\nDer Inhalt wurde gelöscht.",
		"Hello.\n\n-----Original Message-----\nThe content has been removed.",
		"Hello.\n\nFrom: Takedown <t@fictitious.example>\nSent: Monday, March 2, 2026\nTo: abuse\n\nThe content has been removed.",
	} {
		if m := reply.Parse(mail(fromDesk, body)); m.Text != "Hello." || m.Seems(reply.Removed) {
			t.Errorf("%q: %q %v", body, m.Text, m.Says)
		}
	}
	below := reply.Parse(mail(fromDesk, "On Mon, 2 Mar 2026 at 10:00, Takedown wrote:\n> Please remove it.\n\nThe content has been removed.\n"))
	if below.Says[0] != reply.Removed {
		t.Errorf("an answer below the quotation: %+v", below)
	}
	if got := reply.Without("We removed it.\nThe notifier asks that this be removed.\nBye", "x\nThe notifier  asks that this be removed.\n"); got != "We removed it.\nBye" {
		t.Errorf("without the notice: %q", got)
	}
}

func TestTicketsOfBothSidesAreFound(t *testing.T) {
	for subject, want := range map[string]string{
		"Re: [UM-2026-000123] Notice [#48213]":                  "48213",
		"[host.example #99812] AutoReply: [UM-2026-000123]":     "99812",
		"[Ticket#2026030210000012] Re: UM-2026-000123":          "2026030210000012",
		"Re: [ABUSE-4711] [UM-2026-000123]":                     "ABUSE-4711",
		"[AbuseID:CAFE12:1E] Notice [UM-2026-000123]":           "AbuseID:CAFE12:1E",
		"UM-2026-000123 CAS-12345-X1Y2Z3":                       "CAS-12345-X1Y2Z3",
		"Incident INC0012345 opened (um-2026-000123)":           "INC0012345",
		"Case 01234567: notice UM-2026-000123 ref:_00D30_5003z": "01234567",
	} {
		m := reply.Parse(mail(strings.Replace(fromDesk, "Re: [UM-2026-000001] Notice", subject, 1), "Hello"))
		if !slices.Contains(m.Theirs, want) || !slices.Equal(m.Tickets, []string{"UM-2026-000123"}) {
			t.Errorf("%q: theirs %v, ours %v", subject, m.Theirs, m.Tickets)
		}
	}
	for text, want := range map[string]string{
		"Ticket ID: AB-1234": "AB-1234", "Your case number is 998877.": "998877", "Zaaknummer: 2026/551": "2026/551",
		"Numéro de dossier : 44551": "44551", "Vorgangsnummer: V-20261": "V-20261",
	} {
		if m := reply.Parse(mail(fromDesk, text)); !slices.Contains(m.Theirs, want) {
			t.Errorf("%q: %v", text, m.Theirs)
		}
	}
	if m := reply.Parse(mail(fromDesk, "In this case it is not. The ticket is closed. 12345")); len(m.Theirs) != 0 {
		t.Errorf("words are no tickets: %v", m.Theirs)
	}
}

func TestEncodedAnswersAreRead(t *testing.T) {
	for name, raw := range map[string][]byte{
		"quoted-printable latin-1": mail(fromDesk+"\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable", "Le contenu a =E9t=E9 supprim=E9."),
		"base64":                   mail(fromDesk+"\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", "RGVyIElu\naGFsdCB3dXJkZSBnZWzDtnNjaHQu"),
		"html":                     mail(fromDesk+"\nContent-Type: text/html", "<html><head><style>p{}</style></head><body><p>We have <b>removed</b> the file.</p><blockquote>We will not remove it.</blockquote></body></html>"),
		"alternative":              mail(fromDesk+"\nContent-Type: multipart/alternative; boundary=b", "--b\nContent-Type: text/plain\n\nDe inhoud is verwijderd.\n--b\nContent-Type: text/html\n\n<p>x</p>\n--b--\n"),
		"bare line feeds":          []byte(fromDesk + "\n\nThe content has been removed.\n"),
		"a wrong boundary":         mail(fromDesk+"\nContent-Type: multipart/mixed; boundary=b", "The content has been removed."),
	} {
		if m := reply.Parse(raw); m.Says[0] != reply.Removed {
			t.Errorf("%s: %v %q", name, m.Says, m.Text)
		}
	}
}

func TestHostileMailsAreReadInBoundedTime(t *testing.T) {
	deep := fromDesk
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	for name, raw := range map[string][]byte{
		"nesting":    mail(deep+"\n"+b.String(), "x"),
		"parts":      mail(fromDesk+"\nContent-Type: multipart/mixed; boundary=b", strings.Repeat("--b\n\nx\n", 20000)+"--b--"),
		"references": mail(fromDesk+"\nReferences: "+strings.Repeat("<a@b> ", 20000), "x"),
		"fields":     mail(strings.Repeat("A: b\n", 50000)+"B: c", "x"),
		"one line":   mail(fromDesk, strings.Repeat("we removed ", 200000)),
		"empty":      nil,
		"binary":     {0, 1, 2, 0xff, 0xfe},
	} {
		m := reply.Parse(raw)
		if len(m.Says) == 0 || len(m.Text) > 1<<20 || len(m.Answers) > 100 {
			t.Errorf("%s: %d says, %d bytes of text", name, len(m.Says), len(m.Text))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mail(fromDesk, "The content has been removed."))
	f.Add(dsn("failed", "5.1.1", "550 5.1.1 no such user"))
	f.Add(mail(fromDesk+"\nContent-Type: multipart/mixed; boundary=b", "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b--"))
	f.Add(mail(fromDesk+"\nContent-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64", "PHA+"))
	f.Add([]byte("X-Failed-Recipients: a@b\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := reply.Parse(raw)
		if len(m.Says) == 0 || m.Kind == "" {
			t.Fatalf("nothing was said of %q", raw)
		}
		if m.Kind == reply.Bounce && len(m.Failed) == 0 {
			t.Fatal("a bounce of nothing")
		}
		if len(m.Text) > 1<<20 || len(m.Theirs) > 8 || len(m.Answers) > 100 || len(m.To) > 100 {
			t.Fatal("a bound was broken")
		}
	})
}

// What is still being tried did not come back, in whatever words a server says so; and a server that has given up may use the same ones.
func TestADelayIsToldFromAFailure(t *testing.T) {
	for _, c := range []struct {
		subject, body string
		want          reply.Says
	}{
		{"Warning: message 1abcDE-0001Xy-2b delayed 24 hours", "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n" +
			"  abuse@host.example\n    Delay reason: connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.", reply.Delayed},
		{"Warning: could not send message for past 4 hours", "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n<abuse@host.example>... Deferred: Connection refused", reply.Delayed},
		{"Delivery delayed: your notice", "Delivery is delayed to these recipients or groups:\nabuse@host.example\nThis message hasn't been delivered yet. Delivery will continue to be attempted.", reply.Delayed},
		{"Delivery Status Notification (Delay)", "There was a temporary problem delivering your message to abuse@host.example. Gmail will retry for 47 more hours.", reply.Delayed},
		{"Mail delivery failed: returning message to sender", "A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n  abuse@host.example\n    retry timeout exceeded", reply.Bounced},
		{"Undeliverable: your notice", "Delivery has failed to these recipients: abuse@host.example. We will not continue to try.\n550 5.4.300 message expired", reply.Bounced},
		{"failure notice", "This is a permanent error; I've given up. <abuse@host.example>: Sorry, no mailbox here by that name. (#5.1.1)", reply.Bounced},
	} {
		m := reply.Parse(mail("From: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: takedown@fictitious.example\nReturn-Path: <>\nSubject: "+c.subject, c.body))
		if m.Kind != reply.Bounce || m.Says[0] != c.want || m.Failed[0].Address != "abuse@host.example" {
			t.Errorf("%s: %s %v %+v", c.subject, m.Kind, m.Says, m.Failed)
		}
	}
}

func TestAReceiptOfReadingNamesWhatWasRead(t *testing.T) {
	m := reply.Parse(mail(fromDesk+"\nContent-Type: multipart/report; report-type=disposition-notification; boundary=q", "--q\n\nYour message was read.\n--q\n"+
		"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;abuse@host.example\nOriginal-Message-ID: <n1@fictitious.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--q--"))
	if m.Kind != reply.Automatic || m.Says[0] != reply.Receipt || !slices.Contains(m.Answers, "<n1@fictitious.example>") {
		t.Errorf("%s %v %v", m.Kind, m.Says, m.Answers)
	}
}

func TestWhoIsAwaySaysNothingElse(t *testing.T) {
	for _, text := range []string{
		"Ich bin bis zum 3.12. nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.", "Vielen Dank für Ihre Nachricht. Ich bin ab dem 3.12. wieder erreichbar.",
		"Ik ben momenteel niet aanwezig. Uw mail wordt niet doorgestuurd.", "Ik ben terug op 3 december.", "Je suis actuellement en congé. Votre message n'est pas transmis.",
		"Je serai de retour le 3 décembre.", "I'm currently away and will return on Monday.", "I am on annual leave. My colleague was informed.", "I will be back in two weeks; mail is not forwarded.",
	} {
		if m := reply.Parse(mail(fromDesk+"\nAuto-Submitted: auto-replied", text)); m.Kind != reply.Automatic || m.Says[0] != reply.Absent {
			t.Errorf("%q: %s %v", text, m.Kind, m.Says)
		}
	}
}

// What a server took or passed on did not come back (RFC 3464, 2.3.3), and a report of several addresses is about those that failed.
func TestAReportThatSomethingArrivedIsNoBounce(t *testing.T) {
	report := func(actions ...string) reply.Message {
		s := "--b\n\nYour message was relayed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
		for i, a := range actions {
			s += fmt.Sprintf("Final-Recipient: rfc822; a%d@host.example\nAction: %s\n\n", i, a)
		}
		return reply.Parse(mail("From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Delivery Status Notification\nContent-Type: multipart/report; report-type=delivery-status; boundary=b", s+"--b--"))
	}
	for _, c := range []struct {
		actions []string
		want    reply.Says
		failed  int
	}{
		{[]string{"delivered"}, reply.Receipt, 0}, {[]string{"relayed"}, reply.Receipt, 0}, {[]string{"expanded", "delivered"}, reply.Receipt, 0},
		{[]string{"delivered", "failed"}, reply.Bounced, 1}, {[]string{"delayed"}, reply.Delayed, 1}, {[]string{"failed"}, reply.Bounced, 1},
	} {
		if m := report(c.actions...); m.Kind != reply.Bounce || m.Says[0] != c.want || len(m.Failed) != c.failed {
			t.Errorf("%v: %s %v %+v", c.actions, m.Kind, m.Says, m.Failed)
		}
	}
}
