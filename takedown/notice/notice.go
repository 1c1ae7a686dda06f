// Package notice composes a takedown notice, checks that what the law requires stands in it, and renders it as a message.
// It never sends, never looks anything up, and never tells what a leaked file contains.
package notice

import (
	"errors"
	"net/textproto"
	"time"

	"unmirror/takedown/law"
)

// Party is who sends a notice.
type Party struct {
	Name      string
	Role      string // controller, processor, representative, data_subject
	Contact   string // a named function or person to ask for
	Email     string
	Telephone string
	Address   string
}

// Location is one address where the content stands.
type Location struct {
	URL  string
	Part string // redacted hint such as "member 3 of the archive"
	IP   string
	Host string
	Seen time.Time // UTC
}

// Facts are what a notice draws on; none of them may hold a victim's data.
type Facts struct {
	Ticket        string // "UM-2026-000123"
	Regime        string // "dsa16"
	Language      string // nl, fr, de, en; a region tag is ignored, anything else reads as en
	LeakTitle     string
	Notifier      Party
	RecipientName string
	RecipientKind string // host, platform
	Locations     []Location
	Grade         string  // as in match.Grade
	FileType      string  // extension of the known file, without its name
	Coverage      float64 // containment of the known file, 0–1
	Bits          float64
	Passages      int
	Subjects      int // distinct persons; 0 when unknown
	Categories    []string
	InArchive     bool
	Date          time.Time
	StatusURL     string // public page that authenticates the ticket; may be empty
	// Exposure is XARF's exposure_method: open_directory, paste_site …; empty reads as other.
	Exposure string
}

// Draft is the text that counsel reads and may edit.
type Draft struct {
	Subject string
	Body    string
}

// Element is one required element as it stands in a draft.
type Element struct {
	ID       string // as law.Element.ID
	Citation string
	Label    map[string]string
	Present  bool
	Text     string // what fills it; not redacted
	Missing  string // when absent: what is missing and where to fill it, in plain English
}

// Envelope is who the message is from and to, and where it stands in its thread.
type Envelope struct {
	From       string // address
	FromName   string
	To         string   // address; empty while no recipient is known
	MessageID  string   // with angle brackets
	InReplyTo  string   // with angle brackets; empty at the start of a thread
	References []string // with angle brackets, oldest first
}

// Compose writes the draft: the recipient's language first, then English unless that is the recipient's language.
func Compose(t law.Table, f Facts) (Draft, error) {
	return Draft{}, errors.New("notice: not written yet")
}

// Check tells for every element that the regime requires whether the draft, as it now reads, holds it.
func Check(t law.Table, f Facts, d Draft) []Element { return nil }

// Render writes the complete RFC 5322 message without its Date.
func Render(f Facts, d Draft, e Envelope, attachments bool) ([]byte, error) {
	return nil, errors.New("notice: not written yet")
}

// Text decodes a rendered message for review.
func Text(raw []byte) (subject, body string, headers textproto.MIMEHeader, attachments [][]byte, err error) {
	return "", "", nil, nil, errors.New("notice: not written yet")
}

// XARF writes the report of the location with that index.
func XARF(f Facts, e Envelope, index int) ([]byte, error) {
	return nil, errors.New("notice: not written yet")
}

// LocationSpans returns the byte ranges [from, to) of text in which one of the exact locations stands on its own.
func LocationSpans(f Facts, text string) [][2]int { return nil }
