package takedown

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// defaultRegime is the law that a first notice rests on: any person may send it, no mandate is needed.
const defaultRegime = "dsa16"

// askAgain is how long to wait before contacts are looked for again, when the last look-up came so long after the draft was
// made: a place that publishes no contact must not be asked for ever at the same pace.
func askAgain(since time.Duration) time.Duration {
	for _, wait := range []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour} {
		if since < wait {
			return wait
		}
	}
	return 24 * time.Hour
}

// finders is how many places are asked for their contacts side by side.
const finders = 4

// due is one case that waits for a draft, or (with notice set) a draft that waits for a recipient.
type due struct {
	c      *caseRec
	notice string
}

// Draft composes a notice for every open case that has none in this round, looks again for a recipient where a draft
// lacks one, and writes anew what another configuration was frozen into. It talks to the network, outside of any
// transaction. It returns how many notices were written, renewed or addressed.
func (d *Docket) Draft(ctx context.Context) (n int, err error) {
	if _, err := d.KeepEvidence(ctx); err != nil {
		d.o.Log.WarnContext(ctx, "evidence waits to be kept", "error", err)
	}
	n, err = d.renew(ctx)
	if err != nil {
		return n, err
	}
	var all []due
	err = d.read(ctx, "draft", func(tx *store.Tx) error {
		all, err = d.draftsDue(tx)
		return err
	})
	if err != nil {
		return n, err
	}
	// All items of one host share their contacts: it is asked once.
	groups := map[contact.Place][]due{}
	for _, x := range all {
		p := placeOf(x.c)
		p.URL = ""
		groups[p] = append(groups[p], x)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, finders)
	for _, g := range groups {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			wrote, failed := d.draftGroup(ctx, g)
			mu.Lock()
			defer mu.Unlock()
			n, err = n+wrote, errors.Join(err, failed)
		})
	}
	wg.Wait()
	return n, err
}

func placeOf(c *caseRec) contact.Place {
	p := contact.Place{URL: c.url, Domain: c.place, IP: c.ip, SiteContact: c.siteContact}
	if at, err := locate(c.url); err == nil {
		p.Host = at.host
	}
	return p
}

func (d *Docket) draftsDue(tx *store.Tx) ([]due, error) {
	cases, err := queryCases(tx, `WHERE c.state = 'open' AND NOT EXISTS (SELECT 1 FROM notices n
		WHERE n.case_id = c.id AND n.round = c.reopened AND n.state <> 'void') ORDER BY c.created`)
	if err != nil {
		return nil, err
	}
	var out []due
	for _, c := range cases {
		out = append(out, due{c: c})
	}
	ids, err := d.toAsk(tx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		n, err := loadNotice(tx, id)
		if err != nil {
			return nil, err
		}
		c, err := loadCase(tx, n.caseID)
		if err != nil {
			return nil, err
		}
		out = append(out, due{c: c, notice: id})
	}
	return out, nil
}

// toAsk returns the drafts without a recipient whose place is due to be asked again.
func (d *Docket) toAsk(tx *store.Tx) (ids []string, err error) {
	rows, err := tx.Query(`SELECT n.id, n.created, COALESCE(k.fetched, 0) FROM notices n JOIN cases c ON c.id = n.case_id
		LEFT JOIN contacts k ON k.case_id = n.case_id
		WHERE n.state = 'draft' AND n.addressed = 0 AND c.state IN ('open', 'noticed') ORDER BY n.created, n.id`)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var created, fetched int64
		if err := rows.Scan(&id, &created, &fetched); err != nil {
			return nil, fmt.Errorf("read drafts: %w", err)
		}
		last := store.Time(fetched)
		if fetched == 0 || !d.now().Before(last.Add(askAgain(last.Sub(store.Time(created))))) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

// draftGroup writes what is due at one host.
func (d *Docket) draftGroup(ctx context.Context, group []due) (n int, err error) {
	var found []contact.Found
	if d.o.Ladder != nil {
		found = d.o.Ladder.Find(ctx, placeOf(group[0].c))
	}
	for _, x := range group {
		if ctx.Err() != nil {
			return n, errors.Join(err, ctx.Err())
		}
		var wrote bool
		one := d.write(ctx, "draft notice", func(tx *store.Tx) (err error) {
			if err = d.saveContacts(tx, x.c.id, found); err != nil {
				return err
			}
			if x.notice != "" {
				wrote, err = d.address(tx, x.notice, found)
			} else {
				wrote, err = d.compose(tx, x.c.id, found)
			}
			return err
		})
		if one != nil {
			err = errors.Join(err, fmt.Errorf("case %s: %w", x.c.id, one))
		} else if wrote {
			n++
		}
	}
	return n, err
}

// compose writes the first version of a new notice, unless somebody was faster.
func (d *Docket) compose(tx *store.Tx, caseID string, found []contact.Found) (bool, error) {
	c, err := loadCase(tx, caseID)
	if err != nil {
		return false, err
	}
	var has bool
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM notices WHERE case_id = ? AND round = ? AND state <> 'void')`, c.id, c.reopened).Scan(&has)
	if err != nil || has || c.state != CaseOpen {
		return false, err
	}
	if c.ticket == "" {
		if c.ticket, err = d.nextTicket(tx); err == nil {
			err = d.saveCase(tx, c)
		}
		if err != nil {
			return false, err
		}
	}
	v := version{Envelope: notice.Envelope{}}
	if v.Facts, err = d.facts(tx, c); err != nil {
		return false, err
	}
	if err := d.thread(tx, c, &v.Envelope); err != nil {
		return false, err
	}
	best, _ := pick(found)
	d.aim(&v, best)
	if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return false, fmt.Errorf("compose notice: %w", err)
	}
	now := d.now()
	n := &noticeRec{id: store.NewID("notice"), caseID: c.id, state: NoticeDraft, created: now, round: c.reopened}
	_, err = tx.Exec(`INSERT INTO notices (id, case_id, state, created, updated, round, version, digest, language, recipient, addressed,
		missing, message_id, accepted) VALUES (?,?,?,?,?,?,0,'','',?,0,0,'',?)`, n.id, n.caseID, n.state, store.Millis(now),
		store.Millis(now), n.round, tx.SealText("notices.recipient", ""), tx.SealText("notices.accepted", ""))
	if err != nil {
		return false, fmt.Errorf("insert notice: %w", err)
	}
	made := step{of: "notice", id: n.id, to: string(NoticeDraft), actor: System, at: now, why: "Composed for the case."}
	if err := made.record(tx, ""); err != nil {
		return false, err
	}
	return true, d.writeVersion(tx, n, v, System)
}

// address gives a draft without recipient the one that was found since. Words that a person wrote stay.
func (d *Docket) address(tx *store.Tx, id string, found []contact.Found) (bool, error) {
	n, err := loadNotice(tx, id)
	if err != nil {
		return false, err
	}
	best, ok := pick(found)
	if !ok || n.state != NoticeDraft || n.recipient != "" {
		return false, nil
	}
	v, err := loadVersion(tx, n.id, n.version)
	if err != nil {
		return false, err
	}
	language := v.Facts.Language
	d.aim(&v, best)
	if n.byPerson {
		v.Facts.Language = language
	} else if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return false, fmt.Errorf("compose notice: %w", err)
	}
	return true, d.writeVersion(tx, n, v, System)
}
