package planetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"unmirror/crawler/plane"
)

// numbered are the addresses of items, from one number up to below another.
func numbered(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprintf("http://h/%d", i))
	}
	return out
}

func ahead(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 10)...)
	l, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 3})
	check(t, err)
	last := func(list []plane.Claimed) int64 { return list[len(list)-1].ID }
	more := func(after int64, most int, want []string) []plane.Claimed {
		t.Helper()
		got, err := h.Plane.Ahead(t.Context(), s, l, after, most)
		check(t, err)
		if urls := urls(plane.Lease{Items: got}); !slices.Equal(urls, want) {
			t.Fatalf("ahead of %d: %v, want %v", after, urls, want)
		}
		return got
	}
	second := more(last(l.Items), 4, numbered(3, 7))
	_, _, err = h.Plane.Complete(t.Context(), s, l, plane.Batch{
		Done: ids(l), Later: []plane.Later{{ID: second[0].ID, Due: h.Now().Add(time.Minute)}}, Found: append(items("h", 12)[8:], items("other", 2)...),
		Seen: []plane.SeenAt{{ID: l.Items[1].ID, Seen: plane.Seen{ETag: "x", Checked: h.Now()}}},
	})
	check(t, err)
	third := more(last(second), 100, numbered(7, 12))
	more(last(third), 100, nil)
	all := plane.Lease{Items: append(second[1:], third...)}
	_, _, err = h.Plane.Complete(t.Context(), s, l, plane.Batch{Done: ids(all)})
	check(t, err)
	check(t, h.Plane.Pause(t.Context(), "a", true))
	more(0, 100, nil)
	check(t, h.Plane.Pause(t.Context(), "a", false))
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	if _, err := h.Plane.Ahead(t.Context(), s, l, 0, 100); !errors.Is(err, plane.ErrFenced) {
		t.Errorf("ahead of a lease that was given back: %v", err)
	}
	h.Advance(2 * time.Minute)
	l = claim(t, h, s)
	if l.Host != "h" {
		l = claim(t, h, s)
	}
	if got := urls(l); !slices.Equal(got, []string{"http://h/3"}) || l.Items[0].Attempts != 1 {
		t.Errorf("what was put back: %+v", l.Items)
	}
	more(last(l.Items), 100, nil)
	finishAndAgain(t, h, s, l)
}

// finishAndAgain begins the next sweep, where what was seen comes with the items.
func finishAndAgain(t *testing.T, h Harness, s plane.Sweep, l plane.Lease) {
	check(t, h.Plane.Release(t.Context(), l, time.Time{}))
	_, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
	check(t, err)
	s = begin(t, h, "a", items("h", 3)...)
	l, err = h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1})
	check(t, err)
	got, err := h.Plane.Ahead(t.Context(), s, l, l.Items[0].ID, 100)
	check(t, err)
	if len(got) != 2 || got[0].Seen == nil || got[0].Seen.ETag != "x" || got[1].Seen != nil {
		t.Errorf("the next sweep: %+v", got)
	}
}
