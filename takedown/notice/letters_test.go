package notice_test

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// everyLetter calls f for each regime, act, kind of recipient and language.
func everyLetter(t *testing.T, do func(t *testing.T, name string, f notice.Facts)) {
	t.Helper()
	for _, r := range table(t).Regimes() {
		for _, act := range notice.Acts(r) {
			for _, kind := range r.Recipients {
				for _, lang := range r.Written() {
					do(t, strings.Join([]string{r.ID, cmp.Or(act, "first"), kind, lang}, "/"), notice.Sample(r, act, kind, lang))
				}
			}
		}
	}
}

// planted is what a leak of invented persons could bring into any field.
var planted = []string{"Jan Peeters", "85.07.30-999.32", "999999990", "BE49 9990 0000 0171", "jan.peeters@example.org"}

func TestNoLetterRepeatsWhatIsPlantedInTheFacts(t *testing.T) {
	everyLetter(t, func(t *testing.T, name string, f notice.Facts) {
		leak := strings.Join(planted, " ")
		f.Categories = append(f.Categories, planted...)
		f.FileType, f.Exposure, f.Action = leak, leak, leak
		f.Incident.Persons, f.Incident.Country, f.Incident.CountIs = planted, leak, leak
		if f.Mandate.Kind == "power_of_attorney" {
			f.Mandate.From, f.Mandate.For = leak, leak
		}
		for i := range f.Earlier {
			f.Earlier[i].RecipientKind = cmp.Or(f.Earlier[i].RecipientKind, leak)
			f.Earlier[i].Answer += leak
		}
		d := compose(t, f)
		raw, err := notice.Render(f, d, envelope(), true)
		if err != nil {
			t.Fatal(err)
		}
		subject, body, _, attached, err := notice.Text(raw)
		if err != nil {
			t.Fatal(err)
		}
		all := subject + body
		for _, a := range attached {
			all += string(a)
		}
		for _, p := range planted {
			if strings.Contains(all, p) {
				t.Errorf("%s repeats %q", name, p)
			}
		}
	})
}

func TestEveryMeasureHasItsWordsInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		seen := map[string]string{}
		for _, m := range notice.Measures() {
			f := facts(lang, "host")
			f.Regime, f.RecipientKind, f.Action = "abuse", "network", m
			d := compose(t, f)
			if got := missing(t, f, d); len(got) != 0 {
				t.Errorf("%s %s: %v", lang, m, got)
			}
			narrow(t, f, d.Body)
			if other, ok := seen[d.Body]; ok && m != "delist" {
				t.Errorf("%s: %s reads as %s", lang, m, other)
			}
			seen[d.Body] = m
		}
	}
}

func TestNoLetterPromisesAccusesOrThreatens(t *testing.T) {
	everyLetter(t, func(t *testing.T, name string, f notice.Facts) {
		d := compose(t, f)
		for _, not := range []string{"indemni", "vrijwar", "schadlos", "freistell", "dmca", "perjury", "hacker", "dader", "täter", "coupable", "schuldig",
			"crimineel", "criminel", "dommages et intérêts", "schadevergoeding", "schadensersatz", "sha256", "anonymous", "ddg", "bdsg"} {
			if strings.Contains(strings.ToLower(d.Subject+d.Body), not) {
				t.Errorf("%s holds %q", name, not)
			}
		}
	})
}

// A space that may break stands before no double punctuation mark, and inside no French quotation marks.
var loose = regexp.MustCompile(`[ \n][:;!?»](\s|$)|«[ \n]`)

func TestFrenchLettersKeepTheirNoBreakSpaces(t *testing.T) {
	everyLetter(t, func(t *testing.T, name string, f notice.Facts) {
		if !strings.HasSuffix(name, "/fr") {
			return
		}
		d := compose(t, f)
		if at := loose.FindString(d.Subject + "\n" + notice.Version(d.Body, "fr")); at != "" {
			t.Errorf("%s: %q", name, at)
		}
	})
}

func TestEveryLetterSurvivesTheMail(t *testing.T) {
	everyLetter(t, func(t *testing.T, name string, f notice.Facts) {
		checkMessage(t, f, compose(t, f), envelope(), true)
	})
}

func TestALawFolderChangesALetterAndItsCitations(t *testing.T) {
	l, err := law.LoadFS(folder{
		"grounds.yaml": "- {id: gdpr-6, status: confirmed, source: counsel, citation: {nl: artikel 6bis NIEUW, fr: a, de: a, en: b}, name: {nl: Nieuwe naam, fr: a, de: a, en: b}, say: {nl: nieuwe zin., fr: a, de: a, en: b}}",
		"templates/dsa16.nl.txt": `{{define "this"}}deze brief{{end}}{{define "This"}}Deze brief{{end}}{{define "the"}}de brief{{end}}{{define "a"}}een brief{{end}}{{define "our"}}onze brief{{end}}
{{define "subject_words"}}Eigen onderwerp{{end}}{{define "title"}}EIGEN TITEL{{end}}{{define "reasons_title"}}Waarom dit illegale inhoud is{{end}}{{define "lead"}}Illegale inhoud:{{end}}
{{define "evident"}}{{end}}{{define "location_title"}}Waar{{end}}{{define "notifier_title"}}Wie{{end}}{{define "asks"}}- antwoord.{{end}}`,
	}.fs())
	if err != nil {
		t.Fatal(err)
	}
	f := facts("nl", "host")
	d, err := notice.Compose(l, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"EIGEN TITEL", "Nieuwe naam (artikel 6bis NIEUW): nieuwe zin.", "Eigen onderwerp"} {
		if !strings.Contains(d.Subject+d.Body, want) {
			t.Errorf("lacks %q", want)
		}
	}
	if got := missing(t, f, d); len(got) != 0 {
		t.Error(got)
	}
}

func TestALawFolderChangesWords(t *testing.T) {
	l, err := law.LoadFS(folder{"templates/words.yaml": "nl:\n  categories: {health: medische gegevens}\n  mandates: {union: \"Voor {from}, {date}{ref}.\"}\n"}.fs())
	if err != nil {
		t.Fatal(err)
	}
	f := facts("nl", "host")
	d, err := notice.Compose(l, f)
	if err != nil || !strings.Contains(d.Body, "medische gegevens") || !strings.Contains(d.Body, "contactgegevens") {
		t.Errorf("%v\n%s", err, d.Body)
	}
	if strings.Contains(compose(t, f).Body, "medische gegevens") {
		t.Error("the change reaches the table that the program carries")
	}
	for text, want := range map[string]string{"nl: {colour: red}": "colour", "xx: {date: []}": `no language "xx"`, "nl: [": "words.yaml"} {
		l, err := law.LoadFS(folder{"templates/words.yaml": text}.fs())
		if err != nil {
			t.Fatal(err)
		}
		if err := notice.Parse(l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestATemplateThatNothingUsesIsNamed(t *testing.T) {
	l, err := law.LoadFS(folder{"templates/dsa61.nl.txt": "x"}.fs())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{notice.Parse(l), notice.Proof(l)} {
		if err == nil || !strings.Contains(err.Error(), "templates/dsa61.nl.txt") {
			t.Errorf("%v", err)
		}
	}
}

func TestABrokenTemplateIsNamedWithItsLine(t *testing.T) {
	l, err := law.LoadFS(folder{"templates/reminder.fr.txt": "{{define \"body\"}}\nx\n{{template}}\n{{end}}"}.fs())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{notice.Parse(l), notice.Proof(l)} {
		if err == nil || !strings.Contains(err.Error(), "templates/reminder.fr.txt:3") {
			t.Errorf("%v", err)
		}
	}
	l, err = law.LoadFS(folder{"templates/parts.de.txt": "{{define \"places\"}}{{.Nothing}}{{end}}"}.fs())
	if err != nil {
		t.Fatal(err)
	}
	if err := notice.Proof(l); err == nil || !strings.Contains(err.Error(), "parts.de.txt:1") && !strings.Contains(err.Error(), "no template") {
		t.Errorf("%v", err)
	}
}
