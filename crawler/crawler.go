// Package crawler sweeps sources politely and hands on each sighting of known content: it schedules, lists, fetches
// one address at a time per host, and matches bodies as they stream by. It never knows cases or mail, never writes to
// a place that it visits, and never keeps a body.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/gocolly/colly/v2"
	"golang.org/x/sync/semaphore"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
	"unmirror/crawler/revisit"
	"unmirror/crawler/robots"
	"unmirror/fingerprints/match"
	"unmirror/internal/guard"
)

// ProductToken is the name that robots.txt files address.
const ProductToken = "unmirror"

// Capture is how one fetch of an item went: what becomes evidence. It holds no body. It has the fields of the
// takedown stage's type of this name, so that one converts into the other.
type Capture struct {
	URL          string
	Method       string
	RequestHead  string // as sent, one header a line
	ResponseHead string // status line and headers as received, sorted
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
	BodySHA256   string // hex, of the bytes as transferred
}

// Hop is one answer that led on to another address.
type Hop = plane.Hop

// hop is what is kept of an answer that led on.
func (c Capture) hop() Hop {
	return Hop{URL: c.URL, RequestHead: c.RequestHead, ResponseHead: c.ResponseHead, Status: c.Status, IP: c.IP, Port: c.Port, Started: c.Started}
}

// Sighting is one item found at one place that matched a known leak (verdict match or weak).
type Sighting struct {
	Source, Kind, URL string
	Found             time.Time
	Report            match.Report
	Capture           Capture
	SiteContact       string // a mail address that the place publishes for reports, empty when it has none
}

// Sink commits a sighting, once however often it is handed over, and says whether it was known before. The item counts
// as done only after the sink returned nil.
type Sink func(ctx context.Context, s Sighting) (known bool, err error)

// Intake takes in one body as it streams by. After the last Write either Match or Discard is called, once.
type Intake interface {
	io.Writer
	Match(ctx context.Context) match.Report
	// SHA256 is the digest of what was written, once Match was called.
	SHA256() []byte
	Discard()
}

// Limits bound one request. Zero fields get the defaults of DefaultLimits.
type Limits struct {
	Head    time.Duration // until the answer's head is complete
	Stall   time.Duration // without a single byte of the body
	Grace   time.Duration // before MinRate counts
	MinRate int64         // bytes a second, on average
	Item    time.Duration // for the whole body
	Page    int64         // bytes of a listing that are read for links
	Retries int           // how often an item that failed for now is tried again in one sweep
	Backoff time.Duration // before the first retry; doubles
	Pause   time.Duration // a host that wants a longer pause than this is left to the next sweep
	// Patience is how long a request outside any sweep waits for its host's turn before it is given up.
	Patience time.Duration
	Look     time.Duration // for one look at an address, with its redirects and matching
	// RevisitLeast is the least time between two visits that says anything about how often something changes.
	RevisitLeast time.Duration
}

// DefaultLimits are generous to slow honest places and still end every trap.
func DefaultLimits() Limits {
	return Limits{
		Head: 30 * time.Second, Stall: 30 * time.Second, Grace: 20 * time.Second, MinRate: 512, Item: 2 * time.Hour,
		Page: 16 << 20, Retries: 2, Backoff: 5 * time.Second, Pause: 10 * time.Minute,
		Patience: time.Minute, Look: 15 * time.Minute, RevisitLeast: revisit.Least,
	}
}

// Options are what a crawler needs from outside.
type Options struct {
	Plane        plane.Plane
	Intake       func(item string) (Intake, error) // the matcher's, one for each body
	Sink         Sink
	Guard        *guard.Guard
	Version      string
	Contact      string        // https: or mailto: for the user agent; empty: public addresses are refused
	Delay        time.Duration // between the end of an answer and the next request to its host; 0 means none and suits only tests
	MaxItemBytes int64         // of one item's body; 0 means 2 GiB
	Generation   func() uint64 // of the index: an item matched against an older one is fetched again
	Log          *slog.Logger
	OnSighting   func(s Sighting, known bool) // nil, or called after the sink, from several goroutines
	OnProgress   func(Progress)               // nil, or called after each item, from several goroutines
	Sweeps       int                          // of the schedule, at the same time; 0 means 8
	Hosts        int                          // of one sweep, at the same time; 0 means 4
	Limits       Limits
	Library      Library                // answers without content; nil: every item is fetched
	Betrays      func(text string) bool // whether a text that we would send holds something out of a leak; nil: nothing is checked
	// Lookups are the digests of known files that a source may be asked for; of these leaks alone where there are any. Nil: none.
	Lookups func(leaks []string) []kind.Digests
	// Admit is asked before each sweep: it gives the source back, within narrower bounds where it must, or says why there is no
	// sweep (*NotAdmitted). Nil: each may begin.
	Admit  func(ctx context.Context, s Source) (Source, error)
	OnLink func(Link) // nil, or called for items that are reported and not read, from several goroutines
	// SecondExit is a proxy (socks5h://…, http://…) on another network, through which a look that says that something is
	// gone is repeated; SecondLook does so in a way of its own, such as by a worker elsewhere, and wins. Without either,
	// what is gone is gone for us.
	SecondExit string
	SecondLook func(ctx context.Context, s Source, address string) (Look, error)
	Heartbeat  time.Duration // how often leases are renewed, well below the plane's lease; 0 means 5 seconds
}

// Crawler sweeps sources. It is safe for concurrent use.
type Crawler struct {
	o      Options
	robots *robots.Cache
	base   *colly.Collector
	wire   *wire
	agent  string
	agents []string // the same as a header has it; nobody changes it
	guard  *guard.Guard
	exits  exits
	did    did
	room   *semaphore.Weighted // for items that are unwrapped in memory
}

// New makes a crawler; it starts nothing.
func New(o Options) (*Crawler, error) {
	if o.Plane == nil || o.Intake == nil || o.Sink == nil || o.Guard == nil {
		return nil, errors.New("new crawler: plane, intake, sink and guard are needed")
	}
	if err := checkSecond(o.SecondExit); err != nil {
		return nil, fmt.Errorf("new crawler: %w", err)
	}
	o.defaults()
	c := &Crawler{o: o, robots: robots.NewCache(ProductToken), agent: ProductToken + "/" + o.Version, room: semaphore.NewWeighted(wholeRoom)}
	g := o.Guard
	if o.Contact == "" {
		g = g.ExemptOnly("a public address, and the crawler has no contact to name there (set crawler.user_agent_contact)")
	} else {
		c.agent += " (+" + o.Contact + ")"
	}
	c.agents = []string{c.agent}
	c.guard, c.exits.kept = g, map[exitKey]*exit{}
	c.wire = newWire(g, o)
	c.wire.inner.MaxIdleConnsPerHost = abreast
	c.base = newCollector(c.wire, c.agent)
	return c, nil
}

func (o *Options) defaults() {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def := DefaultLimits()
	l := &o.Limits
	set(&l.Head, def.Head)
	set(&l.Stall, def.Stall)
	set(&l.Grace, def.Grace)
	set(&l.Item, def.Item)
	set(&l.Backoff, def.Backoff)
	set(&l.Pause, def.Pause)
	set(&l.Patience, def.Patience)
	set(&l.Look, def.Look)
	set(&l.RevisitLeast, def.RevisitLeast)
	set(&o.Heartbeat, 5*time.Second)
	if l.MinRate == 0 {
		l.MinRate = def.MinRate
	}
	if l.Page == 0 {
		l.Page = def.Page
	}
	if l.Retries == 0 {
		l.Retries = def.Retries
	}
	if o.MaxItemBytes == 0 {
		o.MaxItemBytes = 2 << 30
	}
	if o.Sweeps == 0 {
		o.Sweeps = 8
	}
	if o.Hosts == 0 {
		o.Hosts = 4
	}
	if o.Version == "" {
		o.Version = "0"
	}
	if o.Generation == nil {
		o.Generation = func() uint64 { return 0 }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Progress is how far a sweep is, for a progress bar.
type Progress struct {
	Source                   string
	Listed, Done             int64 // items known so far, and those that were dealt with
	Fetched, Bytes           int64
	Sightings, Errors, Pages int64
}

// sleep waits until the moment or the context's end.
func sleep(ctx context.Context, until time.Time) error {
	d := time.Until(until)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
