package takedown

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown/contact"
)

// CaseFilter narrows Cases. Empty fields do not; Limit 0 means all.
type CaseFilter struct {
	State  CaseState
	Leak   string
	Limit  int
	Offset int
}

// Cases lists cases, the one that changed last first.
func (d *Docket) Cases(ctx context.Context, f CaseFilter) (rows []CaseRow, err error) {
	err = d.read(ctx, "list cases", func(tx *store.Tx) error {
		var where []string
		var args []any
		if f.State != "" {
			where, args = append(where, "c.state = ?"), append(args, string(f.State))
		}
		if f.Leak != "" {
			where, args = append(where, "c.leak = ?"), append(args, f.Leak)
		}
		rest := ""
		if len(where) > 0 {
			rest = "WHERE " + strings.Join(where, " AND ") + " "
		}
		args = append(args, noLimit(f.Limit), f.Offset)
		// What is passed over on the way to a page is read from an index alone.
		cases, err := queryCases(tx, `JOIN (SELECT c.id FROM cases c `+rest+`ORDER BY c.updated DESC, c.id LIMIT ? OFFSET ?) p ON p.id = c.id
			ORDER BY c.updated DESC, c.id`, args...)
		for _, c := range cases {
			rows = append(rows, d.caseRow(c))
		}
		return err
	})
	return rows, err
}

// noLimit is how SQLite says all.
func noLimit(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

func (d *Docket) caseRow(c *caseRec) CaseRow {
	return CaseRow{ID: c.id, State: c.state, Created: c.created, Leak: c.leak, URL: d.redact(c.url), Place: d.redact(c.place), Grade: c.grade,
		Verdict: c.verdict, Bits: c.bits, Subjects: c.subjects, Updated: c.updated, Reopened: c.reopened, Disputed: c.disputed,
		GoneForUs: d.forUs(c)}
}

// Case returns everything that the case page shows; ErrNotFound when there is none of that id.
func (d *Docket) Case(ctx context.Context, id string) (*CaseFile, error) {
	var f *CaseFile
	err := d.read(ctx, "read case", func(tx *store.Tx) error {
		c, err := loadCase(tx, id)
		if err != nil {
			return err
		}
		f = &CaseFile{CaseRow: d.caseRow(c), Coverage: c.coverage, Passages: c.passages, Categories: c.categories, Source: c.source,
			GoneChecks: c.goneChecks, GoneNeeded: d.o.GoneChecks, GoneElsewhere: c.goneElsewhere, NextCheck: c.nextCheck,
			LastLive: c.liveAt, NextFollowUp: c.followAt}
		return d.fillCase(tx, c, f)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *Docket) fillCase(tx *store.Tx, c *caseRec, f *CaseFile) error {
	matches, _, err := loadReport(tx, c.best)
	if err != nil {
		return err
	}
	f.Matches, f.FileIDs = d.matchRows(matches)
	if len(matches) > 0 {
		f.Spans = matches[0].Spans
	}
	if f.History, err = history(tx, c.id); err != nil {
		return err
	}
	if n := len(f.History); n > 0 {
		f.Reason = f.History[n-1].Why
	}
	found, err := d.contacts(tx, c.id)
	if err != nil {
		return err
	}
	f.Contacts = rowsOf(found)
	for _, x := range found {
		if len(x.Systems) > 0 {
			f.Systems, f.SystemsSeen = x.Systems, x.Fetched
			break
		}
	}
	if f.EvidenceHold, err = evidenceHold(tx, c.id); err != nil {
		return err
	}
	f.EvidenceHold.Reason = d.redactText(f.EvidenceHold.Reason)
	if f.Sightings, err = d.sightingRows(tx, `WHERE case_id = ? ORDER BY seen DESC, id`, c.id); err != nil {
		return err
	}
	if f.Notices, err = d.noticeRows(tx, `WHERE n.id IN (SELECT notice_id FROM notice_cases WHERE case_id = ?) ORDER BY n.created, n.id`, c.id); err != nil {
		return err
	}
	if f.Checks, err = checkRows(tx, c.id); err != nil {
		return err
	}
	if f.Disputes, err = disputeRows(tx, c.id); err != nil {
		return err
	}
	if f.Inspections, err = d.inspections(tx, c.id); err != nil {
		return err
	}
	if f.Host, err = hostRecord(tx, c); err != nil {
		return err
	}
	f.Evidence, err = evidenceRows(tx, c.id)
	return err
}

// hostRecord counts what became of everything found at the case's place.
func hostRecord(tx *store.Tx, c *caseRec) (h HostRecord, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(cases), 0), COALESCE(SUM(gone), 0), COALESCE(SUM(returned), 0), COALESCE(SUM(times), 0)
		FROM places WHERE key = ?`, tx.Lookup("cases.place_key", []byte(c.place))).Scan(&h.Cases, &h.Gone, &h.Returned, &h.Times)
	if err != nil {
		return h, fmt.Errorf("read record of the place: %w", err)
	}
	return h, nil
}

// matchRows explains matches by opaque ids alone.
func (d *Docket) matchRows(matches []match.Match) (rows []MatchRow, fileIDs []string) {
	for _, m := range matches {
		rows = append(rows, MatchRow{Grade: string(m.Grade), FileID: m.FileID, FileType: d.o.FileType(m.FileID), Bits: m.Bits,
			Coverage: m.Coverage, Passages: m.Passages, Spans: m.Spans, Rows: m.Rows, RowsFound: m.RowsFound, Cells: m.Cells, Subjects: m.Subjects,
			Categories: m.Categories, Pages: m.Pages, InArchive: m.Inside()})
		if !slices.Contains(fileIDs, m.FileID) {
			fileIDs = append(fileIDs, m.FileID)
		}
	}
	return rows, fileIDs
}

func (d *Docket) contactRows(tx *store.Tx, caseID string) ([]ContactRow, error) {
	found, err := d.contacts(tx, caseID)
	return rowsOf(found), err
}

func rowsOf(found []contact.Found) (rows []ContactRow) {
	for _, f := range found {
		source := f.Source
		if f.Where != "" {
			source += " (" + f.Where + ")"
		}
		if _, hand := byForm(f.Email); hand {
			f.Email = ""
		}
		rows = append(rows, ContactRow{Email: f.Email, Name: f.Name, Kind: f.Kind, Language: f.Language, Source: source, Fetched: f.Fetched,
			Confidence: f.Confidence, Skipped: f.Skipped, Form: formOf(f.Profile), Wants: f.Profile.Wants, Unconfirmed: f.Profile.Unconfirmed,
			TellsOwner: f.Profile.TellsOwner})
	}
	return rows
}

// formOf is the form by which alone a recipient takes notices, "" where it takes mail.
func formOf(p contact.Profile) string {
	if p.Channel == contact.ChannelForm {
		return p.Form
	}
	return ""
}

// Sightings lists what was found, the one seen last first.
func (d *Docket) Sightings(ctx context.Context) (rows []SightingRow, err error) {
	err = d.read(ctx, "list sightings", func(tx *store.Tx) error {
		rows, err = d.sightingRows(tx, `ORDER BY seen DESC, id`)
		return err
	})
	return rows, err
}

func (d *Docket) sightingRows(tx *store.Tx, rest string, args ...any) ([]SightingRow, error) {
	rows, err := tx.Query(`SELECT id, case_id, created, seen, times, leak, source, url, digest, grade, verdict, bits FROM sightings `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read sightings: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []SightingRow
	for rows.Next() {
		r := SightingRow{State: "new"}
		var created, seen int64
		var times int
		var url []byte
		if err := rows.Scan(&r.ID, &r.Case, &created, &seen, &times, &r.Leak, &r.Source, &url, &r.Digest, &r.Grade, &r.Verdict, &r.Bits); err != nil {
			return nil, fmt.Errorf("read sightings: %w", err)
		}
		if times > 1 {
			r.State = "known"
		}
		plain, err := tx.OpenText("sightings.url", url)
		if err != nil {
			return nil, fmt.Errorf("open sighting %s: %w", r.ID, err)
		}
		r.Created, r.Seen, r.URL = store.Time(created), store.Time(seen), d.redact(plain)
		out = append(out, r)
	}
	return out, rows.Err()
}

func checkRows(tx *store.Tx, caseID string) ([]CheckRow, error) {
	rows, err := tx.Query(`SELECT at, outcome, reason, exits FROM checks WHERE case_no = (SELECT no FROM cases WHERE id = ?) ORDER BY id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []CheckRow
	for rows.Next() {
		var r CheckRow
		var at int64
		var reason []byte
		var exits string
		if err := rows.Scan(&at, &r.Outcome, &reason, &exits); err != nil {
			return nil, fmt.Errorf("read checks: %w", err)
		}
		r.SeenFrom = strings.Fields(exits)
		if r.Reason, err = openSaid(tx, "checks.reason", reason); err != nil {
			return nil, fmt.Errorf("open check: %w", err)
		}
		r.At = store.Time(at)
		out = append(out, r)
	}
	return out, rows.Err()
}

func evidenceRows(tx *store.Tx, caseID string) ([]EvidenceRow, error) {
	rows, err := tx.Query(`SELECT id, created, kind, state, bytes, digest, missing, stamped, deleted FROM evidence WHERE case_id = ? ORDER BY created, id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []EvidenceRow
	for rows.Next() {
		var r EvidenceRow
		var at int64
		var state string
		var stamped, deleted int64
		if err := rows.Scan(&r.ID, &at, &r.Kind, &state, &r.Bytes, &r.Digest, &r.Missing, &stamped, &deleted); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		r.Stamped, r.Deleted = store.Time(stamped), store.Time(deleted)
		if state == "pending" {
			r.Missing = "It is not yet on disk and will be written with the next run."
		}
		if deleted > 0 {
			r.Missing = "It was deleted when its keeping time was over."
		}
		r.At = store.Time(at)
		out = append(out, r)
	}
	return out, rows.Err()
}
