package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// formLetter is a letter of one template with text of its own.
func formLetter(template []string, name, own string) string {
	return template[0] + "\n\nBetreft: " + name + ".\n\n" + template[1] + "\n\n" + own + "\n\n" + template[2] + "\n"
}

// changed replaces every n-th word.
func changed(r *rand.Rand, text string, n int) string {
	words := strings.Split(text, " ")
	for i := n - 1; i < len(words); i += n {
		words[i] = pick(r, words2)
	}
	return strings.Join(words, " ")
}

// TestACopyWithEverySeventhWordChangedIsRecognised: between two changes lies hardly a passage. What the template has is
// there in letters to others too, and accuses none of them.
func TestACopyWithEverySeventhWordChangedIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 4))
	words, foreign := lexicon(r, 4000), lexicon(r, 4000)
	template := []string{plainProse(r, words, 40), plainProse(r, words, 60), plainProse(r, words, 50)}
	name := func() string { return pick(r, givenNames) + " " + pick(r, familyNames) }
	own := func(words []string) string { return plainProse(r, words, 45) }
	files, names, texts := map[string][]byte{}, []string{}, []string{}
	for i := range 24 {
		names, texts = append(names, fmt.Sprintf("brief-%02d.txt", i)), append(texts, formLetter(template, name(), own(words)))
		files[names[i]] = []byte(texts[i])
	}
	dir := t.TempDir()
	write(t, dir, files)
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, o, 0)
	scan := func(text string) match.Report {
		return m.Match(context.Background(), "item.txt", strings.NewReader(text), int64(len(text)))
	}
	found := 0
	for i, text := range texts {
		rep := scan(changed(r, text, 7))
		if rep.Verdict == match.Matched && rep.Matches[0].KnownFile == names[i] {
			found++
		}
		if rep := scan(changed(r, formLetter(template, name(), own(foreign)), 7)); rep.Verdict == match.Matched {
			t.Errorf("a letter to somebody else is a match: %+v", rep.Matches[0])
		}
	}
	if found < 23 {
		t.Errorf("%d of 24 edited letters are recognised", found)
	}
}

// TestAnEditedLetterIsRecognisedBeyondAPassageThatWasWrittenAnew: its words are short, so that hardly a piece between two changes is
// long enough to be looked for anywhere. Somebody else's letter with the same passage accuses nobody.
func TestAnEditedLetterIsRecognisedBeyondAPassageThatWasWrittenAnew(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 4))
	words := make([]string, 300)
	for i := range words {
		words[i] = pick(r, strings.Fields("ba re ko mi tu sel ran dor vi ne gal ster lin bre jon wes tol dis")) + pick(r, strings.Fields("ka lo ni ru pe sta"))
	}
	prose := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = pick(r, words)
		}
		return strings.Join(out, " ")
	}
	template, anew := []string{prose(30), prose(40), prose(40)}, prose(30)
	name := func() string { return pick(r, givenNames) + " " + pick(r, familyNames) }
	files, texts := map[string][]byte{}, map[string][2]string{}
	letter := func(own, middle string) string {
		return formLetter([]string{template[0], template[1] + " " + middle, template[2]}, name(), own)
	}
	for i := range 24 {
		known, own := fmt.Sprintf("brief-%02d.txt", i), prose(45)
		texts[known] = [2]string{letter(own, prose(25)), letter(own, anew)}
		files[known] = []byte(texts[known][0])
	}
	m := registered(t, files)
	found := 0
	for known, text := range texts {
		if rep := matchText(m, changed(r, text[1], 7)); rep.Verdict == match.Matched && rep.Matches[0].KnownFile == known {
			found++
		}
		if rep := matchText(m, changed(r, letter(prose(45), anew), 7)); rep.Verdict == match.Matched {
			t.Errorf("a letter to somebody else is a match: %+v", rep.Matches[0])
		}
	}
	if found < 23 {
		t.Errorf("%d of 24 edited letters are recognised", found)
	}
}

// TestAShortExcerptIsRecognisedToTheCharacter: of 70 characters, passages cover some 55.
func TestAShortExcerptIsRecognisedToTheCharacter(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 4))
	var text strings.Builder
	for range 30 {
		text.WriteString(sentence(r) + " ")
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"verslag.txt": []byte(text.String())})
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, o, 0)
	others := lexicon(r, 3000)
	found, tries := 0, 60
	for range tries {
		at := r.IntN(text.Len() - 90)
		item := plainProse(r, others, 300) + " " + text.String()[at:at+90] + " " + plainProse(r, others, 300)
		rep := m.Match(context.Background(), "item.txt", strings.NewReader(item), int64(len(item)))
		if rep.Verdict == match.Matched {
			found++
		}
	}
	if found < tries*9/10 {
		t.Errorf("%d of %d excerpts are recognised", found, tries)
	}
}
