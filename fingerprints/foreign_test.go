package fingerprints

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
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

// TestTextOutOfTheSamePhrasesAccusesNobody: it has long runs of the only known document of its kind here and there. A copy,
// its lines in whatever order, has nothing else.
func TestTextOutOfTheSamePhrasesAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 9))
	words := lexicon(r, 2000)
	var phrases []string
	for range 600 {
		phrases = append(phrases, plainProse(r, words, 4))
	}
	prose := func(n int) string {
		lines := make([]string, n)
		for i := range lines {
			at := r.IntN(len(phrases))
			for range 6 { // after a phrase come twenty
				lines[i] += phrases[at] + " "
				at = (13*at + r.IntN(20)) % len(phrases)
			}
			lines[i] += plainProse(r, words, 14)
		}
		return strings.Join(lines, "\n")
	}
	report := prose(120)
	m := registered(t, map[string][]byte{"report.txt": []byte(report), "other.txt": []byte(plainProse(r, lexicon(r, 2000), 900))})
	for range rounds(12) {
		if rep := matchText(m, prose(30)); rep.Verdict == match.Matched {
			t.Errorf("text out of the same phrases is accused: %.0f bits", rep.Best().Bits)
		}
	}
	lines := strings.Split(report, "\n")
	half := strings.Join(lines[:60], "\n")
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	for what, item := range map[string]string{
		"half": half, "shuffled": strings.Join(lines, "\n"), "a sixth among others": prose(4) + plainProse(r, words, 2000) + half[:len(half)/3],
		"in short lines, shuffled": shuffledWords(r, report, 6),
	} {
		if rep := matchText(m, item); rep.Verdict != match.Matched {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Matches)
		}
	}
}

// shuffledWords is a text in lines of that many words, in any order.
func shuffledWords(r *rand.Rand, text string, words int) string {
	var lines []string
	for part := range slices.Chunk(strings.Fields(text), words) {
		lines = append(lines, strings.Join(part, " "))
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return strings.Join(lines, "\n")
}
