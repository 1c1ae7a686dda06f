package incident

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func around(t *testing.T) Around {
	t.Helper()
	return Around{Leak: "voorbeeld-2026", Role: "controller", Operator: Party{Name: "Arbeidszorg Voorbeeld vzw", Email: "dpo@arbeidszorg-voorbeeld.example"},
		Sources: []string{"pastes", "board"}, Sent: []Sent{{"host", 3}, {"registrar", 1}}, Made: moment(t, "2026-04-01T00:00:00Z")}
}

func TestTheRecordHasEveryPointInEveryLanguage(t *testing.T) {
	for _, l := range Languages() {
		r, err := example(t).ProcessingRecord(around(t), l)
		if err != nil {
			t.Fatal(err)
		}
		var points []string
		for _, s := range r.Sections {
			if s.Heading == "" || len(s.Lines) == 0 {
				t.Errorf("%s: section %s has no words", l, s.ID)
			}
			points = append(points, s.Point)
		}
		for _, p := range []string{"(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)"} {
			if !slices.Contains(points, p) {
				t.Errorf("%s: point %s of art. 30(1) is not told", l, p)
			}
		}
		text := r.Text()
		if !r.Complete || strings.ContainsAny(text, "{}") || strings.Contains(text, "  - \n") {
			t.Errorf("%s: complete %v\n%s", l, r.Complete, text)
		}
	}
}

func TestTheRecordTellsWhatIsMissing(t *testing.T) {
	a := around(t)
	a.Operator, a.Sent = Party{}, nil
	r, err := File{}.ProcessingRecord(a, "nl")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, s := range r.Sections {
		fields = append(fields, s.Missing...)
	}
	want := []string{"organisation.name", "people.dpo", "legal.purpose", "data.persons", "data.categories", "record.transfers", "record.retention", "legal.article_6", "sources"}
	if r.Complete || !slices.Equal(fields, want) {
		t.Errorf("missing %v, want %v", fields, want)
	}
	if text := r.Text(); !strings.Contains(text, "nog in te vullen (legal.purpose)") || !strings.Contains(text, "nog aan niemand een kennisgeving verzonden") {
		t.Error(text)
	}
	if _, err := (File{}).ProcessingRecord(a, "it"); err == nil {
		t.Error("a language without words is taken")
	}
}

func TestAProcessorsRecordIsOfTheSecondParagraph(t *testing.T) {
	a := around(t)
	a.Role, a.Operator = "processor", Party{Name: "Speurders Voorbeeld bv"}
	r, err := example(t).ProcessingRecord(a, "fr")
	if err != nil {
		t.Fatal(err)
	}
	if text := r.Text(); r.Article != "article 30, paragraphe 2, du RGPD" || !strings.Contains(text, "pour le compte duquel il est agi (a)\n  - Arbeidszorg") {
		t.Errorf("%s\n%s", r.Article, text)
	}
}

func TestEveryWordOfTheFileHasANameInEveryLanguage(t *testing.T) {
	var all map[string]recordWords
	if err := yaml.Unmarshal(recordYAML, &all); err != nil {
		t.Fatal(err)
	}
	for _, l := range Languages() {
		w := all[l]
		for _, c := range []struct {
			words []string
			names map[string]string
		}{{Categories(), w.Categories}, {Persons(), w.Persons}, {CouncilKinds(), w.Councils}, {append(CountWords(), ""), w.Count},
			{[]string{"platform", "host", "cdn", "network", "upstream", "registrar", "search", "authority", ""}, w.Recipients}} {
			for _, word := range c.words {
				if c.names[word] == "" {
					t.Errorf("%s has no name for %q", l, word)
				}
			}
		}
	}
}
