// Package reply reads one mail that came in: which mail it answers, whether a person, a machine or a mail server wrote it, and what it
// seems to say.
// It never believes what it reads: what a mail says is a suggestion for a person, and nothing here acts, fetches or keeps anything.
package reply

import (
	"bytes"
	"time"
)

// Kind is who wrote a mail.
type Kind string

// The kinds.
const (
	Bounce    Kind = "bounce"    // a mail server says that a mail did not arrive, or not yet
	Automatic Kind = "automatic" // a machine answered: a confirmation of receipt, an absence, a ticket system
	Human     Kind = "human"     // nothing says that a machine wrote it
)

// Says is what a mail seems to say.
type Says string

// What a mail can say. Only the first two concern the mail's own way; the others are the words of who wrote it.
const (
	Bounced   Says = "bounced"   // it did not arrive and will not
	Delayed   Says = "delayed"   // it has not arrived yet
	Receipt   Says = "receipt"   // it arrived, nothing is decided
	Removed   Says = "removed"   // the content is said to be gone
	Refused   Says = "refused"   // it will stay
	Forwarded Says = "forwarded" // passed on to a customer or somebody else
	Question  Says = "question"  // more is asked for
	Form      Says = "form"      // it should come by a web form or to another address
	Dispute   Says = "dispute"   // the notice is said to be wrong
	Stop      Says = "stop"      // do not write here again
	Absent    Says = "absent"    // nobody is there
	Other     Says = "other"
)

// Meanings lists what a mail can say.
func Meanings() []Says {
	return []Says{Bounced, Delayed, Receipt, Removed, Refused, Forwarded, Question, Form, Dispute, Stop, Absent, Other}
}

// Message is a mail, read. Every text in it is a stranger's.
type Message struct {
	Kind     Kind
	Says     []Says // what it seems to say, the weightiest first; at least one
	From     string // address; empty when none can be read
	FromName string
	To       []string // every address that it was sent or delivered to, in lower case
	Subject  string
	Date     time.Time // zero when none can be read
	ID       string    // Message-ID with angle brackets; empty when there is none
	// Answers are the Message-IDs that it refers to, nearest first: In-Reply-To, References from the end, and what a bounce returned.
	Answers []string
	Tickets []string // our ticket numbers in the subject, then in the text
	Theirs  []string // ticket ids of the other side's system
	Text    string   // what was written, without what it quotes
	Failed  []Failed // addresses that a bounce names
	Parts   int      // attachments and other parts that are no text; they are not opened
	Cut     bool     // something was too large or too deep to be read
	// Pathed says that it came with a return path: what a mail server sends about a mail has none (RFC 5321, 4.5.5).
	Pathed bool
}

// Failed is one address that a bounce speaks of.
type Failed struct {
	Address string // in lower case; empty when the bounce does not name it
	Status  string // RFC 3463, such as 5.1.1; empty when none is given
	Delayed bool   // still being tried
}

// Hard says that the address itself does not take mail: writing again would be of no use.
func (f Failed) Hard() bool {
	if f.Delayed {
		return false
	}
	switch f.Status {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4":
		return true
	}
	return false
}

// Limits of what is read, so that no mail can make the reader work without end.
const (
	maxHeader = 256 << 10
	maxFields = 2000
	maxDepth  = 8
	maxParts  = 200
	maxText   = 256 << 10
	maxWeigh  = 16 << 10 // of a text that is weighed: what an answer has to say stands at its beginning
)

// Parse reads a mail as it came. It never fails: what cannot be read is left out, and what has no form at all is text.
func Parse(raw []byte) Message {
	raw = bytes.TrimLeft(raw, "\r\n")
	head, body := split(raw)
	w := walker{}
	w.part(head, body, 0)
	m := Message{Subject: head.text("Subject"), Date: head.date(), ID: first(ids(head.get("Message-ID"))), Parts: w.others, Cut: w.cut}
	m.From, m.FromName = head.sender()
	m.To = head.addressees()
	m.Text = own(w.words())
	m.Kind = kindOf(head, &w, m)
	if m.Kind == Bounce {
		m.Failed = w.failed(head, m.Text)
	}
	m.Answers = answers(head, &w, m.Kind)
	m.Tickets = ourTickets(m.Subject, m.Text, w.returned)
	m.Theirs = theirTickets(m.Subject, m.Text)
	m.Says = meaning(m)
	m.Pathed = len(head.all("Return-Path")) > 0 && !head.nullSender()
	return m
}

// Seems says whether a mail seems to say something.
func (m Message) Seems(what Says) bool {
	for _, s := range m.Says {
		if s == what {
			return true
		}
	}
	return false
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// Beside is a message without the lines of our own mail that stand in it word for word, weighed anew.
func (m Message) Beside(original string) Message {
	if text := Without(m.Text, original); text != m.Text {
		m.Text = text
		m.Says = meaning(m)
	}
	return m
}
