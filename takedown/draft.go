package takedown

import (
	"context"
	"database/sql"
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
// lacks one, writes anew what another configuration was frozen into, and drafts the follow-up that is due. It talks to the network, outside of any
// transaction. It returns how many notices were written, renewed or addressed.
func (d *Docket) Draft(ctx context.Context) (n int, err error) {
	if _, err := d.KeepEvidence(ctx); err != nil {
		d.o.Log.WarnContext(ctx, "evidence waits to be kept", "error", err)
	}
	n, err = d.renew(ctx)
	if ctx.Err() != nil {
		return n, err
	}
	wrote, failed := d.draftAll(ctx)
	n, err = n+wrote, errors.Join(err, failed)
	further, failed := d.FollowUp(ctx)
	return n + further, errors.Join(err, failed)
}

// draftAll drafts what is due, so much of it at once as fits in memory.
func (d *Docket) draftAll(ctx context.Context) (n int, err error) {
	var after point
	for ctx.Err() == nil && !after.end {
		var some []due
		failed := d.read(ctx, "draft", func(tx *store.Tx) (err error) {
			some, after, err = d.draftsDue(tx, after)
			return err
		})
		if failed != nil {
			return n, errors.Join(err, failed)
		}
		wrote, failed := d.draftSome(ctx, some)
		n, err = n+wrote, errors.Join(err, failed)
	}
	return n, err
}

func (d *Docket) draftSome(ctx context.Context, some []due) (n int, err error) {
	// All items of one host share their contacts: it is asked once.
	groups := map[contact.Place][]due{}
	for _, x := range some {
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
	p := contact.Place{URL: c.url, Domain: c.place, IP: c.ip, SiteContact: c.siteContact, CDN: c.cdn}
	if at, err := locate(c.url); err == nil {
		p.Host = at.host
	}
	return p
}

// mostDrafted is how many cases, and how many drafts without a recipient, are taken up at once.
const mostDrafted = 1000

// point is how far planning has come: the open cases, then the drafts without a recipient, each in the order of their making.
type point struct {
	caseAt, noticeAt int64
	caseID, noticeID string
	end              bool
}

// draftsDue returns the next of what is due after a point, and how far that is.
func (d *Docket) draftsDue(tx *store.Tx, after point) (out []due, at point, err error) {
	at = after
	where := `WHERE c.state = 'open' AND (c.created, c.id) > (?, ?) AND ` + unnoticed
	if d.o.RejectionLimit > 0 {
		where += ` AND NOT ` + doubted
	}
	// Which they are is read from an index alone.
	cases, err := queryCases(tx, `JOIN (SELECT c.id FROM cases c INDEXED BY cases_open `+where+` ORDER BY c.created, c.id LIMIT ?) p ON p.id = c.id ORDER BY c.created, c.id`,
		after.caseAt, after.caseID, mostDrafted)
	if err != nil {
		return nil, at, err
	}
	for _, c := range cases {
		at.caseAt, at.caseID = store.Millis(c.created), c.id
		waits, err := d.awaitsLook(tx, c)
		if err != nil {
			return nil, at, err
		}
		if !waits {
			out = append(out, due{c: c})
		}
	}
	asked, some, err := d.toAsk(tx, &at)
	if err != nil {
		return nil, at, err
	}
	at.end = len(cases) < mostDrafted && asked < mostDrafted
	return append(out, some...), at, nil
}

// toAsk returns the drafts without a recipient whose place is due to be asked again, and how many were looked at from a point on.
func (d *Docket) toAsk(tx *store.Tx, at *point) (n int, out []due, err error) {
	ids, n, err := d.dueToAsk(tx, at)
	if err != nil {
		return 0, nil, err
	}
	for _, id := range ids {
		n, err := loadNotice(tx, id)
		if err != nil {
			return 0, nil, err
		}
		c, err := loadCase(tx, n.caseID)
		if err != nil {
			return 0, nil, err
		}
		out = append(out, due{c: c, notice: id})
	}
	return n, out, nil
}

func (d *Docket) dueToAsk(tx *store.Tx, at *point) (ids []string, n int, err error) {
	rows, err := tx.Query(`SELECT n.id, n.created, COALESCE(k.fetched, 0) FROM notices n INDEXED BY notices_unaddressed CROSS JOIN cases c ON c.id = n.case_id
		LEFT JOIN contacts k ON k.case_id = n.case_id WHERE n.state = 'draft' AND n.addressed = 0 AND (n.created, n.id) > (?, ?)
		AND c.state IN ('open', 'noticed') ORDER BY n.created, n.id LIMIT ?`, at.noticeAt, at.noticeID, mostDrafted)
	if err != nil {
		return nil, 0, fmt.Errorf("read drafts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); n++ {
		var fetched int64
		if err := rows.Scan(&at.noticeID, &at.noticeAt, &fetched); err != nil {
			return nil, 0, fmt.Errorf("read drafts: %w", err)
		}
		last := store.Time(fetched)
		if fetched == 0 || !d.now().Before(last.Add(askAgain(last.Sub(store.Time(at.noticeAt))))) {
			ids = append(ids, at.noticeID)
		}
	}
	return ids, n, rows.Err()
}

// draftGroup writes what is due at one host.
func (d *Docket) draftGroup(ctx context.Context, group []due) (n int, err error) {
	var found []contact.Found
	if d.o.Ladder != nil {
		found = d.find(ctx, placeOf(group[0].c))
	}
	best, _ := pick(found)
	for _, letter := range d.letters(group, best) {
		if ctx.Err() != nil {
			return n, errors.Join(err, ctx.Err())
		}
		var wrote bool
		one := d.write(ctx, "draft notice", func(tx *store.Tx) (err error) {
			for _, x := range letter {
				if err = d.saveContacts(tx, x.c.id, found); err != nil {
					return err
				}
			}
			if letter[0].notice != "" {
				wrote, err = d.address(tx, letter[0].notice, found)
			} else {
				wrote, err = d.first(tx, letter, best)
			}
			return err
		})
		if one != nil {
			err = errors.Join(err, fmt.Errorf("case %s: %w", letter[0].c.id, one))
		} else if wrote {
			n++
		}
	}
	return n, err
}

// letters says which of the cases due at one host share a notice: those of one leak that nobody was told of before, where the
// recipient takes several addresses in one message.
func (d *Docket) letters(group []due, to contact.Found) [][]due {
	var out [][]due
	open := map[string]int{} // by leak: the letter that takes more
	for _, x := range group {
		if x.notice != "" || !d.joins(x.c, to) {
			out = append(out, []due{x})
			continue
		}
		if i, ok := open[x.c.leak]; ok && len(out[i]) < mostLocations {
			out[i] = append(out[i], x)
			continue
		}
		open[x.c.leak] = len(out)
		out = append(out, []due{x})
	}
	return out
}

// joins says whether a case may share a notice with others. An address that holds an identifier, or a key, needs counsel's own
// look; a case that came back continues the conversation about it.
func (d *Docket) joins(c *caseRec, to contact.Found) bool {
	if _, hand := byForm(to.Email); hand || to.Email == "" || to.Profile.OneURL || c.reopened > 0 || c.ticket != "" || notice.CarriesSecret(c.url) {
		return false
	}
	return len(segments(c.url, d.o.Guard(c.url))) == 0
}

// first writes the first notice of a round about the cases that still lack one, or adds them to a draft to the same recipient that
// nobody has touched.
func (d *Docket) first(tx *store.Tx, letter []due, to contact.Found) (bool, error) {
	var cases []*caseRec
	for _, x := range letter {
		c, err := loadCase(tx, x.c.id)
		if err != nil {
			return false, err
		}
		var has bool
		err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM notice_cases WHERE case_id = ? AND round = ? AND kind = 'notice' AND state = 'in')`,
			c.id, c.reopened).Scan(&has)
		if err != nil {
			return false, fmt.Errorf("read notices of %s: %w", c.id, err)
		}
		doubt, err := d.inDoubt(tx, c, to.Email)
		if err != nil {
			return false, err
		}
		if !has && c.state == CaseOpen && !c.disputed && !doubt {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return false, nil
	}
	if d.joins(cases[0], to) {
		n, err := d.gathering(tx, cases[0].leak, to.Email, len(cases))
		if err != nil {
			return false, err
		}
		if n != nil {
			return true, d.join(tx, n, cases)
		}
	}
	_, err := d.begin(tx, opening{kind: KindNotice, cases: cases, to: to, why: "Composed for the case."})
	return err == nil, err
}

// gatherFor is how long a draft takes up further addresses of the same leak at the same recipient.
const gatherFor = time.Hour

// untouched selects notices n that are as the program wrote them: neither their words nor their language, law or recipient are a
// person's, and nobody has given the first of two approvals, which a further address would undo.
const untouched = `n.by_person = 0 AND NOT EXISTS (SELECT 1 FROM notice_versions v WHERE v.notice_id = n.id AND v.actor <> 'system')
	AND NOT EXISTS (SELECT 1 FROM notice_yes y WHERE y.notice_id = n.id AND y.digest = n.digest)`

// gathering returns a young draft to that recipient that no person has touched and that has room for so many cases; nil when there
// is none.
func (d *Docket) gathering(tx *store.Tx, leak, email string, room int) (*noticeRec, error) {
	n, err := scanNotice(tx, tx.QueryRow(`SELECT `+noticeColumns+` FROM notices n JOIN cases c ON c.id = n.case_id
		WHERE n.recipient_key = ? AND n.state = 'draft' AND n.kind = 'notice' AND `+untouched+` AND n.created > ? AND c.leak = ?
		AND n.round = 0 AND c.disputed = 0 AND (SELECT COUNT(*) FROM notice_cases x WHERE x.notice_id = n.id AND x.state = 'in') <= ?
		ORDER BY n.created LIMIT 1`, recipientKey(tx, email), store.Millis(d.now().Add(-gatherFor)), leak, mostLocations-room))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a draft to join: %w", err)
	}
	if first, err := loadCase(tx, n.caseID); err != nil || len(segments(first.url, d.o.Guard(first.url))) > 0 || notice.CarriesSecret(first.url) {
		return nil, err // counsel decides about that address alone
	}
	return n, nil
}

// join adds cases to a draft by a new version.
func (d *Docket) join(tx *store.Tx, n *noticeRec, cases []*caseRec) error {
	all, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	v, err := loadVersion(tx, n.id, n.version)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if err := n.include(tx, c); err != nil {
			return err
		}
	}
	fresh, err := d.facts(tx, append(all, cases...))
	if err != nil {
		return err
	}
	fresh.Ticket, fresh.Language, fresh.Regime, fresh.Act = v.Facts.Ticket, v.Facts.Language, v.Facts.Regime, v.Facts.Act
	fresh.StatusURL, fresh.RecipientName, fresh.RecipientKind = v.Facts.StatusURL, v.Facts.RecipientName, v.Facts.RecipientKind
	v.Facts, v.Cases = fresh, ids(append(all, cases...))
	if err := d.draw(tx, &v, cases[0].leak); err != nil {
		return err
	}
	if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return fmt.Errorf("compose notice: %w", err)
	}
	return d.writeVersion(tx, n, v, System)
}

func ids(cases []*caseRec) []string {
	out := make([]string, 0, len(cases))
	for _, c := range cases {
		out = append(out, c.id)
	}
	return out
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
	c, err := loadCase(tx, n.caseID)
	if err != nil {
		return false, err
	}
	if merged, err := d.merge(tx, n, c, best); err != nil || merged {
		return merged, err
	}
	if err := d.drawAndAim(tx, &v, c.leak, best); err != nil {
		return false, err
	}
	if err := d.thread(tx, v.Cases, &v.Envelope); err != nil {
		return false, err
	}
	if n.byPerson {
		v.Facts.Language = language
	} else if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return false, fmt.Errorf("compose notice: %w", err)
	}
	return true, d.writeVersion(tx, n, v, System)
}
