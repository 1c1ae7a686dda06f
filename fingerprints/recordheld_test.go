package fingerprints

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"unmirror/fingerprints/cell"
)

// heldColumns are the columns of tables that hold some kinds of cells and not others.
var heldColumns = map[string][]string{
	"words":   {"voornaam", "familienaam", "gemeente", "functie"},
	"dates":   {"voornaam", "familienaam", "geboortedatum", "gemeente"},
	"numbers": {"nr", "voornaam", "familienaam", "postcode", "straat"},
	"phones":  {"familienaam", "telefoon", "geboortedatum"},
	"all":     {"nr", "voornaam", "familienaam", "geboortedatum", "rijksregisternummer", "email", "telefoon", "straat", "postcode", "gemeente", "functie"},
}

func TestWhatNoTableHoldsIsNotMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 21))
	names := newLists(r)
	people, others := names.citizens(r, 400), names.citizens(r, 400)
	every := append(slices.Clone(fields),
		field{"nr", func(c citizen, s int) string {
			return fmt.Sprint(100_000 + len(c.given)*7919 + c.born[2]*631 + c.born[1]*53 + c.born[0]%1000*97)
		}},
		field{"postcode", func(c citizen, s int) string { return c.postcode }})
	for name, labels := range heldColumns {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"t.csv": []byte(delimited(";")(people, only(every, labels...), 0))})
		l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
		authority := "a judge's order"
		if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: name, Paths: []string{dir}, NumberAuthority: &authority}); err != nil {
			t.Fatal(err)
		}
		snap := l.hold()
		defer snap.Release()
		look := func(text string, all bool) []tableFound {
			h := newRecordHits(l.secrets, snap)
			if all {
				h.scanner.Only(cell.Everything)
			}
			h.feed([]byte(text))
			return h.weighed()
		}
		if held := newRecordHits(l.secrets, snap).held(); (name == "all") != (held.Has(cell.Number) && held.Has(cell.Phone) && held.Has(cell.National)) || held.Has(cell.IBAN) {
			t.Errorf("%s: holds %+v", name, held)
		}
		for layout, written := range layouts {
			for i, cols := range [][]field{every, only(every, labels...), without(every, "email", "rijksregisternummer")} {
				for style := range min(6, rounds(20)) {
					item := append(slices.Clone(people[10*style:10*style+1+3*style]), others[style:style+5]...)
					text := written(item, cols, style)
					some, all := look(text, false), look(text, true)
					if !foundAlso(some, all) {
						t.Errorf("%s, %s, columns %d, style %d: found %+v, with all kinds %+v", name, layout, i, style, some, all)
					}
					if i == 1 && style == 5 && len(some) == 0 && name != "words" && layout != "prose" {
						t.Errorf("%s, %s: nothing is found", name, layout)
					}
				}
			}
		}
	}
}

// foundAlso tells whether some are all. Of tokens that a filter lets through by chance there are fewer among some, so that a
// text seems to tell of fewer persons: what is found weighs a little more then, and a namesake more may be found.
func foundAlso(some, all []tableFound) bool {
	for _, want := range all {
		i := slices.IndexFunc(some, func(f tableFound) bool { return f.ref == want.ref })
		if i < 0 || math.Abs(some[i].bits-want.bits) > 2 || !slices.Equal(some[i].categories, want.categories) {
			return false
		}
		for _, row := range want.rows {
			if !slices.Contains(some[i].rows, row) {
				return false
			}
		}
	}
	return true
}
