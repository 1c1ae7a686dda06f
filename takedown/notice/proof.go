package notice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"unmirror/takedown/law"
)

// Proof composes every letter that the table knows, for every recipient and language, and checks it: an operator's folder that would
// fail when a case needs it fails here, with the file and line of a template that cannot be read or filled.
func Proof(t law.Table) error {
	errs := []error{unused(t)}
	for _, r := range t.Regimes() {
		for _, act := range Acts(r) {
			for _, lang := range r.Written() {
				for _, kind := range r.Recipients {
					if err := proofOne(t, Sample(r, act, kind, lang)); err != nil {
						errs = append(errs, fmt.Errorf("regime %s, %s to %s in %s: %w", r.ID, actName(act), kind, lang, err))
						break // the other recipients of that language would say the same
					}
				}
			}
		}
	}
	return errors.Join(errs...)
}

// Parse reads every template that the table's letters need: the error names file and line. It is what a start can afford; Proof is what
// a changed folder deserves.
func Parse(t law.Table) error {
	errs := []error{unused(t)}
	if _, err := loadWords(t); err != nil {
		errs = append(errs, err)
	}
	for _, r := range t.Regimes() {
		for _, lang := range append(r.Written(), "en") {
			for _, act := range Acts(r) {
				if _, err := loadTemplates(t, r, act, lang); err != nil {
					errs = append(errs, fmt.Errorf("regime %s: %w", r.ID, err))
					break
				}
			}
		}
	}
	return errors.Join(errs...)
}

// unused names the templates of the operator's folder that no letter uses: a misspelt name would silently change nothing.
func unused(t law.Table) error {
	used := map[string]bool{wordsFile: true}
	for _, r := range t.Regimes() {
		for _, act := range r.Acts {
			for _, lang := range law.Languages() {
				for _, name := range []string{shared, r.Template, t.Act(act).Template} {
					used[name+"."+lang+".txt"] = true
				}
			}
		}
	}
	var errs []error
	for _, name := range t.TextNames() {
		if !used[name] {
			errs = append(errs, fmt.Errorf("templates/%s: no regime or act uses a template of that name", name))
		}
	}
	return errors.Join(errs...)
}

func proofOne(t law.Table, f Facts) error {
	d, err := Compose(t, f)
	if err != nil {
		return err
	}
	for _, e := range Check(t, f, d) {
		if !e.Present {
			return fmt.Errorf("element %s: %s", e.ID, e.Missing)
		}
	}
	for _, line := range strings.Split(d.Body, "\n") {
		if utf8.RuneCountInString(line) > columns && strings.Contains(line, " ") {
			return fmt.Errorf("a line of the text is wider than %d characters", columns)
		}
	}
	for _, hole := range []string{"[[", "<no value>"} {
		if strings.Contains(d.Body+d.Subject, hole) {
			return fmt.Errorf("the text has a hole: %s", hole)
		}
	}
	return nil
}

// Acts are the acts of a regime as facts call them.
func Acts(r law.Regime) []string {
	out := slices.Clone(r.Acts)
	for i, a := range out {
		if a == "first" {
			out[i] = ActFirst
		}
	}
	return out
}

func actName(act string) string {
	if act == ActFirst {
		return "first notice"
	}
	return act
}

// Sample is an invented case that such a letter can be about: names of RFC 2606, addresses of RFC 5737.
func Sample(r law.Regime, act, kind, lang string) Facts {
	f := Facts{
		Ticket: "UM-2026-000123", Regime: r.ID, Act: act, Language: lang, LeakTitle: "Arbeidsdienst Voorbeeld 2016",
		Notifier: Party{
			Name: "Arbeidsdienst Voorbeeld vzw", Role: r.Senders[0], Contact: "Functionaris voor gegevensbescherming",
			Email: "dpo@dienst.example", Telephone: "+32 2 555 01 23", Address: "Voorbeeldstraat 1, 1000 Brussel",
		},
		RecipientKind: kind,
		Locations: []Location{{
			URL: "https://files.mirror.example/pub/a/b/c/archive%202016-final-version-with-a-rather-long-path.zip?dl=1&x=2",
			IP:  "192.0.2.7", Host: "files.mirror.example", Seen: time.Date(2026, 11, 20, 8, 5, 0, 0, time.UTC), Path: "brieven/deel-3.docx",
		}},
		Grade: "passages", FileType: "docx", Coverage: 0.426, Bits: 212.5, Passages: 17, Subjects: 12,
		Categories: []string{"identity", "contact", "health"}, InArchive: true,
		Date: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), StatusURL: "https://unmirror.example/ticket/UM-2026-000123-k7w4q2",
		FactsDate: time.Date(2016, 5, 1, 0, 0, 0, 0, time.UTC), Countries: r.Countries,
		Incident: Incident{Kind: "hacked", Country: "BE", Controller: "Arbeidsdienst Voorbeeld vzw",
			Processors: []Processor{{Name: "Scanbedrijf Voorbeeld bv", Role: "processor"}, {Name: "Opslag Voorbeeld nv", Role: "sub_processor"}}, Persons: []string{"employees", "applicants"},
			Count: 158000, CountIs: "at_least", From: time.Date(2016, 5, 1, 0, 0, 0, 0, time.UTC), Discovered: time.Date(2016, 6, 14, 0, 0, 0, 0, time.UTC),
			Published: time.Date(2016, 9, 1, 0, 0, 0, 0, time.UTC)},
		Uploader:  Uploader{WhyNot: "anonymous"},
		Inspected: Inspection{How: "content", Date: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
	}
	if kind == "platform" {
		f.RecipientName = "Paste Example BV"
		f.Inspected.How = "original"
		f.Grade, f.FileType, f.Coverage, f.InArchive, f.Subjects = "identical", "csv", 1, false, 0
		f.Categories = []string{"identity", "finance"}
		f.Locations[0].Path = ""
		f.Locations = append(f.Locations, Location{URL: "http://198.51.100.9:8081/raw/abcdef", IP: "198.51.100.9", Host: "198.51.100.9",
			Lines: [2]int{12, 40}, How: &Recognition{Grade: "records", FileType: "csv", Coverage: 0.3, Bits: 90}})
		f.Uploader = Uploader{Attempted: true, Date: time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC), Channel: "message"}
	}
	if len(r.Countries) > 0 {
		f.Categories = append(f.Categories, "national_number")
	}
	if !slices.Contains(r.Senders, "controller") {
		f.Notifier = Party{Name: "Stichting Gegevensbelang Voorbeeld", Role: "representative", Contact: "Mr. A. Voorbeeld, jurist",
			Email: "meldingen@gegevensbelang.example", Telephone: "+31 20 555 01 23", Address: "Voorbeeldlaan 2, 1000 AA Amsterdam"}
		f.Mandate = Mandate{Kind: "power_of_attorney", Date: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Reference: "V-2026-17"}
	}
	f.Earlier = sampleEarlier(r, act, kind)
	switch {
	case act == ActRetraction:
		f.Withdrawal = Withdrawal{Wrong: "exception"}
	case kind == "authority":
		f.Respondent = Respondent{Name: "Paste Example BV", Address: "abuse@paste.example", Country: "NL"}
		f.Incident.Reported = []Reported{{Name: "GBA", Date: time.Date(2016, 6, 16, 0, 0, 0, 0, time.UTC), Reference: "DOS-2016-0001"}}
	}
	return f
}

// sampleEarlier is what was sent before such a letter.
func sampleEarlier(r law.Regime, act, kind string) []Earlier {
	first := Earlier{Date: time.Date(2026, 11, 6, 10, 0, 0, 0, time.UTC), Ticket: "UM-2026-000123", Regime: r.ID, RecipientKind: kind}
	if kind == "platform" {
		first.RecipientName = "Paste Example BV"
	}
	before := Earlier{Date: first.Date, Ticket: "UM-2026-000123", Regime: "dsa16", RecipientName: "Paste Example BV", RecipientKind: "platform"}
	reminded := Earlier{Date: time.Date(2026, 11, 13, 10, 0, 0, 0, time.UTC), Ticket: "UM-2026-000123", Kind: ActReminder, Regime: before.Regime,
		RecipientName: before.RecipientName, RecipientKind: before.RecipientKind, Answer: answerReceipt}
	switch {
	case act == ActReminder:
		return []Earlier{first}
	case act == ActEscalation:
		return []Earlier{before, reminded}
	case act == ActRetraction && kind == "platform":
		reminded.Regime = r.ID
		return []Earlier{first, reminded}
	case act == ActRetraction:
		return []Earlier{first}
	case act == ActComplaint:
		if slices.Contains(r.Senders, "controller") {
			return []Earlier{before, reminded}
		}
		before.Regime, before.Date, before.Ticket = "gdpr17", time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC), "UM-2026-000098"
		reminded.Regime, reminded.Ticket = "gdpr17", before.Ticket
		return []Earlier{before, reminded}
	}
	return nil
}
