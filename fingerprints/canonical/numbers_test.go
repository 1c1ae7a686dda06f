package canonical

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var numberedLines = strings.Split(`De heer Janssens was afwezig wegens rugklachten.
Zijn leidinggevende meldt dat hij
nog 3 weken rust nodig heeft, en 4 weken aangepast werk.

Gesprek met de preventieadviseur op 12 maart.
Terugkeer voorzien na de paasvakantie.
Met vriendelijke groet`, "\n")

func undress(text string, cut int) string {
	var l LineNumbers
	var out []byte
	for rest := []byte(text); len(rest) > 0; {
		n := min(cut, len(rest))
		out = l.Append(out, rest[:n])
		rest = rest[n:]
	}
	return string(l.End(out))
}

func TestNumbersOfLinesAreTakenOff(t *testing.T) {
	want := string(Text(strings.Join(numberedLines, "\n")))
	for _, first := range []int{0, 1, 7, 98, 12345} {
		for _, format := range []string{
			"%d: %s\n", "%d %s\n", "%03d| %s\n", "[%d] %s\n", "%d\t%s\n", "%6d\t%s\n", "%d.%s\r\n", "%d) %s\n", "(%d) %s\n", "> %d: %s\n",
			"+%d %s\n", "| %4d | %s\n", "> > %d. %s\n", "L%d: %s\n", "line %d: %s\n", "#%d %s\n", "%d\n%s\n", "%d│%s\n", "%d:%s\n", "%d%s\n", "- %d\t- %s\n",
		} {
			var b strings.Builder
			b.WriteString("Untitled\nraw download clone\n")
			for i, line := range numberedLines {
				fmt.Fprintf(&b, format, first+i, line)
			}
			for _, cut := range []int{1, 7, 50, 1 << 20} {
				if got := string(Text(undress(b.String(), cut))); got != want {
					t.Errorf("from %d, %q in pieces of %d:\n got %s\nwant %s", first, format, cut, got, want)
				}
			}
		}
	}
}

func TestTextThatBeginsWithANumberKeepsIt(t *testing.T) {
	if got := undress("7: 3 weken\n8: 12 maart\n9: 2024\n10: 85.07.30\n", 5); string(Text(got)) != "3weken12maart2024850730" {
		t.Error(got)
	}
}

func TestEmptyLinesWithoutANumberDoNotStop(t *testing.T) {
	var b strings.Builder // as nl writes it
	n := 0
	for _, line := range numberedLines {
		if line == "" {
			b.WriteString("       \n")
			continue
		}
		n++
		fmt.Fprintf(&b, "%6d\t%s\n", n, line)
	}
	if got, want := string(Text(undress(b.String(), 11))), string(Text(strings.Join(numberedLines, "\n"))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOrdinaryTextIsNotReadTwice(t *testing.T) {
	var rows strings.Builder
	for i := range 50 {
		fmt.Fprintf(&rows, "%d;%d;Janssens;2024-01-%02d\n", 1000+i, i*i, i%28+1)
	}
	for name, text := range map[string]string{
		"prose":       strings.Join(numberedLines, "\n"),
		"two points":  "1. een punt\n2. nog een punt\nen verder niets meer\n",
		"semicolons":  rows.String(),
		"scattered":   "12 maart\n14 april\n3 mei\n2024 is voorbij\n7 juni\n",
		"one long":    strings.Repeat("9 lange regel zonder einde ", 5000),
		"only digits": strings.Repeat("8507301234\n", 40),
	} {
		if got := undress(text, 13); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestNumberingEndsAndBeginsAnew(t *testing.T) {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, "%d: eerste%d\n", i+1, i)
	}
	for range 200 {
		b.WriteString("geen nummer hier\n")
	}
	for i := range 5 {
		fmt.Fprintf(&b, "%d: tweede%d\n", i+40, i)
	}
	got := string(Text(undress(b.String(), 5)))
	if !strings.Contains(got, "eerste0eerste1eerste2eerste3eerste4") || !strings.Contains(got, "tweede0tweede1tweede2tweede3tweede4") {
		t.Error(got)
	}
	if n := strings.Count(got, "geennummerhier"); n != numbersEnd {
		t.Errorf("%d lines without a number were kept", n)
	}
}

func TestUndressingDoesNotDependOnPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var b strings.Builder
		n := rng.IntN(20)
		for range rng.IntN(60) {
			if n++; rng.IntN(12) == 0 {
				n += rng.IntN(8)
			}
			if rng.IntN(6) > 0 {
				fmt.Fprintf(&b, []string{"%d: ", "> %d ", "%d", " [%d] "}[rng.IntN(4)], n)
			}
			b.WriteString(strings.Repeat("woord 7 ", rng.IntN(20)))
			b.WriteString([]string{"\n", "\r\n", "\n\n"}[rng.IntN(3)])
		}
		text := b.String()
		want := undress(text, len(text)+1)
		for _, cut := range []int{1, 2, 47, 48, 49, 300} {
			if got := undress(text, cut); got != want {
				t.Fatalf("in pieces of %d: %q, whole %q, of %q", cut, got, want, text)
			}
		}
	})
}

func FuzzLineNumbers(f *testing.F) {
	f.Add([]byte("1: a\n2: b\n3: c\n4: d"), 3)
	f.Add([]byte("> 12\n\n> 13\n> 14\n"), 1)
	f.Add([]byte(strings.Repeat("1", 100)), 7)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		if cut <= 0 {
			cut = 1
		}
		got := undress(string(text), cut)
		if len(got) > len(text) {
			t.Fatalf("%d bytes became %d", len(text), len(got))
		}
		if whole := undress(string(text), len(text)+1); got != whole {
			t.Fatalf("in pieces of %d: %q, whole %q", cut, got, whole)
		}
	})
}

func TestNumbersAreLookedForWhereATextBegins(t *testing.T) {
	plain := strings.Repeat("een regel zonder nummer\n", numbersLook/24-1000)
	numbered := "1: een\n2: twee\n3: drie\n4: vier\n"
	for name, c := range map[string]struct {
		before string
		want   bool
	}{"at once": {"", true}, "late": {plain, true}, "too late": {plain + plain, false}} {
		var l LineNumbers
		var got []byte
		for rest := []byte(c.before + numbered + plain + plain + numbered); len(rest) > 0; {
			n := min(len(rest), 4096)
			got, rest = l.Append(got, rest[:n]), rest[n:]
		}
		if got = l.End(got); (len(got) > 0) != c.want {
			t.Errorf("%s: %d bytes", name, len(got))
		}
		if c.want && strings.Count(string(got), " vier") != 2 {
			t.Errorf("%s: numbers that come again later are not noticed", name)
		}
	}
}
