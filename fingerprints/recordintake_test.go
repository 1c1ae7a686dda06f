package fingerprints

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/record"
)

var staffColumns = []string{"personeelsnr", "voornaam", "achternaam", "rijksregisternummer", "geboortedatum", "e-mail", "telefoon", "straat", "postcode", "gemeente", "functie"}

// staffRows are rows of people, as a personnel department has them.
func staffRows(r *rand.Rand, n int) [][]string {
	var rows [][]string
	for i, p := range invent(r, n) {
		code, town, _ := strings.Cut(p.town, " ")
		rows = append(rows, []string{fmt.Sprintf("P%05d", 10_000+7*i), p.given, p.family, p.number, p.born, strings.Replace(p.email, "@", fmt.Sprintf("%d@", i), 1), p.phone,
			p.street, code, town, pick(r, words2)})
	}
	return rows
}

// staffIn writes rows in a format.
func staffIn(format string, rows [][]string) []byte {
	var b strings.Builder
	switch format {
	case "csv":
		b.WriteString(strings.Join(staffColumns, ";") + "\n")
		for _, r := range rows {
			b.WriteString(strings.Join(r, ";") + "\n")
		}
	case "json":
		var all []map[string]string
		for _, r := range rows {
			m := map[string]string{}
			for i, c := range staffColumns {
				m[c] = r[i]
			}
			all = append(all, m)
		}
		j, _ := json.Marshal(map[string]any{"staff": all}) // strings do not fail
		return j
	case "sql":
		b.WriteString("CREATE TABLE `staff` (`" + strings.Join(staffColumns, "` text,\n `") + "` text);\n")
		for at := 0; at < len(rows); at += 50 {
			b.WriteString("INSERT INTO `staff` VALUES ")
			for i, r := range rows[at:min(at+50, len(rows))] {
				if i > 0 {
					b.WriteString(",")
				}
				b.WriteString("('" + strings.Join(r, "','") + "')")
			}
			b.WriteString(";\n")
		}
	case "txt":
		for _, r := range append([][]string{staffColumns}, rows...) {
			for _, c := range r {
				fmt.Fprintf(&b, "%-48s", c)
			}
			b.WriteString("\n")
		}
	case "xlsx":
		return sheetOf(append([][]string{staffColumns}, rows...))
	}
	return []byte(b.String())
}

// sheetOf writes a workbook of inline strings.
func sheetOf(rows [][]string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for _, r := range rows {
		b.WriteString("<row>")
		for _, c := range r {
			b.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData></worksheet>")
	return zipOf(map[string]string{
		"[Content_Types].xml":      `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"xl/workbook.xml":          `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>`,
		"xl/worksheets/sheet1.xml": b.String(),
	}, "[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
}

// addStaff registers files under a leak.
func addStaff(t testing.TB, l *Library, a AddLeak, files map[string][]byte) (Added, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	a.Slug, a.Paths = "staff", []string{dir}
	return l.AddLeak(context.Background(), newOpener(t), a)
}

func libraryIn(t testing.TB) *Library { return openLibrary(t, filepath.Join(t.TempDir(), "data")) }

// rowsOf finds the rows of which two values are cells, by the index alone.
func rowsOf(t testing.TB, l *Library, ka cell.Kind, a string, kb cell.Kind, b string) (rows []uint32) {
	t.Helper()
	s := l.hold()
	defer s.Release()
	one, two := l.secrets.cells.Cell(nil, ka, a), l.secrets.cells.Cell(nil, kb, b)
	if len(one) == 0 || len(two) == 0 {
		t.Fatalf("%s %q or %s %q is no cell", ka, a, kb, b)
	}
	for _, seg := range s.Known {
		p, ok := seg.FindPair(record.Pair(l.secrets.cells, one[0].Hash, two[0].Hash))
		if !ok {
			continue
		}
		for _, v := range seg.AppendPairs(nil, p) {
			rows = append(rows, seg.Record(v>>5).Row)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

func TestTablesBecomeRecordsInEveryFormat(t *testing.T) {
	authority := "test: invented numbers"
	rows := staffRows(rand.New(rand.NewPCG(11, 12)), 500)
	for _, format := range []string{"csv", "xlsx", "sql", "json", "txt"} {
		t.Run(format, func(t *testing.T) {
			l := libraryIn(t)
			added, err := addStaff(t, l, AddLeak{NumberAuthority: &authority}, map[string][]byte{"staff." + format: staffIn(format, rows)})
			if err != nil {
				t.Fatal(err)
			}
			if len(added.Tables) != 1 || added.Tables[0].Rows != len(rows) || added.Records < len(rows) {
				t.Fatalf("added %+v", added)
			}
			kinds := map[string]string{}
			for _, c := range added.Tables[0].Columns {
				kinds[c.Name] = c.Kind + "/" + c.Category
			}
			for name, want := range map[string]string{
				"personeelsnr": "key/identity", "voornaam": "given/identity", "achternaam": "family/identity", "rijksregisternummer": "national/identity",
				"geboortedatum": "birth/identity", "e-mail": "email/contact", "telefoon": "phone/contact", "straat": "other/contact", "functie": "other/other",
			} {
				if kinds[name] != want {
					t.Errorf("%s is taken for %s", name, kinds[name])
				}
			}
			for _, i := range []int{0, 1, 77, 499} {
				r := rows[i]
				for _, pair := range []struct {
					ka, kb cell.Kind
					a, b   int
				}{
					{cell.Word, cell.Date, 2, 4}, {cell.Word, cell.National, 2, 3}, {cell.National, cell.Date, 3, 4}, {cell.Date, cell.Word, 4, 9},
					{cell.Email, cell.Date, 5, 4}, {cell.Phone, cell.Word, 6, 2},
				} {
					if got := rowsOf(t, l, pair.ka, r[pair.a], pair.kb, r[pair.b]); !slices.Contains(got, uint32(i)) {
						t.Errorf("row %d is not found by %s and %s, but %v", i, staffColumns[pair.a], staffColumns[pair.b], got)
					}
				}
			}
			if info := l.Leaks()[0]; info.Subjects != len(rows) || info.NumberAuthority != authority || !slices.Contains(info.Categories, "contact") {
				t.Errorf("leak is told as %+v", info)
			}
		})
	}
}

func TestWithoutAuthorityNoNumberBecomesACell(t *testing.T) {
	rows := staffRows(rand.New(rand.NewPCG(13, 14)), 60)
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, map[string][]byte{"staff.csv": staffIn("csv", rows)}); err != nil {
		t.Fatal(err)
	}
	s := l.hold()
	defer s.Release()
	seg := s.Known[0]
	if seg.HasNumbers() {
		t.Error("the index has numbers")
	}
	for i := range seg.RecordCount() {
		for _, c := range seg.Record(i).Cells {
			if k := cell.Kind(c.Kind & record.KindMask); k == cell.National || k == cell.BSN {
				t.Fatal("a record has a number")
			}
		}
	}
	for i, r := range rows {
		if got := rowsOf(t, l, cell.National, r[3], cell.Word, r[2]); got != nil {
			t.Fatalf("row %d is found by its number", i)
		}
		if got := rowsOf(t, l, cell.Word, r[2], cell.Date, r[4]); !slices.Contains(got, uint32(i)) {
			t.Fatalf("row %d is not found by name and birth date, but %v", i, got)
		}
	}
	known := 0 // lone cells are kept so that one in some hundred others looks known
	for _, r := range rows {
		for _, tok := range l.secrets.cells.Cell(nil, cell.National, r[3]) {
			if seg.HasCell(tok.Hash) {
				known++
			}
		}
	}
	if known > 10 {
		t.Errorf("%d of %d numbers are known as lone cells", known, len(rows))
	}
}

func TestEmptyAuthorityIsRefused(t *testing.T) {
	empty := "  "
	_, err := addStaff(t, libraryIn(t), AddLeak{NumberAuthority: &empty}, map[string][]byte{"staff.csv": staffIn("csv", staffRows(rand.New(rand.NewPCG(1, 2)), 5))})
	if err == nil || !strings.Contains(err.Error(), "permits") {
		t.Fatalf("error is %v", err)
	}
}

func TestRecordsRulesOverrideAndTellWhatExists(t *testing.T) {
	rows := staffRows(rand.New(rand.NewPCG(15, 16)), 40)
	files := map[string][]byte{"a/staff.csv": staffIn("csv", rows), "b.txt": []byte("Nothing of a table.\n")}
	for _, c := range []struct {
		rule, want string
	}{
		{"a/staff.csv:subject=personeelsnr,key=1,ignore=functie", ""},
		{"**/staff.csv:birth=GEBOORTEDATUM", ""},
		{"c/*.csv:subject=id", "a/staff.csv"},
		{"a/staff.csv:subject=matricule", "rijksregisternummer"},
		{"a/staff.csv:subject=99", "rijksregisternummer"},
		{"a/staff.csv:colour=functie", "enterprise"},
		{"a/staff.csv", "FILE:subject"},
		{"a/staff.csv:header=maybe", "yes or no"},
		{"b.txt:key=1", "no table"},
	} {
		l := libraryIn(t)
		added, err := addStaff(t, l, AddLeak{Records: []string{c.rule}}, files)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.rule, err)
			} else if len(added.Tables) != 1 || added.Tables[0].Rows != len(rows) {
				t.Errorf("%s: %+v", c.rule, added.Tables)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v", c.rule, err)
		}
		if len(l.Leaks()) > 0 {
			t.Errorf("%s: something was registered all the same", c.rule)
		}
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{Records: []string{"a/staff.csv:subject=functie,ignore=gemeente"}}, files); err != nil {
		t.Fatal(err)
	}
	jobs := map[string]bool{}
	for _, r := range rows {
		jobs[r[10]] = true
	}
	if got := l.Leaks()[0].Subjects; got != len(jobs) {
		t.Errorf("%d subjects, of %d jobs", got, len(jobs))
	}
	if got := rowsOf(t, l, cell.Word, rows[3][9], cell.Date, rows[3][4]); got != nil {
		t.Error("an ignored column has cells")
	}
}

func TestManifestTellsWhoseRowsAre(t *testing.T) {
	rows := staffRows(rand.New(rand.NewPCG(17, 18)), 30)
	rows[7][0] = rows[6][0]
	l := libraryIn(t)
	manifest := "files:\n  - {match: \"x.txt\", subject: P10000}\ntables:\n  - {match: \"*.csv\", column: personeelsnr, categories: {functie: [conduct], \"*\": [health]}}\n"
	if _, err := addStaff(t, l, AddLeak{Manifest: strings.NewReader(manifest)}, map[string][]byte{
		"staff.csv": staffIn("csv", rows), "x.txt": []byte(sentence(rand.New(rand.NewPCG(1, 2)))),
	}); err != nil {
		t.Fatal(err)
	}
	info := l.Leaks()[0]
	if info.Subjects != 29 { // one number comes twice, and the file is about a person of the table
		t.Errorf("%d subjects", info.Subjects)
	}
	if !slices.Equal(info.Categories, []string{"health", "conduct"}) {
		t.Errorf("categories are %v", info.Categories)
	}
}

func TestTablesOfEscapedJSONCountOnce(t *testing.T) {
	rows := staffRows(rand.New(rand.NewPCG(27, 28)), 30)
	for i := range rows {
		rows[i][2] += "-Crèvecœur"
	}
	body := strings.NewReplacer("è", `\u00e8`, "œ", `\u0153`).Replace(string(staffIn("json", rows)))
	l := libraryIn(t)
	added, err := addStaff(t, l, AddLeak{Manifest: strings.NewReader("tables:\n  - {match: staff.json, column: personeelsnr}\n")}, map[string][]byte{"staff.json": []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	if n := l.Leaks()[0].Subjects; len(added.Tables) != 1 || n != 30 {
		t.Errorf("30 persons are %d subjects of %d tables", n, len(added.Tables))
	}
}

func TestLettersBecomeRecords(t *testing.T) {
	people := invent(rand.New(rand.NewPCG(19, 20)), 20)
	files := map[string][]byte{}
	for i, p := range people {
		files[fmt.Sprintf("brief%02d.txt", i)] = []byte(letterText(p))
	}
	l := libraryIn(t)
	added, err := addStaff(t, l, AddLeak{}, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(added.Tables) != len(people) {
		t.Errorf("%d of %d letters are forms", len(added.Tables), len(people))
	}
	for _, p := range people {
		if got := rowsOf(t, l, cell.Word, p.family, cell.Date, p.born); len(got) != 1 || got[0] != 0 {
			t.Errorf("a letter's name and birth date give %v", got)
		}
	}
}

func TestRareTokensAreNeverTakenForRarer(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	c := counter64{exact: map[uint64]uint32{}}
	exact := map[uint64]uint32{}
	for range 600_000 {
		h := uint64(r.ExpFloat64() * 80_000)
		h = h*0x9e3779b97f4a7c15>>4 ^ h
		c.add(h)
		exact[h]++
	}
	if c.sketch == nil {
		t.Skip("too few values for the sketch")
	}
	over := 0
	for h, n := range exact {
		got := c.of(h)
		if got < n {
			t.Fatalf("counted %d of %d", got, n)
		}
		if got > n {
			over++
		}
	}
	if over > len(exact)/50 {
		t.Errorf("%d of %d are counted too high", over, len(exact))
	}
}

func TestNoCellOfARowIsConstant(t *testing.T) {
	var b strings.Builder
	b.WriteString("naam,geboortedatum,land,actief\n")
	for i, p := range invent(rand.New(rand.NewPCG(23, 24)), 200) {
		fmt.Fprintf(&b, "%s %s,%s,Nergensland,%s\n", p.given, p.family, p.born, []string{"ja", "nee"}[i%2])
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, map[string][]byte{"a.csv": []byte(b.String())}); err != nil {
		t.Fatal(err)
	}
	s := l.hold()
	defer s.Release()
	seg := s.Known[0]
	for i := range seg.RecordCount() {
		if n := seg.Record(i).N; n != 3 {
			t.Fatalf("record %d has %d cells", i, n)
		}
	}
}

func TestTheLetterheadOfFormsIsNoCell(t *testing.T) {
	for _, n := range []int{1, 3, 30} {
		files := map[string][]byte{}
		people := invent(rand.New(rand.NewPCG(25, 26)), n)
		for i, p := range people {
			files[fmt.Sprintf("f%02d.txt", i)] = fmt.Appendf(nil, "Telefoon: 02 555 01 23\nE-mail: dienst.fantasie@verzonnen.example\nIBAN: BE49 9990 0000 0171\n\nNaam: %s %s\nGeboortedatum: %s\n",
				p.given, p.family, p.born)
		}
		l := libraryIn(t)
		added, err := addStaff(t, l, AddLeak{}, files)
		if err != nil {
			t.Fatal(err)
		}
		if len(added.Tables) != n || added.Records != n {
			t.Fatalf("%d forms gave %d tables and %d records", n, len(added.Tables), added.Records)
		}
		for _, p := range people {
			if got := rowsOf(t, l, cell.Phone, "02 555 01 23", cell.Date, p.born); got != nil {
				t.Errorf("of %d, the letterhead's telephone is a cell", n)
			}
			if got := rowsOf(t, l, cell.Word, p.family, cell.Date, p.born); len(got) != 1 {
				t.Errorf("of %d, name and birth date give %v", n, got)
			}
		}
	}
}
