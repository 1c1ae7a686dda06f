// Package notice composes a takedown notice, checks that what the law requires stands in it, and renders it as a message.
// It never sends, never looks anything up, and never tells what a leaked file contains.
//
// Start with Compose, which turns facts into a draft; Check says what a draft, also an edited one, still lacks; Render makes the bytes
// that a person approves.
package notice

import "time"

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
	URL  string // absolute
	Part string // redacted hint such as "member 3 of the archive"
	IP   string
	Host string
	Seen time.Time // when it was last seen live, told in UTC
}

// Facts are what a notice draws on; apart from the locations none of them may hold a victim's data.
type Facts struct {
	Ticket        string // "UM-2026-000123"
	Regime        string // "dsa16"
	Language      string // nl, fr, de, en; a region tag is ignored, anything else reads as en
	LeakTitle     string // how the leak is known in public; may be empty
	Notifier      Party
	RecipientName string
	RecipientKind string // one of the regime's recipients: host, platform
	Locations     []Location
	Grade         string  // as in match.Grade
	FileType      string  // extension of the known file, without its name
	Coverage      float64 // containment of the known file, 0–1
	Bits          float64 // weight of the match
	Passages      int
	Subjects      int      // distinct persons; 0 when unknown
	Categories    []string // data categories; those without a plain name in templates/words.yaml are not told
	InArchive     bool     // found in a part of an archive
	Date          time.Time
	StatusURL     string // public page that authenticates the ticket; may be empty
	Exposure      string // XARF's exposure_method: open_directory, paste_site …; empty reads as other
}

// Draft is the text that counsel reads and may edit.
type Draft struct {
	Subject string
	Body    string // lines end in LF
}

// Element is one required element as it stands in a draft.
type Element struct {
	ID       string            // as law.Element.ID
	Citation string            // "DSA art. 16(2)(a)"
	Label    map[string]string // by language
	Present  bool
	Text     string // what fills it; not redacted
	Missing  string // when absent: what is missing and where to fill it, in plain English, without a URL
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
