package takedown_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"unmirror/store"
)

// counted is a figure that is kept as rows move, and the same figure counted.
var counted = map[string]string{
	`SELECT count FROM tallies WHERE name = 'queue.failed'`:    `SELECT COUNT(*) FROM failed_now`,
	`SELECT COUNT(*) FROM failed`:                              `SELECT COUNT(*) FROM failed f JOIN failed_now n ON n.id = f.notice_id AND n.updated = f.updated`,
	`SELECT count FROM tallies WHERE name = 'queue.review'`:    `SELECT COUNT(*) FROM notices WHERE state = 'draft' AND missing = 0`,
	`SELECT count FROM tallies WHERE name = 'queue.recipient'`: `SELECT COUNT(*) FROM notices WHERE state = 'draft' AND missing > 0`,
	`SELECT SUM(count) FROM tallies WHERE name = 'cases.gone'`: `SELECT COUNT(*) FROM cases WHERE state = 'gone'`,
	`SELECT SUM(gone) FROM places`:                             `SELECT COUNT(*) FROM cases WHERE state = 'gone'`,
	`SELECT SUM(times) FROM places`:                            `SELECT SUM(reopened) FROM cases`,
}

// tallies compares them.
func (w *world) tallies() {
	w.t.Helper()
	for kept, exact := range counted {
		var a, b int64
		err := w.st.Read(w.t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(`SELECT COALESCE((`+kept+`), 0), COALESCE((`+exact+`), 0)`).Scan(&a, &b)
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if a != b {
			w.t.Errorf("%s: %d, counted %d", kept, a, b)
		}
	}
}

// TestWhatTheQueueCountsIsKeptAsRowsMove moves rows at random, whether the docket would or not.
func TestWhatTheQueueCountsIsKeptAsRowsMove(t *testing.T) {
	w := newWorld(t)
	for i := range 4 {
		w.open(fmt.Sprintf("https://files.host.example/%d.zip", i))
	}
	must(w.d.Draft(t.Context()))(t)
	pick := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[pick.IntN(len(of))] }
	for range 12 {
		err := w.st.Write(t.Context(), func(tx *store.Tx) error {
			for range 10 {
				row := fmt.Sprintf(" WHERE rowid = %d", 1+pick.IntN(4))
				statement := one(
					`UPDATE notices SET state = '`+one("draft", "failed", "failed", "sent")+`'`+row,
					fmt.Sprintf(`UPDATE notices SET missing = %d%s`, pick.IntN(3), row),
					fmt.Sprintf(`UPDATE notices SET updated = %d%s`, pick.IntN(1000), row),
					`UPDATE notices SET kind = '`+one("notice", "retraction")+`'`+row,
					`UPDATE cases SET state = '`+one("open", "noticed", "gone", "dismissed")+`'`+row,
					fmt.Sprintf(`UPDATE cases SET reopened = %d%s`, pick.IntN(2), row),
					`UPDATE notice_cases SET state = '`+one("in", "in", "out")+`' WHERE notice_id = (SELECT id FROM notices`+row+`)`,
				)
				if _, err := tx.Exec(statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if w.tallies(); t.Failed() {
			return
		}
	}
	rows, all, err := w.d.QueuePage(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]int{}
	for _, r := range rows {
		if r.Kind == "review" && r.Missing > 0 {
			r.Kind = "recipient"
		}
		shown[r.Kind]++
	}
	for kind, n := range all {
		if shown[kind] != n {
			t.Errorf("%s: %d are shown of %d", kind, shown[kind], n)
		}
	}
}
