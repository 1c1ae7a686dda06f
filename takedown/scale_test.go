package takedown_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/contact"
)

func TestTwoThousandCasesStayQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a record")
	}
	aside.Store(t, true)
	w := newWorld(t)
	cases, open := 2000, 200
	if raceDetector {
		cases, open = 200, 50 // times mean nothing then
	}
	took := func(what string, within time.Duration, f func()) {
		t.Helper()
		began := time.Now()
		f()
		d := time.Since(began)
		t.Logf("%-34s %s", what, d.Round(time.Millisecond/10))
		if d > 5*within && !raceDetector { // other tests run beside it
			t.Errorf("%s took %s, want at most %s", what, d, within)
		}
	}
	took("observe the sightings", time.Minute, func() {
		for i := range cases {
			s := w.sighting(fmt.Sprintf("https://files%d.host.example/%d.zip", i%7, i))
			if i >= open {
				s.Report = report(1, "health")
			}
			must(w.d.Observe(t.Context(), s))(t)
		}
	})
	took("draft the open ones", time.Minute, func() {
		if n := must(w.d.Draft(t.Context()))(t); n != open {
			t.Fatalf("%d drafts", n)
		}
	})
	if w.rungs.asked != 7 {
		t.Errorf("contacts of 7 hosts were asked %d times", w.rungs.asked)
	}
	took("draft again: nothing due", 2*time.Second, func() { must(w.d.Draft(t.Context()))(t) })
	var rows []takedown.CaseRow
	took("list all cases", 5*time.Second, func() { rows = must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t) })
	took("a page of 50 cases", time.Second, func() {
		must(w.d.Cases(t.Context(), takedown.CaseFilter{State: takedown.CaseOpen, Limit: 50, Offset: 20}))(t)
	})
	took("the queue", 5*time.Second, func() { must(w.d.Queue(t.Context()))(t) })
	took("a case page", time.Second, func() { w.caseOf(rows[cases/2].ID) })
	drafts := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft, Limit: 1}))(t)
	took("a notice page", time.Second, func() { w.notice(drafts[0].ID) })
	took("counts", time.Second, func() { must(w.d.Counts(t.Context()))(t) })
	took("plan rechecks: none due", time.Second, func() { must(w.d.Recheck(t.Context()))(t) })
	if len(rows) != cases {
		t.Fatalf("%d cases", len(rows))
	}
}

// TestListsUseIndexes asks SQLite how it would answer: a page must not walk a whole table.
func TestListsUseIndexes(t *testing.T) {
	w := newWorld(t)
	for query, index := range map[string]string{
		`SELECT id FROM cases c WHERE c.state = 'open' ORDER BY c.updated DESC, c.id LIMIT 50`:                                                   "cases_state",
		`SELECT id FROM cases c WHERE c.state = 'open' AND c.leak = 'x' ORDER BY c.updated DESC, c.id LIMIT 50 OFFSET 9000`:                      "COVERING INDEX cases_state",
		`SELECT id FROM cases c WHERE c.leak = 'x' ORDER BY c.updated DESC, c.id LIMIT 50`:                                                       "cases_leak",
		`SELECT id FROM cases c WHERE c.next_check > 0 AND c.next_check <= 5 ORDER BY c.next_check`:                                              "cases_next_check",
		`SELECT id FROM notices n WHERE n.state = 'draft'`:                                                                                       "notices_",
		`SELECT id FROM cases c ORDER BY c.updated DESC, c.id LIMIT 50 OFFSET 90000`:                                                             "COVERING INDEX cases_updated",
		`SELECT id FROM notices n ORDER BY n.updated DESC, n.id LIMIT 50 OFFSET 90000`:                                                           "COVERING INDEX notices_updated",
		`SELECT id FROM cases WHERE state = 'triage' ORDER BY updated, id DESC LIMIT 50`:                                                         "COVERING INDEX cases_state",
		`SELECT COUNT(*) FROM notices n WHERE n.state = 'draft' AND (n.missing > 0) = 1`:                                                         "notices_draft",
		`SELECT t.id FROM attempts t WHERE t.state <> 'unknown' ORDER BY (t.state IN ('sent', 'failed', 'void')), t.updated DESC, t.id LIMIT 50`: "attempts_outbox",
		`SELECT id FROM attempts t WHERE t.state IN ('queued', 'deferred') AND t.next_attempt <= 5`:                                              "attempts_due",
		`SELECT id FROM evidence WHERE state = 'pending' ORDER BY created`:                                                                       "evidence_pending",
		`SELECT id FROM sightings WHERE case_id = 'x' ORDER BY seen DESC, id`:                                                                    "sightings_case",
		`SELECT t.id FROM attempts t INDEXED BY attempts_unknown WHERE t.state = 'unknown' ORDER BY t.updated DESC, t.id LIMIT 50`:               "COVERING INDEX attempts_unknown",
		`SELECT r.id FROM replies r ORDER BY r.state = 'settled', r.created DESC, r.id LIMIT 50`:                                                 "COVERING INDEX replies_list",
		`SELECT r.id FROM replies r WHERE r.state = 'unmatched' ORDER BY r.created DESC, r.id LIMIT 50`:                                          "replies_state",
		`SELECT notice_id FROM failed ORDER BY updated, notice_id DESC LIMIT 50`:                                                                 "SCAN failed",
		`SELECT at FROM moves WHERE object = 'x' ORDER BY id`:                                                                                    "moves_object",
		`SELECT EXISTS (SELECT 1 FROM notices WHERE case_id = 'x' AND round = 1 AND state <> 'void')`:                                            "notices_case",
		`SELECT id FROM attempts WHERE notice_id = 'x'`:                                                                                          "attempts_notice",
		`SELECT id FROM evidence WHERE case_id = 'x' AND state = 'kept' ORDER BY created, id`:                                                    "evidence_case",
		`SELECT at FROM checks WHERE case_no = (SELECT no FROM cases WHERE id = 'x') ORDER BY id`:                                                "checks_case",
	} {
		plan := ""
		err := w.st.Read(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(`EXPLAIN QUERY PLAN ` + query)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var a, b, c int
				var detail string
				if err := rows.Scan(&a, &b, &c, &detail); err != nil {
					return err
				}
				plan += detail + "\n"
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, index) {
			t.Errorf("%s\n  is answered by %s  not by %s", query, plan, index)
		}
	}
}

// slowRungs takes its time, as the network does.
type slowRungs struct{ rungs }

func (s *slowRungs) Find(ctx context.Context, p contact.Place) []contact.Found {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(time.Minute):
		return s.rungs.Find(ctx, p)
	}
}

func TestDraftingEndsWithItsContextAndWritesNothingHalf(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.Ladder = &slowRungs{} })
	w.open(item)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if n, err := w.d.Draft(ctx); n != 0 || err == nil {
		t.Fatalf("%d drafts, %v", n, err)
	}
	if rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{}))(t); len(rows) != 0 {
		t.Fatalf("%d notices from a search that was cut short", len(rows))
	}
}
