package incident

import (
	"reflect"
	"strings"
)

// Field is one field of the leak file as its reference shows it.
type Field struct {
	Path  string   // "processors[].contract.status"
	What  string   // what to write there
	Words []string // nil: any
}

// Fields are all fields, in the order of the file. Docs/leak-file.md is made from them.
func Fields() []Field {
	what := map[string]string{}
	for _, f := range described() {
		what[f[0]] = f[1]
	}
	words := vocabulary()
	var out []Field
	walk(reflect.TypeFor[File](), "", func(path string) {
		out = append(out, Field{Path: path, What: inherit(what, path), Words: words[path]})
	})
	return out
}

// inherit gives a party's field the words that hold for every party.
func inherit(what map[string]string, path string) string {
	if s, ok := what[path]; ok {
		return s
	}
	return what["*"+path[strings.LastIndex(path, "."):]]
}

// walk calls f for each leaf of the file.
func walk(t reflect.Type, path string, f func(path string)) {
	switch {
	case t.Kind() == reflect.Struct:
		for i, name := range keys(t) {
			walk(t.Field(i).Type, join(path, name), f)
		}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		walk(t.Elem(), path+"[]", f)
	default:
		f(path)
	}
}

// vocabulary are the fields that take one of some words.
func vocabulary() map[string][]string {
	return map[string][]string{
		"incident.kind": Kinds(), "processors[].role": Roles(), "processors[].contract.status": ContractStates(),
		"data.categories": Categories(), "data.persons": Persons(), "data.count_is": CountWords(), "mandates[].kind": MandateKinds(),
		"legal.works_council[].kind": CouncilKinds(), "risk.level": RiskLevels(), "not_required[].duty": DutyIDs(), "languages": Languages(),
	}
}

// described is what to write into each field.
func described() [][2]string { return append(describedFacts(), describedLaw()...) }

// describedFacts are the fields that tell what happened, and to whose data.
func describedFacts() [][2]string {
	return [][2]string{
		{"title", "how notices and alerts call the incident, such as \"the leak at … of March 2026\""},
		{"incident.kind", "how it came about"},
		{"incident.how", "how it leaked, in the words that notices may use; an outsourced scan is not \"hacked\""},
		{"incident.from", "since when the data were exposed"},
		{"incident.until", "until when"},
		{"incident.discovered", "when the controller became aware (day, better hour): the 72 hours run from here"},
		{"incident.published", "when it first went online"},
		{"incident.known_through", "how it became known: the extortionist's mail, a journalist, a search"},
		{"incident.country", "country where the controller is established, as two letters (BE, NL)"},
		{"controller.name", "name of the organisation whose data leaked"},
		{"*.name", "name of the organisation or office"},
		{"*.contact", "the function to ask for, rather than a person's name"},
		{"*.email", "its mail address"},
		{"*.telephone", "its telephone number"},
		{"*.address", "its postal address"},
		{"*.country", "its country, as two letters"},
		{"*.number", "its number as a company (KBO/BCE, KvK)"},
		{"*.reported", "when it was told or reported to"},
		{"*.reference", "under which reference it is kept"},
		{"processors[].name", "one link of the chain through which the data went, in the order of the work"},
		{"processors[].role", "what it is"},
		{"processors[].given_by", "who gave it the work: the controller's name or an earlier processor's; empty: the controller"},
		{"processors[].task", "what it did with the data"},
		{"processors[].contract.reference", "reference of the agreement (GDPR art. 28(3), or 26)"},
		{"processors[].contract.date", "its date"},
		{"processors[].contract.status", "whether there is one"},
		{"processors[].aware", "when it became aware of the breach: its duty to tell the controller runs from here"},
		{"processors[].informed.name", "whom it told"},
		{"data.categories", "kinds of data that leaked"},
		{"data.persons", "kinds of people whom they are about"},
		{"data.count", "number of people"},
		{"data.count_is", "how that number is meant"},
		{"data.records", "number of records or files"},
		{"data.what", "what leaked, in a sentence that notices may use"},
		{"published[].where", "where copies are known to have stood, as a kind of place or a host; not the address of a live copy"},
		{"published[].when", "when"},
		{"published[].what", "what of it"},
		{"mandates[].from", "who gave it: the controller, or \"persons concerned\", never a victim's name"},
		{"mandates[].kind", "on what it stands"},
		{"mandates[].date", "its date"},
		{"mandates[].for", "what it permits"},
	}
}

// describedLaw are the fields on which the search stands, and those of duties.
func describedLaw() [][2]string {
	return [][2]string{
		{"legal.purpose", "why copies are searched for, and for whom"},
		{"legal.article_6", "legal basis of the search, such as 6(1)(f)"},
		{"legal.article_9", "exception for special categories, such as 9(2)(f); needed where data.categories has one of them"},
		{"legal.balancing_test", "reference of the balancing of interests; needed where legal.article_6 is 6(1)(f)"},
		{"legal.dpia", "reference of the DPIA"},
		{"legal.works_council[].country", "country of the works council, as two letters"},
		{"legal.works_council[].kind", "consent (as in the Netherlands), consultation (as in Belgium), or not_required"},
		{"legal.works_council[].date", "when it consented or was consulted"},
		{"legal.works_council[].reference", "reference of its answer, or why none is required"},
		{"sources[].source", "name of a source in the configuration, or * for every one"},
		{"sources[].reason", "why this source is swept, in a sentence"},
		{"national_numbers.authority", "what permits the use of national numbers (in Belgium an authorisation); without it they are left out of what is matched"},
		{"facts_date", "date of the publication that notices are about: it decides between old and new law"},
		{"uploader_contact.attempted", "whether whoever put it online was asked first (NTD code, art. 4(b))"},
		{"uploader_contact.date", "when"},
		{"uploader_contact.channel", "how"},
		{"uploader_contact.why_not", "why not: anonymous, unsafe"},
		{"authorities[].name", "supervisory authority"},
		{"authorities[].reported", "when the breach was reported to it"},
		{"police.name", "police zone or unit"},
		{"police.reported", "when it was reported"},
		{"told.persons.name", "how the persons were told: by letter"},
		{"told.employers.name", "how the employers were told"},
		{"told.works_council.name", "which works council was told of the breach"},
		{"risk.level", "the assessment (GDPR art. 33(1), 34(1)): with unlikely the report to the authority falls away, and the persons are told only where it is high; while empty every duty runs"},
		{"risk.reason", "why"},
		{"risk.date", "when it was assessed"},
		{"deadlines.authority_hours", "hours for the report to the authority; 72 (GDPR art. 33(1)) when empty"},
		{"deadlines.processor_hours", "hours in which a processor tells the controller; 24 when empty. The law says \"without undue delay\""},
		{"deadlines.persons_days", "days in which the persons are told; 7 when empty. The law says \"without undue delay\""},
		{"deadlines.employers_days", "days in which employers are told; 7 when empty"},
		{"deadlines.works_council_days", "days in which the works council is told; 14 when empty"},
		{"deadlines.police_days", "days in which it is reported to the police; 7 when empty"},
		{"not_required[].duty", "a duty that does not apply"},
		{"not_required[].reason", "why not"},
		{"record.recipients", "recipients of data besides those that notices went to"},
		{"record.transfers", "transfers to third countries, with their safeguards"},
		{"record.retention", "terms of retention besides those of the program"},
		{"record.security", "security measures besides those of the program"},
		{"countries", "countries whose law counsel confirmed to apply, as two letters: only their provisions are cited"},
		{"languages", "languages of the people concerned"},
	}
}
