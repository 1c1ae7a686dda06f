package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/record"
)

// subjectsOf lists the subjects of all records.
func subjectsOf(l *Library) map[[6]byte]bool {
	s := l.hold()
	defer s.Release()
	all := map[[6]byte]bool{}
	for _, seg := range s.Known {
		for i := range seg.RecordCount() {
			all[seg.Record(i).Subject] = true
		}
	}
	return all
}

// Whoever has the keys could compute the subjects of all national numbers that there are, if they were keyed by these.
func TestSubjectsTellNoNumberEvenToWhoHasTheKeys(t *testing.T) {
	authority := "test: invented numbers"
	rows := staffRows(rand.New(rand.NewPCG(71, 72)), 60)
	files := map[string][]byte{"staff.csv": staffIn("csv", rows)}
	for name, a := range map[string]AddLeak{
		"guessed":               {NumberAuthority: &authority},
		"named, not authorised": {Records: []string{"staff.csv:subject=rijksregisternummer"}},
		"manifest":              {Manifest: strings.NewReader("tables:\n  - {match: staff.csv, column: rijksregisternummer}\n")},
	} {
		t.Run(name, func(t *testing.T) {
			var have [2]map[[6]byte]bool
			for i := range have {
				l := libraryIn(t)
				if a.Manifest != nil {
					a.Manifest.(*strings.Reader).Seek(0, 0)
				}
				if _, err := addStaff(t, l, a, files); err != nil {
					t.Fatal(err)
				}
				if have[i] = subjectsOf(l); len(have[i]) != len(rows) {
					t.Fatalf("%d subjects of %d rows", len(have[i]), len(rows))
				}
			}
			for id := range have[0] {
				if have[1][id] {
					t.Fatal("the keys and the number alone make the subject")
				}
			}
		})
	}
}

func TestWithoutAuthorityNoRuleMakesACellOfANumber(t *testing.T) {
	rows := staffRows(rand.New(rand.NewPCG(73, 74)), 60)
	r := rand.New(rand.NewPCG(75, 76))
	var b strings.Builder
	b.WriteString("bsn;achternaam;geboortedatum\n")
	for i := range rows {
		n := uint64(0)
		for !cell.ValidBSN(n) {
			n = 100_000_000 + r.Uint64N(900_000_000)
		}
		rows[i][0] = strconv.FormatUint(n, 10)
		b.WriteString(rows[i][0] + ";" + rows[i][2] + ";" + rows[i][4] + "\n")
	}
	for _, role := range []string{"key", "name", "phone", "subject"} {
		l := libraryIn(t)
		added, err := addStaff(t, l, AddLeak{Records: []string{"staff.csv:" + role + "=bsn"}}, map[string][]byte{"staff.csv": []byte(b.String())})
		if err != nil {
			t.Fatal(err)
		}
		if !added.Tables[0].Columns[0].LeftOut {
			t.Errorf("%s: the column is not told to be left out", role)
		}
		for i := range rows {
			for _, kind := range []cell.Kind{cell.Number, cell.Phone} {
				if len(l.secrets.cells.Cell(nil, kind, rows[i][0])) == 0 {
					continue
				}
				if got := rowsOf(t, l, kind, rows[i][0], cell.Date, rows[i][4]); got != nil {
					t.Fatalf("%s: row %d is found by its number as a %s", role, i, kind)
				}
			}
		}
	}
}

func TestMessagesNameNoColumnByAValue(t *testing.T) {
	l := libraryIn(t)
	var b strings.Builder
	b.WriteString(`{"notes": {`)
	people := invent(rand.New(rand.NewPCG(77, 78)), 12)
	for i, p := range people {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`"` + p.number + `": {"remark": "came late again"}, "` + p.email + `": {"name": "x"}`)
	}
	b.WriteString("}}")
	files := map[string][]byte{"notes.json": []byte(b.String())}
	added, err := addStaff(t, l, AddLeak{Manifest: strings.NewReader("tables:\n  - {match: \"*.json\", column: nobody}\n")}, files)
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Join(added.Notes, "\n")
	for _, table := range added.Tables {
		for _, c := range table.Columns {
			told += "\n" + c.Name
		}
	}
	_, err = addStaff(t, libraryIn(t), AddLeak{Records: []string{"notes.json:key=nobody"}}, files)
	if err == nil || len(added.Tables) == 0 {
		t.Fatalf("error is %v, tables are %v", err, added.Tables)
	}
	for _, p := range people {
		if told += err.Error(); strings.Contains(told, p.number) || strings.Contains(told, p.email) {
			t.Fatalf("messages tell of somebody:\n%s", told)
		}
	}
}

func TestWithoutAuthorityNoNumberIsACellInOtherClothes(t *testing.T) {
	people := invent(rand.New(rand.NewPCG(79, 80)), 40)
	for _, form := range []string{"RR%s%s%s", "%s\u2013%s\u2013%s", "%s\u202f%s\u202f%s", "%s:%s:%s", "%s%s,%s", "%s%s%s@post.example"} {
		var b strings.Builder
		b.WriteString("kenmerk;achternaam;geboortedatum\n")
		values := make([]string, len(people))
		for i, p := range people {
			n := strings.NewReplacer(".", "", "-", "").Replace(p.number)
			values[i] = fmt.Sprintf(form, n[:6], n[6:9], n[9:])
			b.WriteString(values[i] + ";" + p.family + ";" + p.born + "\n")
		}
		l := libraryIn(t)
		if _, err := addStaff(t, l, AddLeak{}, map[string][]byte{"staff.csv": []byte(b.String())}); err != nil {
			t.Fatal(err)
		}
		s := l.hold()
		born := func(i int) uint64 { return l.secrets.cells.Cell(nil, cell.Date, people[i].born)[0].Hash }
		for i := range people {
			for _, kind := range []cell.Kind{cell.Word, cell.Email} {
				for _, tok := range l.secrets.cells.Cell(nil, kind, values[i]) {
					if _, ok := s.Known[0].FindPair(record.Pair(l.secrets.cells, tok.Hash, born(i))); ok {
						t.Errorf("%s: row %d is found by a %s of its number and the birth date", form, i, tok.Kind)
					}
				}
			}
		}
		s.Release()
	}
}
