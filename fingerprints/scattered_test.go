package fingerprints

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
)

// edited replaces every n-th word.
func edited(r *rand.Rand, text string, n int) string {
	words := strings.Split(text, " ")
	for i := n - 1; i < len(words); i += n {
		words[i] = pick(r, words2)
	}
	return strings.Join(words, " ")
}

// misread changes that share of the letters, as reading from a picture does.
func misread(r *rand.Rand, text string, share float64) string {
	b := []byte(text)
	for i, c := range b {
		if c > ' ' && c < 0x80 && r.Float64() < share {
			b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
		}
	}
	return string(b)
}

// TestEditedAndMisreadCopiesAreRecognised: each run of six words would tell nothing.
func TestEditedAndMisreadCopiesAreRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 9))
	words, others := lexicon(r, 3000), lexicon(r, 3000)
	files := map[string][]byte{}
	for i := range 40 {
		files[fmt.Sprintf("note-%02d.txt", i)] = []byte(plainProse(r, words, 300))
	}
	m := registered(t, files)
	for name, text := range files {
		for what, item := range map[string]string{"every 7th word": edited(r, string(text), 7), "2 % misread": misread(r, string(text), .02)} {
			if rep := matchText(m, item); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
				t.Errorf("%s of %s: %s, %+v", what, name, rep.Verdict, rep.Best())
			}
		}
	}
	for range rounds(200) {
		item := plainProse(r, words, 300)
		if r.IntN(2) == 0 {
			item += plainProse(r, others, 300)
		}
		if rep := matchText(m, item); rep.Verdict == match.Matched {
			t.Errorf("another text of the same words is accused: %+v", rep.Best())
		}
	}
}

// TestAnExcerptOf120CharactersIsRecognised: of somebody's own text, in a page of other text or alone.
func TestAnExcerptOf120CharactersIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 9))
	w := newWorld(t, 71)
	report := strings.Join(w.report[1:], " ")
	found, tries := 0, 0
	for i := range 60 {
		at := r.IntN(len(report) - 120)
		item := report[at : at+120]
		if i%2 == 0 {
			item = filler(r, 9000) + " " + item + " " + filler(r, 9000)
		}
		rep := w.match(t, "x.txt", []byte(item))
		tries++
		if rep.Verdict == match.Matched && rep.Best().KnownFile == "verslag.pdf" {
			found++
		}
	}
	if found*100 < tries*95 {
		t.Errorf("%d of %d were recognised", found, tries)
	}
}

// TestPiecesOfNearVersionsAreRecognised: what versions have in common is their author's, and the nearest is named first.
func TestPiecesOfNearVersionsAreRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	first := reportText(r)
	second := append([]string{}, first...)
	second[3] = sentence(r) + " " + sentence(r) + " " + sentence(r)
	final := append(append([]string{}, second...), sentence(r)+" "+sentence(r))
	text := func(p []string) string { return strings.Join(p, "\n\n") }
	m := registered(t, map[string][]byte{"verslag_v1.txt": []byte(text(first)), "verslag_v2.docx": docx(second), "verslag_final.txt": []byte(text(final))})
	for range 20 {
		at := r.IntN(len(first[1]) - 120)
		if rep := matchText(m, first[1][at:at+120]); rep.Verdict != match.Matched {
			t.Errorf("120 characters of all versions: %s, %+v", rep.Verdict, rep.Best())
		}
	}
	for name, p := range map[string][]string{"verslag_v1.txt": first, "verslag_final.txt": final} {
		if rep := matchText(m, edited(r, text(p), 20)); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
			t.Errorf("%s edited: %s, %+v", name, rep.Verdict, rep.Best())
		}
	}
}

// TestARemarkOutOfAListAccusesNobody: the template with another's data, and one remark that a known letter has too; nor
// does the list of all remarks.
func TestARemarkOutOfAListAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	var list []string
	for range 30 {
		list = append(list, sentence(r))
	}
	people := invent(r, 80)
	files := map[string][]byte{}
	for i, p := range people[:40] {
		p.remark = pick(r, list)
		files[fmt.Sprintf("%s_%d.txt", p.family, i)] = []byte(letterText(p))
	}
	m := registered(t, files)
	for _, p := range people[40 : 40+rounds(40)] {
		p.remark = pick(r, list)
		if rep := matchText(m, letterText(p)); rep.Verdict == match.Matched {
			t.Errorf("%s %s: %+v", p.given, p.family, rep.Best())
		}
	}
	if rep := matchText(m, strings.Join(list, "\n")); rep.Verdict == match.Matched {
		t.Errorf("the list: %+v", rep.Best())
	}
	for name, text := range files {
		for what, item := range map[string]string{"whole, changed at the end": string(text) + "p.s. groeten", "the first half": string(text[:len(text)/2])} {
			if rep := matchText(m, item); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
				t.Errorf("%s of %s: %s, %+v", what, name, rep.Verdict, rep.Best())
			}
		}
	}
}

func TestOnlyWhatKeepsTheTemplateAndNotItsOwnIsAnInstance(t *testing.T) {
	doc := index.Doc{Passages: 100, Total: 100, Own: 40}
	for _, c := range []struct {
		what     string
		t        tally
		doc      index.Doc
		instance bool
	}{
		{"a whole copy", tally{own: 40, rest: 60, runs: 1, ownRuns: 1, most: 10}, doc, false},
		{"another's letter with one remark", tally{own: 15, rest: 58, runs: 4, ownRuns: 1, most: 15}, doc, true},
		{"another's letter", tally{own: 2, rest: 58, runs: 6, ownRuns: 2, most: 1}, doc, true},
		{"an edited copy", tally{own: 12, rest: 18, runs: 20, ownRuns: 9, most: 3}, doc, false},
		{"half of it, in one piece", tally{own: 5, rest: 40, runs: 1, ownRuns: 1, most: 5}, doc, false},
		{"an excerpt", tally{own: 9, rest: 3, runs: 1, ownRuns: 1, most: 9}, doc, false},
		{"a long piece in a page of the template", tally{own: 30, rest: 58, runs: 3, ownRuns: 1, most: 30}, doc, false},
		{"a list", tally{own: 2, rest: 58, runs: 6, ownRuns: 2, most: 1}, index.Doc{Passages: 100, Total: 200, Own: 40}, false},
	} {
		if got := c.t.instance(&c.doc); got != c.instance {
			t.Errorf("%s: instance %t", c.what, got)
		}
	}
}

// TestDivergenceBoundsChance: 2 to the minus n times the divergence is never less than the chance of so many (Chernoff).
func TestDivergenceBoundsChance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		p := rapid.Float64Range(.001, .5).Draw(t, "p")
		chance := 0.0
		for i := k; i <= n; i++ {
			a, _ := math.Lgamma(float64(n + 1))
			b, _ := math.Lgamma(float64(i + 1))
			c, _ := math.Lgamma(float64(n - i + 1))
			chance += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		if bound := math.Exp2(-float64(n) * divergence(float64(k)/float64(n), p)); chance > bound*1.000001 {
			t.Fatalf("chance %g, bound %g", chance, bound)
		}
	})
}
