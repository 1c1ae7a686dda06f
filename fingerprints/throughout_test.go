package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// TestRemarksOfAListAccuseNobody: two of them in a row are in one known letter only, which says nothing where the text has
// remarks of other letters around them.
func TestRemarksOfAListAccuseNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 9))
	words := lexicon(r, 2000)
	var list []string
	for range 30 {
		list = append(list, plainProse(r, words, 7))
	}
	heads, tail := []string{plainProse(r, words, 60), plainProse(r, words, 60)}, plainProse(r, words, 80)
	files, held := map[string][]byte{}, [][2]string{}
	for i := range 30 {
		a, b := pick(r, list), pick(r, list)
		held = append(held, [2]string{a, b})
		files[fmt.Sprintf("letter-%02d.txt", i)] = []byte(strings.Join([]string{heads[i%2], plainProse(r, words, 3), a, b, tail}, "\n\n"))
	}
	m := registered(t, files)
	for i := range rounds(30) {
		pair := held[i%len(held)]
		item := strings.Join([]string{pick(r, list), pick(r, list), pair[0], pair[1], pick(r, list), pick(r, list)}, " ")
		if rep := matchText(m, item); rep.Verdict == match.Matched {
			t.Errorf("a list of remarks is accused: %+v", rep.Best())
		}
	}
}

// TestAnEditedLetterWithLittleOfItsOwnIsRecognised where it runs along the known one from beginning to end, and another
// person's letter of the same template, edited as much, is not.
func TestAnEditedLetterWithLittleOfItsOwnIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 9))
	words := lexicon(r, 3000)
	var template []string
	for range 4 {
		template = append(template, plainProse(r, words, 50))
	}
	letter := func() string {
		return strings.Join([]string{template[0], plainProse(r, words, 8), template[1], plainProse(r, words, 14), template[2], plainProse(r, words, 8), template[3]}, "\n\n")
	}
	files := map[string][]byte{}
	for i := range 10 {
		files[fmt.Sprintf("letter-%02d.txt", i)] = []byte(letter())
	}
	m := registered(t, files)
	for name, text := range files {
		if rep := matchText(m, edited(r, string(text), 7)); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
			t.Errorf("%s, edited: %s, %+v", name, rep.Verdict, rep.Best())
		}
	}
	for range rounds(20) {
		for _, item := range []string{letter(), edited(r, letter(), 7)} {
			if rep := matchText(m, item); rep.Verdict == match.Matched {
				t.Errorf("another person's letter is accused: %+v", rep.Best())
			}
		}
	}
}
