// Package planetest holds what every implementation of plane.Plane must do, as one suite of tests.
// It never knows which implementation it tests.
package planetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"unmirror/crawler/plane"
)

// Lease is how long the tested plane must be told to hold leases.
const Lease = 30 * time.Second

// Harness is a fresh, empty plane whose clock the suite moves.
type Harness struct {
	Plane   plane.Plane
	Now     func() time.Time
	Advance func(time.Duration)
}

// Run runs the suite; open is called once for each test.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		f    func(*testing.T, Harness)
	}{
		{"OneSweepOfASourceAtATime", oneSweep},
		{"AnExpiredSweepIsTakenOverAndItsHolderFenced", takenOver},
		{"APausedSweepGoesOnAndAFinishedOneStartsAnew", pausedGoesOn},
		{"AChangedSourceStartsAnew", changedSource},
		{"EachAddressOnceASweepAndNoMoreThanTheLimit", onceAndLimit},
		{"AHostIsInOneHandAtATime", oneHand},
		{"TheNextAllowedMomentHolds", nextMoment},
		{"AnExpiredHostIsTakenOverAndItsHolderFenced", hostFenced},
		{"AFencedBatchHasNoEffect", fencedBatch},
		{"APutBackItemComesWhenDue", putBack},
		{"WhatWasSeenComesWithTheItem", seen},
		{"WhoeverWaitsForAHostIsLetIn", letIn},
		{"HistoryTellsLatestAndLastGood", history},
		{"ManyWorkersTakeEachItemOnce", manyWorkers},
		{"APausedSourceRests", pausedSource},
		{"AnItemKeepsAllItHas", wholeItem},
		{"ManyAddressesAndWhatWasSeenOfThem", manySeen},
		{"WorkIsShared", shared},
		{"MoreIsHandedOutUnderALease", ahead},
		{"AHostThatHadFewAddressesHasMany", grown},
		{"ItemsAreSettledInAnyOrderAndOnce", anyOrder},
	} {
		t.Run(c.name, func(t *testing.T) { c.f(t, open(t)) })
	}
}

func items(host string, n int) []plane.Item {
	var out []plane.Item
	for i := range n {
		out = append(out, plane.Item{URL: fmt.Sprintf("http://%s/%d", host, i), Host: host, Matches: true})
	}
	return out
}

func begin(t *testing.T, h Harness, source string, seeds ...plane.Item) plane.Sweep {
	t.Helper()
	s, err := h.Plane.Begin(t.Context(), plane.Start{Source: source, Spec: "a", Seeds: seeds})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claim(t *testing.T, h Harness, s plane.Sweep) plane.Lease {
	t.Helper()
	l, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 100})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ids(l plane.Lease) (out []int64) {
	for _, c := range l.Items {
		out = append(out, c.ID)
	}
	return out
}

func urls(l plane.Lease) (out []string) {
	for _, c := range l.Items {
		out = append(out, c.URL)
	}
	return out
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func oneSweep(t *testing.T, h Harness) {
	begin(t, h, "a")
	if _, err := h.Plane.Begin(t.Context(), plane.Start{Source: "a", Spec: "a"}); !is[*plane.Busy](err) {
		t.Errorf("second sweep of one source: %v", err)
	}
	begin(t, h, "b")
}

func takenOver(t *testing.T, h Harness) {
	old := begin(t, h, "a", items("h", 3)...)
	l := claim(t, h, old)
	_, _, err := h.Plane.Complete(t.Context(), old, l, plane.Batch{Done: ids(l)[:1], Counts: plane.Counts{Fetched: 1}})
	check(t, err)
	h.Advance(Lease + time.Second)
	now := begin(t, h, "a", items("h", 9)...)
	if !now.Resumed || now.ID != old.ID || now.Epoch <= old.Epoch || now.Counts.Fetched != 1 || now.Counts.Listed != 3 {
		t.Errorf("got %+v after %+v", now, old)
	}
	if got := urls(claim(t, h, now)); len(got) != 2 {
		t.Errorf("left to do: %v", got)
	}
	_, err = h.Plane.Claim(t.Context(), plane.Want{Sweep: old, Max: 1})
	_, ferr := h.Plane.Finish(t.Context(), old, plane.End{State: plane.Done})
	for _, err := range []error{err, ferr, h.Plane.Extend(t.Context(), old)} {
		if !errors.Is(err, plane.ErrFenced) {
			t.Errorf("the old holder got %v", err)
		}
	}
	h.Advance(Lease / 2)
	check(t, h.Plane.Extend(t.Context(), now))
	h.Advance(Lease/2 + time.Second)
	if _, err := h.Plane.Begin(t.Context(), plane.Start{Source: "a", Spec: "a"}); !is[*plane.Busy](err) {
		t.Errorf("an extended lease was taken: %v", err)
	}
}

func pausedGoesOn(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 2)...)
	l := claim(t, h, s)
	_, _, err := h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l)[:1]})
	check(t, err)
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	_, err = h.Plane.Finish(t.Context(), s, plane.End{State: plane.Paused, Reason: "later"})
	check(t, err)
	s = begin(t, h, "a", items("h", 2)...)
	if l = claim(t, h, s); !s.Resumed || len(l.Items) != 1 || l.Items[0].URL != "http://h/1" {
		t.Errorf("resumed=%v with %v", s.Resumed, urls(l))
	}
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	_, err = h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	s = begin(t, h, "a", items("h", 2)...)
	if l = claim(t, h, s); s.Resumed || len(l.Items) != 2 || s.Counts.Listed != 2 {
		t.Errorf("anew: resumed=%v with %v", s.Resumed, urls(l))
	}
}

func changedSource(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 2)...)
	_, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Paused})
	check(t, err)
	n, err := h.Plane.Begin(t.Context(), plane.Start{Source: "a", Spec: "b", Seeds: items("other", 1)})
	check(t, err)
	if l := claim(t, h, n); n.Resumed || l.Host != "other" {
		t.Errorf("resumed=%v at %s", n.Resumed, l.Host)
	}
}

func onceAndLimit(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 1)...)
	l := claim(t, h, s)
	added, dropped, err := h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l), Found: append(items("h", 5), items("h", 5)...), Limit: 4})
	check(t, err)
	if added != 3 || dropped == 0 {
		t.Errorf("added %d, dropped %d", added, dropped)
	}
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	l = claim(t, h, s)
	if got := urls(l); !slices.Equal(got, []string{"http://h/1", "http://h/2", "http://h/3"}) {
		t.Errorf("got %v", got)
	}
	_, _, err = h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l), Found: items("h", 4)})
	check(t, err)
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !is[*plane.Drained](err) {
		t.Errorf("a done item came back: %v", err)
	}
	c, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	if c.Listed != 4 {
		t.Errorf("listed %d", c.Listed)
	}
}

func oneHand(t *testing.T, h Harness) {
	s := begin(t, h, "a", append(items("h", 2), items("i", 1)...)...)
	first, second := claim(t, h, s), claim(t, h, s)
	if first.Host == second.Host || len(first.Items)+len(second.Items) != 3 {
		t.Errorf("got %s and %s", first.Host, second.Host)
	}
	_, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1})
	if !is[*plane.Wait](err) {
		t.Errorf("both hosts are held: %v", err)
	}
	if _, err := h.Plane.Host(t.Context(), "h", "x"); !is[*plane.Wait](err) {
		t.Errorf("a held host was lent again: %v", err)
	}
	other := begin(t, h, "b", items("h", 1)...)
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: other, Max: 1}); !is[*plane.Wait](err) {
		t.Errorf("another sweep got a held host: %v", err)
	}
	var d *plane.Drained
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1, Skip: map[string]bool{"h": true, "i": true}}); !errors.As(err, &d) || d.Left != 3 {
		t.Errorf("all hosts skipped: %v", err)
	}
}

func nextMoment(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 2)...)
	l := claim(t, h, s)
	next := h.Now().Add(10 * time.Second)
	check(t, h.Plane.Rate(t.Context(), l, next))
	check(t, h.Plane.Release(t.Context(), l, h.Now())) // an earlier moment takes nothing back
	var w *plane.Wait
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !errors.As(err, &w) || w.Until.Before(next.Add(-time.Millisecond)) {
		t.Errorf("before its moment: %v", err)
	}
	if _, err := h.Plane.Host(t.Context(), "h", "x"); !errors.As(err, &w) {
		t.Errorf("before its moment, outside a sweep: %v", err)
	}
	h.Advance(10*time.Second + time.Millisecond)
	if l := claim(t, h, s); l.Next.After(h.Now()) {
		t.Errorf("next is %v", l.Next)
	}
}

func hostFenced(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 1)...)
	old := claim(t, h, s)
	h.Advance(Lease + time.Second)
	s = begin(t, h, "a")
	l := claim(t, h, s)
	if l.Epoch <= old.Epoch {
		t.Errorf("epoch %d after %d", l.Epoch, old.Epoch)
	}
	_, _, err := h.Plane.Complete(t.Context(), s, old, plane.Batch{})
	for _, err := range []error{err, h.Plane.Rate(t.Context(), old, h.Now()), h.Plane.Release(t.Context(), old, h.Now()), h.Plane.Extend(t.Context(), plane.Sweep{}, old)} {
		if !errors.Is(err, plane.ErrFenced) {
			t.Errorf("the old holder got %v", err)
		}
	}
	check(t, h.Plane.Extend(t.Context(), s, l))
}

func fencedBatch(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 2)...)
	old := claim(t, h, s)
	h.Advance(Lease + time.Second)
	s = begin(t, h, "a")
	l := claim(t, h, s)
	_, _, err := h.Plane.Complete(t.Context(), s, old, plane.Batch{Done: ids(old), Found: items("z", 3), Counts: plane.Counts{Errors: 5},
		Seen: []plane.SeenAt{{ID: old.Items[0].ID, Seen: plane.Seen{ETag: "x", Checked: h.Now()}}}})
	if !errors.Is(err, plane.ErrFenced) {
		t.Fatal(err)
	}
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	l = claim(t, h, s)
	if l.Host != "h" || len(l.Items) != 2 || l.Items[0].Seen != nil {
		t.Errorf("the fenced batch left traces: %+v", l)
	}
	c, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	if c.Errors != 0 {
		t.Errorf("counts %+v", c)
	}
}

func putBack(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 1)...)
	l := claim(t, h, s)
	_, _, err := h.Plane.Complete(t.Context(), s, l, plane.Batch{Later: []plane.Later{{ID: l.Items[0].ID, Due: h.Now().Add(time.Minute)}}})
	check(t, err)
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	for range 2 {
		if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !is[*plane.Wait](err) {
			t.Errorf("before it is due: %v", err)
		}
	}
	check(t, h.Plane.Extend(t.Context(), s))
	h.Advance(Lease - time.Second)
	check(t, h.Plane.Extend(t.Context(), s))
	h.Advance(Lease - time.Second)
	check(t, h.Plane.Extend(t.Context(), s))
	h.Advance(3 * time.Second)
	if l := claim(t, h, s); l.Items[0].Attempts != 1 {
		t.Errorf("attempts %d", l.Items[0].Attempts)
	}
}

func seen(t *testing.T, h Harness) {
	in := plane.Seen{ETag: `"e"`, LastModified: "m", Listed: "s", Fetched: h.Now(), Checked: h.Now(), Generation: 7, Bytes: 9,
		Report: json.RawMessage(`{"a":1}`), Links: []plane.Item{{URL: "http://h/x"}}}
	s := begin(t, h, "a", items("h", 1)...)
	l := claim(t, h, s)
	if l.Items[0].Seen != nil {
		t.Error("seen before it was")
	}
	_, _, err := h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l), Seen: []plane.SeenAt{{ID: ids(l)[0], Seen: in}}})
	check(t, err)
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	_, err = h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	l = claim(t, h, begin(t, h, "a", items("h", 1)...))
	out := l.Items[0].Seen
	if out == nil || out.ETag != in.ETag || out.Generation != 7 || string(out.Report) != string(in.Report) || len(out.Links) != 1 || !out.Fetched.Equal(in.Fetched) {
		t.Errorf("got %+v", out)
	}
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	if l = claim(t, h, begin(t, h, "b", items("h", 1)...)); l.Items[0].Seen != nil {
		t.Error("seen in another source")
	}
}

func letIn(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 1)...)
	l := claim(t, h, s)
	if _, err := h.Plane.Host(t.Context(), "h", "look"); !is[*plane.Wait](err) {
		t.Fatal(err)
	}
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !is[*plane.Wait](err) {
		t.Errorf("the sweep took the host again before the one who waits: %v", err)
	}
	l, err := h.Plane.Host(t.Context(), "h", "look")
	check(t, err)
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	claim(t, h, s)
}

func history(t *testing.T, h Harness) {
	for i, e := range []plane.End{{State: plane.Done, Good: true}, {State: plane.Failed, Reason: "no listing"}} {
		s := begin(t, h, "a", items("h", i+1)...)
		h.Advance(time.Second)
		_, err := h.Plane.Finish(t.Context(), s, e)
		check(t, err)
	}
	begin(t, h, "b")
	got, err := h.Plane.History(t.Context())
	check(t, err)
	if len(got) != 2 || got[0].Source != "a" || got[0].State != plane.Failed || got[0].Reason != "no listing" || got[0].Counts.Listed != 2 ||
		got[0].LastGood.IsZero() || !got[0].LastGood.Before(got[0].Finished) || got[1].State != plane.Running || !got[1].LastGood.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func manyWorkers(t *testing.T, h Harness) {
	var seeds []plane.Item
	for i := range 7 {
		seeds = append(seeds, items(fmt.Sprint("h", i), 20)...)
	}
	s := begin(t, h, "a", seeds...)
	var mu sync.Mutex
	taken, holding := map[string]int{}, map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				l, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 16})
				if is[*plane.Drained](err) {
					return
				}
				if is[*plane.Wait](err) {
					time.Sleep(time.Millisecond)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if holding[l.Host] {
					t.Errorf("%s is in two hands", l.Host)
				}
				holding[l.Host] = true
				for _, u := range urls(l) {
					taken[u]++
				}
				mu.Unlock()
				_, _, err = h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l), Counts: plane.Counts{Fetched: int64(len(l.Items))}})
				mu.Lock()
				holding[l.Host] = false
				mu.Unlock()
				if err := errors.Join(err, h.Plane.Release(t.Context(), l, time.Time{})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for u, n := range taken {
		if n != 1 {
			t.Errorf("%s taken %d times", u, n)
		}
	}
	c, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	if len(taken) != 140 || c.Fetched != 140 {
		t.Errorf("took %d, counted %d", len(taken), c.Fetched)
	}
}
