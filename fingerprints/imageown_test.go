package fingerprints

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"unmirror/fingerprints/match"
)

// agreed is a form of consent: long print that all have, and below it a line or two of somebody's own.
func agreed(t testing.TB, p *person) *image.Gray {
	t.Helper()
	img, write := blankSheet(t, formW, formH)
	write(22, 60, 60, "Toestemming voor het gebruik van gegevens")
	const print = "De ondergetekende verklaart dat het doel van het onderzoek is uitgelegd, dat vragen konden worden gesteld, en dat deelname vrij is en op elk ogenblik kan worden gestopt zonder dat dit gevolgen heeft. "
	for i, line := range lines(print+print+print+print, 64) {
		write(16, 60, 110+24*i, line)
	}
	write(16, 60, 620, "Naam en voornaam")
	write(18, 260, 620, p.family+" "+p.given)
	write(16, 60, 660, "Geboren op")
	write(18, 260, 660, p.born)
	for i, line := range lines(print+print, 64) {
		write(16, 60, 710+24*i, line)
	}
	return img
}

func TestAPartWithNobodysOwnIsNoMatchOnceTwoPeoplesPagesAreKnown(t *testing.T) {
	if rounds(10) < 10 {
		t.Skip("the race detector has nothing to find here")
	}
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	people := invent(rand.New(rand.NewPCG(6, 8)), 5)
	files := map[string][]byte{}
	for i := range people[:3] {
		files[fmt.Sprintf("%d.jpg", i)] = jpegOf(t, agreed(t, &people[i]), 80+i)
	}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	part := func(i, from, to int) []byte {
		return jpegOf(t, agreed(t, &people[i]).SubImage(image.Rect(0, from, formW, to)), 85)
	}
	if rep := w.match(t, "print.jpg", part(0, 0, 560)); rep.Verdict == match.Matched {
		t.Errorf("what all three have is a match: %+v", rep.Matches)
	}
	if rep := w.match(t, "own.jpg", part(0, 420, formH)); rep.Verdict != match.Matched || rep.Matches[0].KnownFile != "0.jpg" {
		t.Errorf("somebody's own is %s: %+v", rep.Verdict, rep.Matches)
	}
	for i := range people[3:] {
		if rep := w.match(t, "other.jpg", part(3+i, 420, formH)); rep.Verdict == match.Matched {
			t.Errorf("another's own is a match: %+v", rep.Matches)
		}
	}
}
