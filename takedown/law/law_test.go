package law_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"unmirror/takedown/law"
)

func TestTheCarriedTableLoads(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, ok := table.Regime("dsa16")
	if !ok {
		t.Fatal("no dsa16")
	}
	var ids []string
	for _, e := range r.Elements {
		ids = append(ids, e.ID+"="+e.Citation)
	}
	want := "reasons=DSA art. 16(2)(a) location=DSA art. 16(2)(b) notifier=DSA art. 16(2)(c) good_faith=DSA art. 16(2)(d)"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("elements %s, want %s", got, want)
	}
	if got := table.Term("dsa", "de"); got != "Gesetz über digitale Dienste" {
		t.Errorf("German name of the DSA: %q", got)
	}
}

func TestGroundsFollowDateAndCategories(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := table.Regime("dsa16")
	for _, c := range []struct {
		name string
		day  string
		cats []string
		want string
	}{
		{"plain data", "2026-11-20", []string{"identity"}, "gdpr-5-1-f gdpr-6"},
		{"health data", "2026-11-20", []string{"identity", "health"}, "gdpr-5-1-f gdpr-6 gdpr-9"},
		{"the first day of the GDPR", "2018-05-25", nil, "gdpr-5-1-f gdpr-6"},
		{"the day before it", "2018-05-24", []string{"health"}, ""},
	} {
		day, _ := time.Parse(time.DateOnly, c.day)
		var ids []string
		for _, g := range table.Grounds(r, day, c.cats) {
			ids = append(ids, g.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCounselSeesWhichCitationsNobodyConfirmed(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := table.Regime("dsa16")
	got := strings.Join(table.Unconfirmed(r, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), []string{"health"}, "en"), "; ")
	if got != "Article 5(1)(f) GDPR; Article 6 GDPR; Article 9(1) GDPR" {
		t.Error(got)
	}
}

func TestOpenCitationsStayEmpty(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"be-secrecy-new", "be-hacking-new"} {
		if g, ok := table.Ground(id); !ok || g.Status != law.Open || len(g.Citation) != 0 {
			t.Errorf("%s: %+v", id, g)
		}
	}
}

func TestABrokenTableIsRefusedAndSaysWhere(t *testing.T) {
	langs := "{nl: a, fr: a, de: a, en: a}"
	regime := "- {id: r, template: r, senders: [controller], recipients: [host], name: " + langs + ", citation: " + langs +
		", elements: [{id: reasons, citation: x, label: " + langs + "}]"
	for _, c := range []struct{ name, regimes, grounds, terms, want string }{
		{"whole", regime + "}", "[]", "{}", ""},
		{"unknown key", regime + ", colour: red}", "[]", "{}", "colour"},
		{"unknown ground", regime + ", grounds: [g]}", "[]", "{}", `no ground "g"`},
		{"language missing", regime + "}", "[]", "notice: {nl: a, fr: a, en: a}", "nothing in de"},
		{"open with text", regime + "}", "- {id: g, status: open, source: s, citation: " + langs + "}", "{}", "open ground"},
		{"without source", regime + "}", "- {id: g, status: confirmed, citation: " + langs + "}", "{}", "no source"},
		{"unknown status", regime + "}", "- {id: g, status: sure, source: s}", "{}", "status"},
		{"twice", regime + "}\n" + regime + "}", "[]", "{}", "given twice"},
	} {
		_, err := law.LoadFS(fstest.MapFS{
			"regimes.yaml": {Data: []byte(c.regimes)}, "grounds.yaml": {Data: []byte(c.grounds)}, "terms.yaml": {Data: []byte(c.terms)},
		})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestTheRegimeFollowsTheRecipient(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind string
		eu   bool
		want string
	}{
		{"host", true, "dsa16"}, {"platform", true, "dsa16"}, {"host", false, "abuse"}, {"cdn", true, "abuse"}, {"registrar", false, "abuse"}, {"uploader", true, ""},
	} {
		if r, _ := table.For(c.kind, c.eu, law.ActFirst); r.ID != c.want {
			t.Errorf("%s, offers in the Union %v: %q, want %q", c.kind, c.eu, r.ID, c.want)
		}
	}
}
