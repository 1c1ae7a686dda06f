// Package notice composes a takedown notice, checks that what the law requires stands in it, and renders it as a message.
// It never sends, never looks anything up, and never tells what a leaked file contains.
//
// Start with Compose, which turns facts into a draft; Check says what a draft, also an edited one, still lacks; Render makes the bytes
// that a person approves.
package notice

import (
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
	URL   string // absolute
	Part  string // redacted hint such as "member 3 of the archive"
	Path  string // path inside an archive, when the content is a part of one; empty: not told
	Lines [2]int // first and last line that concern the leak, from 1; zero: not told
	IP    string
	Host  string
	Seen  time.Time // when it was last seen live, told in UTC
	// How tells how the content of this location was recognised, when otherwise than the notice as a whole; nil: as the facts say.
	How *Recognition
}

// Recognition is how content was recognised as coming from a leak.
type Recognition struct {
	Grade     string // as in match.Grade
	FileType  string // extension of the known file, without its name
	Coverage  float64
	Bits      float64
	Passages  int
	InArchive bool
}

// Inspection is what a person looked at before deciding, on one day. The zero value: nobody did, or not on one day.
type Inspection struct {
	How  string // explanation, page, content, original, other
	Date time.Time
}

// The acts. A first notice has no name of its own; a complaint and a delisting are the first act of their regimes.
const (
	ActFirst      = law.ActFirst
	ActReminder   = law.ActReminder
	ActEscalation = law.ActEscalation
	ActRetraction = law.ActRetraction
	ActComplaint  = law.ActComplaint
	ActDelisting  = law.ActDelisting
)

// Facts are what a notice draws on; apart from the locations none of them may hold a victim's data.
type Facts struct {
	Ticket        string // "UM-2026-000123"
	Regime        string // "dsa16"
	Act           string // one of the Act constants
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
	Subjects      int        // distinct persons; 0 when unknown
	Categories    []string   // data categories; those without a plain name in templates/words.yaml are not told
	InArchive     bool       // found in a part of an archive
	Inspected     Inspection `json:",omitzero"`
	Date          time.Time
	StatusURL     string // public page that authenticates the ticket; may be empty
	Exposure      string // XARF's exposure_method: open_directory, paste_site …; empty reads as other

	Earlier    []Earlier // what was sent before about the same content, oldest first
	Incident   Incident
	Mandate    Mandate
	Uploader   Uploader
	Action     string     // the narrowest measure that suffices: one of Measures; empty: what fits the kind of recipient
	FactsDate  time.Time  // day of the facts, by which national criminal provisions are chosen; zero: not filled in
	Countries  []string   // ISO codes of the countries whose law counsel chose
	Optional   []string   // ids of grounds that counsel added
	Withdrawal Withdrawal // why a retraction is sent
	Respondent Respondent // against whom a complaint is
}

// Earlier is one notice that was sent before.
type Earlier struct {
	Date          time.Time
	Ticket        string
	Kind          string // its act
	Regime        string // its regime; empty: not known
	RecipientName string
	RecipientKind string // its rung
	Answer        string // none (or empty), receipt, refused, removed, question, other
	Answered      time.Time
}

// Incident is what the leak file says that texts use.
type Incident struct {
	Kind       string // hacked, extortion, misconfiguration, lost, insider, processor, other
	From       time.Time
	Until      time.Time
	Discovered time.Time
	Published  time.Time
	Country    string // ISO code
	Controller string // name
	Processors []Processor
	Persons    []string // kinds of persons: patients, employees …; those without a plain name in words.yaml are not told
	Count      int      // persons concerned by the leak as a whole; 0: unknown
	CountIs    string   // exact, at_least, estimate
	// Reported are the authorities to whom the breach was reported, Police the report to the police.
	Reported []Reported
	Police   Reported
}

// Processor is one link of the chain of processors, in order.
type Processor struct {
	Name string
	Role string // processor, sub_processor, joint_controller
}

// Reported is one report to an authority.
type Reported struct {
	Name      string
	Date      time.Time
	Reference string
}

// Mandate is on whose behalf and by what right the notifier acts for the persons concerned. An empty Kind is none.
type Mandate struct {
	From      string // who gave it; a person stays unnamed: "one of the persons concerned"
	Kind      string // controller, power_of_attorney, article_80, union; data_subject when the person writes in person
	Reference string
	Date      time.Time
	For       string // country code or matter
}

// Uploader is whether whoever placed the content was asked first (NTD code of conduct, art. 4(b)).
type Uploader struct {
	Attempted bool
	Date      time.Time
	Channel   string // form, mail, message, comment; other words read as they are
	WhyNot    string // anonymous, unsafe, no_contact, spread; other words read as they are
}

// Withdrawal is why a notice is taken back.
type Withdrawal struct {
	Wrong string // not_leak, exception, wrong_location, wrong_recipient, other
	Words string // counsel's own sentence, in the notice's language; may be empty
}

// Respondent is against whom a complaint is directed.
type Respondent struct {
	Name    string
	Address string // postal or e-mail
	Country string
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
	ReplyTo    string   // address; empty: answers go to From
	MessageID  string   // with angle brackets
	InReplyTo  string   // with angle brackets; empty at the start of a thread
	References []string // with angle brackets, oldest first
}
