package takedown

import (
	"database/sql"
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

// facts gathers what a notice tells of its cases, each from the sighting that it stands on. The first one speaks for the notice as a
// whole.
func (d *Docket) facts(tx *store.Tx, cases []*caseRec) (notice.Facts, error) {
	var f notice.Facts
	var first notice.Recognition
	for i, c := range cases {
		matches, kind, err := loadReport(tx, c.best)
		if err != nil {
			return f, err
		}
		l, err := location(tx, c)
		if err != nil {
			return f, err
		}
		how := notice.Recognition{Grade: c.grade, Coverage: c.coverage, Bits: c.bits, Passages: c.passages, InArchive: c.inArchive}
		if len(matches) > 0 {
			how.FileType = d.o.FileType(matches[0].FileID)
		}
		if i == 0 {
			first = how
			f = notice.Facts{Language: "en", LeakTitle: d.o.LeakTitle(c.leak), Notifier: d.o.Notifier, Grade: c.grade, FileType: how.FileType,
				Coverage: c.coverage, Bits: c.bits, Passages: c.passages, Subjects: c.subjects, InArchive: c.inArchive, Date: d.now(),
				Exposure: exposure(kind)}
		} else if f.Exposure != exposure(kind) {
			f.Exposure = exposure("")
		}
		if how != first {
			l.How = &how
		}
		f.Locations = append(f.Locations, l)
		// Two places may hold the same persons: their numbers never add up.
		f.Subjects = max(f.Subjects, c.subjects)
		for _, category := range c.categories {
			if !slices.Contains(f.Categories, category) {
				f.Categories = append(f.Categories, category)
			}
		}
	}
	slices.Sort(f.Categories)
	var err error
	f.Inspected, err = inspectedAll(tx, ids(cases))
	return f, err
}

// location is one case's address as a notice tells it.
func location(tx *store.Tx, c *caseRec) (notice.Location, error) {
	var seen int64
	if err := tx.QueryRow(`SELECT COALESCE(MAX(seen), 0) FROM sightings WHERE case_id = ?`, c.id).Scan(&seen); err != nil {
		return notice.Location{}, fmt.Errorf("read sightings of %s: %w", c.id, err)
	}
	at, err := locate(c.url)
	if err != nil {
		return notice.Location{}, err
	}
	l := notice.Location{URL: c.url, IP: c.ip, Host: at.host, Seen: store.Time(seen)}
	if c.liveAt.After(l.Seen) {
		l.Seen = c.liveAt
	}
	return l, nil
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

// thread continues the conversation with this recipient about any of these cases, so that they see what it is about.
func (d *Docket) thread(tx *store.Tx, cases []string, e *notice.Envelope) error {
	e.InReplyTo, e.References = "", nil
	var last *noticeRec
	for _, id := range cases {
		n, err := scanNotice(tx, tx.QueryRow(`SELECT `+noticeColumns+` FROM notices n JOIN notice_cases x ON x.notice_id = n.id
			WHERE x.case_id = ? AND n.state = 'sent' AND n.recipient_key = ? ORDER BY n.sent_at DESC, n.updated DESC LIMIT 1`,
			id, recipientKey(tx, e.To)))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read thread: %w", err)
		}
		if err == nil && (last == nil || n.sentAt.After(last.sentAt)) {
			last = n
		}
	}
	if last == nil || e.To == "" {
		return nil
	}
	v, err := loadVersion(tx, last.id, last.version)
	if err != nil {
		return err
	}
	e.InReplyTo = v.Envelope.MessageID
	e.References = append(slices.Clone(v.Envelope.References), v.Envelope.MessageID)
	return nil
}
