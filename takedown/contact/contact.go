// Package contact finds whom to write to about an address: the operator's directory, what the site itself publishes, security.txt and RDAP.
// It never invents an address, never fills in a form, and never writes to anybody.
package contact

import "time"

// The sources of a contact, best first.
const (
	SourceDirectory   = "operator directory"
	SourceSite        = "site contact"
	SourceSecurityTxt = "security.txt"
	SourceRDAP        = "rdap"
)

// The kinds of recipient that the rungs lead to.
const (
	KindHost     = "host"     // whoever runs the machine or its network
	KindPlatform = "platform" // whoever runs the site
)

// Place is where content was found.
type Place struct {
	URL         string
	Domain      string // registrable domain, or the address itself
	Host        string // as in the URL, with or without a port; empty: taken from URL
	IP          string // empty: an address in URL, or what the host name resolves to
	SiteContact string // what the kind of source publishes by itself, empty when it has none
}

// Profile is what a recipient accepts.
type Profile struct {
	Attachments bool
	OneURL      bool // one location a message
	OffersInEU  bool // DSA art. 2: without it a notice is no Art. 16 notice
}

// defaultProfile holds for whoever the operator has not described: an ordinary abuse desk.
var defaultProfile = Profile{Attachments: true, OffersInEU: true}

// Found is one contact or, with Skipped set, one that may not be used or could not be had.
type Found struct {
	Email      string // empty only when Skipped is set
	Name       string
	Kind       string // host, platform …
	Language   string // nl, fr, de, en, or empty when nothing says
	Source     string // one of the Source constants
	Where      string // more exactly: "/contact", "entity AR1-EXAMPLE"; never the place's full URL
	Fetched    time.Time
	Confidence float64 // 0–1: how surely this address reads notices about this place
	Skipped    string  // why it is not used; empty when it may be
	Profile    Profile
}

// Entry is one line of the operator's directory.
type Entry struct {
	Place    string // "example.org" (and what lies under it), "127.0.0.1", "127.0.0.1:8081", "10.0.0.0/8"
	Email    string
	Name     string
	Kind     string // empty: host
	Language string
	Profile  Profile
	// Skip, when set, is why nobody at this place is written to: a hostile site, a contact who asked not to be written to. With an
	// Email only that address is skipped, wherever it is found; without one everything that the place says of itself.
	Skip string
}

// Directory is the operator's own list of contacts; nothing that is found elsewhere goes before it.
type Directory []Entry
