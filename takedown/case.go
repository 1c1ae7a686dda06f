package takedown

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"unmirror/store"
)

// caseRec is a row of cases, opened.
type caseRec struct {
	id                   string
	state                CaseState
	created, updated     time.Time
	leak                 string
	url, place, ip       string
	siteContact          string
	source               string
	best                 string // id of the strongest sighting
	grade, verdict       string
	bits, coverage       float64
	passages, subjects   int
	categories           []string
	inArchive, triageDue bool
	reopened             int
	confirmed            bool
	ticket               string
	goneChecks           int
	goneElsewhere        int // of them, those that a second network exit confirmed
	countedAt, checkedAt time.Time
	watch                int
	nextCheck            time.Time
	liveAt               time.Time // when it was last seen live
	planFrom             time.Time // since when looks thin out
	followAt             time.Time // when follow-up may be due; zero: nothing planned
	disputed             bool
	cdn                  string // the content delivery network that the answer's head named, by id
}

const caseColumns = `c.id, c.state, c.created, c.updated, c.leak, c.url, c.place, c.ip, c.site_contact, c.source, c.best,
	c.grade, c.verdict, c.bits, c.coverage, c.passages, c.subjects, c.categories, c.in_archive, c.triage_due, c.reopened,
	c.confirmed, COALESCE(c.ticket, ''), c.gone_checks, c.counted_at, c.checked_at, c.watch, c.next_check, c.gone_elsewhere,
	c.live_at, c.plan_from, c.follow_at, c.disputed, c.cdn`

// scanner is a row, or rows.
type scanner interface{ Scan(dest ...any) error }

func scanCase(tx *store.Tx, s scanner) (*caseRec, error) {
	var c caseRec
	var created, updated, counted, checked, next, live, from, follow int64
	var url, place, ip, contact []byte
	var categories string
	if err := s.Scan(&c.id, &c.state, &created, &updated, &c.leak, &url, &place, &ip, &contact, &c.source, &c.best,
		&c.grade, &c.verdict, &c.bits, &c.coverage, &c.passages, &c.subjects, &categories, &c.inArchive, &c.triageDue,
		&c.reopened, &c.confirmed, &c.ticket, &c.goneChecks, &counted, &checked, &c.watch, &next, &c.goneElsewhere,
		&live, &from, &follow, &c.disputed, &c.cdn); err != nil {
		return nil, err
	}
	c.created, c.updated, c.countedAt = store.Time(created), store.Time(updated), store.Time(counted)
	c.checkedAt, c.nextCheck = store.Time(checked), store.Time(next)
	c.liveAt, c.planFrom, c.followAt = store.Time(live), store.Time(from), store.Time(follow)
	if err := json.Unmarshal([]byte(categories), &c.categories); err != nil {
		return nil, fmt.Errorf("read categories of %s: %w", c.id, err)
	}
	for _, f := range []struct {
		context string
		sealed  []byte
		to      *string
	}{
		{"cases.url", url, &c.url}, {"cases.place", place, &c.place},
		{"cases.ip", ip, &c.ip}, {"cases.site_contact", contact, &c.siteContact},
	} {
		var err error
		if *f.to, err = tx.OpenText(f.context, f.sealed); err != nil {
			return nil, fmt.Errorf("open %s of %s: %w", f.context, c.id, err)
		}
	}
	return &c, nil
}

// loadCase returns the case of that id.
func loadCase(tx *store.Tx, id string) (*caseRec, error) {
	c, err := scanCase(tx, tx.QueryRow(`SELECT `+caseColumns+` FROM cases c WHERE c.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refuse(CodeNotFound, "There is no case "+printable(id)+".")
	}
	if err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	return c, nil
}

// caseByKey returns the case under that keyed hash, or nil.
func caseByKey(tx *store.Tx, key []byte) (*caseRec, error) {
	c, err := scanCase(tx, tx.QueryRow(`SELECT `+caseColumns+` FROM cases c WHERE c.key = ?`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	return c, nil
}

// queryCases returns the cases that the rest of the statement ("WHERE … ORDER BY …") selects.
func queryCases(tx *store.Tx, rest string, args ...any) ([]*caseRec, error) {
	rows, err := tx.Query(`SELECT `+caseColumns+` FROM cases c `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []*caseRec
	for rows.Next() {
		c, err := scanCase(tx, rows)
		if err != nil {
			return nil, fmt.Errorf("read cases: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// insertCase writes a new case and its first move.
func (d *Docket) insertCase(tx *store.Tx, c *caseRec, key []byte, why string) error {
	_, err := tx.Exec(`INSERT INTO cases (id, key, state, created, updated, leak, url, place, ip, site_contact, source, best,
		grade, verdict, bits, coverage, passages, subjects, categories, in_archive, triage_due, next_check, place_key, live_at, plan_from, cdn, no)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,(SELECT COALESCE(MAX(no), 0) + 1 FROM cases))`,
		c.id, key, c.state, store.Millis(c.created), store.Millis(c.updated), c.leak, tx.SealText("cases.url", c.url),
		tx.SealText("cases.place", c.place), sealSome(tx, "cases.ip", c.ip), sealSome(tx, "cases.site_contact", c.siteContact),
		c.source, c.best, c.grade, c.verdict, c.bits, c.coverage, c.passages, c.subjects, list(c.categories), c.inArchive,
		c.triageDue, store.Millis(c.nextCheck), tx.Lookup("cases.place_key", []byte(c.place)), store.Millis(c.liveAt), store.Millis(c.planFrom), c.cdn)
	if err != nil {
		return fmt.Errorf("open case: %w", err)
	}
	return step{of: "case", id: c.id, to: string(c.state), actor: System, at: d.now(), why: why}.record(tx, "")
}

// saveCase writes what may change besides the state and plan_from, which only moveCase writes; follow_at and disputed have writers
// of their own too.
func (d *Docket) saveCase(tx *store.Tx, c *caseRec) error {
	c.updated = d.now()
	_, err := tx.Exec(`UPDATE cases SET updated=?, ip=?, site_contact=?, source=?, best=?, grade=?, verdict=?, bits=?, coverage=?,
		passages=?, subjects=?, categories=?, in_archive=?, triage_due=?, reopened=?, confirmed=?, ticket=NULLIF(?, ''),
		gone_checks=?, counted_at=?, checked_at=?, watch=?, next_check=?, gone_elsewhere=?, live_at=?, cdn=? WHERE id=?`,
		store.Millis(c.updated), sealSome(tx, "cases.ip", c.ip), sealSome(tx, "cases.site_contact", c.siteContact), c.source, c.best,
		c.grade, c.verdict, c.bits, c.coverage, c.passages, c.subjects, list(c.categories), c.inArchive, c.triageDue, c.reopened,
		c.confirmed, c.ticket, c.goneChecks, store.Millis(c.countedAt), store.Millis(c.checkedAt), c.watch,
		store.Millis(c.nextCheck), c.goneElsewhere, store.Millis(c.liveAt), c.cdn, c.id)
	if err != nil {
		return fmt.Errorf("save case %s: %w", c.id, err)
	}
	return nil
}

// list is how a column holds words.
func list(words []string) string {
	if len(words) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(words) // strings always marshal
	return string(b)
}

// printable keeps a mistyped id from carrying anything else into a sentence.
func printable(id string) string {
	if len(id) > 40 {
		return "of that name"
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return "of that name"
		}
	}
	return id
}
