package planetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"unmirror/crawler/plane"
)

// grown lets a host that had few addresses have many, as when a folder of folders was listed: what was seen of the first stays.
func grown(t *testing.T, h Harness) {
	const few, many = 20, 3000
	all := items("h", many)
	for round := range 2 {
		s := begin(t, h, "a", all[:few]...)
		found, got := all, map[string]bool{}
		for {
			l, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 700})
			if is[*plane.Drained](err) {
				break
			}
			check(t, err)
			b := plane.Batch{Done: ids(l), Found: found}
			for _, it := range l.Items {
				if (it.Seen != nil) != (round > 0) || round > 0 && it.Seen.ETag != it.URL+strings.Repeat("x", it.Depth) {
					t.Fatalf("round %d, %s: %+v", round, it.URL, it.Seen)
				}
				got[it.URL] = true
				b.Seen = append(b.Seen, plane.SeenAt{ID: it.ID, Seen: plane.Seen{ETag: it.URL, Checked: h.Now(), Report: json.RawMessage(fmt.Sprintf("%q", strings.Repeat("y", len(got)%300)))}})
			}
			added, _, err := h.Plane.Complete(t.Context(), s, l, b)
			check(t, err)
			if found != nil && added != many-few {
				t.Fatalf("%d addresses were new", added)
			}
			found = nil
			check(t, h.Plane.Release(t.Context(), l, l.Next))
		}
		if len(got) != many {
			t.Fatalf("round %d: %d addresses", round, len(got))
		}
		_, err := h.Plane.Finish(t.Context(), s, plane.End{State: plane.Done})
		check(t, err)
	}
}

// anyOrder settles items in any order, some of them twice, as when the answer to a batch was lost and its items came again in
// another: each leaves once, and nothing else does.
func anyOrder(t *testing.T, h Harness) {
	s := begin(t, h, "a", items("h", 40)...)
	l := claim(t, h, s)
	n := ids(l)
	complete := func(b plane.Batch) {
		t.Helper()
		_, _, err := h.Plane.Complete(t.Context(), s, l, b)
		check(t, err)
	}
	complete(plane.Batch{Done: []int64{n[7], n[3], n[30], n[5]}})
	complete(plane.Batch{Later: []plane.Later{{ID: n[0], Due: h.Now()}, {ID: n[39], Due: h.Now()}}, Done: []int64{n[1], n[2], n[3]}})
	complete(plane.Batch{Done: []int64{n[0], n[0], n[1], n[30]}, Seen: []plane.SeenAt{{ID: n[30], Seen: plane.Seen{ETag: "gone"}}, {ID: n[39], Seen: plane.Seen{ETag: "back"}}}})
	complete(plane.Batch{Done: []int64{n[38], n[4], n[6]}})
	complete(plane.Batch{})
	check(t, h.Plane.Release(t.Context(), l, l.Next))
	left := map[string]bool{}
	for i := range 40 {
		left[fmt.Sprintf("http://h/%d", i)] = true
	}
	for _, i := range []int{0, 1, 2, 3, 4, 5, 6, 7, 30, 38} {
		delete(left, fmt.Sprintf("http://h/%d", i))
	}
	l = claim(t, h, s)
	for _, it := range l.Items {
		if !left[it.URL] {
			t.Errorf("%s came again", it.URL)
		}
		delete(left, it.URL)
		if back := it.URL == "http://h/39"; back != (it.Attempts == 1) || back != (it.Seen != nil) {
			t.Errorf("%s: %+v", it.URL, it)
		}
	}
	if len(left) > 0 {
		t.Errorf("lost: %v", left)
	}
	complete(plane.Batch{Done: ids(l)})
	check(t, h.Plane.Release(t.Context(), l, l.Next))
	if _, err := h.Plane.Claim(t.Context(), plane.Want{Sweep: s, Max: 1}); !is[*plane.Drained](err) {
		t.Errorf("after all of them: %v", err)
	}
}
