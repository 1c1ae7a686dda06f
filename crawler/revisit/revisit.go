// Package revisit tells how long an address may be left alone, from how often it was seen to change and what that gave.
// It never fetches, knows no clock of its own, and never leaves anything alone for longer than the operator allows.
package revisit

import (
	"math"
	"time"
)

// History is what visits learned of one address: a few bytes that are kept with it. The zero value knows nothing.
type History struct {
	// Visits and Still count visits that could compare with an earlier one, and those that found it unchanged; older ones
	// weigh less, so that a place that changes its habits is believed.
	Visits float32 `json:"n,omitempty"`
	Still  float32 `json:"s,omitempty"`
	// Span is the time between those visits together, in hours.
	Span float32 `json:"h,omitempty"`
	// Gap is the time between the last two of them, in hours.
	Gap float32 `json:"g,omitempty"`
	// Yield is the share of its changes that gave something to match, between 0 and 1.
	Yield float32 `json:"y,omitempty"`
}

// Bounds are the operator's: nothing is left alone for less than Min or more than Max. A Max of 0 leaves nothing alone.
// Visits closer together than Least say nothing about change; 0 means the constant of that name.
type Bounds struct{ Min, Max, Least time.Duration }

func (b Bounds) least() time.Duration {
	if b.Least > 0 {
		return b.Least
	}
	return Least
}

const (
	// Least is the shortest time between two visits that says anything about change: sweeps by hand come in seconds, and
	// must see everything.
	Least = 10 * time.Minute

	memory = 24  // visits after which old ones have lost most of their weight
	growth = 2.0 // how much longer than the last observed gap it may be left alone: no rate is guessed from silence alone
	// stale is the chance that it changed unseen which is borne before the next visit: for places that give nothing when
	// they change, and for those that always give something.
	stale, staleYield = 0.5, 0.1
)

// Seen records a visit gap after the one before: whether it had changed, and whether that gave something to match.
func (h History) Seen(b Bounds, gap time.Duration, changed, gave bool) History {
	if gap < b.least() {
		return h
	}
	fade := float32(1)
	if h.Visits >= memory {
		fade = float32(memory-1) / memory
	}
	h.Visits, h.Still, h.Span = h.Visits*fade+1, h.Still*fade, h.Span*fade+float32(gap.Hours())
	h.Gap = float32(gap.Hours())
	if !changed {
		h.Still++
		return h
	}
	y := float32(0)
	if gave {
		y = 1
	}
	if h.Yield == 0 && h.Visits <= 1 {
		h.Yield = y
	}
	h.Yield += (y - h.Yield) / 4
	return h
}

// Rate estimates how many times an hour it changes: the bias-reduced estimator for a Poisson process that is observed
// at intervals and only shows whether it changed at all (Cho and Garcia-Molina, Estimating Frequency of Change, 2003,
// section 4.2). 0 when nothing is known.
func (h History) Rate() float64 {
	if h.Visits <= 0 || h.Span <= 0 {
		return 0
	}
	every := float64(h.Span / h.Visits)
	return -math.Log((float64(h.Still)+0.5)/(float64(h.Visits)+0.5)) / every
}

// Wait is how long after a visit it may be left alone: until the chance that it changed unseen passes a bound, which is
// lower where changes gave something to match. Nothing is left alone before two visits could be compared.
func (h History) Wait(b Bounds) time.Duration {
	if b.Max <= 0 || h.Visits <= 0 || h.Gap <= 0 {
		return 0
	}
	y := min(max(float64(h.Yield), 0), 1)
	bear := stale + (staleYield-stale)*y
	hours := float64(h.Gap) * growth
	if r := h.Rate(); r > 0 {
		hours = min(hours, -math.Log(1-bear)/r)
	}
	if hours >= b.Max.Hours() || math.IsNaN(hours) { // before it is counted in nanoseconds, where a century does not fit
		return b.Max
	}
	w := time.Duration(hours * float64(time.Hour))
	if w < max(b.Min, b.least()) {
		return 0 // it changes faster than it may be asked: each sweep looks
	}
	return w
}
