package takedown

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown/contact"
)

// Observe takes a sighting into the docket: it opens, extends or reopens one case for each leak in the report and
// stores what evidence is to be kept, in one transaction. It is idempotent by leak, URL and content digest; known
// says that all of it was there before. Once it returned nil the sighting survives any crash.
func (d *Docket) Observe(ctx context.Context, s Sighting) (known bool, err error) {
	if s.Report.Verdict != match.Matched && s.Report.Verdict != match.Weak || len(s.Report.Matches) == 0 {
		return false, refuse(CodeInvalid, "Only a match or a weak match is a sighting.")
	}
	at, err := locate(s.URL)
	if err != nil {
		return false, err
	}
	s.URL = at.url
	if s.Found.IsZero() {
		s.Found = d.now()
	}
	var keep []string
	err = d.write(ctx, "observe sighting", func(tx *store.Tx) error {
		known, keep = true, nil
		for _, w := range weigh(s.Report, d.o.NoticeBits) {
			seen, evidence, err := d.observeLeak(tx, s, at, w)
			if err != nil {
				return err
			}
			known = known && seen
			if evidence != "" {
				keep = append(keep, evidence)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	d.keepNow(ctx, keep)
	return known, nil
}

// observeLeak does Observe for one leak of the report; it returns the evidence row that waits to be kept, if any.
func (d *Docket) observeLeak(tx *store.Tx, s Sighting, at spot, w weighed) (known bool, evidence string, err error) {
	// The place of an address can change with the list of public suffixes: what was sighted before stays with its case.
	c, err := d.touchSighting(tx, s, w)
	if err != nil {
		return false, "", err
	}
	known = c != nil
	key := tx.Lookup("cases.key", []byte(w.leak+"\x00"+at.place+"\x00"+at.url))
	if !known {
		if c, err = caseByKey(tx, key); err != nil {
			return false, "", err
		}
	}
	id := store.NewID("sighting")
	if c == nil {
		c = d.newCase(s, at, w, id)
		if err := d.insertCase(tx, c, key, firstReason(w)); err != nil {
			return false, "", err
		}
		if err := d.insertSighting(tx, id, c.id, s, w); err != nil {
			return false, "", err
		}
		evidence, err = d.intend(tx, c, sighted{kind: "first capture", capture: s.Capture, matches: w.matches, content: s.Report.Digest})
		return false, evidence, err
	}
	if !known {
		if err := d.insertSighting(tx, id, c.id, s, w); err != nil {
			return false, "", err
		}
	}
	evidence, err = d.extend(tx, c, s, w, id, known)
	return known, evidence, err
}

func firstReason(w weighed) string {
	if why := w.triage(); why != "" {
		return why
	}
	return "Known content was found."
}

// newCase makes the case that a first sighting opens.
func (d *Docket) newCase(s Sighting, at spot, w weighed, sighting string) *caseRec {
	now := d.now()
	c := &caseRec{id: store.NewID("case"), state: CaseOpen, created: now, updated: now, leak: w.leak, url: at.url, place: at.place,
		nextCheck: now.Add(d.slack(d.o.RecheckEvery)), planFrom: now, liveAt: s.Found}
	if w.triage() != "" {
		c.state, c.triageDue = CaseTriage, true
	}
	c.learn(s, w, sighting)
	return c
}

// learn makes w what the case stands on.
func (c *caseRec) learn(s Sighting, w weighed, sighting string) {
	c.best, c.grade, c.verdict = sighting, string(w.best.Grade), string(w.verdict)
	c.bits, c.coverage, c.passages = w.best.Bits, w.best.Coverage, w.passages
	c.subjects, c.categories, c.inArchive = w.subjects, w.categories, w.inArchive
	c.meet(s)
}

// meet notes who served it last.
func (c *caseRec) meet(s Sighting) {
	c.source = s.Source
	if s.Capture.IP != "" {
		c.ip = s.Capture.IP
	}
	if s.Capture.ResponseHead != "" {
		c.cdn = contact.Behind(s.Capture.ResponseHead)
	}
	if s.SiteContact != "" {
		c.siteContact = s.SiteContact
	}
}

// extend adds a sighting to its case and moves the case where that makes it live again, or more than it was.
func (d *Docket) extend(tx *store.Tx, c *caseRec, s Sighting, w weighed, id string, known bool) (evidence string, err error) {
	strong := w.verdict == match.Matched
	if c.state == CaseGone && !strong {
		if _, strong, err = sightedContent(tx, c, s.Report.Digest); err != nil {
			return "", err
		}
	}
	more := !known && w.stronger(c)
	grown := more && (w.verdict == match.Matched && c.verdict != string(match.Matched) || w.subjects > c.subjects)
	if more {
		c.learn(s, w, id)
	}
	// A sweep may hand over what it fetched before the last look: that says nothing about now.
	live := s.Found.After(c.checkedAt)
	before := c.state
	switch {
	case c.state == CaseTriage && !known && w.triage() == "":
		c.triageDue = false
		var to CaseState
		if to, err = openOrNoticed(tx, c); err != nil {
			return "", err
		}
		err = d.moveCase(tx, c, to, System, "A further sighting is a match that needs no triage.")
	case c.state == CaseVanishing && live:
		err = d.putBack(tx, c, "A sweep found it live again.")
	case c.state == CaseGone && live && strong:
		err = d.reopen(tx, c, "A sweep found it live again.")
	case c.state == CaseDismissed && grown:
		c.triageDue = true
		c.nextCheck = d.now().Add(d.slack(d.o.RecheckEvery))
		err = d.moveCase(tx, c, CaseTriage, System, "More of the leak was found at the same place.")
	}
	if err != nil {
		return "", err
	}
	if live {
		c.liveAt = later(c.liveAt, s.Found)
	}
	if !more && c.state == before {
		return "", c.seen(tx) // the usual case of each sweep: seen again, nothing new
	}
	if live {
		c.meet(s)
	}
	if err := d.saveCase(tx, c); err != nil || c.state == before {
		return "", err
	}
	return d.intend(tx, c, sighted{kind: "seen again", capture: s.Capture, matches: w.matches, content: s.Report.Digest})
}

// seen keeps when the case was last seen live, and nothing else.
func (c *caseRec) seen(tx *store.Tx) error {
	if _, err := tx.Exec(`UPDATE cases SET live_at = MAX(live_at, ?) WHERE id = ?`, store.Millis(c.liveAt), c.id); err != nil {
		return fmt.Errorf("note that case %s is live: %w", c.id, err)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sightingKey(tx *store.Tx, s Sighting, w weighed) []byte {
	return tx.Lookup("sightings.key", []byte(w.leak+"\x00"+s.URL+"\x00"+s.Report.Digest))
}

// touchSighting notes that a known sighting was seen again, and returns its case; nil when it is not known.
func (d *Docket) touchSighting(tx *store.Tx, s Sighting, w weighed) (*caseRec, error) {
	var id string
	err := tx.QueryRow(`UPDATE sightings SET seen = MAX(seen, ?), times = times + 1 WHERE key = ? RETURNING case_id`,
		store.Millis(s.Found), sightingKey(tx, s, w)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("touch sighting: %w", err)
	}
	return loadCase(tx, id)
}

func (d *Docket) insertSighting(tx *store.Tx, id, caseID string, s Sighting, w weighed) error {
	report, err := json.Marshal(w.matches)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	now := store.Millis(d.now())
	_, err = tx.Exec(`INSERT INTO sightings (id, key, case_id, created, seen, leak, source, kind, url, digest, grade, verdict, bits, report)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, id, sightingKey(tx, s, w), caseID, now, store.Millis(s.Found), w.leak, s.Source, s.Kind,
		tx.SealText("sightings.url", s.URL), s.Report.Digest, string(w.best.Grade), string(w.verdict), w.best.Bits,
		tx.Seal("sightings.report", report))
	if err != nil {
		return fmt.Errorf("insert sighting: %w", err)
	}
	return nil
}

// putBack returns a vanishing case to where it was: it is live.
func (d *Docket) putBack(tx *store.Tx, c *caseRec, why string) error {
	c.goneChecks, c.goneElsewhere, c.countedAt = 0, 0, store.Time(0)
	to, err := openOrNoticed(tx, c)
	if err != nil {
		return err
	}
	if c.triageDue {
		to = CaseTriage
	}
	return d.moveCase(tx, c, to, System, why)
}

// openOrNoticed is where a live case stands that counsel calls a wrong: noticed when a notice of this round went out.
func openOrNoticed(tx *store.Tx, c *caseRec) (CaseState, error) {
	var told bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM notice_cases x JOIN notices n ON n.id = x.notice_id WHERE x.case_id = ? AND x.round = ?
		AND x.state = 'in' AND n.state = 'sent' AND n.kind <> 'retraction' AND n.withdrawn = '')`, c.id, c.reopened).Scan(&told)
	if err != nil {
		return "", fmt.Errorf("read notices of case: %w", err)
	}
	if told {
		return CaseNoticed, nil
	}
	return CaseOpen, nil
}

// reopen takes a gone case up again: a new round, in which a new notice is drafted.
func (d *Docket) reopen(tx *store.Tx, c *caseRec, why string) error {
	c.reopened++
	c.goneChecks, c.goneElsewhere, c.countedAt, c.watch = 0, 0, store.Time(0), 0
	c.nextCheck = d.now().Add(d.slack(d.o.RecheckEvery))
	to := CaseOpen
	if c.triageDue {
		to = CaseTriage
	}
	if err := d.moveCase(tx, c, to, System, why); err != nil {
		return err
	}
	if !c.confirmed {
		return nil // subscribers hear only of what counsel confirmed
	}
	return d.tell(tx, c, "back", "")
}

// tell writes one row of news, from which alerts are made. The host is named only once the content is gone.
func (d *Docket) tell(tx *store.Tx, c *caseRec, kind, host string) error {
	var sealed []byte
	if host != "" {
		sealed = tx.SealText("news.host", host)
	}
	_, err := tx.Exec(`INSERT INTO news (id, created, leak, case_id, kind, host, told) VALUES (?,?,?,?,?,?,0)`,
		store.NewID("news"), store.Millis(d.now()), c.leak, c.id, kind, sealed)
	if err != nil {
		return fmt.Errorf("write news: %w", err)
	}
	return nil
}
