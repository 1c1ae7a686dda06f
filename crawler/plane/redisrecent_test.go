package plane_test

import (
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
)

func TestFiguresOfManyHostsAreAddedUpOnceInAWhile(t *testing.T) {
	p := open(t, redistest.Start(t), plane.RedisOptions{Key: newKey()})
	for _, c := range []struct {
		hosts, first, second int
	}{{20, 20, 19}, {1100, 1100, 1100}} {
		var seeds []plane.Item
		for i := range c.hosts {
			it := crowds(100 * i)
			it.Matches = true
			seeds = append(seeds, it)
		}
		sw, err := p.Begin(t.Context(), plane.Start{Source: "a", Spec: string(rune('a' + c.hosts%7)), Seeds: seeds})
		if err != nil {
			t.Fatal(err)
		}
		waiting := func(want int) {
			t.Helper()
			load, err := p.Load(t.Context())
			if err != nil || load.Waiting["a"] != int64(want) {
				t.Errorf("%d hosts: %+v, %v", c.hosts, load, err)
			}
			list, err := p.History(t.Context())
			if err != nil || len(list) != 1 || list[0].Counts.Listed != int64(c.hosts) {
				t.Errorf("%d hosts: %+v, %v", c.hosts, list, err)
			}
		}
		waiting(c.first)
		l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Complete(t.Context(), sw, l, plane.Batch{Done: []int64{l.Items[0].ID}}); err != nil {
			t.Fatal(err)
		}
		if err := p.Release(t.Context(), l, time.Time{}); err != nil {
			t.Fatal(err)
		}
		waiting(c.second)
		if _, left, err := p.Counts(t.Context(), sw); err != nil || left != int64(c.hosts-1) {
			t.Errorf("exactly: %d, %v", left, err)
		}
		if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
			t.Fatal(err)
		}
	}
}
