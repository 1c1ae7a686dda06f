package takedown

import (
	"time"

	"unmirror/fingerprints/match"
	"unmirror/takedown/evidence"
)

// Actor is the account that does something; System is the daemon itself.
type Actor struct {
	ID   string // opaque, the one that the audit log names
	Name string
	Role string // counsel, operator, auditor; "system" for the daemon
}

// System is the actor of what the daemon does by itself.
var System = Actor{ID: "system", Name: "unmirror", Role: "system"}

// Capture is how one fetch of an item went: what becomes evidence. It holds no body.
type Capture struct {
	URL          string
	Method       string
	RequestHead  string // as sent, one header a line
	ResponseHead string // status line and headers as received
	Status       int
	IP           string // resolved address that was dialled
	Port         int
	TLSVersion   string
	Certificates [][]byte // DER, leaf first
	Redirects    []string // each address on the way, in order
	Hops         []Hop    // how each of them answered, as far as that is known
	Started      time.Time
	Finished     time.Time
	BodyBytes    int64
	BodySHA256   string // hex; goes into sealed evidence only, never into a plain column
}

// Hop is one answer that led on to another address.
type Hop = evidence.Hop

// Sighting is one item found at one place that matched a known leak.
type Sighting struct {
	Source  string // name of the source in the configuration
	Kind    string
	URL     string
	Found   time.Time
	Report  match.Report // verdict match or weak
	Capture Capture
	// SiteContact is a contact that the kind itself publishes for the place, empty when it has none.
	SiteContact string
}

// Look is what a recheck of one URL saw.
type Look struct {
	Outcome LookOutcome
	Reason  string // a plain sentence without the URL
	At      time.Time
	Capture Capture
	// Report is what the matcher said of the body, when one came: its Digest tells whether the very content of a sighting is
	// still there, also when its leak is no longer registered.
	Report match.Report
	// SeenFrom names the network exits through which the outcome was seen; empty means the usual one alone.
	SeenFrom []string
}

// LookOutcome is the kind of thing a recheck saw.
type LookOutcome string

// What a recheck can see.
const (
	LookLive        LookOutcome = "live"           // the known content is still there
	LookGone        LookOutcome = "gone"           // the server says so (404, 410, 451, the kind's own way)
	LookChanged     LookOutcome = "changed"        // something answers, but the known content is not in it
	LookUnclear     LookOutcome = "unclear"        // 403, a wall, a truncated answer: says nothing
	LookUnreachable LookOutcome = "unreachable"    // no answer, or 5xx: an outage is not gone
	LookRobots      LookOutcome = "skipped_robots" // robots.txt forbids looking: missing coverage, never gone
)

// CaseRow is a case as lists show it: id, state and what identifies it, free of victims' data.
type CaseRow struct {
	ID       string    `json:"id"`
	State    CaseState `json:"state"`
	Created  time.Time `json:"created"`
	Leak     string    `json:"leak"`
	URL      string    `json:"url"`   // redacted where the guard finds an identifier
	Place    string    `json:"place"` // registrable domain, or address and port
	Grade    string    `json:"grade"`
	Verdict  string    `json:"verdict"`
	Bits     float64   `json:"bits"`
	Subjects int       `json:"subjects"`
	Updated  time.Time `json:"updated"`
	Reopened int       `json:"reopened"`
	// Disputed says that somebody says a notice about it is wrong, and counsel has not yet answered: nothing goes out for it.
	Disputed bool `json:"disputed"`
	// GoneForUs says that a gone case was seen gone from one network only, or not as often from a second one as it takes
	// to prove it: elsewhere the content may still be there.
	GoneForUs bool `json:"gone_for_us"`
}

// Reads is the state as people read it: "gone_for_us" where the content is not proven gone from a second network.
func (r CaseRow) Reads() string {
	if r.State == CaseGone && r.GoneForUs {
		return "gone_for_us"
	}
	return string(r.State)
}

// CaseFile is everything that the case page shows.
type CaseFile struct {
	CaseRow
	Reason     string // why the case is in its state
	Coverage   float64
	Passages   int
	Spans      [][2]int64
	FileIDs    []string // opaque ids of the known files recognised, best first
	Matches    []MatchRow
	Categories []string
	Source     string
	Contacts   []ContactRow
	Sightings  []SightingRow
	Notices    []NoticeRow
	Checks     []CheckRow
	History    []HistoryRow
	Evidence   []EvidenceRow
	GoneChecks int // checks that said gone so far, and how many are needed
	GoneNeeded int
	// GoneElsewhere counts those of the checks that a second network exit confirmed.
	GoneElsewhere int
	NextCheck     time.Time
	// LastLive is when it was last seen live, NextFollowUp when a follow-up may be due; zero: none is planned.
	LastLive     time.Time
	NextFollowUp time.Time
	Disputes     []DisputeRow
	Inspections  []InspectionRow // what counsel personally looked at
	Host         HostRecord
	// Systems are the autonomous systems that announce its address, as the registration data of the network told SystemsSeen; empty where
	// they were not asked or do not say.
	Systems      []uint32
	SystemsSeen  time.Time
	EvidenceHold EvidenceHold
}

// HostRecord is what became of everything found at one place.
type HostRecord struct {
	Cases    int // found there, this one among them
	Gone     int // proven gone by now
	Returned int // of them, that came back at least once
	Times    int // how often something came back
}

// DisputeRow is somebody's word that a notice about a case is wrong, and what counsel answered.
type DisputeRow struct {
	ID       string
	State    DisputeState
	Created  time.Time
	Party    string // uploader, recipient, subject, other
	Who      string
	What     string
	Received time.Time
	Answer   string // counsel's; empty while it is open
	History  []HistoryRow
}

// MatchRow explains one match without names.
type MatchRow struct {
	Grade      string
	FileID     string
	FileType   string // extension of the known file, without the name
	Bits       float64
	Coverage   float64
	Passages   int
	Spans      [][2]int64
	Rows       []int
	RowsFound  int      // when they are more than Rows lists
	Cells      []string // kinds of cells by which the rows were found
	Subjects   int
	Categories []string
	Pages      []match.PageMatch // which show known pages, and where
	InArchive  bool              // found in a part of an archive
}

// SightingRow is a sighting as lists show it.
type SightingRow struct {
	ID      string    `json:"id"`
	State   string    `json:"state"` // new or known
	Created time.Time `json:"created"`
	Case    string    `json:"case"`
	Leak    string    `json:"leak"`
	URL     string    `json:"url"` // redacted as in CaseRow
	Digest  string    `json:"digest"`
	Source  string    `json:"source"`
	Grade   string    `json:"grade"`
	Verdict string    `json:"verdict"`
	Bits    float64   `json:"bits"`
	Seen    time.Time `json:"last_seen"`
}

// ContactRow is one rung's address, with where it comes from.
type ContactRow struct {
	Email, Name, Kind, Language string
	Source                      string // correction, operator directory, catalogue, site contact, security.txt, rdap; where exactly in brackets
	Fetched                     time.Time
	Confidence                  float64
	Skipped                     string // why it is not used; empty when it may be
	Form                        string // the form by which alone it takes notices; empty: it takes mail
	Wants                       string // what it wants, in words
	Unconfirmed                 bool   // nobody has seen the provider's own word on that
	TellsOwner                  bool   // passes a notice on to whoever uploaded
}

// CheckRow is one recheck.
type CheckRow struct {
	At      time.Time
	Outcome LookOutcome
	Reason  string
	// SeenFrom names the network exits that saw it so; empty means the usual one alone.
	SeenFrom []string
}

// HistoryRow is one move of a case or notice.
type HistoryRow struct {
	At            time.Time
	Actor         string
	From, To, Why string
}

// EvidenceRow names one sealed evidence file.
type EvidenceRow struct {
	ID      string
	At      time.Time
	Kind    string // first capture, recheck
	Bytes   int64
	Digest  string    // SHA-256 of the encrypted file
	Missing string    // why there is none, for instance no recipients configured
	Stamped time.Time // the time in its token; zero: it has none
	Deleted time.Time // when its keeping time was over; zero: it is there
}

// NoticeRow is a notice as lists show it.
type NoticeRow struct {
	ID        string      `json:"id"`
	State     NoticeState `json:"state"`
	Created   time.Time   `json:"created"`
	Case      string      `json:"case"`
	Cases     []string    `json:"cases"` // all that it is about, Case among them
	Kind      NoticeKind  `json:"kind"`
	Regime    string      `json:"regime"`    // id in the law table
	Rung      int         `json:"rung"`      // on the ladder: 0 platform … 7 authority
	Round     int         `json:"round"`     // how often the case had come back when it was drafted
	Follows   string      `json:"follows"`   // the notice that it reminds of, escalates or withdraws
	Recipient string      `json:"recipient"` // e-mail address, or form:ID where a person hands it in; empty when none is known
	// RecipientKind is platform, host, cdn, network, upstream, registrar, search or authority.
	RecipientKind string     `json:"recipient_kind"`
	Language      string     `json:"language"`
	Version       int        `json:"version"`
	Digest        string     `json:"digest"` // SHA-256 of the bytes to approve
	Leak          string     `json:"leak"`
	Place         string     `json:"place"`
	Ticket        string     `json:"ticket"`
	Updated       time.Time  `json:"updated"`
	Sent          *time.Time `json:"sent"`      // when it went out; null before
	Withdrawn     string     `json:"withdrawn"` // the retraction that took it back; empty: it stands
	Answer        Answer     `json:"answer"`    // what was answered; empty: nothing yet
}

// NoticeFile is everything that the notice page shows.
type NoticeFile struct {
	NoticeRow
	Reason       string
	From         string
	Subject      string
	Body         string // in the recipient's language, then English; location lines redacted when shown
	Elements     []ElementRow
	Missing      []string // plain sentences, empty when it may be approved
	Unsure       []string // citations that nobody has confirmed, and provisions that cannot be cited; plain sentences for counsel
	Blocked      []string // what the guard found, and in which field; never the value
	LocationHits bool     // the exact location itself holds an identifier: counsel must accept it, with a reason
	Accepted     string   // the reason given for accepting it
	Unwritable   string   // why nothing goes to its recipient while it stands so, a plain sentence; empty: nothing is known against it
	NeedsTwo     bool     // two different counsel approve it
	Yes          []YesRow // who approved its present digest and waits for another one
	Recipients   []ContactRow
	Regimes      []RegimeRow // under which counsel may write this to such a recipient, the present one among them
	Action       string      // what it asks for, one of Actions
	Versions     []VersionRow
	History      []HistoryRow
	Attempts     []AttemptRow
}

// Answer is what a recipient answered to a notice.
type Answer string

// The answers.
const (
	AnswerReceipt  Answer = "receipt"  // a confirmation that it arrived, no decision
	AnswerRemoved  Answer = "removed"  // says that it was removed: a look follows, never a belief
	AnswerRefused  Answer = "refused"  // will not remove it
	AnswerQuestion Answer = "question" // wants to know more
	AnswerOther    Answer = "other"
)

// RegimeRow is one regime of the law table, with its names by language.
type RegimeRow struct {
	ID        string
	Name      map[string]string
	Countries []string // whose law it is; empty: of the Union or of none
}

// ElementRow is one required element of the regime.
type ElementRow struct {
	ID       string            // "reasons", "location", "notifier", "good_faith"
	Citation string            // "DSA art. 16(2)(a)"
	Label    string            // English
	Labels   map[string]string // by language
	Present  bool
	Text     string // what fills it, redacted
}

// VersionRow is one version of a notice.
type VersionRow struct {
	Version int
	At      time.Time
	Actor   string
	Digest  string
}

// AttemptRow is one attempt to deliver an approved notice.
type AttemptRow struct {
	ID          string       `json:"id"`
	State       AttemptState `json:"state"`
	Created     time.Time    `json:"created"`
	Notice      string       `json:"notice"`
	Attempt     int          `json:"attempt"`
	NextAttempt time.Time    `json:"next_attempt"`
	Recipient   string       `json:"recipient"`
	Reason      string       `json:"reason"` // the server's answer, or what broke
}

// QueueRow is one thing that waits for a person.
type QueueRow struct {
	Kind    string // "triage", "review", "unknown", "failed", "dispute"
	ID      string // case id, notice id or attempt id
	Case    string
	Leak    string
	Place   string
	Grade   string
	Bits    float64
	Since   time.Time
	Missing int // how many elements a draft still lacks
	// Letter is the kind of notice that it is about; empty where it is about none.
	Letter NoticeKind
}

// Triage is counsel's answer to the question whether a match is a wrong at all.
type Triage struct {
	Wrong     bool
	Exception string // own_publication, journalism, court, authority, research, other; empty when Wrong
	Reason    string
	Inspected *Inspection // what counsel looked at for this answer; nil: not told
}

// Dispute is somebody's word that a notice about a case is wrong.
type Dispute struct {
	Party    string    `json:"party"`    // uploader, recipient, subject (a person whom the data are about), other
	Who      string    `json:"who"`      // how they call themselves
	What     string    `json:"what"`     // what they say
	Received time.Time `json:"received"` // zero: now
}

// Edit is what counsel may change of a draft. A nil field stays.
type Edit struct {
	Subject, Body, Recipient, Language *string
	// Regime is an id of the law table that binds this kind of recipient; Action the measure that is asked for, one of Actions.
	Regime, Action *string
}

// Approval binds a yes to exactly what goes out.
type Approval struct {
	Digest         string // must equal the notice's current digest
	AcceptLocation string // reason, when LocationHits
}

// Hold tells whether everything outgoing is stopped.
type Hold struct {
	On     bool
	Since  time.Time
	By     string
	ByID   string // the account that stopped it, or let it go on
	Reason string
	// Asked is when whoever stopped it asked to let it go on, with the reason AskedWhy; zero: that was not asked. Another person does it.
	Asked    time.Time
	AskedWhy string
}
