package plane_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/planetest"
	"unmirror/store"
	"unmirror/store/storetest"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestSQLiteIsAPlane(t *testing.T) {
	planetest.Run(t, func(t *testing.T) planetest.Harness {
		c := &clock{now: time.Now()}
		s := storetest.At(t, t.TempDir(), storetest.Ring(t), c.Now)
		return planetest.Harness{Plane: plane.NewSQLite(s, planetest.Lease), Now: s.Now, Advance: c.Advance}
	})
}

func TestNoAddressLiesInClearInTheDataFolder(t *testing.T) {
	dir := t.TempDir()
	s := storetest.At(t, dir, storetest.Ring(t), nil)
	p := plane.NewSQLite(s, 0)
	it := plane.Item{URL: "http://h.example/janssens-mia.pdf", Host: "h.example", Matches: true, Listed: "peeters.txt", Via: []string{"http://h.example/dubois.txt"}, Contact: "abuse@contact.example"}
	sw, err := p.Begin(t.Context(), plane.Start{Source: "a", Spec: "http://h.example/secret-root/", Seeds: []plane.Item{it}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Complete(t.Context(), sw, l, plane.Batch{Done: []int64{l.Items[0].ID}, Seen: []plane.SeenAt{{ID: l.Items[0].ID,
		Seen: plane.Seen{ETag: "d41d8cd98f00b204e9800998ecf8427e", Report: []byte(`{"known_file":"verhoeven.docx"}`), Checked: time.Now()}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Failed, Reason: "reason-text"}); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"janssens", "peeters", "dubois", "d41d8cd9", "verhoeven", "secret-root", "reason-text", "contact.example"} {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(secret))) {
				t.Errorf("%s holds %q in clear", filepath.Base(f), secret)
			}
		}
	}
}

func BenchmarkTwoThousandItems(b *testing.B) {
	s := storetest.New(b)
	p := plane.NewSQLite(s, 0)
	for n := 0; b.Loop(); n++ {
		var found []plane.Item
		for i := range 2000 {
			found = append(found, plane.Item{URL: "http://h/" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + time.Duration(i).String(), Host: "h", Matches: true})
		}
		sw, err := p.Begin(b.Context(), plane.Start{Source: "a", Seeds: found})
		if err != nil {
			b.Fatal(err)
		}
		for {
			l, err := p.Claim(b.Context(), plane.Want{Sweep: sw, Max: 64})
			if err != nil {
				break
			}
			batch := plane.Batch{}
			for _, it := range l.Items {
				batch.Done = append(batch.Done, it.ID)
				batch.Seen = append(batch.Seen, plane.SeenAt{ID: it.ID, Seen: plane.Seen{ETag: "x", Checked: time.Now()}})
			}
			if _, _, err := p.Complete(b.Context(), sw, l, batch); err != nil {
				b.Fatal(err)
			}
			if err := p.Release(b.Context(), l, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := p.Finish(b.Context(), sw, plane.End{State: plane.Done}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/sweep")
}

func TestAddressesThatNobodyListsAnyMoreAreForgotten(t *testing.T) {
	c := &clock{now: time.Now()}
	s := storetest.At(t, t.TempDir(), storetest.Ring(t), c.Now)
	p := plane.NewSQLite(s, 0)
	rows := func() (known, seen, waiting, queues int) {
		t.Helper()
		err := s.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(`SELECT (SELECT count(*) FROM plane_known), (SELECT count(*) FROM plane_seen), (SELECT count(*) FROM plane_frontier),
				(SELECT count(*) FROM plane_queues)`).Scan(&known, &seen, &waiting, &queues)
		})
		if err != nil {
			t.Fatal(err)
		}
		return known, seen, waiting, queues
	}
	sweep := func(source string, n int) {
		t.Helper()
		sw := fillSource(t, p, source, n, pastes, nil)
		drain(t, p, sw, nil)
		if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
			t.Fatal(err)
		}
	}
	sweep("a", 30)
	sweep("b", 20)
	c.Advance(60 * 24 * time.Hour)
	sweep("a", 10)
	if known, seen, waiting, queues := rows(); known != 31+21 || seen != 50 || waiting != 0 || queues != 0 {
		t.Errorf("known %d, seen %d, waiting %d, queues %d", known, seen, waiting, queues)
	}
	c.Advance(31 * 24 * time.Hour)
	sweep("c", 1)
	if known, seen, _, _ := rows(); known != 11+2 || seen != 10+1 {
		t.Errorf("after three months: known %d, seen %d", known, seen)
	}
}

// The rowids of a table without a number of its own change when its file is rewritten: sweeps are marked by a number that stays.
func TestARewrittenFileLosesNoAddress(t *testing.T) {
	dir := t.TempDir()
	p := plane.NewSQLite(storetest.At(t, dir, storetest.Ring(t), nil), 0)
	for round := range 40 { // more than are kept of one source's sweeps
		sw := fillSource(t, p, "a", 5, mirrors, nil)
		if n := drain(t, p, sw, nil); n != 5 {
			t.Fatalf("round %d: %d addresses", round, n)
		}
		if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
			t.Fatal(err)
		}
		if round == 35 {
			db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.ExecContext(t.Context(), "VACUUM")
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
