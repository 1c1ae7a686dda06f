// Package contact finds whom to write to about an address: the operator's directory, what the site itself publishes, security.txt and RDAP.
// It never invents an address and never writes to one.
package contact

import (
	"context"
	"net/http"
	"time"
)

// The sources of a contact, best first.
const (
	SourceDirectory   = "operator directory"
	SourceSite        = "site contact"
	SourceSecurityTxt = "security.txt"
	SourceRDAP        = "rdap"
)

// Place is where content was found.
type Place struct {
	URL         string
	Domain      string // registrable domain, or the address itself
	Host        string // as in the URL, with or without a port
	IP          string
	SiteContact string // what the kind of source publishes by itself, empty when it has none
}

// Profile is what a recipient accepts.
type Profile struct {
	Attachments bool `yaml:"attachments"`
	OneURL      bool `yaml:"one_url"`      // one location a message
	OffersInEU  bool `yaml:"offers_in_eu"` // DSA art. 2: otherwise the notice is no Art. 16 notice
}

// Found is one contact, or, with Skipped set, one that may not be used or could not be had.
type Found struct {
	Email      string
	Name       string
	Kind       string // host, platform …
	Language   string // nl, fr, de, en, or empty when nothing says
	Source     string // one of the Source constants
	Where      string // more exactly: "/contact", "handle AR1-EXAMPLE"
	Fetched    time.Time
	Confidence float64 // 0–1
	Skipped    string  // why it is not used; empty when it may be
	Profile    Profile
}

// Entry is one line of the operator's directory.
type Entry struct {
	Place    string // "example.org", "127.0.0.1", "127.0.0.1:8081", "10.0.0.0/8"
	Email    string
	Name     string
	Kind     string
	Language string
	Profile  Profile
	Skip     string // set: never write there, for this reason
}

// Directory is the operator's own list of contacts.
type Directory []Entry

// Ladder looks contacts up, rung by rung.
type Ladder struct {
	UserAgent string // sent with every request; name the tool and a neutral contact

	dir       Directory
	client    *http.Client
	bootstrap string
	now       func() time.Time
}

// NewLadder returns a ladder that asks through client, which must refuse non-public addresses.
// rdapBootstrap is a URL, a folder or a file in the format of RFC 9224; empty leaves RDAP out.
func NewLadder(dir Directory, client *http.Client, rdapBootstrap string, now func() time.Time) *Ladder {
	return &Ladder{dir: dir, client: client, bootstrap: rdapBootstrap, now: now}
}

// Find returns what is known for the place, best rung first; what failed follows with Skipped set.
func (l *Ladder) Find(ctx context.Context, p Place) []Found { return nil }
