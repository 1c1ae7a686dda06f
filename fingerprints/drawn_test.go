package fingerprints

import (
	"context"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"unmirror/fingerprints/match"
)

// declaration is an invented form of long clauses, with somebody's name and remark below them.
func declaration(t testing.TB, p *person) *image.Gray {
	t.Helper()
	img, write := blankSheet(t, 1414, 2000)
	clauses := rand.New(rand.NewPCG(9, 9))
	for y := 100; y < 800; y += 45 {
		write(24, 100, y, sentence(clauses))
	}
	for i, value := range []string{p.family, p.given, p.born, p.number, p.street, p.town, p.phone, p.email} {
		write(36, 300, 880+60*i, value)
	}
	for i, line := range lines(p.remark+" "+p.remark, 50) {
		write(30, 120, 1420+50*i, line)
	}
	return img
}

func TestThePrintThatTwoPeoplesFormsBeginWithAccusesNobody(t *testing.T) {
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	people := invent(rand.New(rand.NewPCG(8, 8)), 2)
	known, other := jpegOf(t, declaration(t, &people[0]), 85), jpegOf(t, declaration(t, &people[1]), 85)
	files := map[string][]byte{"known.jpg": known}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "drawn", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	for name, item := range map[string][]byte{"other.jpg": other, "other.pdf": scanPDF(t, other)} {
		if rep := w.match(t, name, item); rep.Verdict == match.Matched {
			t.Errorf("%s: another person's form is %s: %+v", name, rep.Verdict, rep.Matches)
		}
	}
	for name, item := range map[string][]byte{"half.jpg": known[:len(known)/2], "known.pdf": scanPDF(t, known)} {
		if rep := w.match(t, name, item); rep.Verdict != match.Matched {
			t.Errorf("%s: a copy is %s: %s", name, rep.Verdict, rep.Reason)
		}
	}
}
