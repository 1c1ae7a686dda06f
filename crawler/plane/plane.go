// Package plane holds the state of the crawl that must outlive a process: sweeps, their frontier by host, leases with
// fencing, each host's next allowed moment, and what was seen before. It never fetches, and keeps no address in clear.
package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"unmirror/crawler/revisit"
)

// ErrFenced says that a lease was lost: another process holds it now, and nothing of the call took effect.
var ErrFenced = errors.New("the lease was lost to another process")

// ErrPaused says that the operator has paused the source.
var ErrPaused = errors.New("the source is paused (unmirror source resume NAME)")

// Busy says that another process, or another goroutine of this one, holds the lease until the given time or longer.
type Busy struct{ Until time.Time }

// Error tells until when the lease runs.
func (b *Busy) Error() string {
	return "is being swept elsewhere; its lease runs until " + b.Until.UTC().Format(time.TimeOnly)
}

// Wait says that nothing may be claimed before the given time.
type Wait struct{ Until time.Time }

// Error tells the time.
func (w *Wait) Error() string {
	return "nothing may be claimed before " + w.Until.UTC().Format(time.TimeOnly)
}

// Drained says that a sweep's frontier holds nothing more to claim, apart from Left items of the hosts that the caller
// chose to skip.
type Drained struct{ Left int64 }

// Error tells how many items were left.
func (d *Drained) Error() string {
	return fmt.Sprintf("the frontier is drained, %d items left", d.Left)
}

// Item is one address of the frontier. All of it is kept sealed but Host.
type Item struct {
	URL  string `json:"u"`
	Host string `json:"-"` // host and port: politeness is counted by it
	// The rest is the crawler's own and opaque to the plane.
	Lists     bool      `json:"l,omitempty"`
	Matches   bool      `json:"m,omitempty"`
	Elsewhere bool      `json:"e,omitempty"`
	Depth     int       `json:"d,omitempty"`
	Listed    string    `json:"s,omitempty"`
	Modified  time.Time `json:"t,omitzero"`
	Contact   string    `json:"c,omitempty"`
	Via       []string  `json:"v,omitempty"` // addresses that redirected here, in order
	Hops      []Hop     `json:"h,omitempty"` // and how each of them answered
	Kind      string    `json:"k,omitempty"` // of the item, when it is another one than the source's
	Size      int64     `json:"z,omitempty"`
	Published []string  `json:"p,omitempty"` // digests, "kind:text"
	Name      string    `json:"n,omitempty"`
}

// Hop is one answer that led on to another address.
type Hop = struct {
	URL          string
	RequestHead  string
	ResponseHead string
	Status       int
	IP           string
	Port         int
	Started      time.Time
}

// Claimed is an item in a worker's hands, with what was seen there at an earlier sweep.
type Claimed struct {
	Item
	ID       int64
	Attempts int
	Seen     *Seen // nil when never seen
}

// Seen is what an earlier sweep learned of an address. All of it is kept sealed.
type Seen struct {
	ETag         string          `json:"e,omitempty"`
	LastModified string          `json:"m,omitempty"`
	Listed       string          `json:"s,omitempty"` // as the listing showed it then
	Fetched      time.Time       `json:"f"`           // when its body was last fetched
	Checked      time.Time       `json:"c"`           // when the server last said something about it
	Generation   uint64          `json:"g"`           // the index against which its body was matched
	Bytes        int64           `json:"b"`
	Report       json.RawMessage `json:"r,omitempty"` // a known match, as the crawler wrote it
	Unreadable   bool            `json:"u,omitempty"` // it could not be opened: not believed for long
	Links        []Item          `json:"l,omitempty"` // what a page listed, so that "not modified" loses no link
	Rows         []byte          `json:"w,omitempty"` // what a folder listed, as the crawler packed it
	// Print tells whether what was seen is the same again: of a page what it listed, of an item its keyed digest.
	Print   uint32          `json:"p,omitempty"`
	History revisit.History `json:"v,omitzero"` // how often it was seen to change
}

// Counts are a sweep's numbers. They only ever grow.
type Counts struct {
	Listed        int64    `json:"listed"`  // items found to match, each once
	Pages         int64    `json:"pages"`   // listings read
	Fetched       int64    `json:"fetched"` // items whose body was fetched
	Unchanged     int64    `json:"unchanged"`
	Sightings     int64    `json:"sightings"`
	SkippedRobots int64    `json:"skipped_robots"`
	Errors        int64    `json:"errors"`
	Requests      int64    `json:"requests"`
	Bytes         int64    `json:"bytes"`
	BytesAvoided  int64    `json:"bytes_avoided"`
	Samples       []string `json:"error_samples,omitempty"` // the first few errors, free of addresses
}

// MaxSamples is how many error lines a sweep keeps.
const MaxSamples = 8

// Add adds another count to this one.
func (c *Counts) Add(o Counts) {
	c.Listed += o.Listed
	c.Pages += o.Pages
	c.Fetched += o.Fetched
	c.Unchanged += o.Unchanged
	c.Sightings += o.Sightings
	c.SkippedRobots += o.SkippedRobots
	c.Errors += o.Errors
	c.Requests += o.Requests
	c.Bytes += o.Bytes
	c.BytesAvoided += o.BytesAvoided
	for _, s := range o.Samples {
		if len(c.Samples) < MaxSamples {
			c.Samples = append(c.Samples, s)
		}
	}
}

// State is where a sweep stands.
type State string

// The states of a sweep.
const (
	Running State = "running" // a process walks it, or died while it did: then the lease runs out
	Paused  State = "paused"  // stopped with work left: the next sweep of the source goes on with it
	Done    State = "done"    // everything was walked
	Failed  State = "failed"  // given up: the next sweep starts anew
)

// Sweep is a sweep in a worker's hands.
type Sweep struct {
	ID      string
	Source  string
	Epoch   int64
	Started time.Time
	Resumed bool // an unfinished one goes on
	Counts  Counts
}

// Start asks for a sweep.
type Start struct {
	Source string
	Spec   string // the source's settings in one text: when they changed, an unfinished sweep is dropped
	Seeds  []Item
	// Join takes part in a running sweep of the same settings instead of waiting for its lease to end: a fleet's coordinator
	// that restarts does not take the sweep from its workers. Only a plane that is shared by machines honours it.
	Join bool
	// Settings are the source's settings for workers who have no configuration of it; kept sealed.
	Settings []byte
}

// Lease is one host in one worker's hands, with items to fetch there.
type Lease struct {
	Host  string
	Epoch int64
	Next  time.Time // no request to the host may start earlier
	Items []Claimed
	sweep Sweep // for which it was claimed; empty outside any
	queue int64 // from which its items are; 0 outside any
}

// shown is what listings show of the items, by number.
func (l Lease) shown() map[int64]string {
	out := make(map[int64]string, len(l.Items))
	for _, it := range l.Items {
		out[it.ID] = it.Listed
	}
	return out
}

// Want asks for a host of a sweep and some of its items.
type Want struct {
	Sweep Sweep
	Max   int
	Skip  map[string]bool // hosts that this run has given up on
}

// Later puts an item back, not to be claimed before Due.
type Later struct {
	ID  int64
	Due time.Time
}

// SeenAt records what was learned of a claimed item.
type SeenAt struct {
	ID   int64
	Seen Seen
}

// Batch is what a worker did with a lease's items. It takes effect as a whole or not at all.
type Batch struct {
	Done   []int64
	Later  []Later
	Seen   []SeenAt // of items of this lease
	Found  []Item
	Limit  int64 // no more than this many addresses in one sweep; 0: no limit
	Counts Counts
	Next   time.Time // the host's next allowed moment
}

// End is how a sweep ended.
type End struct {
	State  State
	Good   bool
	Reason string // kept sealed
}

// Record is a sweep as history shows it.
type Record struct {
	Source            string
	State             State
	Started, Finished time.Time
	LastGood          time.Time // when a sweep of the source last ended well, zero when none did
	Counts            Counts
	Reason            string
	Paused            bool // by the operator: no sweep of it begins or goes on
}

// Plane is the seam between the crawler and where its state lies: SQLite beside the record in one process, Redis in a
// fleet. Every method is safe for concurrent use, across processes too. planetest holds what an implementation must do.
type Plane interface {
	// Begin takes over the source's unfinished sweep, or starts one with the seeds. *Busy when somebody holds it, ErrPaused
	// when the operator paused the source.
	Begin(ctx context.Context, s Start) (Sweep, error)
	// Claim leases a host that is free and due, and hands out up to Max of its items. *Wait when all are busy or not yet
	// due, *Drained when nothing waits, ErrFenced when the sweep was lost, ErrPaused when its source was paused meanwhile.
	Claim(ctx context.Context, w Want) (Lease, error)
	// Ahead gives up to most further items of the host and sweep that a lease is for, with numbers above after, the greatest
	// that was handed out under this lease. What it does not give, such as what was put back, waits for the next lease.
	// ErrFenced when the lease or the sweep was lost; nothing when the source was paused.
	Ahead(ctx context.Context, s Sweep, l Lease, after int64, most int) ([]Claimed, error)
	// Host leases one host for a request outside any sweep. *Wait when it is busy or not due; whoever waits is let in
	// before a sweep claims the host again.
	Host(ctx context.Context, host, who string) (Lease, error)
	// Extend renews the sweep's lease (ignored when its ID is empty) and those of hosts.
	Extend(ctx context.Context, s Sweep, hosts ...Lease) error
	// Rate records the host's next allowed moment before a request starts, so that a crash cannot make it come too soon.
	Rate(ctx context.Context, l Lease, next time.Time) error
	// Complete records a batch, enqueues what was found (each address once a sweep) and returns how many addresses were
	// new and how many the limit dropped. The sweep's Listed counter grows by the new ones that match.
	Complete(ctx context.Context, s Sweep, l Lease, b Batch) (added, dropped int64, err error)
	// Release gives a host back.
	Release(ctx context.Context, l Lease, next time.Time) error
	// Finish ends a sweep; only a paused one keeps its frontier.
	Finish(ctx context.Context, s Sweep, e End) (Counts, error)
	// History gives each source's latest sweep, by source name; also of one that was only paused.
	History(ctx context.Context) ([]Record, error)
	// Pause keeps sweeps of a source from beginning and going on, until it is called with false.
	Pause(ctx context.Context, source string, paused bool) error
}
