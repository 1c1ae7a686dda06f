package takedown

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"unmirror/store"
)

// Queue lists what waits for a person, longest first: matches to triage, drafts to review, attempts of unknown outcome,
// notices that nobody took, answers to read, and disputes to answer.
func (d *Docket) Queue(ctx context.Context) ([]QueueRow, error) {
	rows, _, err := d.QueuePage(ctx, 0)
	return rows, err
}

// waiting is what waits for a person, by what is to be done: the rows of one kind and how many there are. What a page shows of each kind,
// and the count, is read from indexes, however much waits.
func waiting() []struct{ what, rows, count string } {
	const of, about = `c.id, c.leak, c.place, c.grade, c.bits`, ` FROM notices n JOIN cases c ON c.id = n.case_id `
	return []struct{ what, rows, count string }{
		{"triage", `SELECT 'triage', c.id, ` + of + `, c.updated, 0, '' FROM cases c WHERE c.state = 'triage' ORDER BY c.updated, c.id DESC`,
			`SELECT COALESCE(MAX(count), 0) FROM tallies WHERE name = 'cases.triage'`},
		{"review", `SELECT 'review', n.id, ` + of + `, n.updated, n.missing, n.kind` + about + `WHERE n.state = 'draft' AND (n.missing > 0) = 0
			ORDER BY n.updated, n.id DESC`, `SELECT count FROM tallies WHERE name = 'queue.review'`},
		{"recipient", `SELECT 'review', n.id, ` + of + `, n.updated, n.missing, n.kind` + about + `WHERE n.state = 'draft' AND (n.missing > 0) = 1
			ORDER BY n.updated, n.id DESC`, `SELECT count FROM tallies WHERE name = 'queue.recipient'`},
		{"unknown", `SELECT 'unknown', t.id, ` + of + `, t.updated, 0, n.kind FROM attempts t INDEXED BY attempts_unknown CROSS JOIN notices n
			ON n.id = t.notice_id JOIN cases c ON c.id = n.case_id WHERE t.state = 'unknown' ORDER BY t.updated, t.id DESC`,
			`SELECT COALESCE(MAX(count), 0) FROM tallies WHERE name = 'outbox.unknown'`},
		{"failed", `SELECT 'failed', n.id, ` + of + `, n.updated, 0, n.kind FROM failed f CROSS JOIN notices n ON n.id = f.notice_id
			JOIN cases c ON c.id = n.case_id ORDER BY f.updated, f.notice_id DESC`, `SELECT count FROM tallies WHERE name = 'queue.failed'`},
		{"dispute", `SELECT 'dispute', c.id, ` + of + `, s.created, 0, '' FROM disputes s JOIN cases c ON c.id = s.case_id
			WHERE s.state = 'open' ORDER BY s.created`, `SELECT COUNT(*) FROM disputes s WHERE s.state = 'open'`},
		{"reply", `SELECT 'reply', r.id, ` + of + `, r.created, 0, '' FROM replies r JOIN cases c ON c.id = r.case_id
			WHERE r.state = 'waiting' ORDER BY r.created, r.id`, `SELECT COALESCE(MAX(count), 0) FROM tallies WHERE name = 'replies.waiting'`},
	}
}

// QueuePage is Queue with at most so many rows of each kind (0: all), those that wait longest, and how many there are of each: "triage",
// "review" (complete drafts), "recipient" (drafts that lack something), "unknown", "failed", "dispute" and "reply".
func (d *Docket) QueuePage(ctx context.Context, each int) (rows []QueueRow, all map[string]int, err error) {
	all = map[string]int{}
	err = d.read(ctx, "read queue", func(tx *store.Tx) error {
		for _, w := range waiting() {
			var n int
			if err := tx.QueryRow(w.count).Scan(&n); err != nil {
				return fmt.Errorf("count %s: %w", w.what, err)
			}
			if all[w.what] = n; n == 0 {
				continue
			}
			some, err := d.queueRows(tx, w.rows+` LIMIT ?`, noLimit(each))
			if err != nil {
				return err
			}
			rows = append(rows, some...)
		}
		return nil
	})
	slices.SortStableFunc(rows, func(a, b QueueRow) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	return rows, all, err
}

// queueRows opens sealed places: SQL can neither read nor sort them.
func (d *Docket) queueRows(tx *store.Tx, query string, args ...any) (rows []QueueRow, err error) {
	rs, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rs.Close() }()
	for rs.Next() {
		var r QueueRow
		var place []byte
		var since int64
		if err := rs.Scan(&r.Kind, &r.ID, &r.Case, &r.Leak, &place, &r.Grade, &r.Bits, &since, &r.Missing, &r.Letter); err != nil {
			return nil, err
		}
		plain, err := tx.OpenText("cases.place", place)
		if err != nil {
			return nil, fmt.Errorf("open place of %s: %w", r.Case, err)
		}
		r.Place, r.Since = d.redact(plain), store.Time(since)
		rows = append(rows, r)
	}
	return rows, rs.Err()
}

// Counts counts, for metrics, under "cases.<state>", "notices.<state>", "outbox.<state>" and "disputes.<state>"; also "sightings",
// "evidence.pending", "doubts.open" and "duties.overdue". States that nothing is in are there with 0.
func (d *Docket) Counts(ctx context.Context) (map[string]int, error) {
	n := map[string]int{}
	for _, m := range Moves() {
		n[countKey(m.Of)+"."+m.To] = 0
	}
	err := d.read(ctx, "count", func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT name, count FROM tallies WHERE name NOT LIKE 'queue.%'
			UNION ALL SELECT 'disputes.' || state, COUNT(*) FROM disputes GROUP BY state
			UNION ALL SELECT 'doubts.open', COUNT(*) FROM doubts WHERE since > 0 AND ?
			UNION ALL SELECT 'evidence.pending', COUNT(*) FROM evidence WHERE state = 'pending'`, d.o.RejectionLimit > 0)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var key string
			var count int
			if err := rows.Scan(&key, &count); err != nil {
				return err
			}
			n[key] = count
		}
		return rows.Err()
	})
	if err == nil {
		n["duties.overdue"], err = d.countOverdue(ctx)
	}
	return n, err
}

func countKey(of string) string {
	return map[string]string{"case": "cases", "notice": "notices", "attempt": "outbox", "dispute": "disputes", "reply": "replies"}[of]
}
