package plane_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/planetest"
	"unmirror/crawler/plane/redistest"
	"unmirror/store"
)

// moved is a harness over a plane whose clock the suite moves.
func moved(t *testing.T, c redis.UniversalClient) planetest.Harness {
	t.Helper()
	var ahead atomic.Int64
	o := plane.RedisOptions{Key: newKey(), Lease: planetest.Lease, Prefix: store.NewID("t")}
	p, err := plane.NewRedis(c, o.Ahead(func() time.Duration { return time.Duration(ahead.Load()) }))
	if err != nil {
		t.Fatal(err)
	}
	return planetest.Harness{Plane: p, Now: func() time.Time { return p.Now().Truncate(time.Millisecond) },
		Advance: func(d time.Duration) { ahead.Add(int64(d)) }}
}

func newKey() (k plane.Key) {
	_, _ = rand.Read(k[:])
	return k
}

func dial(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	c, err := plane.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisIsAPlane(t *testing.T) {
	c := dial(t, redistest.Start(t).URL())
	planetest.Run(t, func(t *testing.T) planetest.Harness { return moved(t, c) })
}

func open(t *testing.T, s *redistest.Server, o plane.RedisOptions) *plane.Redis {
	t.Helper()
	p, err := plane.NewRedis(dial(t, s.URL()), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNoAddressLiesInClearInRedis(t *testing.T) {
	s := redistest.Start(t)
	p := open(t, s, plane.RedisOptions{Key: newKey()})
	it := plane.Item{URL: "http://h.example/janssens-mia.pdf", Host: "h.example", Matches: true, Listed: "peeters.txt", Via: []string{"http://h.example/dubois.txt"}, Contact: "abuse@contact.example"}
	sw, err := p.Begin(t.Context(), plane.Start{Source: "a", Spec: "http://h.example/secret-root/", Seeds: []plane.Item{it}, Settings: []byte("settings-text")})
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Complete(t.Context(), sw, l, plane.Batch{Done: []int64{l.Items[0].ID}, Counts: plane.Counts{Errors: 1, Samples: []string{"sample-text"}},
		Seen: []plane.SeenAt{{ID: l.Items[0].ID, Seen: plane.Seen{ETag: "d41d8cd98f00b204e9800998ecf8427e", Report: []byte(`{"known_file":"verhoeven.docx"}`), Checked: time.Now()}}}})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(p.Hand(t.Context(), []byte("result-text")), p.Note(t.Context(), sw, plane.Note{Lost: "lost-text", Stopped: map[string]string{"h": "stopped-text"}}),
		p.Beat(t.Context(), plane.Worker{Name: "w", Exit: "exit-text"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Failed, Reason: "reason-text"}); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	var all []byte
	if err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(all, []byte("h.example")) {
		t.Fatal("the files of Redis were not read")
	}
	for _, secret := range []string{"janssens", "peeters", "dubois", "d41d8cd9", "verhoeven", "secret-root", "contact.example", "settings-text", "sample-text",
		"result-text", "lost-text", "stopped-text", "exit-text", "reason-text"} {
		if bytes.Contains(bytes.ToLower(all), []byte(strings.ToLower(secret))) {
			t.Errorf("Redis holds %q in clear", secret)
		}
	}
}

func TestAWrongKeyIsSaidAndChangesNothing(t *testing.T) {
	s := redistest.Start(t)
	p := open(t, s, plane.RedisOptions{Key: newKey()})
	if _, err := p.Begin(t.Context(), plane.Start{Source: "a", Seeds: []plane.Item{{URL: "http://h/", Host: "h"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, s, plane.RedisOptions{Key: newKey()}).Tasks(t.Context()); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("got %v", err)
	}
	if tasks, err := p.Tasks(t.Context()); err != nil || len(tasks) != 1 {
		t.Errorf("got %v, %v", tasks, err)
	}
	if _, err := plane.NewRedis(dial(t, s.URL()), plane.RedisOptions{}); err == nil {
		t.Error("an empty key was taken")
	}
}

func TestResultsWaitUntilAcknowledgedAndStopClaimsWhenTheyPileUp(t *testing.T) {
	s := redistest.Start(t, "--appendfsync", "always") // on a busy disk the usual every second may lose two of them
	p := open(t, s, plane.RedisOptions{Key: newKey(), Results: 3})
	sw, err := p.Begin(t.Context(), plane.Start{Source: "a", Seeds: []plane.Item{{URL: "http://h/", Host: "h"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"1", "2", "3"} {
		if err := p.Hand(t.Context(), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	var w *plane.Wait
	if _, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1}); !errors.As(err, &w) {
		t.Errorf("claimed while results pile up: %v", err)
	}
	mark, err := p.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.Results(t.Context(), "one", 2, time.Millisecond)
	if err != nil || len(first) != 2 || string(first[0].Body) != "1" {
		t.Fatalf("got %v, %v", first, err)
	}
	s.Kill()
	s.Restart()
	rest, err := p.Results(t.Context(), "two", 10, time.Millisecond)
	if err != nil || len(rest) != 1 || string(rest[0].Body) != "3" {
		t.Fatalf("got %v, %v", rest, err)
	}
	if err := p.Ack(t.Context(), rest[0].ID, first[0].ID); err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Passed(t.Context(), mark); ok || err != nil {
		t.Errorf("passed while one waits: %v, %v", ok, err)
	}
	if err := p.Ack(t.Context(), first[1].ID); err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Passed(t.Context(), mark); !ok || err != nil {
		t.Errorf("not passed: %v, %v", ok, err)
	}
	if l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1}); err != nil || len(l.Items) != 1 {
		t.Errorf("got %v, %v", l, err)
	}
}

func TestARunningSweepIsJoinedAndItsNotesAreHeard(t *testing.T) {
	s := redistest.Start(t)
	p := open(t, s, plane.RedisOptions{Key: newKey()})
	st := plane.Start{Source: "a", Spec: "s", Seeds: []plane.Item{{URL: "http://h/", Host: "h"}, {URL: "http://i/", Host: "i"}}, Join: true, Settings: []byte("x")}
	one, err := p.Begin(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	two, err := p.Begin(t.Context(), st)
	if err != nil || two.ID != one.ID || two.Epoch != one.Epoch || !two.Resumed {
		t.Fatalf("got %+v, %v", two, err)
	}
	changed := st
	changed.Source, changed.Spec = "b", "s"
	old, err := p.Begin(t.Context(), changed)
	if err != nil {
		t.Fatal(err)
	}
	changed.Spec = "other"
	if now, err := p.Begin(t.Context(), changed); err != nil || now.Resumed || now.ID == old.ID {
		t.Errorf("changed settings: %+v, %v", now, err)
	}
	if err := p.Extend(t.Context(), old); !errors.Is(err, plane.ErrFenced) {
		t.Errorf("the worker of the old settings got %v", err)
	}
	if err := p.Note(t.Context(), one, plane.Note{Lost: "why", Stopped: map[string]string{"h": "does not answer"}}); err != nil {
		t.Fatal(err)
	}
	if err := p.Note(t.Context(), one, plane.Note{Lost: "another why"}); err != nil {
		t.Fatal(err)
	}
	n, err := p.Noted(t.Context(), two)
	if err != nil || n.Lost != "why" || n.Stopped["h"] != "does not answer" {
		t.Errorf("got %+v, %v", n, err)
	}
	l, err := p.Claim(t.Context(), plane.Want{Sweep: two, Max: 1})
	if err != nil || l.Host != "i" {
		t.Fatalf("got %+v, %v", l, err)
	}
	if _, _, err := p.Complete(t.Context(), two, l, plane.Batch{Done: []int64{l.Items[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if err := p.Release(t.Context(), l, time.Time{}); err != nil {
		t.Fatal(err)
	}
	var d *plane.Drained
	if _, err := p.Claim(t.Context(), plane.Want{Sweep: one, Max: 1}); !errors.As(err, &d) || d.Left != 1 {
		t.Errorf("got %v", err)
	}
}

func TestAnAbsentRedisIsNamedAfterSomePatience(t *testing.T) {
	s := redistest.Start(t)
	p := open(t, s, plane.RedisOptions{Key: newKey(), Patience: 300 * time.Millisecond})
	s.Kill()
	_, err := p.History(t.Context())
	if err == nil || !strings.Contains(err.Error(), "redis has not answered") || !plane.Away(err) {
		t.Errorf("got %v", err)
	}
}

func TestAddressesOfRedisAreReadAndNeverRepeated(t *testing.T) {
	for _, good := range []string{"redis://h", "redis://:p@h:1/2", "rediss://u:p@h:1", "redis://h?addr=i:1&addr=j:2&cluster=true", "redis://h:26379?master_name=m"} {
		if _, err := plane.Dial(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://:geheim@h", "redis://:geheim@h/x", "redis://:geheim@h:y", "redis://:geheim@h?nonsense=1"} {
		if _, err := plane.Dial(bad); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
