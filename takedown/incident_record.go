package takedown

import (
	"context"

	"unmirror/store"
	"unmirror/takedown/incident"
)

// SentTo counts the notices of a leak that went out, by kind of recipient: the recipients of its record of processing.
func (d *Docket) SentTo(ctx context.Context, slug string) (out []incident.Sent, err error) {
	err = d.read(ctx, "count recipients", func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT n.recipient_kind, COUNT(*) FROM notices n JOIN cases c ON c.id = n.case_id
			WHERE c.leak = ? AND n.sent_at > 0 GROUP BY n.recipient_kind ORDER BY MIN(n.rung), n.recipient_kind`, slug)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var s incident.Sent
			if err := rows.Scan(&s.Kind, &s.N); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	return out, err
}
