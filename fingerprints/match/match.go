// Package match holds the words in which a match is told: grade, verdict, and what was found where.
// It never computes anything: it is the one part of fingerprints that the later stages may import.
package match

import (
	"strings"
	"time"
)

// Grade names the level on which a re-upload was recognised (docs/terms.md lists them).
type Grade string

// The grades.
const (
	Identical Grade = "identical" // the same bytes
	Member    Grade = "member"    // an archive that holds known files
	Listing   Grade = "listing"   // an archive's directory alone
	Digest    Grade = "digest"    // a digest that the place publishes
	Text      Grade = "text"      // the same canonical text in another format or encoding
	Passages  Grade = "passages"  // shared runs of canonical text
	Records   Grade = "records"   // rows of a table
	Chunks    Grade = "chunks"    // content-defined chunks of a binary
	Image     Grade = "image"     // a page image
)

// Verdict is what follows from a match's weight.
type Verdict string

// The verdicts, strongest first.
const (
	Matched    Verdict = "match"      // at or above matching.notice_bits: a case is opened
	Weak       Verdict = "weak"       // something is shared: a person triages
	None       Verdict = "none"       // nothing known
	Unreadable Verdict = "unreadable" // could not be opened within the limits
)

// Match says which known file was recognised, on which level, how much of it and where.
type Match struct {
	Grade     Grade  `json:"grade"`
	Leak      string `json:"leak"`       // slug
	KnownFile string `json:"known_file"` // relative to the folder given at registration; may hold a person's name: never in a log, page or mail
	// FileID is the known file's opaque id ("f_" and 12 hex digits), fit for pages and logs.
	FileID   string  `json:"known_file_id"`
	Part     string  `json:"part,omitempty"` // "a.zip!/b/c.docx"; empty when the item itself matched
	Bits     float64 `json:"bits"`           // how unlikely what is shared is in unrelated material
	Coverage float64 `json:"coverage"`       // containment of the known file, 0–1
	Passages int     `json:"passages"`
	// Spans are half-open offsets [from, to) in the item's (or part's) canonical text, in bytes, ascending.
	Spans [][2]int64 `json:"spans,omitempty"`
	Rows  []int      `json:"rows,omitempty"` // the known table's data rows, from 0; 10,000 at most
	// RowsFound is how many rows were found, where Rows does not list them all.
	RowsFound int `json:"rows_found,omitempty"`
	// Cells are the kinds of cells by which rows were found, in this order: "name", "birth date", "national number",
	// "e-mail", "telephone", "account", "other".
	Cells []string `json:"cells,omitempty"`
	// Pages are the pages of the item (or part) that show pages of the known file, 200 at most.
	Pages      []PageMatch `json:"pages,omitempty"`
	Subjects   int         `json:"subjects"` // distinct subjects; 0 when no manifest says
	Categories []string    `json:"categories,omitempty"`
}

// Inside tells whether it was found in a part of the item, and not in the item itself or on a page of it.
func (m Match) Inside() bool {
	part := m.Part
	if at := strings.LastIndex(part, PagePart); at >= 0 && m.Grade == Image {
		if number := part[at+len(PagePart):]; number != "" && strings.Trim(number, "0123456789") == "" {
			part = part[:at]
			return strings.Contains(part, "!/")
		}
	}
	return part != ""
}

// PagePart stands before the number of a page in a part's path.
const PagePart = "!/page "

// PageMatch is a page of an item that shows a known page. Boxes are what agrees, as left, top, right and bottom from 0 to 1,
// from the upper left corner; they tell nothing of what stands there.
type PageMatch struct {
	Page       int          `json:"page"`       // in the item or part, from 1
	KnownPage  int          `json:"known_page"` // in the known file, from 1
	Coverage   float64      `json:"coverage"`   // of the known page, 0–1
	Shape      float64      `json:"shape"`      // width by height
	KnownShape float64      `json:"known_shape"`
	Boxes      [][4]float64 `json:"boxes"` // on the item's page
	KnownBoxes [][4]float64 `json:"known_boxes"`
}

// Report is the answer for one item, which is one file or one address; an archive is one item.
type Report struct {
	Item    string  `json:"item"`
	Verdict Verdict `json:"verdict"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"reason,omitempty"` // why it is unreadable, or which parts were
	Matches []Match `json:"matches"`          // best first
	// Digest is the keyed digest (hex) of the item's bytes: it identifies content without being a hash that
	// anybody without the matching key could look up.
	Digest string `json:"-"`
}

// Best returns the strongest match, or nil.
func (r Report) Best() *Match {
	if len(r.Matches) == 0 {
		return nil
	}
	return &r.Matches[0]
}

// Took records the time spent, in seconds, since start.
func (r *Report) Took(start time.Time) { r.Seconds = time.Since(start).Seconds() }

// FileName is the kind of a hit on a known file's name. At the re-upload's own address, unlike anywhere else, it gives
// nothing away.
const FileName = "file name"

// Hit is an identifier of a victim found in a text that was about to leave the house.
type Hit struct {
	Kind       string // "national number", "bsn", "iban", "e-mail", "telephone", "name", "passage", "subject", FileName
	Start, End int    // byte offsets in the text that was checked
}
