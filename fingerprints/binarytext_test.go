package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// TestAKnownTextInAnImageOfADiskIsFound: letters and rows, among whatever else lies there.
func TestAKnownTextInAnImageOfADiskIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 2))
	people := invent(r, 41)
	table := tableText(people[:40])
	files := map[string][]byte{"staff.csv": []byte(table)}
	for i, p := range people[:8] {
		files[fmt.Sprintf("letter-%d.txt", i)] = []byte(letterText(p))
	}
	w := chunkWorld(t, files)
	for name, text := range map[string][]byte{
		"letter": []byte(letterText(people[0])), "letter as UTF-16": utf16le(letterText(people[0])), "table": []byte(table),
		"half a table": []byte(table[len(table)/2:]),
	} {
		for kind, around := range map[string][]byte{"random": noise(71, 300_000), "empty": make([]byte, 300_000)} {
			rep := w.match(t, "disk.img", slices.Concat(around[:123_457], text, around[123_457:]))
			if rep.Verdict != match.Matched {
				t.Errorf("%s in an %s image: %s %+v", name, kind, rep.Verdict, rep.Best())
			}
		}
	}
	rep := w.match(t, "disk.img", slices.Concat(noise(72, 100_000), []byte(letterText(people[40])), noise(73, 100_000)))
	if rep.Verdict == match.Matched {
		t.Errorf("somebody else's letter: %+v", rep.Best())
	}
}

// TestWhatALibrarySaysAccusesNoOtherProgram: the messages in a known program stand in any that is made of the same library.
func TestWhatALibrarySaysAccusesNoOtherProgram(t *testing.T) {
	r := rand.New(rand.NewPCG(73, 1))
	var messages []string
	for i := range 200 {
		messages = append(messages, fmt.Sprintf("error %d: %s", i, sentence(r)))
	}
	library := []byte(strings.Join(messages, "\x00"))
	program := slices.Concat(noise(74, 60_000), library, noise(75, 90_000))
	w := chunkWorld(t, map[string][]byte{"tool.exe": program, "letter.txt": []byte(letterText(invent(r, 1)[0]))})
	// not one byte more than the messages, and those cut anew
	other := slices.Concat(noise(76, 41_001), library[100:len(library)/3], noise(77, 5000), library[len(library)/3+77:len(library)/2], noise(78, 70_000))
	for name, b := range map[string][]byte{"another program": other, "the messages": []byte(strings.Join(messages[:60], "\n"))} {
		if rep := w.match(t, "x.bin", b); rep.Verdict == match.Matched && rep.Best().Grade != match.Chunks {
			t.Errorf("%s: %+v", name, rep.Best())
		}
	}
	// the text that it holds takes nothing from what the bytes tell
	if rep := w.match(t, "x.bin", program[20_000:]); rep.Verdict != match.Matched || rep.Best().Grade != match.Chunks {
		t.Errorf("a piece of the program itself: %s %+v", rep.Verdict, rep.Best())
	}
}
