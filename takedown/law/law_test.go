package law_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"unmirror/takedown/law"
)

func load(t testing.TB) law.Table {
	t.Helper()
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func day(s string) time.Time {
	d, _ := time.Parse(time.DateOnly, s)
	return d
}

func regime(t testing.TB, table law.Table, id string) law.Regime {
	t.Helper()
	r, ok := table.Regime(id)
	if !ok {
		t.Fatalf("no regime %s", id)
	}
	return r
}

func ids(grounds []law.Ground) string {
	var out []string
	for _, g := range grounds {
		out = append(out, g.ID)
	}
	return strings.Join(out, " ")
}

func TestTheCarriedTableLoads(t *testing.T) {
	table := load(t)
	var got []string
	for _, e := range table.Elements(regime(t, table, "dsa16"), law.ActFirst) {
		got = append(got, e.ID+"="+e.Citation)
	}
	want := "reasons=DSA art. 16(2)(a) location=DSA art. 16(2)(b) notifier=DSA art. 16(2)(c) good_faith=DSA art. 16(2)(d)"
	if got := strings.Join(got, " "); got != want {
		t.Errorf("elements %s, want %s", got, want)
	}
	if got := table.Term("dsa", "de"); got != "Gesetz über digitale Dienste" {
		t.Errorf("German name of the DSA: %q", got)
	}
	if got := regime(t, table, "complaint-be").Written(); strings.Join(got, " ") != "nl fr de" {
		t.Errorf("the Belgian authority takes complaints in %v", got)
	}
}

func TestGroundsFollowDateAndCategories(t *testing.T) {
	table := load(t)
	r := regime(t, table, "dsa16")
	for _, c := range []struct {
		name, day string
		cats      []string
		want      string
	}{
		{"plain data", "2026-11-20", []string{"identity"}, "gdpr-5-1-f gdpr-6"},
		{"health data", "2026-11-20", []string{"identity", "health"}, "gdpr-5-1-f gdpr-6 gdpr-9"},
		{"the first day of the GDPR", "2018-05-25", nil, "gdpr-5-1-f gdpr-6"},
		{"the day before it", "2018-05-24", []string{"health"}, ""},
	} {
		if got := ids(table.Grounds(r, law.Query{Day: day(c.day), Categories: c.cats})); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBelgianNumbersFollowTheDayOfTheFacts(t *testing.T) {
	table := load(t)
	r := regime(t, table, "be")
	q := law.Query{Day: day("2026-11-20"), Categories: []string{"health"}, Incident: "hacked", Countries: []string{"BE"}}
	for _, c := range []struct{ facts, want, gap string }{
		{"2016-05-01", "be-hacking-old be-secrecy-old gdpr-6 gdpr-9", ""},
		{"2026-04-07", "be-hacking-old be-secrecy-old gdpr-6 gdpr-9", ""},
		{"2026-04-08", "gdpr-6 gdpr-9", "dispute"},
		{"2026-08-31", "gdpr-6 gdpr-9", "dispute"},
		{"2026-09-01", "gdpr-6 gdpr-9", "empty slot"},
		{"", "gdpr-6 gdpr-9", "facts_date"},
	} {
		q.Facts = day(c.facts)
		if got := ids(table.Grounds(r, q)); got != c.want {
			t.Errorf("facts of %s: %s, want %s", c.facts, got, c.want)
		}
		gaps := table.Gaps(r, q)
		if c.gap == "" && len(gaps) > 0 || c.gap != "" && (len(gaps) == 0 || !strings.Contains(gaps[0].Why, c.gap)) {
			t.Errorf("facts of %s: gaps %v", c.facts, gaps)
		}
	}
}

func TestCounselSettlesTheDayAndFillsTheSlot(t *testing.T) {
	langs := "{nl: a, fr: a, de: a, en: a}"
	table, err := law.LoadFS(fstest.MapFS{
		"dates.yaml":   {Data: []byte("be-criminal-code: {date: 2026-04-08, source: counsel}")},
		"grounds.yaml": {Data: []byte("- {id: be-hacking-new, status: confirmed, source: counsel, countries: [BE], dated_by: facts, from: be-criminal-code, incidents: [hacked], citation: {nl: artikel 999 Sw., fr: a, de: a, en: a}, name: " + langs + ", say: " + langs + "}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := table.Grounds(regime(t, table, "be"), law.Query{Day: day("2026-11-20"), Facts: day("2026-05-01"), Incident: "hacked", Countries: []string{"BE"}})
	if ids(got) != "be-hacking-new gdpr-6" || got[0].Citation["nl"] != "artikel 999 Sw." {
		t.Errorf("%+v", got)
	}
}

func TestNationalGroundsApplyOnlyWhereCounselChoseThem(t *testing.T) {
	table := load(t)
	r := regime(t, table, "dsa16")
	q := law.Query{Day: day("2026-11-20"), Facts: day("2020-01-01"), Categories: []string{"national_number"}, Incident: "lost"}
	if got := ids(table.Grounds(r, q)); got != "gdpr-5-1-f gdpr-6" {
		t.Errorf("without a choice: %s", got)
	}
	q.Countries = []string{"NL"}
	if got := ids(table.Grounds(r, q)); got != "gdpr-5-1-f gdpr-6 nl-bsn" {
		t.Errorf("Dutch law: %s", got)
	}
	q.Countries, q.Added = nil, []string{"be-register"}
	if got := ids(table.Grounds(r, q)); got != "gdpr-5-1-f gdpr-6 be-register" {
		t.Errorf("added by hand: %s", got)
	}
	q.Added = []string{"be-hacking-old", "no-such-ground"}
	if gaps := table.Gaps(r, q); len(gaps) != 2 || !strings.Contains(gaps[0].Why, "incident.kind") {
		t.Errorf("what counsel added and does not apply: %v", gaps)
	}
}

func TestCounselSeesWhichCitationsNobodyConfirmed(t *testing.T) {
	table := load(t)
	got := strings.Join(table.Unconfirmed(regime(t, table, "dsa16"), law.Query{Day: day("2026-11-20"), Categories: []string{"health"}}, "en"), "; ")
	if got != "Article 5(1)(f) GDPR; Article 6 GDPR; Article 9(1) GDPR" {
		t.Error(got)
	}
}

func TestOpenCitationsStayEmpty(t *testing.T) {
	table := load(t)
	for _, id := range []string{"be-secrecy-new", "be-hacking-new"} {
		if g, ok := table.Ground(id); !ok || g.Status != law.Open || len(g.Citation) != 0 {
			t.Errorf("%s: %+v", id, g)
		}
	}
}

func TestABrokenFolderIsRefusedWithFileAndLine(t *testing.T) {
	langs := "{nl: a, fr: a, de: a, en: a}"
	head := "# mine\n- {id: r, status: confirmed, template: r, senders: [controller], recipients: [host], acts: [first], name: " + langs + ", citation: " + langs
	whole := head + ", elements: [{id: reasons, citation: x, label: " + langs + "}]"
	ground := "- {id: g, source: s, name: " + langs + ", say: " + langs
	for _, c := range []struct{ name, file, text, want, at string }{
		{"whole", "regimes.yaml", whole + "}", "", ""},
		{"unknown key", "regimes.yaml", whole + ", colour: red}", "colour", "regimes.yaml:2"},
		{"unknown ground", "regimes.yaml", whole + ", grounds: [g]}", `no ground "g"`, "regimes.yaml:2"},
		{"unknown act", "regimes.yaml", strings.Replace(whole, "[first]", "[dance]", 1) + "}", `no act "dance"`, "regimes.yaml:2"},
		{"unknown recipient", "regimes.yaml", strings.Replace(whole, "[host]", "[moon]", 1) + "}", "moon", "regimes.yaml:2"},
		{"unknown need", "regimes.yaml", head + ", elements: [{id: reasons, citation: x, needs: [wings], label: " + langs + "}]}", "wings", "regimes.yaml:2"},
		{"language missing", "terms.yaml", "notice: {nl: a, fr: a, en: a}", "nothing in de", "terms.yaml:1"},
		{"open with text", "grounds.yaml", ground + ", status: open, citation: " + langs + "}", "open ground", "grounds.yaml:1"},
		{"without source", "grounds.yaml", "\n\n- {id: g, status: confirmed, citation: " + langs + ", name: " + langs + ", say: " + langs + "}", "no source", "grounds.yaml:3"},
		{"unknown status", "grounds.yaml", ground + ", status: sure}", "status", "grounds.yaml:1"},
		{"no day", "grounds.yaml", ground + ", status: open, from: soon}", "dates.yaml", "grounds.yaml:1"},
		{"twice", "regimes.yaml", whole + "}\n" + whole[7:] + "}", "given twice", "regimes.yaml"},
		{"date without source", "dates.yaml", "d: {date: 2026-01-01}", "source", "dates.yaml:1"},
		{"not YAML", "acts.yaml", "- {id: a\n  b: [", "acts.yaml", ""},
		{"misspelt file", "regime.yaml", "", "regime.yaml is none", ""},
		{"empty file", "grounds.yaml", "# nothing yet\n", "", ""},
	} {
		_, err := law.LoadFS(fstest.MapFS{c.file: {Data: []byte(c.text)}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.at)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAFolderReplacesWhatItNamesAndAddsTheRest(t *testing.T) {
	langs := "{nl: a, fr: a, de: a, en: a}"
	table, err := law.LoadFS(fstest.MapFS{
		"terms.yaml":             {Data: []byte("dsa: {nl: DSA, fr: DSA, de: DSA, en: DSA}\nnew: " + langs)},
		"grounds.yaml":           {Data: []byte("- {id: gdpr-6, status: confirmed, source: counsel, citation: " + langs + ", name: " + langs + ", say: " + langs + "}")},
		"templates/dsa16.nl.txt": {Data: []byte("mine\r\n")},
		"templates/README.md":    {Data: []byte("not a template")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if g, _ := table.Ground("gdpr-6"); g.Status != law.Confirmed || table.Term("dsa", "nl") != "DSA" || table.Term("new", "fr") != "a" || table.Term("gdpr", "en") == "" {
		t.Error("the folder's entries are not in force, or others are lost")
	}
	if s, ok := table.Text("dsa16.nl.txt"); !ok || s != "mine\n" || len(table.TextNames()) != 1 {
		t.Errorf("template %q %v", s, table.TextNames())
	}
}

func TestTheRegimeFollowsTheRecipient(t *testing.T) {
	table := load(t)
	for _, c := range []struct {
		kind string
		eu   bool
		act  string
		want string
	}{
		{"host", true, law.ActFirst, "dsa16"}, {"platform", true, law.ActReminder, "dsa16"}, {"host", false, law.ActFirst, "abuse"},
		{"cdn", true, law.ActFirst, "abuse"}, {"registrar", false, law.ActFirst, "abuse"}, {"upstream", true, law.ActEscalation, "abuse"},
		{"network", true, law.ActRetraction, "abuse"}, {"uploader", true, law.ActFirst, ""}, {"search", true, law.ActDelisting, "delisting"},
		{"search", true, law.ActFirst, "delisting"}, {"authority", true, law.ActComplaint, "complaint-be"}, {"authority", true, law.ActFirst, ""},
		{"search", true, law.ActEscalation, ""},
	} {
		if r, _ := table.For(c.kind, c.eu, c.act); r.ID != c.want {
			t.Errorf("%s, offers in the Union %v, act %q: %q, want %q", c.kind, c.eu, c.act, r.ID, c.want)
		}
	}
}

func TestCounselMayChooseWhatIsNeverChosenByItself(t *testing.T) {
	table := load(t)
	var got []string
	for _, r := range table.Choices("host", true, law.ActFirst, []string{"NL"}) {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, []string{"dsa16", "abuse", "gdpr17", "nl", "ntd"}) {
		t.Errorf("%v", got)
	}
}

func TestAnActsElementsComeOnTopOrInstead(t *testing.T) {
	table := load(t)
	names := func(act string) string {
		var out []string
		for _, e := range table.Elements(regime(t, table, "dsa16"), act) {
			out = append(out, e.ID)
		}
		return strings.Join(out, " ")
	}
	if got := names(law.ActReminder); got != "reasons location notifier good_faith earlier elapsed" {
		t.Error(got)
	}
	if got := names(law.ActRetraction); got != "withdrawn mistake location restore notifier" {
		t.Error(got)
	}
}

func TestWorkingDaysLeaveOutWeekendsAndHolidays(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-11-20", "2026-11-20", 0}, {"2026-11-20", "2026-11-23", 1}, {"2026-11-20", "2026-11-27", 5},
		{"2026-12-24", "2026-12-29", 2},  // Christmas, a Saturday, a Sunday
		{"2026-04-02", "2026-04-07", 1},  // Good Friday to Easter Monday
		{"2026-05-13", "2026-05-15", 1},  // Ascension
		{"2026-11-27", "2026-11-20", 0},  // backwards
		{"2027-03-25", "2027-03-30", 1},  // Easter 2027 is 28 March
		{"2026-05-22", "2026-05-26", 1},  // Whit Monday
		{"2026-12-31", "2027-01-04", 1},  // New Year
		{"2026-11-10", "2026-11-12", 1},  // Armistice
		{"2026-07-17", "2026-07-22", 2},  // Belgian national day
		{"2026-11-20", "2026-12-04", 10}, // two weeks
	} {
		if got := law.WorkingDays(day(c.from), day(c.to)); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

func FuzzAFolderIsReadOrRefused(f *testing.F) {
	for _, s := range []string{"- {id: g, status: open}", "a: {date: 2026-01-01}", "[]", "- &a [*a]", "{"} {
		f.Add("grounds.yaml", s)
		f.Add("regimes.yaml", s)
		f.Add("dates.yaml", s)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if name == "" || strings.ContainsAny(name, "/\x00\\") || name == "." || name == ".." {
			t.Skip()
		}
		_, _ = law.LoadFS(fstest.MapFS{name: {Data: []byte(text)}})
	})
}
