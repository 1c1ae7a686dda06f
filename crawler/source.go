package crawler

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
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
	Delay                   time.Duration // between the starts of two requests, if more than the crawler's
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
	return compiled{Source: s, spec: spec}, nil
}

// settings is the source in one text, so that a changed one is noticed. Speed and budgets change nothing of a frontier.
func (c compiled) settings() string {
	s := c.Source
	b, err := json.Marshal([]any{s.Kind, s.URL, s.Depth, s.Follow, s.Item, s.Raw, s.Next, s.Items})
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
	return out
}

func toItem(l kind.Link) (plane.Item, bool) {
	u, err := url.Parse(l.URL)
	if err != nil || u.Host == "" {
		return plane.Item{}, false
	}
	return plane.Item{
		URL: l.URL, Host: hostKey(u), Lists: l.Lists, Matches: l.Matches, Elsewhere: l.Elsewhere,
		Depth: l.Depth, Listed: l.Listed, Modified: l.Modified,
	}, true
}

// hostKey is what politeness is counted by: host and port, a plain and an encrypted default port being one server.
func hostKey(u *url.URL) string {
	switch port := u.Port(); {
	case port == "80" && u.Scheme == "http", port == "443" && u.Scheme == "https":
		return strings.ToLower(u.Hostname())
	}
	return strings.ToLower(u.Host)
}
