package crawler

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheScheduleCatchesUpRepeatsAndDrains(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.FileServer(http.Dir(tree(t, 2))))
	w := newWorld(t, nil)
	var mu sync.Mutex
	ran := map[string]int{}
	sources := []Source{
		{Name: "daily", Kind: "directory", URL: srv.URL, Every: "@daily"},
		{Name: "often", Kind: "directory", URL: srv.URL, Every: "@every 1s"},
		{Name: "byhand", Kind: "directory", URL: srv.URL},
		{Name: "fresh", Kind: "directory", URL: srv.URL, Every: "@daily"},
	}
	w.sweep(sources[3])
	s, err := NewSchedule(w.c, sources, func(sum Summary, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			ran[sum.Source]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	for ends := time.Now().Add(10 * time.Minute); time.Now().Before(ends); {
		mu.Lock()
		enough := ran["daily"] >= 1 && ran["often"] >= 3
		mu.Unlock()
		if enough {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Minute):
		t.Fatal("the schedule does not end")
	}
	mu.Lock()
	defer mu.Unlock()
	if ran["daily"] != 1 || ran["often"] < 3 || ran["byhand"] != 0 || ran["fresh"] != 0 {
		t.Errorf("ran %v", ran)
	}
}

func TestAScheduleNeverOverlapsItselfAndStopsASweepUnderWay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	inside, most, first, seen := 0, 0, make(chan struct{}), sync.Once{}
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		inside++
		most = max(most, inside)
		mu.Unlock()
		seen.Do(func() { close(first) })
		select {
		case <-r.Context().Done():
		case <-time.After(1200 * time.Millisecond):
		}
		mu.Lock()
		inside--
		mu.Unlock()
		http.NotFound(w, r)
	}))
	w := newWorld(t, func(o *Options) { o.Limits.Head = 5 * time.Second })
	s, err := NewSchedule(w.c, []Source{{Name: "slow", Kind: "directory", URL: srv.URL, Every: "@every 1s"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-first
		time.Sleep(2500 * time.Millisecond) // the time of two more sweeps
		cancel()
	}()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if most != 1 {
		t.Errorf("%d requests at once", most)
	}
}

func TestABadCronLineNamesItsSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := NewSchedule(w.c, []Source{{Name: "m", Kind: "directory", URL: "http://h/", Every: "sometimes"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "source m: every") {
		t.Errorf("got %v", err)
	}
}
