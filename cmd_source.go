package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"unmirror/crawler"
	"unmirror/crawler/kind"
	"unmirror/crawler/silence"
	"unmirror/desk"
)

// sourceRow is a source as `source list` prints it.
type sourceRow struct {
	ID            string     `json:"id"`
	State         string     `json:"state"`   // never, running, paused, done, failed
	Created       *time.Time `json:"created"` // start of the latest sweep
	Kind          string     `json:"kind"`
	URL           string     `json:"url"`
	Every         string     `json:"every"`
	LastGood      *time.Time `json:"last_good"`
	Listed        int64      `json:"listed"`
	Fetched       int64      `json:"fetched"`
	Unchanged     int64      `json:"unchanged"`
	SkippedRobots int64      `json:"skipped_robots"`
	Errors        int64      `json:"errors"`
	Untried       string     `json:"untried,omitempty"`
	Paused        bool       `json:"paused"` // by the operator: no sweep of it begins or goes on
	// Silent says that nothing found means nothing there: the reason is a code of docs/operations.md.
	Silent       bool       `json:"silent"`
	SilentReason string     `json:"silent_reason,omitempty"`
	SilentSince  *time.Time `json:"silent_since"`
	// Waits are leaks on whose behalf it is not swept, because their files lack fields; Held says that it is not swept at all.
	Waits []waitRow `json:"waits,omitempty"`
	Held  bool      `json:"held,omitempty"`
	// Canaries are those that a good pass could have found; the rate is null while there are none.
	Canaries      int        `json:"canaries"`
	CanariesFound int        `json:"canaries_found"`
	DetectionRate *float64   `json:"detection_rate"`
	Delay         *float64   `json:"detection_delay_seconds"`
	CanarySeen    *time.Time `json:"canary_last_seen"`
	bytes         int64
	samples       []string
}

// sourceRows joins the configured sources with what is known of their sweeps.
func (a *app) sourceRows(ctx context.Context, c *crawler.Crawler) ([]sourceRow, error) {
	status, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	box, err := a.operatorMail(ctx, nil)
	if err != nil {
		return nil, err
	}
	w, err := a.watch(ctx, box)
	if err != nil {
		return nil, err
	}
	watched, err := w.Statuses(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]crawler.SourceStatus{}
	for _, s := range status {
		known[s.Source] = s
	}
	var rows []sourceRow
	for _, s := range a.cfg.Sources {
		r := sourceRow{ID: s.Name, State: "never", Kind: s.Kind, URL: s.URL, Every: s.Every}
		if k, err := kind.Find(s.Kind); err == nil {
			r.Untried = k.Untried
		}
		if st, ok := known[s.Name]; ok {
			r.Paused = st.Paused
		}
		if st, ok := known[s.Name]; ok && st.State != "" {
			r.State, r.Created, r.LastGood = st.State, &st.Started, zeroNil(st.LastGood)
			r.Listed, r.Fetched, r.Unchanged = st.Summary.Listed, st.Summary.Fetched, st.Summary.Unchanged
			r.SkippedRobots, r.Errors = st.Summary.SkippedRobots, st.Summary.Errors
			r.bytes, r.samples = st.Summary.Bytes, st.Summary.ErrorSamples
		}
		r.watched(watched[s.Name])
		r.Waits, r.Held = a.waits(ctx, s.Name)
		rows = append(rows, r)
	}
	return rows, nil
}

// watched fills in how far the source's sweeps can be believed.
func (r *sourceRow) watched(w silence.Status) {
	r.Silent, r.SilentReason, r.SilentSince = w.Silent != silence.Heard, string(w.Silent), zeroNil(w.Since)
	f := w.Figures
	r.Canaries, r.CanariesFound, r.CanarySeen = f.Planted, f.Found, zeroNil(f.Seen)
	if rate, ok := f.Rate(); ok {
		r.DetectionRate = &rate
	}
	if f.Ever > 0 {
		d := f.Delay.Seconds()
		r.Delay = &d
	}
}

func zeroNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// deskSources is the same list for the desk's page.
func (d *daemon) deskSources(ctx context.Context) (out []desk.Source, err error) {
	rows, err := d.sourceRows(ctx, d.crawler)
	words := map[string]string{"done": "ok", "paused": "ok", "failed": "failing"}
	for _, r := range rows {
		state := r.State
		if w, ok := words[state]; ok {
			state = w
		}
		out = append(out, desk.Source{Name: r.ID, Kind: r.Kind, Every: r.Every, Untried: r.Untried != "", State: state,
			LastSweep: orZero(r.Created), LastGood: orZero(r.LastGood), Listed: int(r.Listed), Fetched: int(r.Fetched),
			SkippedRobots: int(r.SkippedRobots), Errors: int(r.Errors), Bytes: r.bytes, ErrorSamples: r.samples, Silent: r.SilentReason, SilentSince: orZero(r.SilentSince),
			Waits: deskWaits(r.Waits), Held: r.Held,
			Canaries: r.Canaries, CanariesFound: r.CanariesFound, CanarySeen: orZero(r.CanarySeen), CanaryDelay: r.delay()})
	}
	return out, err
}

// delay is the median time to a canary's first sighting, 0 when none was found.
func (r sourceRow) delay() time.Duration {
	if r.Delay == nil {
		return 0
	}
	return time.Duration(*r.Delay * float64(time.Second))
}

// shownState is the state as the list shows it: silence is what an operator must see.
func (r sourceRow) shownState() string {
	if r.Held {
		return r.State + ", waits for a leak file"
	}
	if r.Paused {
		return r.State + ", paused by the operator"
	}
	if r.Silent {
		return r.State + ", silent: " + r.SilentReason
	}
	return r.State
}

// canaries is the detection rate as the list shows it.
func (r sourceRow) canaries() string {
	if r.DetectionRate == nil {
		return "-"
	}
	s := fmt.Sprintf("%d of %d", r.CanariesFound, r.Canaries)
	if d := r.delay(); d > 0 {
		s += " in " + d.Round(time.Second).String()
	}
	return s
}

func sourceCommand(g *globals) *cobra.Command {
	ls := &cobra.Command{Use: "list", Short: "List sources with their last good pass", RunE: func(c *cobra.Command, _ []string) error {
		return g.with(func(a *app) error {
			if len(a.cfg.Sources) == 0 {
				g.note("%v", errNoSources)
				return nil
			}
			cr, err := a.crawler(c.Context(), watching{})
			if err != nil {
				return err
			}
			rows, err := a.sourceRows(c.Context(), cr)
			if err != nil {
				return err
			}
			return list(g, rows, "SOURCE\tSTATE\tKIND\tEVERY\tLAST GOOD\tCANARIES\tLISTED\tFETCHED\tROBOTS\tERRORS", func(r sourceRow) []string {
				return []string{r.ID, r.shownState(), r.Kind, r.Every, stamp(orZero(r.LastGood)), r.canaries(), fmt.Sprint(r.Listed), fmt.Sprint(r.Fetched),
					fmt.Sprint(r.SkippedRobots), fmt.Sprint(r.Errors)}
			})
		})
	}}
	var as string
	test := &cobra.Command{Use: "test URL", Short: "Try what an address answers: kind, robots.txt, items; nothing is recorded", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error { return a.testSource(c.Context(), args[0], as) })
		}}
	test.Flags().StringVar(&as, "kind", "", "read it as this kind instead of trying them in turn")
	return group("source", "The configured sources", ls, test,
		pauseCommand(g, "pause", "Let no sweep of a source begin or go on; one that runs stops and keeps its place", "rests until `unmirror source resume`", true),
		pauseCommand(g, "resume", "Let a paused source be swept again", "is swept again when it is due", false))
}

func (a *app) testSource(ctx context.Context, url, as string) error {
	c, err := a.crawler(ctx, watching{})
	if err != nil {
		return err
	}
	got, err := c.Test(ctx, crawler.Source{Name: "test", Kind: as, URL: url, Depth: 1})
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(got); err != nil {
			return err
		}
	} else {
		a.printf("kind %s, %s: %d items and %d further pages on it; robots.txt: %s\n", got.Kind, answered(got), got.Items, got.Folders, got.Robots)
		if got.Contact != "" {
			a.printf("contact: %s\n", got.Contact)
		}
	}
	if !got.OK {
		return fmt.Errorf("test source: %s", got.FirstErr)
	}
	return nil
}

// answered is what a source's start said, in words.
func answered(got crawler.TestResult) string {
	switch {
	case got.Status > 0:
		return fmt.Sprintf("status %d", got.Status)
	case got.OK:
		return "not asked, because it has no list and to read an item could use it up"
	}
	return "no answer"
}
