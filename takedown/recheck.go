package takedown

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/store"
)

// lookers is how many cases are looked at side by side; the checker keeps hosts apart by itself.
const lookers = 4

// longestWatch is the longest time between two looks at a gone case.
const longestWatch = 30 * 24 * time.Hour

// Checked is one recheck and what it led to.
type Checked struct {
	Case       string      `json:"id"`
	State      CaseState   `json:"state"`
	Created    time.Time   `json:"created"` // when it was looked at
	Leak       string      `json:"leak"`
	Place      string      `json:"place"`
	URL        string      `json:"url"` // redacted as in CaseRow
	Source     string      `json:"source"`
	Before     CaseState   `json:"before"`
	Outcome    LookOutcome `json:"outcome"`
	Reason     string      `json:"reason"`
	Counted    bool        `json:"counted"` // counts towards gone
	GoneChecks int         `json:"gone_checks"`
	GoneNeeded int         `json:"gone_needed"`
	SeenFrom   []string    `json:"seen_from"`   // network exits that saw it so
	GoneForUs  bool        `json:"gone_for_us"` // gone, but not proven so from a second network
}

// Recheck looks at the given cases now, or at those that are due when none is given. A case that cannot be looked at is
// recorded as unclear and holds up no other; the error is of the record, or of a case that does not exist.
func (d *Docket) Recheck(ctx context.Context, caseIDs ...string) ([]Checked, error) {
	if d.o.Checker == nil {
		return nil, fmt.Errorf("recheck: %w", refuse(CodeState, "Nothing here can look at addresses."))
	}
	var done []Checked
	for range mostRechecked / planned {
		cases, err := d.toCheck(ctx, caseIDs)
		if err != nil {
			return done, err
		}
		some, err := d.lookAt(ctx, cases)
		done = append(done, some...)
		if err != nil || ctx.Err() != nil || len(caseIDs) > 0 || len(cases) < planned {
			return done, err
		}
	}
	return done, nil
}

// A run looks at so many due cases at the most, and takes so many at once: taking them holds up every other writer.
const mostRechecked, planned = 1000, 50

// lookAt looks at cases side by side.
func (d *Docket) lookAt(ctx context.Context, cases []*caseRec) (done []Checked, err error) {
	if len(cases) == 0 {
		return nil, nil
	}
	out := make([]Checked, len(cases))
	errs := make([]error, len(cases))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(lookers, len(cases)) {
		wg.Go(func() {
			for i := range next {
				out[i], errs[i] = d.check(ctx, cases[i])
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	for i := range out {
		if errs[i] != nil && ctx.Err() == nil && err == nil {
			err = errs[i]
		}
		if errs[i] == nil && out[i].Case != "" {
			done = append(done, out[i])
		}
	}
	_, kept := d.KeepEvidence(ctx)
	if kept != nil {
		d.o.Log.WarnContext(ctx, "evidence waits to be kept", "error", kept)
	}
	return done, err
}

// toCheck returns the named cases, or takes those that are due: their next look is put off first, so that a second
// process does not look at them too.
func (d *Docket) toCheck(ctx context.Context, ids []string) (cases []*caseRec, err error) {
	if len(ids) > 0 {
		err = d.read(ctx, "recheck", func(tx *store.Tx) error {
			for _, id := range ids {
				c, err := loadCase(tx, id)
				if err != nil {
					return err
				}
				cases = append(cases, c)
			}
			return nil
		})
		return cases, err
	}
	now := d.now()
	err = d.write(ctx, "plan rechecks", func(tx *store.Tx) error {
		if cases, err = queryCases(tx, `WHERE c.next_check > 0 AND c.next_check <= ? ORDER BY c.next_check LIMIT ?`, store.Millis(now), planned); err != nil {
			return err
		}
		put, err := tx.Prepare(`UPDATE cases SET next_check = ? WHERE id = ?`)
		if err != nil {
			return fmt.Errorf("plan rechecks: %w", err)
		}
		defer func() { _ = put.Close() }()
		for _, c := range cases {
			if _, err := put.ExecContext(ctx, store.Millis(now.Add(d.soon())), c.id); err != nil {
				return fmt.Errorf("plan recheck of %s: %w", c.id, err)
			}
		}
		return nil
	})
	return cases, err
}

// check looks at one case and applies what was seen.
func (d *Docket) check(ctx context.Context, c *caseRec) (Checked, error) {
	if ctx.Err() != nil {
		return Checked{}, ctx.Err()
	}
	look, err := d.o.Checker.Look(ctx, c.source, c.url)
	if ctx.Err() != nil {
		return Checked{}, ctx.Err() // cut short: what it saw is no look
	}
	if err != nil {
		d.o.Log.WarnContext(ctx, "case could not be looked at", "case", c.id, "source", c.source)
		look = Look{Outcome: LookUnclear, Reason: "It could not be looked at from here; is its source still configured?"}
	}
	if look.At.IsZero() {
		look.At = d.now()
	}
	look.At = look.At.UTC().Truncate(time.Millisecond)
	var done Checked
	err = d.write(ctx, "record recheck", func(tx *store.Tx) error {
		done, err = d.apply(tx, c.id, look)
		return err
	})
	return done, err
}

// apply records a look and moves the case by the rules of docs/lifecycle.md.
func (d *Docket) apply(tx *store.Tx, id string, look Look) (Checked, error) {
	c, err := loadCase(tx, id)
	if err != nil {
		return Checked{}, err
	}
	if look, err = d.judge(tx, c, look); err != nil {
		return Checked{}, err
	}
	before := c.state
	late := look.At.Before(c.checkedAt) // overtaken by a look of somebody else
	var counted bool
	if !late {
		c.checkedAt = look.At
		if counted, err = d.heed(tx, c, look); err != nil {
			return Checked{}, err
		}
		d.plan(c, look.At)
	}
	if err := d.saveCase(tx, c); err != nil {
		return Checked{}, err
	}
	_, err = tx.Exec(`INSERT INTO checks (case_no, at, outcome, counted, reason, exits) VALUES ((SELECT no FROM cases WHERE id = ?),?,?,?,?,?)`,
		c.id, store.Millis(look.At), string(look.Outcome), counted, sealSaid(tx, "checks.reason", look.Reason), strings.Join(look.SeenFrom, " "))
	if err != nil {
		return Checked{}, fmt.Errorf("record check: %w", err)
	}
	if c.state != before {
		if _, err := d.intend(tx, c, sighted{kind: "recheck", capture: look.Capture, content: look.Report.Digest, outcome: string(look.Outcome), reason: look.Reason}); err != nil {
			return Checked{}, err
		}
	}
	return Checked{Case: c.id, State: c.state, Created: look.At, Leak: c.leak, Place: d.redact(c.place), URL: d.redact(c.url), Source: c.source,
		Before: before, Outcome: look.Outcome, Reason: look.Reason, Counted: counted, GoneChecks: c.goneChecks, GoneNeeded: d.o.GoneChecks,
		SeenFrom: append([]string{}, look.SeenFrom...), GoneForUs: d.forUs(c)}, nil
}

// judge tells what a look says about this one case. The checker knows what is registered today, and of every leak; the
// case knows which content was sighted here, and of which leak.
func (d *Docket) judge(tx *store.Tx, c *caseRec, look Look) (Look, error) {
	sighted, strong, err := sightedContent(tx, c, look.Report.Digest)
	if err != nil {
		return look, err
	}
	switch {
	case sighted && look.Outcome != LookLive:
		look.Outcome, look.Reason = LookLive, "The very content that was sighted is still there."
	case !sighted && look.Outcome == LookLive:
		w, found := weighed{}, false
		for _, x := range weigh(look.Report, d.o.NoticeBits) {
			if x.leak == c.leak {
				w, found = x, true
			}
		}
		if strong = found && w.verdict == match.Matched; !found {
			look.Outcome, look.Reason = LookChanged, "Something known is there, but nothing of this leak."
		}
	}
	switch {
	case look.Outcome == LookChanged && !d.o.Registered(c.leak):
		look.Outcome, look.Reason = LookUnclear, "The leak is no longer registered: this look says nothing."
	case look.Outcome == LookLive && c.state == CaseGone && !strong:
		look.Outcome, look.Reason = LookUnclear, "What is there shares too little with the leak to open the case again."
	}
	return look, nil
}

// sightedContent says whether content of that digest was sighted in the case, and whether it then was a match, or what
// the case stands on: counsel may have called a weak match a wrong.
func sightedContent(tx *store.Tx, c *caseRec, digest string) (sighted, strong bool, err error) {
	if digest == "" {
		return false, false, nil
	}
	err = tx.QueryRow(`SELECT COUNT(*) > 0, COALESCE(MAX(verdict = ? OR id = ?), 0) FROM sightings WHERE case_id = ? AND digest = ?`,
		string(match.Matched), c.best, c.id, digest).Scan(&sighted, &strong)
	if err != nil {
		return false, false, fmt.Errorf("read sightings of %s: %w", c.id, err)
	}
	return sighted, strong, nil
}

// heed moves the case by what was seen. Only gone and changed count towards gone; what says nothing changes nothing.
func (d *Docket) heed(tx *store.Tx, c *caseRec, look Look) (counted bool, err error) {
	switch look.Outcome {
	case LookLive:
		c.liveAt = later(c.liveAt, look.At)
		if look.Capture.IP != "" {
			c.ip = look.Capture.IP
		}
		switch c.state {
		case CaseVanishing:
			err = d.putBack(tx, c, "A look found it live again.")
		case CaseGone:
			err = d.reopen(tx, c, "A look found it live again.")
		}
		return false, err
	case LookGone, LookChanged:
		return d.miss(tx, c, look)
	}
	return false, nil
}

// miss counts a look that no longer found the content.
func (d *Docket) miss(tx *store.Tx, c *caseRec, look Look) (counted bool, err error) {
	switch c.state {
	case CaseTriage, CaseOpen, CaseNoticed:
		c.goneChecks, c.goneElsewhere = 0, 0
		if err := d.moveCase(tx, c, CaseVanishing, System, look.Reason); err != nil {
			return false, err
		}
	case CaseVanishing:
		if look.At.Sub(c.countedAt) < d.o.GoneApart {
			return false, nil
		}
	case CaseGone: // stays on watch; a second network may still have to say so too
		return false, d.corroborate(tx, c, look)
	default: // dismissed is nobody's business
		return false, nil
	}
	c.goneChecks++
	if len(look.SeenFrom) > 1 {
		c.goneElsewhere++
	}
	c.countedAt = look.At
	if c.goneChecks < d.o.GoneChecks {
		return true, nil
	}
	why := fmt.Sprintf("%d looks, each at least %s after the one before, no longer found it.", c.goneChecks, d.o.GoneApart)
	if c.goneElsewhere < d.o.GoneChecks {
		why += " Seen from one network only, it is gone for us."
	}
	if err := d.moveCase(tx, c, CaseGone, System, why); err != nil {
		return false, err
	}
	c.watch = 0
	if !c.confirmed {
		return true, nil
	}
	at, err := locate(c.url)
	if err != nil {
		return false, err
	}
	return true, d.tell(tx, c, "gone", at.host)
}

// forUs says whether a gone case is proven gone from one network only.
func (d *Docket) forUs(c *caseRec) bool {
	return c.state == CaseGone && c.goneElsewhere < d.o.GoneChecks
}

// corroborate counts, for a case that is gone for us, a look on which a second network agreed; the audit log tells when
// there are enough.
func (d *Docket) corroborate(tx *store.Tx, c *caseRec, look Look) error {
	if !d.forUs(c) || len(look.SeenFrom) < 2 || look.At.Sub(c.countedAt) < d.o.GoneApart {
		return nil
	}
	c.goneElsewhere++
	c.countedAt = look.At
	if d.forUs(c) {
		return nil
	}
	return tx.Audit(store.Entry{Actor: System.ID, Act: "case.gone_everywhere", Object: c.id, Detail: "two networks"})
}

// plan sets the next look: dense at first and thinning out while it is live, as soon as a look can count while it vanishes, and in
// doubling intervals after it is gone until the watch ends.
func (d *Docket) plan(c *caseRec, at time.Time) {
	switch c.state {
	case CaseDismissed:
		c.nextCheck = time.Time{}
	case CaseVanishing:
		c.nextCheck = at.Add(d.soon())
		if due := c.countedAt.Add(d.o.GoneApart); due.After(c.nextCheck) || c.countedAt.Equal(at) {
			c.nextCheck = due
		}
	case CaseGone:
		wait := min(d.o.RecheckEvery<<min(c.watch, 20), longestWatch)
		if wait <= 0 {
			wait = longestWatch
		}
		c.watch++
		end := c.planFrom.Add(d.o.Watch)
		if c.nextCheck = at.Add(d.slack(wait)); c.nextCheck.After(end) {
			c.nextCheck = end
		}
		if !at.Before(end) {
			c.nextCheck = time.Time{} // a sweep that finds it opens it again all the same
		}
	default:
		c.nextCheck = at.Add(d.slack(max(d.o.RecheckEvery, thinned(at.Sub(c.planFrom)))))
	}
}

// thinned is how long a live case is left alone, by how long it has stood as it stands: what was just found or told of may go any
// hour, what has stood for months hardly will. A reminder or another rung makes looks dense again.
func thinned(stood time.Duration) time.Duration {
	const day = 24 * time.Hour
	for _, t := range []struct{ until, wait time.Duration }{{2 * day, 0}, {7 * day, 6 * time.Hour}, {30 * day, day}, {90 * day, 3 * day}} {
		if stood < t.until {
			return t.wait
		}
	}
	return 7 * day
}

// soon is when a look that said nothing is repeated.
func (d *Docket) soon() time.Duration { return d.slack(min(d.o.RecheckEvery, d.o.GoneApart)) }

// slack shortens an interval by a tenth: a schedule that runs each hour must not find an hourly look due a second later.
func (d *Docket) slack(t time.Duration) time.Duration { return t - t/10 }
