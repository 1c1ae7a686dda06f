package revisit

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var week = Bounds{Min: time.Hour, Max: 7 * 24 * time.Hour}

func drawHistory(t *rapid.T) History {
	var h History
	for range rapid.IntRange(0, 60).Draw(t, "visits") {
		gap := time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "gap"))
		h = h.Seen(week, gap, rapid.Bool().Draw(t, "changed"), rapid.Bool().Draw(t, "gave"))
	}
	return h
}

func TestNothingIsLeftAloneForLongerThanTheOperatorAllows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := Bounds{Min: time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "min")), Max: time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "max"))}
		h := drawHistory(t)
		w := h.Wait(b)
		if w < 0 || w > b.Max || w > 0 && w < b.Max && w < b.Min {
			t.Fatalf("%v of %+v with %+v", w, h, b)
		}
		if r := h.Rate(); r < 0 || math.IsNaN(r) || math.IsInf(r, 0) {
			t.Fatalf("rate %v of %+v", r, h)
		}
	})
}

func TestMoreChangeNeverMeansALongerWait(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gap := time.Duration(rapid.Int64Range(int64(Least), int64(30*24*time.Hour)).Draw(t, "gap"))
		n := rapid.IntRange(1, 20).Draw(t, "n")
		changes := rapid.IntRange(0, n-1).Draw(t, "changes")
		at := func(changes int) time.Duration {
			var h History
			for i := range n {
				h = h.Seen(week, gap, i < changes, false)
			}
			return h.Wait(week)
		}
		if a, b := at(changes), at(changes+1); b > a {
			t.Fatalf("%d changes of %d: %v, one more: %v", changes, n, a, b)
		}
	})
}

func TestNoRateIsGuessedFromSilenceAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		longest := time.Duration(float64(h.Gap) * growth * float64(time.Hour))
		if w := h.Wait(Bounds{Max: math.MaxInt64}); w > longest+time.Second {
			t.Fatalf("%v after a gap of %v h", w, h.Gap)
		}
	})
}

func TestSweepsByHandSeeEverything(t *testing.T) {
	t.Parallel()
	var h History
	for range 50 {
		h = h.Seen(week, 30*time.Second, false, false)
	}
	if h != (History{}) || h.Wait(week) != 0 {
		t.Errorf("got %+v", h)
	}
}

func TestWhatGivesIsSeenMoreOften(t *testing.T) {
	t.Parallel()
	var dull, rich History
	for i := range 20 {
		dull, rich = dull.Seen(week, 24*time.Hour, i%5 == 0, false), rich.Seen(week, 24*time.Hour, i%5 == 0, true)
	}
	if r, d := rich.Wait(week), dull.Wait(week); r <= 0 || r >= d {
		t.Errorf("rich %v, dull %v", r, d)
	}
}

func TestTheEstimateFindsTheRate(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, perDay := range []float64{0.05, 0.3, 1, 3} {
		var sum float64
		const runs = 300
		for range runs {
			var h History
			for range memory {
				h = h.Seen(week, 12*time.Hour, rng.Float64() < 1-math.Exp(-perDay/2), false)
			}
			sum += h.Rate() * 24
		}
		if got := sum / runs; math.Abs(got-perDay) > 0.25*perDay+0.02 {
			t.Errorf("%.2f changes a day are estimated as %.2f", perDay, got)
		}
	}
}

func TestAHistoryIsAFewBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		b, err := json.Marshal(h)
		var back History
		if err != nil || len(b) > 100 || json.Unmarshal(b, &back) != nil || back != h {
			t.Fatalf("%s: %v", b, err)
		}
	})
}

// TestFewerRequestsAtEqualFreshness simulates a mirror of 2,000 folders over 200 days, one in twenty of which changes
// daily and most of which hardly ever do: against asking for each at equal intervals with as many requests, revisits
// that follow the rate find changes sooner; and they need fewer for the same freshness.
func TestFewerRequestsAtEqualFreshness(t *testing.T) {
	t.Parallel()
	const folders, days = 2000, 200
	rng := rand.New(rand.NewPCG(7, 11))
	rates := make([]float64, folders) // changes a day
	for i := range rates {
		switch {
		case i%20 == 0:
			rates[i] = 1
		case i%5 == 0:
			rates[i] = 0.1
		default:
			rates[i] = 0.002
		}
	}
	run := func(wait func(i int, h History) time.Duration) (requests int, fresh float64) {
		history, last, stale := make([]History, folders), make([]int, folders), make([]bool, folders)
		unseen := 0
		for day := 1; day <= days; day++ {
			for i := range folders {
				stale[i] = stale[i] || rng.Float64() < 1-math.Exp(-rates[i])
				gap := time.Duration(day-last[i]) * 24 * time.Hour
				if gap < wait(i, history[i]) {
					if stale[i] {
						unseen++
					}
					continue
				}
				requests++
				history[i] = history[i].Seen(week, gap, stale[i], stale[i])
				last[i], stale[i] = day, false
			}
		}
		return requests, 1 - float64(unseen)/float64(folders*days)
	}
	always, _ := run(func(int, History) time.Duration { return 0 })
	ours, fresh := run(func(_ int, h History) time.Duration { return h.Wait(Bounds{Max: 30 * 24 * time.Hour}) })
	t.Logf("%d requests instead of %d, %.1f %% fresh", ours, always, 100*fresh)
	if ours*3 > always || fresh < 0.95 {
		t.Errorf("%d requests of %d, %.3f fresh", ours, always, fresh)
	}
	for every := 1; ; every++ { // the rarest equal interval that is as fresh
		requests, f := run(func(int, History) time.Duration { return time.Duration(every) * 24 * time.Hour })
		if f < fresh || every > 30 {
			break
		}
		t.Logf("equal intervals of %d days: %d requests, %.1f %% fresh", every, requests, 100*f)
		if requests < 2*ours {
			t.Errorf("equal intervals of %d days need %d requests for %.3f", every, requests, f)
		}
	}
}
