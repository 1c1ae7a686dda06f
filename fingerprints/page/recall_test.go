package page

import (
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// known pages of the tests, with what finds them.
type registered struct {
	body  []byte
	words map[uint32]bool
}

func register(t *testing.T, p *Printer, g *image.Gray) (registered, bool) {
	t.Helper()
	pr, ok := p.Print(raster(g))
	if !ok {
		return registered{}, false
	}
	if size := len(pr.Body) + 4*len(pr.Words); size > 6144 || len(pr.Words) > 256 {
		t.Errorf("a print of %d bytes, %d words", size, len(pr.Words))
	}
	r := registered{body: pr.Body, words: map[uint32]bool{}}
	for _, w := range pr.Words {
		r.words[w] = true
	}
	return r, true
}

// hits counts the words of a known page that an item's probes find, in the turn in which most are.
func (r *registered) hits(l *Look) (most int) {
	for _, turn := range l.Probes() {
		n := 0
		for _, w := range turn {
			if r.words[w] {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// layouts says how many lay-outs of each kind are tried: few in every go test, UNMIRROR_PAGES=N for more, from lay-out
// UNMIRROR_PAGES_FROM on, and UNMIRROR_PAGES_KINDS=form,letter for some kinds only.
func layouts(usual int) (from, to uint64) {
	from, to = 1, uint64(usual)
	if n, err := strconv.ParseUint(os.Getenv("UNMIRROR_PAGES"), 10, 32); err == nil {
		to = n
	}
	if n, err := strconv.ParseUint(os.Getenv("UNMIRROR_PAGES_FROM"), 10, 32); err == nil {
		from, to = n, to+n-1
	}
	return from, to
}

// share is of how many changes of a page one is tried: of the few pages of every go test not all, or it would take long.
func share() int {
	switch {
	case os.Getenv("UNMIRROR_PAGES") != "":
		return 1
	case raceEnabled:
		return 10
	}
	return 2
}

func wantedKind(name string) bool {
	only := os.Getenv("UNMIRROR_PAGES_KINDS")
	if only == "" && raceEnabled {
		only = "form" // there is nothing to race for, and each page takes ten times as long
	}
	return only == "" || strings.Contains(only, name)
}

func TestKnownPagesAreFoundWhateverWasDoneToThem(t *testing.T) {
	p := New([]byte("a key"))
	found, tried := map[string]int{}, map[string]int{}
	leastHits := map[string]int{}
	from, to := layouts(1)
	for i, kind := range kinds {
		for layout := from; layout <= to && wantedKind(kind.name); layout++ {
			g := kind.make(layout, layout)
			known, ok := register(t, p, g)
			if !ok {
				t.Errorf("%s %d: no print", kind.name, layout)
				continue
			}
			for j, c := range changes {
				if only := os.Getenv("UNMIRROR_PAGES_CHANGES"); only != "" && !strings.Contains(only, c.name) {
					continue
				}
				if (i+j)%share() != 0 {
					continue
				}
				item := raster(c.do(g, rand.New(rand.NewPCG(layout, 3))))
				if strings.HasSuffix(c.name, "half") && 2*written(p, item) < written(p, raster(g)) {
					continue // the half on which hardly anything is written: it is twice as large in work
				}
				l := p.Look(item)
				r, err := l.Compare(known.body)
				if err != nil {
					t.Fatal(err)
				}
				hits := known.hits(l)
				if tried[c.name] == 0 || hits < leastHits[c.name] {
					leastHits[c.name] = hits
				}
				tried[c.name]++
				if r.Same && r.Bits >= 64 && hits >= 5 {
					found[c.name]++
				} else if testing.Verbose() {
					fmt.Printf("  missed: %s %d, %s: %+v hits %d\n", kind.name, layout, c.name, short(r), hits)
				}
			}
		}
	}
	for _, c := range changes {
		if n := tried[c.name]; n > 0 {
			if testing.Verbose() {
				fmt.Printf("%-20s %d of %d, fewest words %d\n", c.name, found[c.name], n, leastHits[c.name])
			}
			if miss := n - found[c.name]; float64(miss) > float64(n)*(1-c.floor)+0.5 && n >= 2 {
				t.Errorf("%s: only %d of %d found", c.name, found[c.name], n)
			}
		}
	}
}

// written counts the written cells of a page.
func written(p *Printer, r Raster) int {
	printed, ok := p.Print(r)
	if !ok {
		return 0
	}
	k, err := readBody(printed.Body)
	if err != nil {
		return 0
	}
	if k.ink == nil {
		return 0
	}
	return len(k.ink.cells.places)
}

func short(r Result) string {
	return fmt.Sprintf("same %t form %t bits %.0f agree %d differ %d coverage %.2f boxes %d", r.Same, r.FormOnly, r.Bits, r.Agree, r.Differ, r.Coverage, len(r.Item))
}

func TestOtherPeoplesPagesOfTheSameFormAreNotTheSame(t *testing.T) {
	p := New([]byte("a key"))
	from, to := layouts(1)
	pages, forms, wrong := 0, 0, 0
	for _, kind := range kinds {
		for layout := from; layout <= to && kind.name != "photo" && wantedKind(kind.name); layout++ {
			known, ok := register(t, p, kind.make(layout, layout))
			if !ok {
				continue
			}
			for who := range uint64(3) {
				g := kind.make(layout, layout+1000*(who+1))
				list := []change{changes[0]}
				if who == 0 && !raceEnabled {
					for _, c := range changes {
						switch c.name {
						case "quarter size", "quarter jpeg", "rescan hard", "perspective", "watermark strong", "upper half":
							list = append(list, c)
						}
					}
				}
				for _, c := range list {
					r, err := p.Look(raster(c.do(g, rand.New(rand.NewPCG(layout, 3))))).Compare(known.body)
					if err != nil {
						t.Fatal(err)
					}
					pages++
					if r.FormOnly {
						forms++
					}
					if r.Same {
						wrong++
						t.Errorf("%s %d, person %d, %s: %s", kind.name, layout, who, c.name, short(r))
					}
				}
			}
		}
	}
	if testing.Verbose() {
		fmt.Printf("other people: %d pages, %d known as the form only, %d wrong\n", pages, forms, wrong)
	}
}

func TestUnrelatedPagesAndPhotosAreNeitherTheSameNorTheSameForm(t *testing.T) {
	p := New([]byte("a key"))
	from, to := layouts(2)
	var known []registered
	for _, kind := range kinds {
		for layout := from; layout <= to && wantedKind(kind.name); layout++ {
			if r, ok := register(t, p, kind.make(layout, layout)); ok {
				known = append(known, r)
			}
		}
	}
	pairs, forms := 0, 0
	for i, kind := range kinds {
		for layout := from + 10_000; layout <= to+10_000 && wantedKind(kind.name); layout++ {
			if (int(layout)+i)%share() != 0 {
				continue
			}
			l := p.Look(raster(kind.make(layout, layout)))
			for n := range known {
				r, err := l.Compare(known[n].body)
				if err != nil {
					t.Fatal(err)
				}
				pairs++
				if r.FormOnly {
					forms++
				}
				if r.Same {
					t.Errorf("%s %d is taken for another page, %d: %s", kind.name, layout, n, short(r))
				}
			}
		}
	}
	if forms*100 > pairs {
		t.Errorf("%d of %d unrelated pairs are taken for one form", forms, pairs)
	}
	if testing.Verbose() {
		fmt.Printf("unrelated: %d pairs, %d taken for the same form\n", pairs, forms)
	}
}
