package open

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fewPeople are columns with their names: names of four people, days, numbers, and a column that is empty here and there.
func fewPeople() [][]string {
	return [][]string{
		{"Huurder", "Nestor Falmans", "Odile De Wir", "Prosper Uhlsen", "Quirine Nolart"},
		{"Geboren", "19/10/1966", "04/11/1992", "11/05/1958", "07/03/1971"},
		{"Nota", "", "sleutel bij de buren", "", "zie brief"},
		{"Gsm", "0477/09.17.24", "0489/63.37.61", "0490/78.83.22", "0484/41.98.88"},
	}
}

// across writes columns as lines, and under writes them one under the other.
func across(columns [][]string, sep string) string {
	var b strings.Builder
	for _, c := range columns {
		b.WriteString(strings.Join(c, sep) + "\n")
	}
	return b.String()
}

func under(columns [][]string, between string) string {
	var b strings.Builder
	for _, c := range columns {
		b.WriteString(strings.Join(c, "\n") + "\n" + between)
	}
	return b.String()
}

func TestATableByColumnsIsReadByRows(t *testing.T) {
	people := fewPeople()
	full := [][]string{people[0], people[1], people[3]}
	gaps := slices.Concat(people, [][]string{{"Wijk", "", "Noord", "Zuid", ""}}) // its last cell is empty
	lists, frame := map[string][]string{}, map[string]map[string]string{}
	for _, c := range people {
		lists[c[0]], frame[c[0]] = c[1:], map[string]string{}
		for i, v := range c[1:] {
			frame[c[0]][fmt.Sprint(i)] = v
		}
	}
	asJSON := func(v any) string {
		b, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	o := newOpener(t, Limits{}, 1)
	for name, text := range map[string]string{
		"lines with semicolons": across(people, ";"), "lines with tabs": across(people, "\t"), "lines with bars": across(people, " | "), "tabs behind which nothing stands": across(gaps, "\t"),
		"quoted":              `"` + strings.ReplaceAll(strings.TrimSpace(across(people, `","`)), "\n", "\"\n\"") + `"`,
		"one under the other": under(full, ""), "with lines between": under(full, "\n"), "with empty cells": under(people, "\n"), "without names": under([][]string{full[0][1:], full[1][1:], full[2][1:]}, ""),
		"lists in JSON": asJSON(lists), "columns as pandas writes them": asJSON(frame),
	} {
		h := mustOpen(t, o, "lijst.txt", []byte(text))
		rows := rowsOf(h)
		if rows == "" {
			t.Errorf("%s: no rows: %s", name, h)
			continue
		}
		for i := 1; i < len(full[0]); i++ {
			for _, want := range full {
				if !lineWith(rows, full[0][i], want[i]) {
					t.Errorf("%s: %q and %q in no line of %q", name, full[0][i], want[i], rows)
				}
			}
		}
	}
}

// rowsOf is the text of the member with the rows; "": there is none.
func rowsOf(h *heard) string {
	for _, p := range h.parts {
		if strings.HasSuffix(p.Path, "!/"+rowsName) {
			return h.textOf(p.Index)
		}
	}
	return ""
}

func lineWith(text, a, b string) bool {
	for l := range strings.Lines(text) {
		if strings.Contains(l, a) && strings.Contains(l, b) {
			return true
		}
	}
	return false
}

func TestOtherTextsAreNotTurned(t *testing.T) {
	var rows, log strings.Builder
	for i := range 300 {
		fmt.Fprintf(&rows, "Nestor %d;19/10/%d;zone %d;0477/09.17.%02d\n", i, 1950+i%50, i%7, i%100)
		fmt.Fprintf(&log, "line %d\n%02d/10/1966\n", i*7, i%28+1)
	}
	o := newOpener(t, Limits{}, 1)
	for name, text := range map[string]string{
		"a table by rows": rows.String(), "prose": dossier(), "lines and days": log.String(), "numbers": "1;2;3;4\n5;6;7;8\n", "a list of days": "19/10/1966\n04/11/1992\n11/05/1958\n",
		"an object": `{"a": [1, 2, 3], "b": {"c": "d"}, "e": [[1, 2, 3]]}`,
	} {
		if h := mustOpen(t, o, "lijst.txt", []byte(text)); rowsOf(h) != "" {
			t.Errorf("%s was turned: %s", name, h)
		}
	}
}

func FuzzColumns(f *testing.F) {
	f.Add([]byte(across(fewPeople(), ";")))
	f.Add([]byte(under(fewPeople(), "\n")))
	f.Add([]byte(`{"a":["1","2","3"],"b":{"0":"x","1":null,"2":3}}`))
	f.Add([]byte("{\"a\":[\n"))
	f.Add([]byte("\"a\";\"\"\"b\n\"c\";\"d"))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, pieces := columns{}, columns{}
		rows := whole.see(b, true)
		if len(rows) > mostTurned*(len(b)+1) {
			t.Fatalf("%d bytes of rows out of %d", len(rows), len(b))
		}
		pieces.see(b, false)
		if again := pieces.see(nil, true); string(again) != string(rows) {
			t.Fatalf("%q, and at once %q", again, rows)
		}
	})
}
