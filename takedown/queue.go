package takedown

import (
	"context"
	"fmt"

	"unmirror/store"
)

// Queue lists what waits for a person, longest first: matches to triage, drafts to review, attempts of unknown outcome,
// notices that nobody took, and disputes to answer.
func (d *Docket) Queue(ctx context.Context) (rows []QueueRow, err error) {
	err = d.read(ctx, "read queue", func(tx *store.Tx) error {
		// Sealed places are opened below: SQL can neither read nor sort them.
		rs, err := tx.Query(`SELECT kind, id, case_id, leak, place, grade, bits, since, missing, letter FROM (
			SELECT 'triage' AS kind, c.id AS id, c.id AS case_id, c.leak, c.place, c.grade, c.bits, c.updated AS since, 0 AS missing, '' AS letter
				FROM cases c WHERE c.state = 'triage'
			UNION ALL SELECT 'review', n.id, c.id, c.leak, c.place, c.grade, c.bits, n.updated, n.missing, n.kind
				FROM notices n JOIN cases c ON c.id = n.case_id WHERE n.state = 'draft'
			UNION ALL SELECT 'unknown', t.id, c.id, c.leak, c.place, c.grade, c.bits, t.updated, 0, n.kind
				FROM attempts t JOIN notices n ON n.id = t.notice_id JOIN cases c ON c.id = n.case_id WHERE t.state = 'unknown'
			UNION ALL SELECT 'failed', n.id, c.id, c.leak, c.place, c.grade, c.bits, n.updated, 0, n.kind
				FROM notices n JOIN cases c ON c.id = n.case_id WHERE n.state = 'failed'
				AND (n.kind = 'retraction' OR EXISTS (SELECT 1 FROM notice_cases x JOIN cases o ON o.id = x.case_id WHERE x.notice_id = n.id
				AND x.state = 'in' AND x.round = o.reopened AND o.state IN ('open', 'noticed', 'vanishing')))
			UNION ALL SELECT 'dispute', c.id, c.id, c.leak, c.place, c.grade, c.bits, s.created, 0, ''
				FROM disputes s JOIN cases c ON c.id = s.case_id WHERE s.state = 'open')
			UNION ALL SELECT 'reply', r.id, c.id, c.leak, c.place, c.grade, c.bits, r.created, 0, ''
				FROM replies r JOIN cases c ON c.id = r.case_id WHERE r.state = 'waiting'
			ORDER BY since, id`)
		if err != nil {
			return err
		}
		defer func() { _ = rs.Close() }()
		for rs.Next() {
			var r QueueRow
			var place []byte
			var since int64
			if err := rs.Scan(&r.Kind, &r.ID, &r.Case, &r.Leak, &place, &r.Grade, &r.Bits, &since, &r.Missing, &r.Letter); err != nil {
				return err
			}
			plain, err := tx.OpenText("cases.place", place)
			if err != nil {
				return fmt.Errorf("open place of %s: %w", r.Case, err)
			}
			r.Place, r.Since = d.redact(plain), store.Time(since)
			rows = append(rows, r)
		}
		return rs.Err()
	})
	return rows, err
}

// Counts counts, for metrics, under "cases.<state>", "notices.<state>", "outbox.<state>" and "disputes.<state>"; also "sightings" and
// "evidence.pending" and "duties.overdue". States that nothing is in are there with 0.
func (d *Docket) Counts(ctx context.Context) (map[string]int, error) {
	n := map[string]int{}
	for _, m := range Moves() {
		n[countKey(m.Of)+"."+m.To] = 0
	}
	err := d.read(ctx, "count", func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT 'cases.' || state, COUNT(*) FROM cases GROUP BY state
			UNION ALL SELECT 'notices.' || state, COUNT(*) FROM notices GROUP BY state
			UNION ALL SELECT 'outbox.' || state, COUNT(*) FROM attempts GROUP BY state
			UNION ALL SELECT 'replies.' || state, COUNT(*) FROM replies GROUP BY state
			UNION ALL SELECT 'disputes.' || state, COUNT(*) FROM disputes GROUP BY state
			UNION ALL SELECT 'sightings', COUNT(*) FROM sightings
			UNION ALL SELECT 'evidence.pending', COUNT(*) FROM evidence WHERE state = 'pending'`)
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
