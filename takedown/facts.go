package takedown

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown/notice"
)

// nextTicket counts within a year: UM-2026-000123.
func (d *Docket) nextTicket(tx *store.Tx) (string, error) {
	year := d.now().Format("2006")
	var n int
	err := tx.QueryRow(`INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`,
		"ticket-"+year).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("count tickets: %w", err)
	}
	return fmt.Sprintf("UM-%s-%06d", year, n), nil
}

// facts gathers what a notice tells of the case, from the sighting that it stands on.
func (d *Docket) facts(tx *store.Tx, c *caseRec) (notice.Facts, error) {
	matches, kind, err := loadReport(tx, c.best)
	if err != nil {
		return notice.Facts{}, err
	}
	var seen int64
	if err := tx.QueryRow(`SELECT COALESCE(MAX(seen), 0) FROM sightings WHERE case_id = ?`, c.id).Scan(&seen); err != nil {
		return notice.Facts{}, fmt.Errorf("read sightings of %s: %w", c.id, err)
	}
	at, err := locate(c.url)
	if err != nil {
		return notice.Facts{}, err
	}
	f := notice.Facts{Ticket: c.ticket, Regime: defaultRegime, Language: "en", LeakTitle: d.o.LeakTitle(c.leak), Notifier: d.o.Notifier,
		Locations: []notice.Location{{URL: c.url, IP: c.ip, Host: at.host, Seen: store.Time(seen)}},
		Grade:     c.grade, Coverage: c.coverage, Bits: c.bits, Passages: c.passages, Subjects: c.subjects, Categories: c.categories,
		InArchive: c.inArchive, Date: d.now(), StatusURL: d.o.StatusURL(c.ticket), Exposure: exposure(kind)}
	if len(matches) > 0 {
		f.FileType = d.o.FileType(matches[0].FileID)
	}
	return f, nil
}

// exposure is XARF's word for how content of a kind of source is exposed.
func exposure(kind string) string {
	switch kind {
	case "directory":
		return "open_directory"
	case "haste", "listing", "pastebin", "feed":
		return "paste_site"
	}
	return "other"
}

// loadReport returns a sighting's matches and the kind of its source.
func loadReport(tx *store.Tx, sighting string) (matches []match.Match, kind string, err error) {
	var sealed []byte
	if err = tx.QueryRow(`SELECT report, kind FROM sightings WHERE id = ?`, sighting).Scan(&sealed, &kind); err != nil {
		return nil, "", fmt.Errorf("read sighting: %w", err)
	}
	plain, err := tx.Open("sightings.report", sealed)
	if err == nil {
		err = json.Unmarshal(plain, &matches)
	}
	if err != nil {
		return nil, "", fmt.Errorf("open sighting: %w", err)
	}
	return matches, kind, nil
}

// thread continues the conversation of an earlier round, so that the recipient sees that it came back.
func (d *Docket) thread(tx *store.Tx, c *caseRec, e *notice.Envelope) error {
	rows, err := tx.Query(`SELECT id, version FROM notices WHERE case_id = ? AND state = 'sent' ORDER BY round DESC, updated DESC LIMIT 1`, c.id)
	if err != nil {
		return fmt.Errorf("read thread: %w", err)
	}
	var id string
	var number int
	if rows.Next() {
		err = rows.Scan(&id, &number)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil || id == "" {
		return err
	}
	last, err := loadVersion(tx, id, number)
	if err != nil {
		return err
	}
	e.InReplyTo = last.Envelope.MessageID
	e.References = append(slices.Clone(last.Envelope.References), last.Envelope.MessageID)
	return nil
}
