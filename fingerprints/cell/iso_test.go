package cell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// around are pieces of text that stand beside days in tables, and those that make something else of them.
var around = []string{"2024-03-05", "1980-12-31", "0099-10-10", "1850-01-01", "1999-13-40", "2024-03-05T12:00", "2024-3-05", "2024/03/05", "12024-03-05", "2024-03-051", "20240305", "-", " ", ";", ",", "\t", "\n", "\"",
	"maart 12, ", "12 maart", "85.07.30-033.28", "BE68 5390 ", "jan@voorbeeld.", "a", "é", "\u00a0", ".", "(", "7", "042", "1234", "12.50", "199.99", "3.14", "1.234.567"}

func TestDaysOfTablesAreReadAsTheirRunsOfDigitsAre(t *testing.T) {
	k := testKey(6)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(around), 1, 20).Draw(t, "pieces"), "")
		want := scanAll(k, text)
		for cut := range len(text) { // a day that is cut is read by its runs
			if got := scanAll(k, text, cut); !slices.Equal(got, want) {
				t.Fatalf("%q cut at %d: %v, want %v", text, cut, got, want)
			}
		}
	})
}

func TestDaysOfTablesAreOneDate(t *testing.T) {
	k := testKey(6)
	for _, before := range []string{"", ";", ",", "\"", "x;\n"} {
		text := fmt.Sprintf("%s2024-03-05;", before)
		tokens := scanAll(k, text)
		if n := len(before); !has(tokens, Token{Hash: k.hash(k.number(Date, 20240305)), Kind: Date}) || tokens[len(tokens)-1].At != int64(n) {
			t.Errorf("%q: %v", text, tokens)
		}
	}
}

func TestYearOfADayMayEndTheDateBeforeIt(t *testing.T) {
	k := testKey(6)
	for _, text := range []string{"maart 12,2024-03-05;", "12 maart\t2024-03-05;"} {
		tokens := scanAll(k, text)
		for _, day := range []uint64{20240312, 20240305} {
			if !has(tokens, Token{Hash: k.hash(k.number(Date, day)), Kind: Date}) {
				t.Errorf("%q: no %d in %v", text, day, tokens)
			}
		}
	}
}
