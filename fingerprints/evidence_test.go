package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// plainProse is text of few, very unequally frequent words, as people write: most of its phrases stand in other texts too.
func plainProse(r *rand.Rand, words []string, n int) string {
	var b strings.Builder
	for i := range n {
		at := r.IntN(len(words))
		if r.IntN(10) < 5 {
			at = min(int(1/(1-r.Float64()))-1, len(words)-1)
		}
		b.WriteString(words[at])
		b.WriteString(map[bool]string{true: ". ", false: " "}[i%11 == 10])
	}
	return b.String()
}

func lexicon(r *rand.Rand, n int) []string {
	syllables := strings.Fields("ba re ko mi tu sel ran dor vi ne gal ster lin bre jon wes tol dis")
	out := make([]string, n)
	for i := range out {
		for range 3 + r.IntN(3) { // long ones: two of them fill a passage
			out[i] += pick(r, syllables)
		}
	}
	return out
}

// TestAnExcerptOfPlainProseIsRecognised: each of its phrases is common, all of them in this order are not.
func TestAnExcerptOfPlainProseIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(77, 1))
	words, others := lexicon(r, 3000), lexicon(r, 3000)
	files := map[string][]byte{}
	var texts []string
	for i := range 60 {
		texts = append(texts, plainProse(r, words, 1500))
		files[fmt.Sprintf("note-%02d.txt", i)] = []byte(texts[i])
	}
	dir := t.TempDir()
	write(t, dir, files)
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, o, 0)
	found, tries := 0, 0
	for i, text := range texts[:rounds(60)] {
		for range 3 {
			at := r.IntN(len(text) - 300)
			item := plainProse(r, others, 2000) + text[at:at+300] + plainProse(r, others, 2000)
			rep := m.Match(context.Background(), "item.txt", strings.NewReader(item), int64(len(item)))
			tries++
			if rep.Verdict == match.Matched && rep.Best().KnownFile == fmt.Sprintf("note-%02d.txt", i) {
				found++
			}
		}
	}
	if found*100 < tries*95 {
		t.Errorf("%d of %d excerpts were recognised", found, tries)
	}
	for range rounds(300) { // the same words, the same phrases, another text
		item := plainProse(r, words, 1500)
		if rep := m.Match(context.Background(), "item.txt", strings.NewReader(item), int64(len(item))); rep.Verdict == match.Matched {
			t.Errorf("another text of the same words is accused: %+v", rep.Best())
		}
	}
}

// TestAnExcerptThatGoesOverIntoALettersCloseNeedsLess: half a line of somebody's own is a match where the text goes over from it
// into what stands in all letters and has nothing else. Alone it is not, nor in somebody else's letter.
func TestAnExcerptThatGoesOverIntoALettersCloseNeedsLess(t *testing.T) {
	r := rand.New(rand.NewPCG(78, 1))
	words := lexicon(r, 2000)
	head, closing := plainProse(r, lexicon(r, 900), 40), plainProse(r, lexicon(r, 900), 40)
	files, bodies := map[string][]byte{}, []string{}
	for i := range 12 {
		bodies = append(bodies, strings.TrimSpace(plainProse(r, words, 40)))
		files[fmt.Sprintf("letter-%02d.txt", i)] = []byte(head + "\n" + bodies[i] + "\n" + closing)
	}
	m := registered(t, files)
	for i, body := range bodies {
		own := body[len(body)-55:]
		if rep := matchText(m, own+"\n"+closing[:70]); rep.Verdict != match.Matched || rep.Best().KnownFile != fmt.Sprintf("letter-%02d.txt", i) {
			t.Errorf("letter %d: %s, %+v", i, rep.Verdict, rep.Matches)
		}
		for what, item := range map[string]string{"alone": own, "in another's letter": head + "\n" + plainProse(r, words, 30) + own + "\n" + closing} {
			if rep := matchText(m, item); rep.Verdict == match.Matched {
				t.Errorf("letter %d, %s: %.0f bits", i, what, rep.Best().Bits)
			}
		}
	}
}
