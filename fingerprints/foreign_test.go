package fingerprints

import (
	"testing"

	"unmirror/fingerprints/trace"
)

func TestAStretchThatOthersHoldCountsFromItsLeastLength(t *testing.T) {
	for _, c := range []struct {
		what    string
		least   int64
		offsets []int64
		want    int64
	}{
		{"nothing", 20, nil, 0},
		{"one passage", 20, []int64{5}, 20},
		{"two that overlap", 20, []int64{5, 15}, 30},
		{"two that touch", 20, []int64{5, 25}, 40},
		{"two apart", 20, []int64{5, 40}, 40},
		{"a turn of phrase", 36, []int64{5, 15}, 0},
		{"a sentence behind a turn of phrase", 36, []int64{5, 100, 111, 122}, 42},
	} {
		s := stretches{least: c.least}
		for _, at := range c.offsets {
			s.add(at)
		}
		if got := s.end(); got != c.want {
			t.Errorf("%s: %d characters, want %d", c.what, got, c.want)
		}
	}
}

func TestAPieceOfAnotherDocumentTellsNoMoreThanWhichOneItIs(t *testing.T) {
	take := func(p *parsing, n int, own float64, holds uint32) {
		for range n {
			p.take(own, holds, false)
		}
	}
	for _, c := range []struct {
		what string
		do   func(p *parsing)
		want float64
	}{
		{"what no other holds", func(p *parsing) { take(p, 60, 1, 0) }, 90},
		{"what one other holds as a whole", func(p *parsing) { take(p, 60, 1, 1) }, pieceBits},
		{"what one of two others holds as a whole", func(p *parsing) { take(p, 30, 1, 3); take(p, 30, 1, 2) }, pieceBits},
		{"what two others hold in turn", func(p *parsing) { take(p, 30, 1, 1); take(p, 30, 1, 2) }, 2 * pieceBits},
		{"short pieces", func(p *parsing) { take(p, 4, 1, 1); take(p, 4, 1, 2) }, 12},
		{"what everybody has", func(p *parsing) { take(p, 60, 0, 7) }, 0},
	} {
		var p parsing
		c.do(&p)
		p.end()
		if got := p.sum.bits(); got != c.want {
			t.Errorf("%s tells %.1f bits, want %.1f", c.what, got, c.want)
		}
	}
}

func TestRunsAgainstTheOrderOfTheDocumentAreLeftOut(t *testing.T) {
	run := func(text, at, length int) trace.Run { return trace.Run{Text: text, Trace: at, Length: length} }
	got := ascending([]trace.Run{run(0, 0, 30), run(40, 900, 25), run(70, 50, 40), run(120, 20, 30), run(160, 130, 30)})
	var places []int
	for _, r := range got {
		places = append(places, r.Trace)
	}
	if len(places) != 3 || places[0] != 0 || places[1] != 50 || places[2] != 130 {
		t.Errorf("kept the runs at %v, want those at 0, 50 and 130", places)
	}
}
