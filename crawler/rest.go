package crawler

import (
	"context"
	"hash/fnv"
	"net/url"
	"time"

	"github.com/robfig/cron/v3"

	"unmirror/crawler/plane"
	"unmirror/crawler/revisit"
)

// bounds are the operator's on how long something is left alone.
func (w *walk) bounds() revisit.Bounds {
	return revisit.Bounds{Min: w.src.RevisitMin, Max: w.src.RevisitMax, Least: w.c.o.Limits.RevisitLeast}
}

// rests reports whether an address is left alone in this sweep, because it was hardly ever seen to change. The source's
// start, what the configuration names, what holds a known match, and what its listing shows changed never are.
func (w *walk) rests(v visiting) bool {
	s := v.Seen
	if w.src.RevisitMax <= 0 || !v.current || v.Depth == 0 || len(s.Report) > 0 || s.Unreadable || s.Print == 0 ||
		v.Listed != s.Listed && !(v.Lists && v.Listed == "") {
		return false
	}
	if v.Lists && len(s.Links) == 0 && len(s.Rows) == 0 {
		return false
	}
	left := time.Since(s.Checked)
	return left < s.History.Wait(w.bounds()) && left+w.untilNext(time.Now()) <= w.src.RevisitMax
}

// untilNext is how long it is to the source's next sweep, so that nothing is left alone over its longest time; 0 when
// it is swept by hand.
func (w *walk) untilNext(now time.Time) time.Duration {
	when, err := cron.ParseStandard(w.src.Every)
	if w.src.Every == "" || err != nil {
		return 0
	}
	return when.Next(now.UTC()).Sub(now)
}

// resting is what becomes of an address that is left alone: what it listed is taken as it was, so that every item below
// is dealt with by its own history. False: what is kept of it cannot be read.
func (w *walk) resting(ctx context.Context, v visiting) (outcome, bool) {
	links, err := listedBefore(v.Seen)
	if err != nil {
		return outcome{}, false
	}
	o := outcome{done: true, counts: plane.Counts{BytesAvoided: v.Seen.Bytes}}
	if v.Matches {
		o.counts.Unchanged = 1
	}
	o.found = w.budgeted(ctx, links)
	return o, true
}

// relisted are links of an earlier visit.
func relisted(links []plane.Item) (out []plane.Item) {
	for _, l := range links {
		if u, err := url.Parse(l.URL); err == nil {
			l.Host = hostKey(u)
			out = append(out, l)
		}
	}
	return out
}

// remember keeps of a page that is no item itself, such as a folder, how often it changes; and what it lists, once it
// may be left alone.
func (w *walk) remember(v visiting, a *answer, o *outcome, seen *plane.Seen) {
	folder := v.spec.Kind.Folders
	if w.src.RevisitMax <= 0 || v.Depth == 0 && !folder || o.counts.Pages == 0 || a.cut {
		return
	}
	h := fnv.New32a()
	matching := false
	for _, l := range o.found {
		_, _ = h.Write([]byte(l.URL + "\x00" + l.Listed + "\x00")) // a hash never fails
		matching = matching || l.Matches
	}
	seen.ETag, seen.LastModified = "", ""
	seen.Print, seen.History = w.history(v, max(h.Sum32(), 1), matching)
	if seen.History.Wait(w.bounds()) == 0 {
		seen.Links = nil // a large mirror's links are kept only where that saves requests
	}
	if folder {
		w.keepRows(a, o, seen)
	}
	o.seen = seen
}

// history adds a visit to what is known of an address: whether its print changed, and whether it gave something.
func (w *walk) history(v visiting, print uint32, gave bool) (uint32, revisit.History) {
	if v.Seen == nil {
		return print, revisit.History{}
	}
	if print == 0 || v.Seen.Print == 0 {
		return print, v.Seen.History
	}
	return print, v.Seen.History.Seen(w.bounds(), time.Since(v.Seen.Checked), print != v.Seen.Print, gave)
}

// printOf shortens a keyed digest; 0 when there is none.
func printOf(digest string) uint32 {
	if digest == "" {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(digest))
	return max(h.Sum32(), 1)
}
