package recall

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"unmirror/fingerprints"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

func TestMain(m *testing.M) {
	open.Child()
	os.Exit(m.Run())
}

var update = flag.Bool("update", false, "store the floors of this run and write its table into docs/matching.md")

// scale is how much is run.
type scale struct {
	name           string
	each           int // items of a line, by leak
	ordinary, hard int // documents of a kind of negative, by leak
	leaks          []func() *leak
}

func invented(label string, seed uint64, tongues func(*rand.Rand) []*tongue, s size) func() *leak {
	return func() *leak { return newLeak(label, seed+otherSeed(), tongues, s) }
}

// otherSeed makes all that is invented another, so that what was tuned on one corpus is held against ones that nobody saw.
func otherSeed() uint64 { return uint64(number("UNMIRROR_RECALL_SEED")) * 1000 }

// chosenLine tells whether a line is asked for, by its group and name: all are, unless UNMIRROR_RECALL_LINES is a regular
// expression.
func chosenLine(group, name string) bool {
	only := os.Getenv("UNMIRROR_RECALL_LINES")
	return only == "" || regexp.MustCompile(only).MatchString(group+": "+name)
}

// exploring tells whether this run is of other material than the floors are for.
func exploring() bool {
	return number("UNMIRROR_RECALL_DOCUMENTS") > 0 || otherSeed() > 0 || os.Getenv("UNMIRROR_RECALL_LINES") != ""
}

func number(variable string) int {
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		return 0
	}
	return n
}

func fourTongues(*rand.Rand) []*tongue { return rich() }
func fewWords(*rand.Rand) []*tongue    { return poor() }

// chosen is the small scale, which every `go test` runs, unless UNMIRROR_RECALL=full asks for the large one.
func chosen() scale {
	if os.Getenv("UNMIRROR_RECALL") == "full" {
		s := size{letters: 80, reports: 12, tables: 15, rows: 250, binaries: 4}
		large := s
		large.large = true
		return scale{"full", 8, 60, 40, []func() *leak{
			invented("four languages", 101, fourTongues, large), invented("four languages, again", 102, fourTongues, s),
			invented("few words", 103, fewWords, s), invented("coined words", 104, coined, s),
		}}
	}
	s := size{letters: 40, reports: 6, tables: 15, rows: 100, binaries: 2}
	if raced { // for races, not for recall
		s = size{letters: 10, reports: 3, tables: 6, rows: 30, binaries: 1}
		return scale{"raced", 1, 1, 1, []func() *leak{invented("four languages", 11, fourTongues, s)}}
	}
	return scale{"small", 4, 8, 8, []func() *leak{invented("four languages", 11, fourTongues, s), invented("few words", 12, fewWords, s)}}
}

// bench is a leak, registered.
type bench struct {
	leak    *leak
	matcher *fingerprints.Matcher
	tables  []fingerprints.TableInfo
}

func register(t testing.TB, l *leak, o *open.Opener) bench {
	t.Helper()
	dir := t.TempDir()
	for _, k := range l.known {
		if k.body == nil || strings.Contains(k.name, "!/") {
			continue
		}
		path := filepath.Join(dir, k.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, k.body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	library, err := fingerprints.Open(filepath.Join(t.TempDir(), "data"), fingerprints.Keys{Matching: [32]byte{1, 2}, Names: [32]byte{3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { library.Close() })
	statute := "an invented statute"
	a := fingerprints.AddLeak{Slug: "invented", Title: l.label, Paths: []string{dir}, NumberAuthority: &statute}
	added, err := library.AddLeak(context.Background(), o, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range added.Unreadable {
		t.Logf("%s: %s of the known files is unreadable: %s", l.label, u.File, u.Reason)
	}
	return bench{l, fingerprints.NewMatcher(library, o, 0), added.Tables}
}

// recognised counts the known tables of which registration saw every row, and made records of nine in ten.
func (b bench) recognised(t *testing.T) *result {
	res := &result{group: "registration", name: "tables recognised, with all rows", least: match.Matched, promise: 99, grades: map[match.Grade]int{}}
	for _, k := range b.leak.known {
		if k.kind != "table" {
			continue
		}
		n := len(k.table.people)
		res.items++
		if slices.ContainsFunc(b.tables, func(i fingerprints.TableInfo) bool { return i.File == k.name && i.Rows == n && i.Records*10 >= n*9 }) {
			res.matched++
			res.found++
			res.first++
		} else {
			t.Logf("%s: the table %s (%s, %d rows) is not recognised", b.leak.label, k.name, k.format, n)
		}
	}
	return res
}

func (b bench) match(name string, body []byte) match.Report {
	return b.matcher.Match(context.Background(), name, bytes.NewReader(body), int64(len(body)))
}

// result is one line of the table, counted.
type result struct {
	group, name          string
	least                match.Verdict
	promise              int
	items, matched, weak int
	found, first         int // found by the line's own standard; of these, with the right known file first
	rowsAsked, rowsRight int
	unreadable           int
	grades               map[match.Grade]int
}

func TestTable(t *testing.T) {
	s := chosen()
	o, err := open.New(open.DefaultLimits(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	var recall, falls []*result
	for _, make := range s.leaks {
		b := register(t, make(), o)
		recall = merged(recall, append(b.recall(s.each), b.recognised(t)))
		falls = merged(falls, b.falls(s))
	}
	text := printed(recall, falls)
	t.Log("\n" + text)
	if s.name == "raced" {
		return
	}
	if exploring() { // only the false matches count
		for _, res := range falls {
			if res.matched > 0 {
				t.Errorf("%s: %s: %d of %d are falsely a match", res.group, res.name, res.matched, res.items)
			}
		}
		return
	}
	checkFloors(t, s.name, recall, falls)
	if *update {
		writeDocument(t, s.name, text)
	}
}

// seeded gives every line its own numbers, so that one more line changes no other.
func seeded(parts ...string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(strings.Join(parts, "\x00")))
	return rand.New(rand.NewPCG(h.Sum64(), 77+otherSeed()))
}

// each runs one task a line, two at a time.
func each(n int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(2)
	for i := range n {
		g.Go(func() error { do(i); return nil })
	}
	g.Wait()
}

func (b bench) recall(n int) []*result {
	all := lines()
	results := make([]*result, len(all))
	each(len(all), func(i int) {
		l := all[i]
		res := &result{group: l.group, name: l.name, least: l.least, promise: l.promise, grades: map[match.Grade]int{}}
		results[i] = res
		r := seeded(b.leak.label, l.group, l.name)
		if !chosenLine(l.group, l.name) {
			return
		}
		for try := 0; res.items < n && try < 20*n; try++ {
			if u, ok := l.make(b.leak, r); ok {
				res.count(u, b.match(u.name, u.body), func(why string, rep match.Report) { b.missed(l.group, l.name, res.items, why, u, rep) })
			}
		}
	})
	return results
}

func (b bench) falls(s scale) []*result {
	all := negatives()
	results := make([]*result, len(all))
	each(len(all), func(i int) {
		l := all[i]
		res := &result{group: l.group, name: l.name, grades: map[match.Grade]int{}}
		results[i] = res
		r := seeded(b.leak.label, l.group, l.name)
		n := s.hard
		if l.group == "ordinary" {
			n = s.ordinary
			if many := number("UNMIRROR_RECALL_DOCUMENTS"); many > 0 {
				n = many
			}
		}
		if !chosenLine(l.group, l.name) {
			return
		}
		for range n {
			name, body := l.make(b.leak, r)
			rep := b.match(name, body)
			res.items++
			switch rep.Verdict {
			case match.Matched:
				res.matched++
			case match.Weak:
				res.weak++
			case match.Unreadable:
				res.unreadable++
			}
			if rep.Verdict == match.None {
				continue
			}
			if m := rep.Best(); m != nil {
				res.grades[m.Grade]++
			}
			b.missed(l.group, l.name, res.items, "falsely "+string(rep.Verdict), item{name: name, body: body}, rep)
		}
	})
	return results
}

// count takes an answer in, and tells tell what is wrong with it.
func (res *result) count(u item, rep match.Report, tell func(why string, rep match.Report)) {
	res.items++
	switch rep.Verdict {
	case match.Matched:
		res.matched++
	case match.Weak:
		res.weak++
	case match.Unreadable:
		res.unreadable++
	}
	if rep.Verdict != match.Matched && (rep.Verdict != match.Weak || res.least == match.Matched) {
		tell("missed", rep)
		return
	}
	res.found++
	best := rep.Best()
	res.grades[best.Grade]++
	if slices.ContainsFunc(u.want, func(w string) bool { return sameFile(w, best.KnownFile) }) {
		res.first++
	} else {
		tell("another file first", rep)
	}
	if u.rows == nil || best.Grade != match.Records {
		return
	}
	res.rowsAsked++
	if rightRows(u.rows, best.Rows) {
		res.rowsRight++
	} else {
		tell("wrong rows", rep)
	}
}

// sameFile takes a member of an archive and the archive for one.
func sameFile(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"!/") || strings.HasPrefix(b, a+"!/")
}

// rightRows: no row that is not there, and nine in ten of those that are.
func rightRows(want, got []int) bool {
	hit := 0
	for _, g := range got {
		if !slices.Contains(want, g) {
			return false
		}
		hit++
	}
	return hit*10 >= len(want)*9
}

func merged(sum, more []*result) []*result {
	if sum == nil {
		return more
	}
	for i, m := range more {
		s := sum[i]
		s.items, s.matched, s.weak, s.found, s.first = s.items+m.items, s.matched+m.matched, s.weak+m.weak, s.found+m.found, s.first+m.first
		s.rowsAsked, s.rowsRight, s.unreadable = s.rowsAsked+m.rowsAsked, s.rowsRight+m.rowsRight, s.unreadable+m.unreadable
		for g, n := range m.grades {
			s.grades[g] += n
		}
	}
	return sum
}

// missed writes an item that was answered wrongly, and the answer, into the folder UNMIRROR_RECALL_MISSES.
func (b bench) missed(group, name string, n int, why string, u item, rep match.Report) {
	dir := os.Getenv("UNMIRROR_RECALL_MISSES")
	if dir == "" {
		return
	}
	safe := strings.NewReplacer("/", "_", " ", "-", "%", "pct").Replace
	base := filepath.Join(dir, safe(b.leak.label), safe(group), fmt.Sprintf("%s.%d", safe(name), n))
	os.MkdirAll(filepath.Dir(base), 0o755)
	var s strings.Builder
	fmt.Fprintf(&s, "%s\nleak %q, line %q, item %d: %s, %d bytes\nverdict %s %s\nwant %v\n", why, b.leak.label, group+": "+name, n, u.name, len(u.body), rep.Verdict, rep.Reason, u.want)
	if u.rows != nil {
		fmt.Fprintf(&s, "rows %v\n", u.rows)
	}
	for i, m := range rep.Matches {
		if i < 5 {
			fmt.Fprintf(&s, "got %s of %s, part %q: %.1f bits, coverage %.3f, %d passages, %d spans, rows %v\n", m.Grade, m.KnownFile, m.Part, m.Bits, m.Coverage, m.Passages, len(m.Spans), m.Rows)
		}
	}
	os.WriteFile(base+".answer", []byte(s.String()), 0o644)
	os.WriteFile(base+".item", u.body, 0o644)
	for _, k := range b.leak.known {
		if len(u.want) > 0 && k.name == u.want[0] {
			os.WriteFile(base+".known."+strings.Trim(k.format, ";,"), k.body, 0o644)
		}
	}
}
