//go:build !purego

package cell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
	"pgregory.net/rapid"
)

// eachWay does something with each of the ways in which this machine's vectors can be used.
func eachWay(do func()) {
	do()
	if wide() {
		cpu.X86.HasAVX512BW = false
		defer func() { cpu.X86.HasAVX512BW = true }()
		do()
	}
}

func TestEdgesAreFoundTogetherAsOneByOne(t *testing.T) {
	if !vectors() {
		t.Skip("there are no vectors")
	}
	eachWay(func() { findsEdges(t) })
}

func findsEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := edgyText(t, mapBits)
		base := rapid.IntRange(0, 1<<13).Draw(t, "base")
		to := make([]byte, edgeBytes*(len(text)+edgeBlock))
		blocks := len(text) / mapBits
		var m maps
		any := m.tellRuns(&text[0], blocks)
		for i, c := range text {
			if m.digits[i/mapBits]>>(i%mapBits)&1 != 0 != isDigit(c) || isDigit(c) && any == 0 {
				t.Fatalf("%q: byte %d", text, i)
			}
		}
		var marks [mapWords]uint64
		edges := edgesOf(text, base, true)
		for i := 0; i < len(edges); i += 2 {
			if rapid.Bool().Draw(t, "firm") {
				at := int(edges[i]) - base
				marks[at/mapBits] |= 1 << (at % mapBits)
				edges[i] |= firm
			}
		}
		if got := placesIn(to[:tellEdges(&to[0], &m.runs, &marks, blocks, uint64(base))]); !slices.Equal(got, edges) {
			t.Fatalf("%q: %v, want %v", text, got, edges)
		}
	})
}

func TestDaysThatAreRememberedAreThoseOfTheSet(t *testing.T) {
	if !vectors() {
		t.Skip("there are no vectors")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := testKey(1).Scanner()
		s.Filter(oneIn256)
		defer s.Free()
		year, month, day := rapid.Uint64Range(minYear, maxYear), rapid.Uint64Range(1, 12), rapid.Uint64Range(1, 31)
		var text strings.Builder
		text.WriteString(strings.Repeat("x", rapid.IntRange(1, mapBits).Draw(t, "before")))
		for range rapid.IntRange(0, 60).Draw(t, "days") {
			y, m, d := year.Draw(t, "year"), month.Draw(t, "month"), day.Draw(t, "day")
			if rapid.IntRange(0, 3).Draw(t, "kind") > 0 {
				s.days.add(y, m, d)
			} else {
				y, m, d = rapid.Uint64Range(0, 9999).Draw(t, "any year"), rapid.Uint64Range(0, 99).Draw(t, "any month"), rapid.Uint64Range(0, 99).Draw(t, "any day")
			}
			text.WriteString(rapid.SampledFrom([]string{";", "\n", ",\"", ";Jan;de Smet;", "|", ";1.50;20;"}).Draw(t, "between"))
			fmt.Fprintf(&text, "%04d-%02d-%02d", y, m, d)
		}
		text.WriteString(";")
		b := text.String()
		var want []uint16
		for at := 0; at+isoSize <= len(b); at++ {
			var y, m, d uint64
			if n, _ := fmt.Sscanf(b[at:at+isoSize], "%04d-%02d-%02d", &y, &m, &d); n == 3 && b[at+4] == '-' && y >= minYear && y <= maxYear && m >= 1 && m <= 12 && d >= 1 && d <= 31 {
				if i := (y-firstYear)*yearBits + m*monthBits + d; s.days[i/64]>>(i%64)&1 != 0 {
					want = append(want, uint16(at))
				}
			}
		}
		s.only.Sizes = 0
		s.buf = append(append(s.buf[:0], b...), make([]byte, bufRoom+2*wordBlock)...)[:len(b)]
		s.borders(s.buf[:len(b)+overRead], len(b))
		var got []uint16
		for at := range len(b) {
			if s.maps.days[at/mapBits]>>(at%mapBits)&1 != 0 {
				got = append(got, uint16(at))
			}
		}
		if s.early != uint32(len(want)) || s.early > 0 && !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", b, got, want)
		}
		for at := range len(b) {
			in := false
			for _, from := range want {
				in = in || at >= int(from) && at < int(from)+isoSize
			}
			if is := s.maps.runs[at/mapBits]>>(at%mapBits)&1 != 0; in && is {
				t.Fatalf("%q: byte %d is of a run", b, at)
			}
		}
	})
}

// TestMapsAreTheSameEachWay compares what is told of bytes, of which some are of characters that end words, and of brackets.
func TestMapsAreTheSameEachWay(t *testing.T) {
	if !wide() {
		t.Skip("there is one way only")
	}
	bytes := []byte("aZ09 \n@)}]({[`{/:\xe2\x80\x8f\x90\xa9\xaa\xc2\xa0\xab\xbb\xbc\x00\xff\x7f")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom(bytes), 1, 6*mapBits).Draw(t, "text")
		few := rapid.IntRange(0, 3).Draw(t, "few")
		for i := range text {
			if few > 0 && i%(7*few) != 0 {
				text[i] = 'a'
			}
		}
		blocks := len(text)/mapBits + 1
		text = append(text, make([]byte, mapBits+2)...)
		var got, want maps
		any, wants := runs512(&got, &text[0], blocks), runsWide(&want, &text[0], blocks)
		if got.runs != want.runs || got.digits != want.digits || got.lines != want.lines || (any == 0) != (wants == 0) {
			t.Fatalf("%q: other maps", text)
		}
		if (got.ats == 0) != (want.ats == 0) || (got.brackets == 0) != (want.brackets == 0) {
			t.Fatalf("%q: '@' %x, brackets %x, want %x and %x", text, got.ats, got.brackets, want.ats, want.brackets)
		}
	})
}
