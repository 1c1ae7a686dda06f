package fingerprints

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/page"
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

// bent is a page turned by a tenth of a radian or less, and drawn out on one side.
func bent(img *image.Gray, turned float64) *image.Gray {
	out := image.NewGray(img.Bounds())
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.BiLinear.Transform(out, f64.Aff3{0.97, -turned, 25 + 350*turned, turned, 0.95, 25 - 350*turned}, img, img.Bounds(), draw.Src, nil)
	return out
}

func TestADensePageIsFoundThoughItIsBentAndOthersOfItsFormAreKnown(t *testing.T) {
	if rounds(10) < 10 {
		t.Skip("the race detector has nothing to find here")
	}
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	people := invent(rand.New(rand.NewPCG(7, 9)), 7)
	files := map[string][]byte{}
	for i := range people[:4] {
		files[fmt.Sprintf("%d.png", i)] = pngOf(t, agreed(t, &people[i]))
		files[fmt.Sprintf("form%d.png", i)] = pngOf(t, form(t, &people[i]))
	}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	for i := range people {
		for _, turned := range []float64{-0.07, 0.05, 0.085} {
			rep := w.match(t, "bent.jpg", jpegOf(t, scaled(bent(agreed(t, &people[i]), turned), 0.6), 40))
			if i < 4 && (rep.Verdict != match.Matched || rep.Matches[0].KnownFile != fmt.Sprintf("%d.png", i)) {
				t.Errorf("page %d turned by %v is %s: %+v", i, turned, rep.Verdict, rep.Matches)
			} else if i >= 4 && rep.Verdict == match.Matched {
				t.Errorf("another's page turned by %v is a match: %+v", turned, rep.Matches)
			}
		}
	}
}

func TestOtherFormsAreTriedBeforeMorePagesOfOneThatLiesNowhere(t *testing.T) {
	o, l := newOpener(t), openLibrary(t, filepath.Join(t.TempDir(), "data"))
	people := invent(rand.New(rand.NewPCG(7, 9)), 3)
	files := map[string][]byte{"form.png": pngOf(t, form(t, &people[0]))}
	for i := range people {
		files[fmt.Sprintf("agreed%d.png", i)] = pngOf(t, agreed(t, &people[i]))
	}
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	snap := l.hold()
	defer snap.Release()
	r := &ranking{snap: snap}
	var votes, last []index.PageVote
	for row := range uint32(snap.Known[0].Pages()) {
		at, _ := snap.Known[0].Page(row)
		if f, _ := r.file(0, at.File); strings.HasPrefix(f.file.Name, "form") {
			last = append(last, index.PageVote{Page: row})
		} else {
			votes = append(votes, index.PageVote{Page: row})
		}
	}
	c := comparing{snap: snap}
	if got := c.otherForms(votes[0], append(votes[1:len(votes):len(votes)], last...)); len(got) != 3 || got[0] != last[0] || got[1] != votes[1] || got[2] != votes[2] {
		t.Errorf("after %v: %v, want %v first", votes[0], got, last)
	}
}

// complaints is a sheet with a printed list of complaints, each of which may have a note behind it.
func complaints(t testing.TB, p *person, notes int) *image.Gray {
	t.Helper()
	img, write := blankSheet(t, formW, formH)
	write(22, 60, 60, "Klachten van de laatste maanden")
	write(18, 60, 110, p.family+" "+p.given+", "+p.born)
	asked := strings.Fields("hoofdpijn slapeloosheid maagpijn hartkloppingen duizeligheid rugpijn nekpijn kortademigheid hoesten vermoeidheid gewichtsverlies koorts jeuk oorsuizen wazigzien")
	for i, complaint := range asked {
		write(18, 60, 170+40*i, complaint+", sinds wanneer:")
		if i < notes {
			write(20, 400, 170+40*i, p.family[:2]+p.given[:3]+" "+p.born[:4])
		}
	}
	return img
}

func TestAPartThatSomebodyElseFilledInIsNoMatch(t *testing.T) {
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	people := invent(rand.New(rand.NewPCG(16, 8)), 2)
	files := map[string][]byte{"known.jpg": jpegOf(t, complaints(t, &people[0], 3), 85)}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	half := image.Rect(0, formH/2, formW, formH)
	if rep := w.match(t, "mine.jpg", jpegOf(t, complaints(t, &people[0], 3).SubImage(half), 80)); rep.Verdict != match.Matched {
		t.Errorf("the known page's own half is %s", rep.Verdict)
	}
	if rep := w.match(t, "other.jpg", jpegOf(t, complaints(t, &people[1], 15).SubImage(half), 80)); rep.Verdict != match.Weak {
		t.Errorf("another's half is %s: %+v", rep.Verdict, rep.Matches)
	}
}

func TestAPartThatManyPagesHaveAlikeIsNobodysThoughOneIsTold(t *testing.T) {
	told := comparedPage{found: page.Result{Same: true, Coverage: 0.55}, own: page.Own{Seen: true}}
	whole := told
	whole.found.Coverage = 0.99
	other := []*page.Result{{FormOnly: true}}
	for _, c := range []struct {
		name   string
		page   comparedPage
		owners int
		others []*page.Result
		capped bool
	}{
		{"three people's pages, one of them told from the others", told, 3, nil, true},
		{"two people's, one of them told", told, 2, nil, false},
		{"three people's, and a fourth one's that is another page", told, 3, other, false},
		{"one person's, another's is another page", told, 1, other, false},
		{"the whole page", whole, 3, nil, false},
	} {
		with := comparing{others: c.others}
		if got := with.capped(&c.page, c.owners, c.owners > 1); got != c.capped {
			t.Errorf("%s: capped %t", c.name, got)
		}
	}
}
