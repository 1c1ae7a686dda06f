package planetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/crawler/plane"
)

func pausedSource(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 2)...)
	check(t, h.Plane.Pause(t.Context(), "a", true))
	check(t, h.Plane.Pause(t.Context(), "b", true))
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !errors.Is(err, plane.ErrPaused) {
		t.Errorf("claim of a paused source: %v", err)
	}
	_, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Paused, Reason: "paused"})
	check(t, err)
	for _, source := range []string{"a", "b"} {
		if _, err := h.Plane.Begin(t.Context(), plane.Start{Source: source, Spec: "a"}); !errors.Is(err, plane.ErrPaused) {
			t.Errorf("begin of %s: %v", source, err)
		}
	}
	got, err := h.Plane.History(t.Context())
	check(t, err)
	if len(got) != 2 || !got[0].Paused || got[0].State != plane.Paused || !got[1].Paused || got[1].State != "" {
		t.Errorf("got %+v", got)
	}
	check(t, h.Plane.Pause(t.Context(), "a", false))
	s = begin(t, h, "a", items("h", 2)...)
	if l := claim(t, h, s); !s.Resumed || len(l.Items) != 2 {
		t.Errorf("resumed=%v with %v", s.Resumed, urls(l))
	}
}

func wholeItem(t *testing.T, h Harness) {
	in := plane.Item{URL: "http://h.example:8080/a?b#c", Host: "h.example:8080", Lists: true, Matches: true, Elsewhere: true, Depth: 3, Listed: "12k yesterday",
		Modified: time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC), Contact: "abuse@h.example", Via: []string{"http://h.example:8080/"}, Kind: "haste", Size: 9,
		Published: []string{"sha1:00"}, Name: "n"}
	plain := plane.Item{URL: "gopher://other/", Host: "h.example:8080"}
	l := claim(t, h, begin(t, h, "a", in, plain))
	if len(l.Items) != 2 || !reflect.DeepEqual(l.Items[0].Item, in) || !reflect.DeepEqual(l.Items[1].Item, plain) {
		t.Errorf("got %+v", l.Items)
	}
}

// manySeen has enough addresses at one host for every structure to grow, and values of all lengths.
func manySeen(t *testing.T, h Harness) {
	const n = 1500
	all := items("h", n)
	report := func(i int) string { return fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", i%400)) }
	for round := range 3 {
		s := begin(t, h, "a", all...)
		got := 0
		for {
			l, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 256})
			if is[*plane.Drained](err) {
				break
			}
			check(t, err)
			b := plane.Batch{Done: ids(l), Found: all[:20]}
			for _, it := range l.Items {
				var i int
				if _, err := fmt.Sscanf(it.URL, "http://h/%d", &i); err != nil {
					t.Fatal(err)
				}
				if round > 0 && (it.Seen == nil || it.Seen.ETag != fmt.Sprint("e", i) || string(it.Seen.Report) != report(i*(round-1)+round-1)) {
					t.Fatalf("round %d, item %d: %+v", round, i, it.Seen)
				}
				b.Seen = append(b.Seen, plane.SeenAt{ID: it.ID, Seen: plane.Seen{ETag: fmt.Sprint("e", i), Checked: h.Now(), Report: json.RawMessage(report(i*round + round))}})
				got++
			}
			_, _, err = h.Plane.Complete(t.Context(), s, l, b)
			check(t, err)
			check(t, h.Plane.Release(t.Context(), l, time.Time{}))
		}
		if got != n {
			t.Fatalf("round %d: %d items", round, got)
		}
		_, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
		check(t, err)
	}
}

// shared lets one worker find what another walks, and nobody believe the sweep drained before.
func shared(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 1)...)
	l := claim(t, h, s)
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !is[*plane.Wait](err) {
		t.Errorf("drained while an item is in hand: %v", err)
	}
	_, _, err := h.Plane.Complete(t.Context(), s, l, plane.Batch{Found: items("i", 2)})
	check(t, err)
	other := claim(t, h, s)
	if other.Host != "i" || len(other.Items) != 2 {
		t.Errorf("got %s with %v", other.Host, urls(other))
	}
	_, _, err = h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(l)})
	check(t, err)
	_, _, err = h.Plane.Complete(t.Context(), s, other, plane.Batch{Done: ids(other), Found: items("h", 2)})
	check(t, err)
	check(t, h.Plane.Release(t.Context(), other, time.Time{}))
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	if l = claim(t, h, s); !slices.Equal(urls(l), []string{"http://h/1"}) {
		t.Errorf("got %v", urls(l))
	}
}
