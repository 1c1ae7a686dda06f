package crawler

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
	"unmirror/fingerprints/digest"
)

// The values of Source.Robots.
const (
	RobotsObey       = "obey"        // nothing is fetched that robots.txt forbids
	RobotsKnownItems = "known_items" // exact addresses published elsewhere are fetched nevertheless, for a written reason
)

const (
	defaultMaxItems = 200_000
	defaultMaxTime  = 24 * time.Hour
	minReason       = 10 // letters: "because" is no reason

	defaultElsewhere = 200
)

// Source is a place to sweep, as the operator described it. docs/configuration.md has the YAML names.
type Source struct {
	Name, Kind, URL         string
	Every                   string // a cron line or "@every 1h", in UTC; empty: only by hand
	Depth                   int
	Follow, Item, Raw, Next string
	Items                   []string
	Robots                  string // RobotsObey, also when empty, or RobotsKnownItems
	RobotsReason            string
	MaxItems                int64         // addresses in one sweep; 0 means 200,000
	MaxBytes                int64         // fetched in one sweep, the rest goes on with the next; 0: no limit
	MaxTime                 time.Duration // of one sweep, the rest goes on with the next; 0 means 24 hours
	MaxRequests             int64         // in one sweep, the rest goes on with the next; 0: no limit
	Delay                   time.Duration // between the end of an answer and the next request, if more than the crawler's
	// Elsewhere is how many links to items at places outside the source's bounds are followed in one sweep; 0 means 200, a
	// negative number none.
	Elsewhere int
	Beacons   []string // the operator's own words that a kind which searches may send
	Lookups   bool     // digests of known files may be sent to this source, to ask whether it holds them
	Token     string   // sent to the source's own host only, in the way of its kind; never logged
	Proxy     string   // socks5h:// or http://: every request goes through it, and names are looked up behind it
	TLS       TLS
	// RevisitMin and RevisitMax bound how long what hardly ever changes is left alone: folders below the first, pages, and
	// items that are no known match. A RevisitMax of 0 leaves nothing alone.
	RevisitMin, RevisitMax time.Duration
	// RevisitFolders is how long a folder whose time stands still is not read again; 0: it is read in every sweep.
	RevisitFolders time.Duration
	Private        bool     // only addresses of crawler.allow_private are dialled, wherever a link leads
	OnBehalf       []string // leaks for which it is swept; nil: all
	Problem        string   // why the source cannot be used as it is configured, such as a secret that cannot be read
}

// compiled is a source made ready.
type compiled struct {
	Source
	spec kind.Spec
}

// Check says what is wrong with a source, naming its key, or nil.
func (s Source) Check() error {
	_, err := s.compile()
	return err
}

func (s Source) compile() (compiled, error) {
	if s.Problem != "" {
		return compiled{}, fmt.Errorf("source %s: %s", s.Name, s.Problem)
	}
	spec, err := kind.Compile(kind.Settings{Kind: s.Kind, URL: s.URL, Depth: s.Depth, Follow: s.Follow, Item: s.Item, Raw: s.Raw, Next: s.Next, Items: s.Items})
	if err != nil {
		return compiled{}, fmt.Errorf("source %s: %w", s.Name, err)
	}
	switch s.Robots {
	case "", RobotsObey:
	case RobotsKnownItems:
		if len(strings.TrimSpace(s.RobotsReason)) < minReason {
			return compiled{}, fmt.Errorf("source %s: robots_reason: robots: known_items needs a written reason", s.Name)
		}
	default:
		return compiled{}, fmt.Errorf("source %s: robots: %q is neither obey nor known_items", s.Name, s.Robots)
	}
	if s.MaxItems == 0 {
		s.MaxItems = defaultMaxItems
	}
	if s.MaxTime == 0 {
		s.MaxTime = defaultMaxTime
	}
	if s.Elsewhere == 0 {
		s.Elsewhere = defaultElsewhere
	}
	if len(s.Beacons) > 0 && spec.Kind.Sends != kind.SendsBeacons {
		return compiled{}, fmt.Errorf("source %s: beacons: kind %s searches for none", s.Name, s.Kind)
	}
	if s.Lookups && spec.Kind.Sends != kind.SendsDigests {
		return compiled{}, fmt.Errorf("source %s: lookups: kind %s looks up nothing", s.Name, s.Kind)
	}
	if spec.Kind.Sends == kind.SendsBeacons && len(s.Beacons) == 0 {
		return compiled{}, fmt.Errorf("source %s: beacons: kind %s needs them: it searches for nothing else", s.Name, s.Kind)
	}
	if spec.Kind.Sends == kind.SendsDigests && !s.Lookups && len(spec.Seeds()) == 0 {
		return compiled{}, fmt.Errorf("source %s: items: kind %s lists nothing by itself: it needs items, or lookups: true", s.Name, s.Kind)
	}
	spec.Beacons = s.Beacons
	c := compiled{Source: s, spec: spec}
	if err := c.checkExit(); err != nil {
		return compiled{}, fmt.Errorf("source %s: %w", s.Name, err)
	}
	return c, nil
}

// rules are those by which an item is read: of its own kind, where that is another one than the source's.
func (c compiled) rules(name string, u *url.URL) (kind.Spec, error) {
	if name == "" || name == c.Kind {
		return c.spec, nil
	}
	return kind.Foreign(name, u)
}

// rulesFor are those by which an address of a case is read, of which only the source is known.
//
// A source whose bounds are the whole web, such as a feed, read a paste by the paste's own kind: read again by the
// source's, what is there would look like something else, and one look might use it up.
func (c compiled) rulesFor(u *url.URL) kind.Spec {
	if c.spec.Within(u) && (c.Raw != "" || hostKey(c.spec.Root) == hostKey(u)) {
		return c.spec
	}
	if l, ok := kind.Recognise(u); ok && l.Kind != c.Kind {
		if s, err := kind.Foreign(l.Kind, u); err == nil {
			return s
		}
	}
	return c.spec
}

// ready compiles a source for use: with what may be sent to it, and the way out.
func (c *Crawler) ready(s Source) (compiled, *exit, error) {
	src, err := s.compile()
	if err != nil {
		return src, nil, err
	}
	if s.Lookups && c.o.Lookups != nil && src.spec.Kind.Sends == kind.SendsDigests {
		src.spec.Digests = c.o.Lookups(s.OnBehalf)
	}
	if err := c.checkBeacons(s); err != nil {
		return src, nil, err
	}
	way, err := c.exitOf(s)
	if err != nil {
		return src, nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	return src, way, nil
}

// settings is the source in one text, so that a changed one is noticed. Speed and budgets change nothing of a frontier.
func (c compiled) settings() string {
	s := c.Source
	b, err := json.Marshal([]any{s.Kind, s.URL, s.Depth, s.Follow, s.Item, s.Raw, s.Next, s.Items, s.Beacons, s.Lookups})
	if err != nil {
		return s.Kind + s.URL // strings always marshal; this keeps the compiler's peace
	}
	return string(b)
}

func (c compiled) seeds() []plane.Item {
	var out []plane.Item
	for _, l := range c.spec.Seeds() {
		if it, ok := toItem(l); ok {
			out = append(out, it)
		}
	}
	// Pages come first: one about the place tells the contact that the items' sightings carry.
	slices.SortStableFunc(out, func(a, b plane.Item) int { return int(count(b.Lists && !b.Elsewhere) - count(a.Lists && !a.Elsewhere)) })
	return out
}

func toItem(l kind.Link) (plane.Item, bool) {
	u, err := url.Parse(l.URL)
	if err != nil || u.Host == "" {
		return plane.Item{}, false
	}
	it := plane.Item{
		URL: l.URL, Host: hostKey(u), Lists: l.Lists, Matches: l.Matches, Elsewhere: l.Elsewhere,
		Depth: l.Depth, Listed: l.Listed, Modified: l.Modified, Kind: l.Kind, Size: l.Size, Name: l.Name,
	}
	for _, p := range l.Published {
		it.Published = append(it.Published, p.Kind+":"+p.Text)
		if it.Listed == "" && l.Size > 0 && telling(p) {
			it.Listed = p.Kind + ":" + p.Text + " " + strconv.FormatInt(l.Size, 10) // the same digest is the same content
		}
	}
	return it, true
}

// telling reports whether a digest tells contents apart.
func telling(p kind.Published) bool {
	switch digest.Kind(p.Kind) {
	case digest.MD5, digest.SHA1, digest.SHA256, digest.SHA512, digest.Git, digest.CID, digest.Torrent2, digest.ETag:
		return true
	}
	return false
}

// published gives the digests of an item back.
func published(it plane.Item) (out []kind.Published) {
	for _, p := range it.Published {
		if k, text, ok := strings.Cut(p, ":"); ok {
			out = append(out, kind.Published{Kind: k, Text: text})
		}
	}
	return out
}

// hostKey is what politeness is counted by: host and port, a plain and an encrypted default port being one server.
func hostKey(u *url.URL) string {
	switch port := u.Port(); {
	case port == "80" && u.Scheme == "http", port == "443" && u.Scheme == "https",
		port == "21" && u.Scheme == "ftp", port == "990" && u.Scheme == "ftps", port == "873" && u.Scheme == "rsync":
		return strings.ToLower(u.Hostname())
	}
	return strings.ToLower(u.Host)
}
