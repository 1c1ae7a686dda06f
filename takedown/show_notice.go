package takedown

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// NoticeFilter narrows Notices. Empty fields do not; Limit 0 means all.
type NoticeFilter struct {
	State  NoticeState
	Case   string // also among several
	Kind   NoticeKind
	Limit  int
	Offset int
}

// Notices lists notices, the one that changed last first.
func (d *Docket) Notices(ctx context.Context, f NoticeFilter) (rows []NoticeRow, err error) {
	err = d.read(ctx, "list notices", func(tx *store.Tx) error {
		var where []string
		var args []any
		if f.State != "" {
			where, args = append(where, "n.state = ?"), append(args, string(f.State))
		}
		if f.Case != "" {
			where, args = append(where, "n.id IN (SELECT notice_id FROM notice_cases WHERE case_id = ?)"), append(args, f.Case)
		}
		if f.Kind != "" {
			where, args = append(where, "n.kind = ?"), append(args, string(f.Kind))
		}
		rest := ""
		if len(where) > 0 {
			rest = "WHERE " + strings.Join(where, " AND ") + " "
		}
		args = append(args, noLimit(f.Limit), f.Offset)
		// What is passed over on the way to a page is read from an index alone.
		rows, err = d.noticeRows(tx, `JOIN (SELECT n.id FROM notices n `+rest+`ORDER BY n.updated DESC, n.id LIMIT ? OFFSET ?) p ON p.id = n.id
			ORDER BY n.updated DESC, n.id`, args...)
		return err
	})
	return rows, err
}

func (d *Docket) noticeRows(tx *store.Tx, rest string, args ...any) ([]NoticeRow, error) {
	rows, err := tx.Query(`SELECT `+noticeColumns+`, c.leak, c.place,
		(SELECT GROUP_CONCAT(case_id, ' ') FROM notice_cases x WHERE x.notice_id = n.id AND x.state = 'in') FROM notices n JOIN cases c ON c.id = n.case_id `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []NoticeRow
	for rows.Next() {
		var leak string
		var sealed []byte
		var cases sql.NullString
		n, err := scanNotice(tx, rows, &leak, &sealed, &cases)
		if err != nil {
			return nil, fmt.Errorf("read notices: %w", err)
		}
		place, err := tx.OpenText("cases.place", sealed)
		if err != nil {
			return nil, fmt.Errorf("open place of %s: %w", n.caseID, err)
		}
		row := n.row()
		row.Leak, row.Place = leak, d.redact(place)
		if about := strings.Fields(cases.String); len(about) > 0 {
			row.Cases = about
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// row is a notice as lists show it, but for what its case knows.
func (n *noticeRec) row() NoticeRow {
	r := NoticeRow{ID: n.id, State: n.state, Created: n.created, Case: n.caseID, Cases: []string{n.caseID}, Kind: n.kind, Regime: n.regime,
		Rung: n.rung, Round: n.round, Follows: n.follows, Recipient: n.recipient, RecipientKind: n.recipientKind, Language: n.language,
		Version: n.version, Digest: n.digest, Ticket: n.ticket, Updated: n.updated, Withdrawn: n.withdrawn, Answer: n.answer}
	if !n.sentAt.IsZero() {
		r.Sent = &n.sentAt
	}
	return r
}

// Notice returns everything that the notice page shows; ErrNotFound when there is none of that id.
func (d *Docket) Notice(ctx context.Context, id string) (*NoticeFile, error) {
	var f *NoticeFile
	var v version
	err := d.read(ctx, "read notice", func(tx *store.Tx) error {
		n, err := loadNotice(tx, id)
		if err != nil {
			return err
		}
		if v, err = loadVersion(tx, n.id, n.version); err != nil {
			return err
		}
		rows, err := d.noticeRows(tx, `WHERE n.id = ?`, id)
		if err != nil || len(rows) != 1 {
			return err
		}
		f = &NoticeFile{NoticeRow: rows[0], From: v.Envelope.From, Accepted: n.accepted}
		return d.fillNotice(tx, n, f)
	})
	if err != nil {
		return nil, err
	}
	f.Subject, _ = d.show(v.Facts, v.Draft.Subject)
	f.Body, _ = d.show(v.Facts, v.Draft.Body)
	for _, r := range d.o.Law.Choices(v.Facts.RecipientKind, true, v.Facts.Act, v.Facts.Countries) {
		f.Regimes = append(f.Regimes, RegimeRow{ID: r.ID, Name: r.Name, Countries: r.Countries})
	}
	if f.Action = v.Facts.Action; f.Action == "" {
		f.Action = Actions()[0]
	}
	r := d.review(v)
	f.Missing, f.Blocked, f.LocationHits = r.missing, r.blocked, r.locationHits
	f.Unsure = notice.Unsure(d.o.Law, v.Facts)
	for _, e := range r.elements {
		text, _ := d.show(v.Facts, e.Text)
		f.Elements = append(f.Elements, ElementRow{ID: e.ID, Citation: e.Citation, Label: e.Label["en"], Labels: e.Label, Present: e.Present, Text: text})
	}
	return f, nil
}

func (d *Docket) fillNotice(tx *store.Tx, n *noticeRec, f *NoticeFile) (err error) {
	if f.History, err = history(tx, n.id); err != nil {
		return err
	}
	if k := len(f.History); k > 0 {
		f.Reason = f.History[k-1].Why
	}
	if n.state == NoticeDraft || n.state == NoticeApproved || n.state == NoticeFailed {
		if f.Unwritable, err = unwritable(tx, n.recipient); err != nil {
			return err
		}
	}
	f.NeedsTwo = d.needsTwo(n.kind)
	if f.Yes, err = yeses(tx, n); err != nil {
		return err
	}
	if f.Recipients, err = d.contactRows(tx, n.caseID); err != nil {
		return err
	}
	if f.Versions, err = versionRows(tx, n.id); err != nil {
		return err
	}
	f.Attempts, err = d.attemptRows(tx, `WHERE t.notice_id = ? ORDER BY t.created, t.id`, n.id)
	return err
}

func versionRows(tx *store.Tx, id string) ([]VersionRow, error) {
	rows, err := tx.Query(`SELECT version, created, actor, actor_name, digest FROM notice_versions WHERE notice_id = ? ORDER BY version`, id)
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []VersionRow
	for rows.Next() {
		var v VersionRow
		var at int64
		var sealed []byte
		if err := rows.Scan(&v.Version, &at, &v.Actor, &sealed, &v.Digest); err != nil {
			return nil, fmt.Errorf("read versions: %w", err)
		}
		name, err := tx.OpenText("versions.actor", sealed)
		if err != nil {
			return nil, fmt.Errorf("open version: %w", err)
		}
		if name != "" {
			v.Actor = name
		}
		v.At = store.Time(at)
		out = append(out, v)
	}
	return out, rows.Err()
}

// NoticeEML returns the bytes that are approved and sent, without the Date that sending adds. They hold the exact
// location: they are for counsel, not for a page.
func (d *Docket) NoticeEML(ctx context.Context, id string) ([]byte, error) {
	_, v, err := d.current(ctx, id)
	if err != nil {
		return nil, err
	}
	if v.mime == nil {
		return nil, &IncompleteError{Missing: d.review(v).missing}
	}
	return v.mime, nil
}

// NoticeXARF returns the notice's XARF reports, one for each location: the attached ones, or what could be handed in
// separately where the recipient takes no attachments.
func (d *Docket) NoticeXARF(ctx context.Context, id string) ([][]byte, error) {
	_, v, err := d.current(ctx, id)
	if err != nil {
		return nil, err
	}
	if v.mime != nil {
		_, _, _, attached, err := notice.Text(v.mime)
		if err != nil {
			return nil, fmt.Errorf("read reports of notice: %w", err)
		}
		if len(attached) > 0 {
			return attached, nil
		}
	}
	var out [][]byte
	for i := range v.Facts.Locations {
		report, err := notice.XARF(v.Facts, v.Envelope, i)
		if err != nil {
			return nil, fmt.Errorf("write report of notice: %w", err)
		}
		out = append(out, report)
	}
	return out, nil
}

// Attempts lists the outbox: what waits first, then what ended, newest first.
func (d *Docket) Attempts(ctx context.Context) (rows []AttemptRow, err error) {
	err = d.read(ctx, "list outbox", func(tx *store.Tx) error {
		rows, err = d.attemptRows(tx, `ORDER BY `+outboxOrder)
		return err
	})
	return rows, err
}

// outboxOrder is spelled as in the index that has it.
const outboxOrder = `(t.state IN ('sent', 'failed', 'void')), t.updated DESC, t.id`

// Outbox is one page of Attempts, those of unknown outcome, which wait for a person, apart: of them the newest, as many.
func (d *Docket) Outbox(ctx context.Context, limit, offset int) (unknown, rows []AttemptRow, err error) {
	err = d.read(ctx, "list outbox", func(tx *store.Tx) error {
		if unknown, err = d.attemptRows(tx, `WHERE t.id IN (SELECT u.id FROM attempts u INDEXED BY attempts_unknown
			WHERE u.state = 'unknown' ORDER BY u.updated DESC, u.id LIMIT ?) ORDER BY t.updated DESC, t.id`, noLimit(limit)); err != nil {
			return err
		}
		rows, err = d.attemptRows(tx, `JOIN (SELECT t.id FROM attempts t WHERE t.state <> 'unknown' ORDER BY `+outboxOrder+` LIMIT ? OFFSET ?) p
			ON p.id = t.id ORDER BY `+outboxOrder, noLimit(limit), offset)
		return err
	})
	return unknown, rows, err
}

// attemptRows masks what the guard finds in the words of the mail server: it may repeat what was sent.
func (d *Docket) attemptRows(tx *store.Tx, rest string, args ...any) ([]AttemptRow, error) {
	rows, err := tx.Query(`SELECT `+attemptColumns+`, n.recipient, n.kind FROM attempts t JOIN notices n ON n.id = t.notice_id `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []AttemptRow
	for rows.Next() {
		var sealed []byte
		var kind NoticeKind
		t, err := scanAttempt(tx, rows, &sealed, &kind)
		if err != nil {
			return nil, fmt.Errorf("read attempts: %w", err)
		}
		to, err := tx.OpenText("notices.recipient", sealed)
		if err != nil {
			return nil, fmt.Errorf("open recipient of %s: %w", t.noticeID, err)
		}
		d.waits(t, kind)
		out = append(out, AttemptRow{ID: t.id, State: t.state, Created: t.created, Notice: t.noticeID, Attempt: t.attempt,
			NextAttempt: t.nextAttempt, Recipient: to, Reason: d.redactText(t.reason)})
	}
	return out, rows.Err()
}
