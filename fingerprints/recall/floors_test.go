package recall

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

const (
	floorsFile = "testdata/floors.txt"
	document   = "../../docs/matching.md"
)

func percent(a, of int) float64 {
	if of == 0 {
		return 100
	}
	return 100 * float64(a) / float64(of)
}

// usual names the grade that most of a line's answers have.
func (res *result) usual() string {
	best := match.Grade("–")
	for _, g := range slices.Sorted(maps.Keys(res.grades)) {
		if res.grades[g] > res.grades[best] {
			best = g
		}
	}
	return string(best)
}

// printed is the table, in Markdown.
func printed(recall, falls []*result) string {
	var b strings.Builder
	fmt.Fprintln(&b, "| transformation | items | match % | at least weak % | promised | right file % | right rows % | unreadable | usual grade |\n|---|--:|--:|--:|--:|--:|--:|--:|---|")
	row := func(name string, res *result, usual string) {
		promise, rows := "", ""
		if res.promise > 0 {
			promise = fmt.Sprint(res.promise)
			if res.least == match.Weak {
				promise += " weak"
			}
			if percent(res.found, res.items) < float64(res.promise) {
				promise += " !"
			}
		}
		if res.rowsAsked > 0 {
			rows = fmt.Sprintf("%.1f", percent(res.rowsRight, res.rowsAsked))
		}
		fmt.Fprintf(&b, "| %s | %d | %.1f | %.1f | %s | %.1f | %s | %d | %s |\n", name, res.items, percent(res.matched, res.items), percent(res.matched+res.weak, res.items),
			promise, percent(res.first, res.found), rows, res.unreadable, usual)
	}
	var total []*result
	recall = slices.DeleteFunc(slices.Clone(recall), func(res *result) bool { return !chosenLine(res.group, res.name) })
	falls = slices.DeleteFunc(slices.Clone(falls), func(res *result) bool { return !chosenLine(res.group, res.name) })
	for i, res := range recall {
		if i == 0 || recall[i-1].group != res.group {
			sum := &result{grades: map[match.Grade]int{}}
			for _, o := range recall {
				if o.group == res.group {
					add := *o
					merged([]*result{sum}, []*result{&add})
				}
			}
			row("**"+res.group+"**", sum, "")
			total = append(total, sum)
		}
		row(strings.ReplaceAll(res.name, "|", "¦"), res, res.usual())
	}
	sum := &result{grades: map[match.Grade]int{}}
	for _, s := range total {
		merged([]*result{sum}, []*result{s})
	}
	row("**all**", sum, "")
	fmt.Fprintln(&b, "\n| no leak | documents | false match | false weak | unreadable | usual grade |\n|---|--:|--:|--:|--:|---|")
	for _, res := range falls {
		fmt.Fprintf(&b, "| %s: %s | %d | %d | %d | %d | %s |\n", res.group, res.name, res.items, res.matched, res.weak, res.unreadable, res.usual())
	}
	return b.String()
}

// figures are what must not get worse of a line, the larger the better.
func (res *result) figures() []int {
	if res.least == "" {
		return []int{-res.matched, -res.weak, -res.unreadable}
	}
	return []int{res.found, res.first, res.rowsRight}
}

func (res *result) key(scale string) string { return scale + "\t" + res.group + "\t" + res.name }

// readFloors reads lines of scale, group, name and figures, separated by tabs.
func readFloors(t *testing.T) map[string][]int {
	floors := map[string][]int{}
	f, err := os.Open(floorsFile)
	if err != nil {
		return floors
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		at := strings.LastIndexByte(s.Text(), '\t')
		if strings.HasPrefix(s.Text(), "#") || at < 0 {
			continue
		}
		var v [3]int
		if _, err := fmt.Sscan(s.Text()[at+1:], &v[0], &v[1], &v[2]); err != nil {
			t.Fatalf("%s: %q: %v", floorsFile, s.Text(), err)
		}
		floors[s.Text()[:at]] = v[:]
	}
	return floors
}

// checkFloors fails where a line is worse than when its floor was stored.
func checkFloors(t *testing.T, scale string, recall, falls []*result) {
	t.Helper()
	floors := readFloors(t)
	all := slices.Concat(recall, falls)
	if *update {
		maps.DeleteFunc(floors, func(k string, _ []int) bool { return strings.HasPrefix(k, scale+"\t") })
		for _, res := range all {
			floors[res.key(scale)] = res.figures()
		}
		writeFloors(t, floors)
		return
	}
	without := 0
	for _, res := range all {
		floor, ok := floors[res.key(scale)]
		if !ok {
			without++
			continue
		}
		if res.items == 0 {
			continue // a program that makes such items is not installed
		}
		for i, f := range res.figures() {
			if f < floor[i] {
				t.Errorf("%s: %s got worse: %v, the floor is %v", res.group, res.name, res.figures(), floor)
				break
			}
		}
	}
	if without > 0 {
		t.Errorf("%d lines of the %s table have no floor: run with -update", without, scale)
	}
}

func writeFloors(t *testing.T, floors map[string][]int) {
	var b strings.Builder
	b.WriteString("# Written by `go test ./fingerprints/recall -run Table -update`. Of a transformation: found, right file first, right rows.\n" +
		"# Of what is no leak: false matches, false weak ones, unreadable ones, with a minus sign. A line below its figures fails the test.\n")
	for _, k := range slices.Sorted(maps.Keys(floors)) {
		fmt.Fprintf(&b, "%s\t%d %d %d\n", k, floors[k][0], floors[k][1], floors[k][2])
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(floorsFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

const begin, end = "<!-- table: begin -->\n", "<!-- table: end -->\n"

// writeDocument puts the table between its marks.
func writeDocument(t *testing.T, scale, text string) {
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks for the table", document)
	}
	if err := os.WriteFile(document, []byte(before+begin+"This is the "+scale+" table.\n\n"+text+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
