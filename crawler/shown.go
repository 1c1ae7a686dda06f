package crawler

import (
	"net/http"
	"regexp"
	"time"

	"unmirror/crawler/plane"
)

const (
	// zoneSlack is how old a listed time of an unknown zone must be before its word counts whatever the zone: clocks run
	// up to 14 hours either way.
	zoneSlack = 26 * time.Hour
	// zoneStep is what all zones in use differ by, and its multiples.
	zoneStep = 15 * time.Minute
	// clockSlack is how far a server's clock may be from its files'.
	clockSlack = 5 * time.Second
)

var (
	zonedTime  = regexp.MustCompile(`\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})`)
	secondTime = regexp.MustCompile(`\d{1,2}:\d{2}:\d{2}`)
)

// settled reports whether what a listing shows of something would show every change that came after the answer which
// was served at a moment of the server's own clock, zero when it did not tell. A time to the minute does not when the
// answer came within that minute. Of an unknown zone it is only known that it is off by a multiple of a quarter of an
// hour.
func settled(shown string, modified, served, now time.Time) bool {
	switch {
	case shown == "":
		return false
	case modified.IsZero(): // a digest, not a time
		return true
	case served.IsZero():
		return modified.Before(now.Add(-zoneSlack))
	case modified.Before(served.Add(-zoneSlack)):
		return true
	case zonedTime.MatchString(shown):
		return modified.Before(served.Add(-clockSlack))
	case modified.After(served.Add(zoneSlack)):
		return false // its clock is wrong, or the file's
	}
	step := time.Minute
	if secondTime.MatchString(shown) {
		step = time.Second
	}
	off := served.Sub(modified) % zoneStep
	if off < 0 {
		off += zoneStep
	}
	return off >= step+clockSlack && off < zoneStep-clockSlack
}

// settledShown is what a listing shows of an item, as it is kept for the next sweep's comparison: nothing where that would
// hide a change.
func settledShown(it plane.Item, a *answer) string {
	if it.Listed != "" && settled(it.Listed, it.Modified, servedAt(a.header), time.Now()) {
		return it.Listed
	}
	return ""
}

// servedAt is when an answer was made, by the server's own clock.
func servedAt(h http.Header) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
