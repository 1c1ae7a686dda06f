// Package silence judges whether a source fell silent: whether its sweeps still see what they are there to see. A sweep
// that finds nothing looks like a clean place; this is how the two are told apart. It never fetches, and an alarm of
// its own is for the operator only.
package silence

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/canary"
)

// Why is the reason for which a source counts as silent.
type Why string

// The reasons.
const (
	Heard     Why = ""          // it is not silent
	Withdrawn Why = "withdrawn" // its start is refused or not there: the interface was withdrawn, or shuts us out
	Markup    Why = "markup"    // its start answers, and is nothing that the kind can read any more
	Empty     Why = "empty"     // it lists nothing, where it listed something before
	Few       Why = "few"       // it lists a small part of what it listed before
	Never     Why = "never"     // it has never listed anything, in several passes
	Failing   Why = "failing"   // several passes in a row failed
	Late      Why = "late"      // no good pass for three times its interval
	Canaries  Why = "canaries"  // none of its canaries is found any more, or ever
)

const (
	failures     = 3    // failed passes in a row that are no accident
	neverPasses  = 3    // passes without any item before "never" is said
	many         = 20   // items from which on a small part counts as few
	part         = 10   // one in so many is a small part
	lostPasses   = 2    // passes without any canary, where some were found before
	unseenPasses = 3    // and where none ever was: it may not be planted yet
	lateFactor   = 3    // intervals without a good pass
	leastLate    = 10   // minutes
	accepted     = 10   // passes with few items after which few are usual: a mirror may well have been cleaned up
	fade         = 0.25 // weight of a pass in what is usual
)

// Pass is one sweep of a source that has ended.
type Pass struct {
	Started, Finished time.Time
	Good              bool   // the source was read as its kind expects
	Paused            bool   // it goes on later: says nothing yet
	Reason            string // of a failed one, as the crawler words it
	Listed            int64  // items found to match
}

// Memory is what is kept of a source's passes. The zero value is a source that was never swept.
type Memory struct {
	Started time.Time     `json:"started,omitzero"` // of the last pass that was judged
	Good    time.Time     `json:"good,omitzero"`    // end of the last good one
	Took    time.Duration `json:"took,omitempty"`   // the last good one
	Passes  int           `json:"passes,omitempty"` // good ones, in all
	Failed  int           `json:"failed,omitempty"` // failed ones in a row
	Why     Why           `json:"why,omitempty"`    // what the last failed one says
	Listed  int64         `json:"listed,omitempty"` // by the last good one
	Usual   float64       `json:"usual,omitempty"`  // items of a good pass that lists any
	Low     int           `json:"low,omitempty"`    // passes in a row with few of them
}

// New reports whether a pass was not judged yet.
func (m Memory) New(p Pass) bool {
	return !p.Paused && !p.Finished.IsZero() && p.Started.Truncate(time.Millisecond).After(m.Started)
}

// After is the memory after one more pass, which New said is new.
func (m Memory) After(p Pass) Memory {
	m.Started = p.Started.Truncate(time.Millisecond)
	if !p.Good {
		m.Failed++
		m.Why = cause(p.Reason)
		return m
	}
	m.Failed, m.Why, m.Good, m.Took, m.Listed = 0, Heard, p.Finished, p.Finished.Sub(p.Started), p.Listed
	m.Passes++
	switch listed := float64(p.Listed); {
	case p.Listed == 0:
		// Not made usual by happening: a source that was emptied stays silent until it is seen full, or taken out.
	case m.Usual >= many && listed*part < m.Usual && m.Low < accepted:
		m.Low++
	case m.Usual == 0 || m.Low > 0 && listed*part < m.Usual:
		m.Usual, m.Low = listed, 0
	default:
		m.Usual += fade * (listed - m.Usual)
		m.Low = 0
	}
	return m
}

var answers = regexp.MustCompile(`answers (\d{3})`)

// cause reads from a failed pass's reason whether it is the place's word or only weather.
func cause(reason string) Why {
	if m := answers.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 400 && n < 500 && n != 408 && n != 425 && n != 429 {
			return Withdrawn
		}
	}
	for _, s := range []string{"can list", "robots.txt forbids", "redirects", "the host name does not exist"} {
		if strings.Contains(reason, s) {
			return map[bool]Why{true: Markup, false: Withdrawn}[s == "can list"]
		}
	}
	return Failing
}

// Clock is what Judge needs to know of time.
type Clock struct {
	Now   time.Time
	Every time.Duration // between two sweeps of the source; 0: swept by hand only
	Up    time.Time     // since when something sweeps it on schedule; zero: nobody knows
	Busy  bool          // a sweep is under way
}

// Judge says whether a source is silent, and why.
func (m Memory) Judge(c Clock, f canary.Figures) Why {
	switch {
	case m.Failed > 0 && m.Why != Failing && m.Why != Heard:
		return m.Why
	case m.Failed >= failures:
		return Failing
	case m.late(c):
		return Late
	case m.Failed > 0:
		return Heard // once or twice is weather; what the last good pass said is not asked again
	case m.Passes > 0 && m.Listed == 0 && m.Usual > 0:
		return Empty
	case m.Passes >= neverPasses && m.Usual == 0:
		return Never
	case m.Usual >= many && float64(m.Listed)*part < m.Usual:
		return Few
	case f.Planted > 0 && f.Found == 0 && f.Ever > 0 && f.Missed >= lostPasses, f.Planted > 0 && f.Ever == 0 && f.Missed >= unseenPasses:
		return Canaries
	}
	return Heard
}

func (m Memory) late(c Clock) bool {
	if c.Every <= 0 {
		return false
	}
	since := m.Good
	if c.Up.After(since) {
		since = c.Up
	}
	if since.IsZero() {
		return false // never swept, and nobody said that it should have been
	}
	bear := max(lateFactor*c.Every, leastLate*time.Minute)
	if c.Busy {
		bear = max(bear, lateFactor*(c.Every+m.Took))
	}
	return c.Now.Sub(since) > bear
}
