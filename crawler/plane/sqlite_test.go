package plane_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/planetest"
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
