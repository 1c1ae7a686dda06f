package incident

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, text string) File {
	t.Helper()
	f, err := Parse([]byte(text), time.Time{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return f
}

func example(t *testing.T) File {
	t.Helper()
	raw, err := os.ReadFile("../../docs/leak-file.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return read(t, string(raw))
}

func missing(m []Missing) (out []string) {
	for _, x := range m {
		out = append(out, x.Field)
	}
	return out
}

func TestTheExampleIsCompleteForSweepsAndNotices(t *testing.T) {
	f := example(t)
	if m := append(f.Needs(Sweep("pastes", []string{"health"})), f.Needs(Notice())...); len(m) > 0 {
		t.Errorf("the example lacks %v", m)
	}
	if got := missing(f.Needs(Numbers())); !slices.Equal(got, []string{"national_numbers.authority"}) {
		t.Errorf("numbers wait for %v", got)
	}
	if got := f.Title.In("de"); !strings.Contains(got, "Datenleck") {
		t.Errorf("German title %q", got)
	}
	if got := f.Legal.Purpose.In("fr"); !strings.HasPrefix(got, "to find") {
		t.Errorf("a missing language reads %q, want the English one", got)
	}
}

func TestAFileThatIsWrittenReadsBackTheSame(t *testing.T) {
	f := example(t)
	first, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	second, err := read(t, string(first)).YAML()
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Errorf("written twice it differs:\n%s\n---\n%s", first, second)
	}
	if strings.Contains(string(first), "national_numbers") {
		t.Errorf("what is empty is written:\n%s", first)
	}
}

func TestEveryErrorNamesItsLineAndField(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "title: x\nincidnt: {}\n", "line 2: incidnt: is no field; did you mean incident?"},
		{"unknown key below", "legal:\n  purpose: x\n  dpai: y\n", "line 3: legal.dpai: is no field; did you mean legal.dpia?"},
		{"key of another place", "dpia: x\n", "line 1: dpia: is no field here; did you mean legal.dpia?"},
		{"word", "incident: {kind: hackd}\n", `line 1: incident.kind: "hackd" is not known; did you mean hacked?`},
		{"word in a list", "data:\n  categories:\n    - identity\n    - helth\n", `line 4: data.categories[1]: "helth" is not known; did you mean health?`},
		{"far word", "processors:\n  - name: a\n    role: boss\n", `line 3: processors[0].role: "boss" is not known; choose one of processor, sub_processor, joint_controller`},
		{"date", "incident:\n  from: 14/03/2016\n", "line 2: incident.from: what stands here is no date; write 2016, 2016-03, 2016-03-14 or 2016-03-14T09:30+01:00"},
		{"no such day", "facts_date: 2026-02-30\n", "line 1: facts_date: what stands here is no date"},
		{"month for a clock", "incident: {discovered: 2016-03}\n", "line 1: incident.discovered: must name the day"},
		{"order", "incident:\n  from: 2016-03-14\n  until: 2016-03-13\n", "line 3: incident.until: lies before incident.from"},
		{"number", "data:\n  count: many\n", "line 2: data.count: wants a whole number"},
		{"truth", "uploader_contact: {attempted: perhaps}\n", "line 1: uploader_contact.attempted: wants true or false"},
		{"country", "countries: [BE, Belgium]\n", "line 1: countries[1]: wants a country as two capital letters"},
		{"mail", "controller:\n  email: nobody\n", "line 2: controller.email: is no mail address"},
		{"article", "legal:\n  article_6: legitimate interest\n", "line 2: legal.article_6: names the article with its point, such as 6(1)(f)"},
		{"article 9", "legal: {article_9: 9(2)}\n", "line 1: legal.article_9: names the article"},
		{"twice", "title: a\ntitle: b\n", "line 2: title: stands here a second time; the first is on line 1"},
		{"language", "title: {it: fuga}\n", "line 1: title.it: wants one text, or one for each of nl, fr, de, en"},
		{"list for a value", "facts_date: [2016]\n", "line 1: facts_date: wants one value"},
		{"value for keys", "legal: yes\n", "line 1: legal: wants keys with values below it: purpose"},
		{"no yaml", "title: [\n", "is not YAML"},
		{"two documents", "title: a\n---\ntitle: b\n", "a second YAML document"},
		{"alias", "controller: &a {name: x}\npeople: {dpo: *a}\n", "line 2: people.dpo: is an alias"},
		{"chain", "controller: {name: H}\nprocessors:\n  - {name: B, role: sub_processor, given_by: C}\n  - {name: C, role: processor}\n", "line 3: processors[0].given_by: names nobody before it"},
		{"chain without giver", "processors:\n  - {name: B, role: sub_processor}\n", "line 2: processors[0].given_by: names the processor that gave the work on"},
		{"waived without reason", "not_required:\n  - {duty: police}\n", "line 2: not_required[0].reason: says in a sentence"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text), time.Time{})
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestErrorsRepeatNothingButSingleWords(t *testing.T) {
	const secret = "85.07.30-999.32"
	for _, text := range []string{"incident: {kind: '" + secret + "'}", "'" + secret + "': x", "facts_date: '" + secret + "'",
		"legal: {article_6: '" + secret + "'}", "data: {count: '" + secret + "'}", "title: [" + secret, "title: {'" + secret + "': x}"} {
		_, err := Parse([]byte(text), time.Time{})
		if err == nil || strings.Contains(err.Error(), "85") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatIsDoneCannotLieInTheFuture(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	if _, err := Parse([]byte("police: {reported: 2026-03-12}"), now); err == nil || !strings.Contains(err.Error(), "line 1: police.reported: lies in the future") {
		t.Errorf("got %v", err)
	}
	if _, err := Parse([]byte("police: {reported: 2026-03-11}"), now); err != nil {
		t.Errorf("the writer's zone may be ahead: %v", err)
	}
}

func TestASweepWaitsForEachFieldInTurn(t *testing.T) {
	whole := example(t)
	for _, c := range []struct {
		name string
		take func(*File)
		want []string
	}{
		{"nothing", func(*File) {}, nil},
		{"purpose", func(f *File) { f.Legal.Purpose = nil }, []string{"legal.purpose"}},
		{"blank purpose", func(f *File) { f.Legal.Purpose = Text{"nl": " "} }, []string{"legal.purpose"}},
		{"article 6", func(f *File) { f.Legal.Article6 = "" }, []string{"legal.article_6"}},
		{"article 9 with health", func(f *File) { f.Legal.Article9 = "" }, []string{"legal.article_9"}},
		{"article 9 without special categories", func(f *File) { f.Legal.Article9, f.Data.Categories = "", []string{"identity", "contact"} }, nil},
		{"balancing", func(f *File) { f.Legal.BalancingTest = "" }, []string{"legal.balancing_test"}},
		{"balancing for two bases", func(f *File) { f.Legal.BalancingTest, f.Legal.Article6 = "", "art. 6(1)(c) and 6.1.f GDPR" }, []string{"legal.balancing_test"}},
		{"no balancing for another basis", func(f *File) { f.Legal.BalancingTest, f.Legal.Article6 = "", "artikel 6, lid 1, onder c)" }, nil},
		{"dpia", func(f *File) { f.Legal.DPIA = "" }, []string{"legal.dpia"}},
		{"categories", func(f *File) { f.Data.Categories = nil }, []string{"data.categories"}},
		{"persons", func(f *File) { f.Data.Persons = nil }, []string{"data.persons"}},
		{"reason", func(f *File) { f.Sources = nil }, []string{"sources"}},
		{"another source's reason", func(f *File) { f.Sources = []SourceReason{{"board", "copies were seen there"}} }, []string{"sources"}},
		{"this source's reason", func(f *File) { f.Sources = []SourceReason{{"pastes", "copies were seen there"}} }, nil},
		{"a reason that is none", func(f *File) { f.Sources = []SourceReason{{"pastes", "because"}} }, []string{"sources"}},
		{"council", func(f *File) { f.Legal.WorksCouncil = nil }, []string{"legal.works_council"}},
		{"council of another country", func(f *File) { f.Legal.WorksCouncil[0].Country = "NL"; f.Legal.WorksCouncil[0].Kind = "consent" }, []string{"legal.works_council"}},
		{"council without staff", func(f *File) { f.Legal.WorksCouncil, f.Data.Persons = nil, []string{"patients"} }, nil},
		{"council without date", func(f *File) { f.Legal.WorksCouncil[0].Date = "" }, []string{"legal.works_council[0].date"}},
		{"council not required", func(f *File) {
			f.Legal.WorksCouncil[0] = WorksCouncil{Country: "BE", Kind: "not_required", Reference: "no works council: 12 employees"}
		}, nil},
		{"consultation in the Netherlands", func(f *File) { f.Incident.Country, f.Legal.WorksCouncil[0].Country = "NL", "NL" }, []string{"legal.works_council[0].kind"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := whole
			f.Legal.WorksCouncil = slices.Clone(whole.Legal.WorksCouncil)
			c.take(&f)
			m := f.Needs(Sweep("pastes", nil))
			if got := missing(m); !slices.Equal(got, c.want) {
				t.Errorf("waits for %v, want %v", got, c.want)
			}
			for _, x := range m {
				if x.What == "" {
					t.Errorf("%s: nothing says what to write there", x.Field)
				}
			}
		})
	}
}

func TestAnEmptyFileNamesEverythingThatASweepNeeds(t *testing.T) {
	got := missing(File{}.Needs(Sweep("pastes", nil)))
	want := []string{"data.categories", "data.persons", "legal.purpose", "legal.article_6", "legal.dpia", "sources"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := missing(File{}.Needs(Sweep("pastes", []string{"health"}))); !slices.Contains(got, "legal.article_9") {
		t.Errorf("a category that the known files say is passed over: %v", got)
	} else if !slices.Contains(got, "data.categories") {
		t.Errorf("what known files are guessed to hold stands for what counsel writes down: %v", got)
	}
}

func TestEveryFieldIsExplained(t *testing.T) {
	said := map[string]bool{}
	for _, f := range Fields() {
		said[f.Path] = true
		if f.What == "" {
			t.Errorf("%s: nothing says what to write there", f.Path)
		}
	}
	for _, d := range described() {
		if !strings.HasPrefix(d[0], "*") && !said[d[0]] {
			t.Errorf("%s is explained, and no field", d[0])
		}
	}
	for path := range vocabulary() {
		if !said[path] {
			t.Errorf("%s has words, and is no field", path)
		}
	}
}

func FuzzParse(f *testing.F) {
	if raw, err := os.ReadFile("../../docs/leak-file.example.yaml"); err == nil {
		f.Add(string(raw))
	}
	for _, s := range []string{"", "title: x", "title: {nl: a, fr: b}", "incident: {from: 2016-03, discovered: 2016-03-14T09:30Z}",
		"a: &a [*a]", "? [a]\n: b", "processors: {name: a}", "legal: {works_council: {country: BE}}", "\t", "{", "title: !!binary aGk=", "data: {count: 1_000}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse([]byte(text), time.Time{})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		raw, err := file.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(raw, time.Time{})
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, raw)
		}
		if second, _ := again.YAML(); string(second) != string(raw) {
			t.Errorf("written twice it differs:\n%s\n---\n%s", raw, second)
		}
		file.Needs(Sweep("x", nil))
		file.Duties(nil, time.Now())
	})
}

func TestTheReferenceIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../docs/leak-file.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Reference() {
		t.Error("docs/leak-file.md is not what the fields are: go generate ./config")
	}
}
