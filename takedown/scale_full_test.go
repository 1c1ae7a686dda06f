package takedown_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"unmirror/desk"
	"unmirror/internal/account"
	"unmirror/store"
)

// TestARecordOfManyCasesStaysSmallAndQuick measures what a record of 100,000 cases takes, with UNMIRROR_TEST_CASES=100000; by itself a
// small one, of which the bytes are proportional.
func TestARecordOfManyCasesStaysSmallAndQuick(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("fills a record")
	}
	cases := 2000
	full, _ := strconv.Atoi(os.Getenv("UNMIRROR_TEST_CASES"))
	cases = max(cases, full)
	w := grow(t)
	began := time.Now()
	w.multiply((cases - 1) / w.cases)
	if err := w.st.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases, %d notices, filled in %s", w.cases, w.notices, time.Since(began).Round(time.Second))
	bytes := w.bytes()
	per := bytes / int64(w.notices)
	t.Logf("%d MB, %d bytes a notice with its case", bytes>>20, per)
	if per > 8000 { // a small record has more room left over in its pages
		t.Errorf("%d bytes a notice", per)
	}
	if full >= 100_000 && bytes > 1_900_000_000 {
		t.Errorf("%d bytes", bytes)
	}
	within := 50 * time.Millisecond
	if full == 0 {
		within = time.Hour // other tests run beside it: nothing is held against the clock
	}
	w.tallies()
	w.pages("Anna", within)
	w.steps(within)
	w.crowd()
	w.tallies()
	w.pages("Bea", within)
}

// crowd has a part of everything wait for a person.
func (w *grown) crowd() {
	w.t.Helper()
	err := w.st.Write(w.t.Context(), func(tx *store.Tx) error {
		for _, change := range []string{
			`UPDATE notices SET state = 'failed' WHERE rowid % 7 = 0 AND state = 'sent'`,
			`UPDATE notices SET state = 'draft', missing = 1 WHERE rowid % 7 = 1 AND state = 'sent'`,
			`UPDATE notices SET state = 'draft', missing = 0 WHERE rowid % 7 = 2 AND state = 'sent'`,
			`UPDATE attempts SET state = 'unknown' WHERE rowid % 7 = 3 AND state = 'sent'`,
			`UPDATE replies SET state = 'unmatched', notice_id = '', case_id = '' WHERE rowid % 3 = 0`,
			`UPDATE replies SET state = 'waiting' WHERE rowid % 3 = 1`,
		} {
			if _, err := tx.Exec(change); err != nil {
				return fmt.Errorf("%s: %w", change, err)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.pick()
}

// bytes is how large the record is, and logs its largest tables.
func (w *grown) bytes() int64 {
	w.t.Helper()
	err := w.st.Read(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 30`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var n int64
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			w.t.Logf("%-36s %6d bytes a notice", name, n/int64(w.notices))
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Logf("no table sizes: %v", err)
	}
	info, err := os.Stat(filepath.Join(w.dir, store.FileName))
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Size()
}

// worst95 runs f often and holds its 95th percentile against the bound.
func (w *grown) worst95(what string, within time.Duration, f func()) {
	w.t.Helper()
	took := make([]time.Duration, 20)
	for i := range took {
		began := time.Now()
		f()
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	w.t.Logf("%-44s p95 %8s  median %8s", what, took[18].Round(time.Millisecond/10), took[9].Round(time.Millisecond/10))
	if took[18] > within {
		w.t.Errorf("%s: the 95th percentile is %s, want at most %s", what, took[18], within)
	}
}

// pages measures the desk over HTTP, as a person of that name sees it.
func (w *grown) pages(name string, within time.Duration) {
	w.t.Helper()
	people := account.NewCost(w.st, account.Cost{Memory: 64, Passes: 1, Lanes: 1})
	must(people.Add(w.t.Context(), name, account.Counsel, "correct horse battery"))(w.t)
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = must(desk.New(desk.Options{Docket: w.d, Accounts: people, Sessions: account.NewSessions(w.st), Now: w.clock.now,
		PublicURL: "http://" + server.Listener.Addr().String(), Audit: desk.StoreAudit(w.st, nil),
		Sources: func(context.Context) ([]desk.Source, error) { return nil, nil },
		Leaks:   func(context.Context) ([]desk.Leak, error) { return []desk.Leak{{Slug: "health-2026"}}, nil },
		Ready:   func(context.Context) error { return nil }, Version: "test"}))(w.t)
	server.Start()
	defer server.Close()
	client := &http.Client{Jar: must(cookiejar.New(nil))(w.t)}
	form := url.Values{"username": {name}, "password": {"correct horse battery"}}
	in := must(client.Post(server.URL+"/login", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))(w.t)
	_ = in.Body.Close()
	for _, page := range []string{"/cases/" + w.noticed, "/cases/" + w.triage, "/queue", "/cases", "/cases?state=noticed", "/cases?leak=health-2026",
		fmt.Sprintf("/cases?page=%d", w.cases/50), "/notices", "/notices?state=sent", fmt.Sprintf("/notices?page=%d", w.notices/50),
		"/notices/" + w.sent, "/notices/" + w.draft, "/outbox", "/replies", "/metrics", "/audit"} {
		w.worst95("GET "+page[:min(30, len(page))], within, func() {
			a := must(client.Get(server.URL + page))(w.t)
			_ = a.Body.Close()
			if a.StatusCode != http.StatusOK {
				w.t.Fatalf("%s: %d", page, a.StatusCode)
			}
		})
	}
}

// steps measures what the daemon does by itself when little is due.
func (w *grown) steps(within time.Duration) {
	w.t.Helper()
	ctx := w.t.Context()
	w.clock.pass(60 * 24 * time.Hour) // everything is due
	w.worst95("plan rechecks, hundreds due", within, func() {
		if n := must(w.d.PlanRechecks(ctx))(w.t); n == 0 {
			w.t.Fatal("nothing was due")
		}
		w.clock.pass(time.Hour)
	})
	w.worst95("plan drafts", 5*within, func() { must(w.d.PlanDrafts(ctx))(w.t) }) // no person waits for it, nor any writer
	w.worst95("next to deliver", within, func() { must(w.d.Deliver(ctx))(w.t) })
	w.worst95("counts", within, func() { must(w.d.Counts(ctx))(w.t) })
	w.worst95("statistics", 20*within, func() { must(w.d.Statistics(ctx, time.Time{}))(w.t) })
}
