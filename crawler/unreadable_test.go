package crawler

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/fingerprints/match"
)

// closed is an intake that cannot open what begins with "locked", for a reason that the test sets.
type closed struct {
	Intake
	reason *atomic.Value
	locked bool
}

func (c *closed) Write(p []byte) (int, error) {
	c.locked = c.locked || bytes.HasPrefix(p, []byte("locked"))
	return c.Intake.Write(p)
}

func (c *closed) Match(ctx context.Context) match.Report {
	r := c.Intake.Match(ctx)
	if why := c.reason.Load().(string); c.locked && why != "" {
		r.Verdict, r.Reason, r.Matches = match.Unreadable, why, nil
	}
	return r
}

// aged is a plane where everything was seen longer ago.
type aged struct {
	plane.Plane
	by *atomic.Int64
}

func (a aged) Claim(ctx context.Context, w plane.Want) (plane.Lease, error) {
	l, err := a.Plane.Claim(ctx, w)
	a.age(l.Items)
	return l, err
}

func (a aged) Ahead(ctx context.Context, s plane.Sweep, l plane.Lease, after int64, most int) ([]plane.Claimed, error) {
	items, err := a.Plane.Ahead(ctx, s, l, after, most)
	a.age(items)
	return items, err
}

func (a aged) age(items []plane.Claimed) {
	for _, it := range items {
		if it.Seen != nil {
			it.Seen.Fetched = it.Seen.Fetched.Add(-time.Duration(a.by.Load()))
		}
	}
}

// lockedWorld has a site with one item that holds known content and cannot be opened for a reason.
func lockedWorld(t *testing.T, reason string) (w *world, src Source, why *atomic.Value, age *atomic.Int64) {
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a.zip" {
			w.Header().Set("Etag", `"v1"`)
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("locked "+secret))
			return
		}
		pages(map[string]string{"/": listing("a.zip")}).ServeHTTP(w, r)
	}))
	why, age = &atomic.Value{}, &atomic.Int64{}
	why.Store(reason)
	w = newWorld(t, func(o *Options) {
		inner := o.Intake
		o.Plane = aged{o.Plane, age}
		o.Intake = func(item string) (Intake, error) {
			in, err := inner(item)
			return &closed{Intake: in, reason: why}, err
		}
	})
	return w, Source{Name: "s", Kind: "directory", URL: srv.URL}, why, age
}

func TestAnItemThatCannotBeOpenedIsAnErrorAndTriedAgainAfterAWeek(t *testing.T) {
	t.Parallel()
	w, src, why, age := lockedWorld(t, "encrypted: needs a password")
	sum := w.sweep(src)
	if sum.State != "done" || sum.Errors != 1 || !strings.HasSuffix(sum.ErrorSamples[0], ": an item cannot be opened: encrypted: needs a password") {
		t.Errorf("first: %+v", sum)
	}
	why.Store("") // a later version can open it
	if sum = w.sweep(src); sum.Unchanged != 1 || sum.Fetched != 0 {
		t.Errorf("at once: %+v", sum)
	}
	age.Store(int64(revalidate))
	if sum = w.sweep(src); sum.Fetched != 1 || sum.Sightings != 1 || sum.Errors != 0 {
		t.Errorf("after a week: %+v", sum)
	}
}

func TestAnItemThatCannotBeOpenedIsTriedAgainWithANewIndex(t *testing.T) {
	t.Parallel()
	w, src, why, _ := lockedWorld(t, "damaged: does not decode")
	w.sweep(src)
	why.Store("")
	w.gen++
	if sum := w.sweep(src); sum.Fetched != 1 || sum.Sightings != 1 {
		t.Errorf("got %+v", sum)
	}
}

func TestAFailureOfOurOwnToOpenAnItemIsTriedAgainAtTheNextSweep(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"start child: fork/exec /proc/self/exe: resource temporarily unavailable", "over the limit: wall", "the index is closed"} {
		w, src, why, _ := lockedWorld(t, reason)
		sum := w.sweep(src)
		if sum.Errors != 1 || !strings.Contains(sum.ErrorSamples[0], "an item cannot be opened: ") || strings.Contains(sum.ErrorSamples[0], "/") {
			t.Errorf("%s: %+v", reason, sum)
		}
		why.Store("")
		if sum = w.sweep(src); sum.Fetched != 1 || sum.Sightings != 1 {
			t.Errorf("%s, next sweep: %+v", reason, sum)
		}
	}
}

func TestReasonsAreToldInFixedWordsAndOwnFailuresApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason, why string
		ours        bool
	}{
		{"encrypted: needs a password", "encrypted: needs a password", false},
		{"3 parts encrypted: needs a password; over the limit: ratio", "encrypted: needs a password", false},
		{"over the limit: cpu", "over the limit: cpu", false},
		{"the process that opened it crashed: malformed frame", "the process that opened it crashed", false},
		{"2 parts damaged: does not decode; over the limit: wall", "it took too long here", true},
		{"could not be read: open /srv/Vandersteen.zip: no space left", "a failure on this side", true},
		{"start child: make pipe: too many open files", "a failure on this side", true},
		{"internal error while matching", "a failure on this side", true},
		{"", "no reason is known", false},
	} {
		if why, ours := unopened(c.reason); why != c.why || ours != c.ours {
			t.Errorf("%q: got %q, %v", c.reason, why, ours)
		}
	}
}
