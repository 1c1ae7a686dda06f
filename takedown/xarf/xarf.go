// Package xarf writes one location of re-published personal data as an XARF v4 report (content, exposed_data).
// It never attaches evidence or sample records: a report must not become a copy of the leak.
package xarf

import (
	"errors"
	"time"
)

// Party is who reports or who sends.
type Party struct {
	Org, Contact, Domain string // Contact is an e-mail address, Domain the one that Org is known by
}

// Incident is one live location, as one report tells it.
type Incident struct {
	ID          string // UUID of the report
	Time        time.Time
	Reporter    Party
	Sender      Party
	URL         string
	IP          string // address that served it; empty: the URL's host identifies the source
	Domain      string
	Seen        time.Time
	Exposure    string   // exposure_method, "other" when empty
	Categories  []string // data categories of the leak
	Description string   // at most 1000 characters, free of victims' data
	Confidence  float64  // 0–1; 0 leaves it out
	Ticket      string
}

// Report renders the incident as JSON. It does not validate: see Validate.
func Report(i Incident) ([]byte, error) { return nil, errors.New("xarf: not written yet") }

// Validate checks a report against the published required fields of XARF v4 content/exposed_data.
func Validate(report []byte) error { return errors.New("xarf: not written yet") }
