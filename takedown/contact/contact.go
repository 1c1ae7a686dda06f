// Package contact finds whom to write to about an address: the operator's directory, what is known of the provider, what the site itself
// publishes, security.txt and RDAP, rung by rung up to the registrar.
// It never invents an address, never fills in a form, and never writes to anybody.
package contact

import "time"

// The sources of a contact, best first.
const (
	SourceCorrection  = "correction" // what a person recorded with this program
	SourceDirectory   = "operator directory"
	SourceCatalogue   = "catalogue" // profiles.yaml
	SourceSite        = "site contact"
	SourceSecurityTxt = "security.txt"
	SourceRDAP        = "rdap"
)

// The kinds of recipient that the rungs lead to, nearest to the content first.
const (
	KindPlatform  = "platform"  // whoever runs the site
	KindHost      = "host"      // whoever runs the machine, or the part of the network that it stands in
	KindCDN       = "cdn"       // stands before the host and passes on what it serves; never the host itself
	KindNetwork   = "network"   // the autonomous system that announces the address
	KindUpstream  = "upstream"  // whoever gave the host its part of the network
	KindRegistrar = "registrar" // through whom the domain is registered
	KindSearch    = "search"
	KindAuthority = "authority"
)

// The kinds of places that are never written to.
const (
	KindReverseSearch = "reverse_search"
	KindLinkList      = "link_list"
	KindUptime        = "uptime"
	KindHostile       = "hostile" // its host is written to, it is not
)

// Stale is how long what was found may be believed.
const Stale = 30 * 24 * time.Hour

// Place is where content was found.
type Place struct {
	URL         string
	Domain      string // registrable domain, or the address itself
	Host        string // as in the URL, with or without a port; empty: taken from URL
	IP          string // empty: an address in URL, or what the host name resolves to
	SiteContact string // what the kind of source publishes by itself, empty when it has none
	CDN         string // id of the content delivery network that the answer's head named (Behind); empty: none
}

// The channels by which a recipient takes notices.
const (
	ChannelMail = "mail" // also when empty
	ChannelForm = "form"
)

// Profile is what a recipient accepts.
type Profile struct {
	Attachments bool
	OneURL      bool   // one location a message
	OffersInEU  bool   // DSA art. 2: without it a notice is no Art. 16 notice
	OneHost     bool   `json:",omitempty"` // the locations of one message share their host name
	Channel     string `json:",omitempty"` // ChannelForm: takes notices through its form alone
	Form        string `json:",omitempty"` // id of its field sheet in package form
	TellsOwner  bool   `json:",omitempty"` // passes the notice on to whoever uploaded
	Encrypt     bool   `json:",omitempty"` // wants what gives access encrypted, or by its form
	Unconfirmed bool   `json:",omitempty"` // nobody has seen the provider's own word on this
	Wants       string `json:",omitempty"` // in words, for counsel
}

// defaultProfile holds for whoever nobody has described: an ordinary abuse desk.
var defaultProfile = Profile{Attachments: true, OffersInEU: true}

// Found is one contact or, with Skipped set, one that may not be used or could not be had.
type Found struct {
	Email      string // empty only when Skipped is set, or Profile.Channel is ChannelForm
	Name       string
	Kind       string // host, platform …
	Language   string // nl, fr, de, en, or empty when nothing says
	Source     string // one of the Source constants
	Where      string // more exactly: "/contact", "entity AR1-EXAMPLE"; never the place's full URL
	Fetched    time.Time
	Confidence float64 // 0–1: how surely this address reads notices about this place
	Skipped    string  // why it is not used; empty when it may be
	Profile    Profile
	// Systems are the numbers of the autonomous systems that announce the address, as the registration data of its network tell.
	Systems []uint32 `json:",omitempty"`
}

// Old says whether a contact must be looked up again before it is believed.
func (f Found) Old(now time.Time) bool { return now.Sub(f.Fetched) > Stale }

// Entry is one line of a directory.
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
	// Since, when set, is when a person recorded it: it then goes before what is configured, and grows old.
	Since time.Time
}

// Directory is a list of contacts; nothing that is found elsewhere goes before it.
type Directory []Entry
