package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/internal/testneeds"
)

func TestLooseFilesInAnArchiveWithoutChecksumsAreNamedOnlyWhereTheirSizesAreRare(t *testing.T) {
	seven := testneeds.Program(t, "7z", "p7zip-full")
	w := newWorld(t, 181)
	own := strangers(183, 40)
	addFiles(t, w, "los", own)
	aes := []string{"a", "-bd", "-tzip", "-pgeheim", "-mem=AES256"}
	some, few := map[string][]byte{}, map[string][]byte{}
	for name, b := range own {
		if len(some) < 25 {
			some[name] = b
		}
		if len(few) < 3 {
			few[name] = b
		}
	}
	b := lockedArchive(t, some, "a.zip", seven, aes...)
	if rep := w.match(t, "a.zip", b); rep.Verdict != match.Matched || rep.Best().Grade != match.Listing || rep.Best().Leak != "los" {
		t.Errorf("the leak's files: %s, %+v", rep.Verdict, rep.Best())
	}
	if rep := askTail(t, w, b); rep.Verdict != match.Matched || rep.Best().Leak != "los" {
		t.Errorf("by its tail: %s, %+v", rep.Verdict, rep.Best())
	}
	among := strangers(184, 60)
	for name, b := range few {
		among[name] = b
	}
	letters := map[string][]byte{}
	for _, p := range w.others {
		letters[p.family+p.given+".txt"] = []byte(letterText(p))
	}
	for what, files := range map[string]map[string][]byte{
		"the same template, other people": letters, "other files": strangers(185, 200), "three files": few, "three files among sixty others": among,
	} {
		if rep := w.match(t, "a.zip", lockedArchive(t, files, "a.zip", seven, aes...)); rep.Verdict == match.Matched || rep.Best() != nil && rep.Best().Grade == match.Listing {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Best())
		}
	}
	same := map[string][]byte{}
	for i := range 30 { // a leak of which the files have every size
		same[fmt.Sprint(i, ".txt")] = []byte(filler(rand.New(rand.NewPCG(186, uint64(i))), 3000+i))
	}
	addFiles(t, w, "dicht", same)
	other := map[string][]byte{}
	for i := range 12 {
		other[fmt.Sprint("x", i, ".txt")] = []byte(filler(rand.New(rand.NewPCG(187, uint64(i))), 3005+i))
	}
	if rep := w.match(t, "a.zip", lockedArchive(t, other, "a.zip", seven, aes...)); rep.Verdict == match.Matched {
		t.Errorf("sizes that all are taken: %+v", rep.Best())
	}
}
