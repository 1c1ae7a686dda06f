package table

import (
	"strings"
	"testing"
	"time"
)

// FuzzReader reads hostile text in every format: it must end, and yield nothing beyond the bounds.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"Voornaam;Achternaam\nBavo;Craeyveldt\n\"a\nb\";\"c\"\"d\"\n", "a\tb\n1\t2\n3\t4\n", "| a | b |\n|---|---|\n| 1 | 2 |\n", "'a','b'\n'c','d'\n'it''s','x'\n",
		`[{"naam":"Bavo","x":{"y":[1,2,{"z":null}]}},{"naam":"\ud83d\ude00"}]`, `{"1":{"a":1,"b":2},"2":{"a":1,"b":2},"3":{"a":1,"b":2}}`, `[[["a","b"],["c"]]`, `{"a":{"b":{"c":`,
		"CREATE TABLE t (a int, `b` varchar(3));\nINSERT INTO t VALUES (1,'x\\'y'),(2,NULL);\nCOPY t (a, b) FROM stdin;\n1\t\\N\n\\.\n",
		"INSERT [dbo].[t] ([a]) VALUES (N'x', CAST(0x00 AS DateTime))\nGO\n", "INSERT INTO t SELECT 1;/* ' */ -- '\n# '\n",
		"Naam      Geboren     Nr\nBavo      30/07/1985  1\nColeta    01/02/1980  2\nZeger     02/03/1970  33\n",
		"Naam: Bavo Craeyveldt\nGeboren:\n30/07/1985\nNaam: X\n", "Betreft: van Bavo Craeyveldt, geboren op 1 mei 1980\n", "\ufeff", "\"", "'", "[", "{\"", "a;b\n\"c",
	} {
		for _, kind := range []string{"text", "xlsx", "html"} {
			f.Add(kind, s, 7)
		}
	}
	f.Fuzz(func(t *testing.T, kind, text string, piece int) {
		if len(text) > 1<<16 {
			return
		}
		g := readText(t, kind, text, max(1, min(piece, 1<<16)))
		cells := 0
		for _, tab := range g.tables {
			if !tab.ended || len(tab.Columns) > maxColumns || len(tab.rows) == 0 {
				t.Fatalf("table %+v with %d rows, ended %v", tab.Schema, len(tab.rows), tab.ended)
			}
			for i, r := range tab.rows {
				cells += len(r)
				if len(r) > maxColumns || i > 0 && tab.numbers[i] <= tab.numbers[i-1] {
					t.Fatalf("row %d of %d cells after %d", tab.numbers[i], len(r), tab.numbers[max(0, i-1)])
				}
				for _, c := range r {
					if len(c) > maxCell+4 {
						t.Fatalf("cell of %d bytes", len(c))
					}
				}
			}
		}
		again := readText(t, kind, text, 1<<16)
		if a, b := g.show(), again.show(); a != b && len(text) < 4096 {
			t.Fatalf("cut into pieces of %d it reads\n%s\nand whole\n%s", piece, a, b)
		}
	})
}

func TestHostileTextEndsWithinBounds(t *testing.T) {
	for name, text := range map[string]string{
		"an open quote":         "a;b\n\"" + strings.Repeat("x;y\n", 20_000),
		"many columns":          strings.Repeat(strings.Repeat("a;", 5000)+"\n", 20),
		"deep objects":          strings.Repeat(`{"a":`, 10_000),
		"deep arrays":           strings.Repeat(`[`, 10_000),
		"a long string":         `[{"naam":"` + strings.Repeat("x", 4<<20) + `","b":1}]`,
		"many tables":           strings.Repeat("INSERT INTO t", 1) + manyInserts(2000),
		"a long word of SQL":    "INSERT INTO t VALUES (" + strings.Repeat("9", 4<<20) + ");",
		"a long line":           "Naam   Nr\n" + strings.Repeat("a   ", 1<<20) + "\nb   c\n",
		"endless keys":          "{" + strings.Repeat(`"k":{"a":1,"b":2},`, 20_000),
		"labels without an end": strings.Repeat("Naam: Bavo Craeyveldt\nGeboren: 1/2/1980\n", 10_000),
	} {
		start := time.Now()
		g := readText(t, "text", text, 1<<16)
		t.Logf("%s: %v", name, time.Since(start))
		for _, tab := range g.tables {
			if len(tab.Columns) > maxColumns || !tab.ended {
				t.Errorf("%s: %d columns, ended %v", name, len(tab.Columns), tab.ended)
			}
		}
		if len(g.tables) > maxTables {
			t.Errorf("%s: %d tables", name, len(g.tables))
		}
	}
}

func manyInserts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" VALUES (1,2);\nINSERT INTO t" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + strings.Repeat("y", i/50))
	}
	return b.String()
}
