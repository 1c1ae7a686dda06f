// Package config reads the operator's file and its overrides from the environment, and says clearly, all at once and with the
// line, what is wrong in them. It never talks to the network, never prints a secret and imports nothing of ours.
//
// Start at Load; keys.go is the one table from which the defaults, the checks and docs/configuration.md come.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

//go:generate go run unmirror/internal/gendocs ../docs

// Config is the operator's file with the defaults filled in and the environment applied.
type Config struct {
	Path     string   // the file that was read; empty when none exists
	Warnings []string // what is doubtful without being wrong, one plain sentence each

	Data string // folder of the record; relative paths are relative to the working directory
	Keys string // folder of the keys; empty: KeysDir derives it

	Organisation Organisation
	Redis        Redis
	Fleet        Fleet
	Schedule     Schedule
	Crawler      Crawler
	Matching     Matching
	Evidence     Evidence
	RDAP         RDAP
	Mail         Mail
	Desk         Desk
	Takedown     Takedown
	Log          Log
	Sources      []Source
	Recipients   []Recipient

	places map[string]place // where each value that was set comes from
}

// Organisation is the notifier: who signs the notices.
type Organisation struct {
	Name, Role, Contact, Email, Telephone, Address string
	Languages                                      []string
}

// Redis is the crawl plane of a fleet; an empty URL means one process.
type Redis struct{ URL ServerURL }

// Fleet is how workers and the coordinator find each other.
type Fleet struct {
	Listen, Coordinator string
	Cert, Key           string // files
	Exit                string // label of a worker's way out
	Token, CA           Secret
}

// Schedule holds cron specs, read in UTC.
type Schedule struct{ Recheck, Outbox, Digest, Purge, Replies string }

// Crawler is how the guest behaves at other people's servers.
type Crawler struct {
	UserAgentContact string
	AllowPrivate     []string
	MaxItemBytes     Size
	PerHostDelay     time.Duration
	SecondExit       string // a proxy on another network; empty: none
}

// Matching is what makes a match.
type Matching struct {
	NoticeBits float64
	OCR        string // auto: where tesseract is installed; off
}

// Evidence names the age recipients to whom evidence is encrypted, for how long, and who stamps it with the time.
type Evidence struct {
	Recipients         []string
	Keep               time.Duration // after its case was gone or dismissed; 0: for ever
	TimestampAuthority TimestampAuthority
}

// TimestampAuthority is a time stamping authority (RFC 3161); without a URL there is none.
type TimestampAuthority struct {
	URL, CA, Policy string // CA is a file
}

// RDAP is where the bootstrap of the registration data comes from: a URL, or the path of a file.
type RDAP struct{ Bootstrap string }

// Mail is the way out and the way in.
type Mail struct {
	SMTP     ServerURL
	IMAP     ServerURL
	Password Secret
	// IMAPPassword is of the user in IMAP; unset: Password, where both are the same user.
	IMAPPassword Secret
	Plus         bool
	PerDomain    time.Duration
	DKIM         DKIM
	From         string
	Hello        string
	TLS          string // auto, require or none
}

// DKIM is the key by which the sender's domain vouches for outgoing mail. An empty Selector: none is signed.
type DKIM struct {
	Selector, Domain string
	Key              Secret
}

// Desk is the web server of counsel's desk and of the victims' pages.
type Desk struct {
	Listen, PublicURL string
	CookieSecure      string // auto, always or never
	MetricsToken      Secret
}

// Takedown is how follow-up decides.
type Takedown struct {
	Law        string // folder whose files replace or add to the law that the program carries; empty: none
	GoneChecks int
	// GoneApart is the time that must lie between two checks that count; zero means that Config.GoneApart derives it.
	GoneApart time.Duration
	Watch     time.Duration // how long a gone case is looked at
	// Reminder, Escalation and Complaint are after how long each is drafted, zero never; FreshLook is how old a look may be when a
	// notice leaves.
	Reminder, Escalation, Complaint, FreshLook time.Duration
	// FreshContact is how old a look-up of the recipient may be when a notice leaves.
	FreshContact time.Duration
	// RejectionLimit is the share of the last ten decisions about a leak, a source or a recipient above which drafts wait; zero: never.
	RejectionLimit float64
	TwoPersons     string // off, escalations, all: which notices two different counsel approve
	Quiet          string // hours in which no notice is sent, as package config/quiet reads them
	// KeepReplies is how long what an answer says is kept once its cases are closed; zero: for ever.
	KeepReplies time.Duration
}

// Log is what the daemon tells and how.
type Log struct{ Level, Format string }

// Source is one place that is swept.
type Source struct {
	Name, Kind, URL, Every  string
	Depth                   int
	Follow, Item, Raw, Next string
	Items                   []string
	Robots, RobotsReason    string
	MaxItems                int
	MaxBytes                Size
	MaxTime                 time.Duration
	MaxRequests             int           // zero: no limit
	Delay                   time.Duration // zero: crawler.per_host_delay
	Elsewhere               int           // links to places out of bounds that one sweep follows
	Beacons                 []string
	Lookups                 bool
	Token                   Secret
	Proxy                   string
	Revisit                 Revisit
	TLS                     SourceTLS
	line                    int
}

// Revisit bounds how long what hardly ever changes is left alone.
type Revisit struct{ Min, Max, Folders time.Duration }

// SourceTLS are a source's own settings of encrypted connections.
type SourceTLS struct{ CA, MinVersion, ServerName string }

// Recipient is one entry of the operator's own contact directory.
type Recipient struct {
	Place, Name, Email, Language, Kind string
	Profile                            Profile
}

// Profile says what a recipient accepts.
type Profile struct {
	Attachments bool   // takes attached machine-readable reports
	OneURL      bool   // wants one address a report
	OffersInEU  bool   // offers its service in the Union, so that the DSA binds it
	Form        string // the form by which alone it takes notices
	TellsOwner  bool   // passes a notice on to whoever uploaded
}

// searched are the paths that Load tries when it is given none, in order.
var searched = [...]string{"./unmirror.yaml", "/etc/unmirror/unmirror.yaml"}

// maxFile bounds the file in bytes: a catalogue of some thousand sources fits many times over.
const maxFile = 4 << 20

// Load reads the file at path, applies the UNMIRROR_ variables of env ("NAME=value", as os.Environ gives them) and checks the
// whole. An empty path searches ./unmirror.yaml, then /etc/unmirror/unmirror.yaml, and goes on with the defaults and an empty
// Config.Path when neither exists; a path that is given must exist. A *Error lists everything that is wrong.
func Load(path string, env []string) (*Config, error) {
	path, raw, err := read(path)
	if err != nil {
		return nil, err
	}
	return parse(path, raw, env)
}

// Defaults is the configuration of somebody who wrote none.
func Defaults() *Config {
	c := &Config{places: map[string]place{}}
	fillDefaults(globalKeys(), c)
	return c
}

func parse(path string, raw []byte, env []string) (*Config, error) {
	c := Defaults()
	c.Path = path
	p := &reader{file: path, env: env, places: c.places}
	p.document(raw, c)
	p.environment(c)
	p.consistent(c)
	if err := p.err(); err != nil {
		return nil, err
	}
	c.Warnings = p.warnings
	return c, nil
}

func read(path string) (string, []byte, error) {
	if path != "" {
		raw, err := readFile(path)
		if err != nil {
			return "", nil, fmt.Errorf("read configuration: %w", err)
		}
		return path, raw, nil
	}
	for _, candidate := range searched {
		raw, err := readFile(candidate)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", nil, fmt.Errorf("read configuration: %w", err)
		}
		return candidate, raw, nil
	}
	return "", nil, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a file", path)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes; a configuration has at most %d", path, info.Size(), maxFile)
	}
	return os.ReadFile(path)
}

// DataDir is the cleaned folder of the record.
func (c *Config) DataDir() string { return filepath.Clean(c.Data) }

// KeysDir is the folder of the keys: `keys`, or the sibling of the data folder with ".keys" after its name.
func (c *Config) KeysDir() string {
	if c.Keys != "" {
		return filepath.Clean(c.Keys)
	}
	data := c.DataDir()
	if base := filepath.Base(data); base == "." || base == ".." {
		if abs, err := filepath.Abs(data); err == nil {
			data = abs // "." has no sibling by its own name
		}
	}
	return data + ".keys"
}

// UseData puts another data folder in place of the configured one, as the flag --data asks; a `keys` that would then lie inside
// it is refused.
func (c *Config) UseData(dir string) error {
	if what := badFolders(dir, keysFor(dir, c.Keys)); what != "" {
		return fmt.Errorf("--data: %s", what)
	}
	c.Data = dir
	return nil
}

func keysFor(data, keys string) string {
	return (&Config{Data: data, Keys: keys}).KeysDir()
}

// GoneApart is the least time between two checks that both count towards "gone": takedown.gone_apart, or half of the shortest
// interval of schedule.recheck.
func (c *Config) GoneApart() time.Duration {
	if c.Takedown.GoneApart > 0 {
		return c.Takedown.GoneApart
	}
	return interval(c.Schedule.Recheck) / 2
}

// PublicURL is the address of the desk as others reach it, without a slash at its end: desk.public_url, or http:// and
// desk.listen.
func (c *Config) PublicURL() string {
	if c.Desk.PublicURL != "" {
		return trimSlash(c.Desk.PublicURL)
	}
	host, port, err := net.SplitHostPort(c.Desk.Listen)
	if addr, bad := netip.ParseAddr(host); err == nil && (host == "" || bad == nil && addr.IsUnspecified()) {
		return "http://localhost:" + port // listening on every address is no address to visit
	}
	return "http://" + c.Desk.Listen
}

// CookieSecure says whether the desk's cookies are for HTTPS only: by default when the public address is an https one.
func (c *Config) CookieSecure() bool {
	switch c.Desk.CookieSecure {
	case "always":
		return true
	case "never":
		return false
	default:
		return hasScheme(c.PublicURL(), "https")
	}
}
