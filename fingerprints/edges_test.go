package fingerprints

import (
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/match"
)

// TestAPieceOf65CharactersAloneIsRecognised: nothing but a report's own text, cut off at both ends.
func TestAPieceOf65CharactersAloneIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 5))
	w := newWorld(t, 71)
	report := strings.Join(w.report[1:], " ")
	found, tries := 0, 0
	for range 60 {
		at := r.IntN(len(report) - 100)
		n := 65
		for len(canonical.Text(report[at:at+n])) < 65 {
			n++
		}
		tries++
		if rep := w.match(t, "x.txt", []byte(report[at:at+n])); rep.Verdict == match.Matched && rep.Best().KnownFile == "verslag.pdf" {
			found++
		}
	}
	if found*100 < tries*90 {
		t.Errorf("%d of %d were recognised", found, tries)
	}
}

func TestEdgesKeepBothEndsHoweverTheTextComes(t *testing.T) {
	text := []byte(strings.Repeat("abcdefghijklmnopqrstuvwxyz0123456789", 2000))
	for _, step := range []int{1, 7, edgeText, 5000, len(text)} {
		var e edges
		for at := 0; at < len(text); at += step {
			e.keep(text[at:min(at+step, len(text))])
		}
		if string(e.head) != string(text[:keptText]) || string(e.tail) != string(text[len(text)-edgeText:]) {
			t.Errorf("in pieces of %d: %d and %q", step, len(e.head), e.tail)
		}
	}
}

func TestALettersPassagesCountWhenItsPersonIsThere(t *testing.T) {
	letter, table := fileRef{0, 1}, fileRef{0, 2}
	at := func(ref fileRef, g match.Grade, bits float64) ranked {
		return ranked{match.Match{Grade: g, Bits: bits}, ref, levelPassages}
	}
	for _, c := range []struct {
		what    string
		matches []ranked
		want    float64
	}{
		{"with its person", []ranked{at(letter, match.Passages, 48), at(letter, match.Records, 40)}, 90},
		{"with a name only", []ranked{at(letter, match.Passages, 48), at(letter, match.Records, 25)}, 48},
		{"with another's row", []ranked{at(letter, match.Passages, 48), at(table, match.Records, 90)}, 48},
	} {
		r := ranking{m: &Matcher{noticeBits: DefaultNoticeBits}}
		r.samePerson(c.matches, map[fileRef]aside{letter: {beyond: 90}}, nil, somebody{})
		if got := c.matches[0].Bits; got != c.want {
			t.Errorf("%s: %v bits", c.what, got)
		}
	}
}

// TestARowOfTheSameCharactersSaysNothing: numbers filled up with zeros and rows of one letter are in the light and shade of a
// picture that is read as text, in rulers and in keys; whoever has some of them has nothing of the document.
func TestARowOfTheSameCharactersSaysNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(79, 2))
	rows := func(n int) (text string) {
		for _, c := range "cfkx27" {
			text += strings.Repeat(string(c), n) + " 9" + strings.Repeat("0", n/2) + "\n"
		}
		return text
	}
	report := plainProse(r, lexicon(r, 2000), 200)
	m := registered(t, map[string][]byte{"report.txt": []byte(report + rows(66) + report[:300])})
	for _, other := range []string{rows(62), rows(66), plainProse(r, lexicon(r, 2000), 60) + rows(64)} {
		if rep := matchText(m, other); rep.Verdict != match.None {
			t.Errorf("rows of %.20q: %s, %+v", other, rep.Verdict, rep.Matches)
		}
	}
	few := report[len(report)-40:] + rows(66)
	if rep := matchText(m, few); rep.Verdict == match.Matched {
		t.Errorf("40 characters and rows: %+v", rep.Matches)
	}
	if rep := matchText(m, report); rep.Verdict != match.Matched || rep.Best().KnownFile != "report.txt" {
		t.Errorf("the report: %s, %+v", rep.Verdict, rep.Matches)
	}
}

func TestFlatIsWhatHasThreeCharactersAtMost(t *testing.T) {
	text := "whatsomebodywrote" + strings.Repeat("0", 30) + "andwentonwith" + strings.Repeat("012", 9) + strings.Repeat("0123", 9)
	h := hits{text: []byte(text)}
	for at, flat := range h.flats() {
		// the whole of both rows, and two characters beside each that are in a passage with it
		want := at >= 15 && at < 49 || at >= 60 && at < 90
		if flat != want {
			t.Errorf("byte %d, %q: %v", at, text[at], flat)
		}
	}
}
