package fingerprints

import (
	"slices"
	"strings"
	"testing"
)

func TestManifestTellsSubjectsAndCategories(t *testing.T) {
	s, err := derive([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	yaml := "files:\n  - {match: \"letters/*\", subject: \"{stem}\", categories: [health, identity]}\n  - {match: \"**/x.*\", subjects: [a, b]}\n" +
		"  - {match: \"by/*/**\", subject: \"{dir}\"}\ntables:\n  - {match: \"*.csv\", column: RRN, categories: {Remark: [conduct], \"*\": [identity]}}\n"
	csv := "match,subject,categories,column\nletters/*,{stem},health identity,\n**/x.*,a,,\n**/x.*,b,,\nby/*/**,{dir},,\n*.csv,,identity conduct,RRN\n"
	for form, text := range map[string]string{"yaml": yaml, "csv": csv} {
		r, err := readRules(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		for _, c := range []struct {
			name       string
			subjects   int
			categories []string
		}{
			{"letters/12.docx", 1, []string{"identity", "health"}},
			{"letters/deep/12.docx", 0, nil},
			{"a/x.pdf", 2, nil},
			{"by/jan/note.txt", 1, nil},
			{"staff.csv", 0, []string{"identity", "conduct"}},
			{"other.txt", 0, nil},
		} {
			subjects, categories := r.of(s, "leak", c.name)
			if len(subjects) != c.subjects || !slices.Equal(categories, c.categories) {
				t.Errorf("%s: %s: %v, %v", form, c.name, subjects, categories)
			}
			for _, id := range subjects {
				if !strings.HasPrefix(id, "s_") || len(id) != 14 {
					t.Errorf("subject %q", id)
				}
			}
		}
		one, _ := r.of(s, "leak", "letters/12.docx")
		same, _ := r.of(s, "leak", "letters/12.pdf")
		if !slices.Equal(one, same) {
			t.Errorf("%s: one subject has two ids", form)
		}
		if len(r.tables) != 1 || r.tables[0].Column != "RRN" {
			t.Errorf("%s: tables %+v", form, r.tables)
		}
	}
}

func TestTwoStarsAlsoStandForNoFolder(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"**/x.tif!/page 5", "x.tif!/page 5", true},
		{"**/x.tif!/page 5", "a/b/x.tif!/page 5", true},
		{"**/x.tif!/page 5", "a/b/x.tif!/page 51", false},
		{"**/x.tif!/page 5", "ax.tif!/page 5", false},
		{"**/x.tif!/page *", "x.tif!/page 12", true},
		{"a.zip!/**/x.docx", "a.zip!/x.docx", true},
		{"a.zip!/**/x.docx", "a.zip!/b/c/x.docx", true},
		{"**/a/**/x.docx", "a/x.docx", true},
		{"a/**", "a/b/c", true},
		{"a/**", "b", false},
	} {
		g, err := compileGlob(1, c.pattern)
		if err != nil || g.Match(c.name) != c.want {
			t.Errorf("%s of %s: %v instead of %v, %v", c.pattern, c.name, !c.want, c.want, err)
		}
	}
}

func TestManifestErrorsNameLineAndRemedy(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"files:\n  - {match: \"a\", categories: [helth]}\n", `line 2: "helth" is no category; nearest is "health"`},
		{"files:\n  - {subject: a}\n", "needs a match"},
		{"files:\n  - {match: \"[\", subject: a}\n", "line 2: match"},
		{"file:\n  - {match: a}\n", "line 1"},
		{"tables:\n  - {match: a}\n", "line 2: a table needs the column"},
		{"match,subjekt\na,b\n", `column "subjekt" is not one of`},
		{"match,categories\na,helth\n", "line 2"},
		{"match,categories\n\"a,b\n", "line 2"},
		{"file,subject,categories\nx,y,health\n", "needs a column called match"},
	} {
		if _, err := readRules(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("files:\n  - {match: \"letters/*\", subject: \"{stem}\", categories: [health]}\n")
	f.Add("match,subject\na,b\n")
	f.Add("tables:\n  - {match: \"{a,{b,c}}[!x]**\", column: \"\\x00\"}\n")
	s, err := derive([32]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := readRules(strings.NewReader(text))
		if err != nil {
			return
		}
		r.of(s, "x", "letters/12.docx")
		r.of(s, "x", "")
	})
}
