package notice

import (
	"slices"
	"strings"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/takedown/law"
)

// view is what a template sees: cleaned, and in its language.
type view struct {
	Ticket, Date, Recipient, Kind, Act string
	Regime, RegimeName                 string // what the letter is based on, and what it is officially called
	As                                 string // in what capacity the recipient is written to
	Leak                               string
	Notifier                           Party
	Role, Recognised, Categories       string
	Inspected                          string // a sentence on what a person looked at, and when; "" where nobody did
	Health                             bool
	Subjects                           string // number of persons, "" unless it is more than one
	OneSubject                         bool
	Excerpt                            bool // what was found is a part of the known file: what the file holds need not be in it
	Locations                          []place
	Many                               bool
	Seen                               string // when the content was last seen
	Grounds                            []ground
	Incident, Controller, Concerned    string // sentences on the leak
	Processors                         string // the chain of processors, in order
	Earlier                            []letter
	First                              letter // the first of them
	Elapsed, Since                     string // working days since the first, and what came of it
	Mandate, Uploader                  string // sentences
	Measure                            string // remove, disable, forward, stop_serving, delist
	Wrong, Words                       string // of a retraction
	Respondent                         Respondent
	Chronology                         []event
	StatusURL                          string
	Unanswered, Undecided              bool // no receipt, no decision, as the earlier letters show
	MandateKind                        string
}

type ground struct{ ID, Name, Cite, Say string }

type letter struct{ Date, Ticket, What, To, Answer, Line string }

type event struct{ Date, What string }

type place struct {
	N                                                  int
	URL, Part, Path, Lines, IP, Host, Seen, Recognised string
}

func look(t law.Table, r law.Regime, f Facts, w words, lang string) view {
	n := f.Notifier
	v := view{
		Ticket: clean(f.Ticket), Date: w.date(f.Date), Leak: clean(f.LeakTitle), Kind: f.RecipientKind, Act: f.Act,
		Regime: r.Citation[lang], RegimeName: r.Name[lang], As: w.As[f.RecipientKind], Role: w.Roles[n.Role],
		Categories: w.categories(f.Categories), OneSubject: f.Subjects == 1, Excerpt: f.excerpt(),
		Health: slices.Contains(f.Categories, "health"), Many: len(f.Locations) > 1, Seen: w.moment(f.seen()),
		Notifier: Party{Name: clean(n.Name), Contact: clean(n.Contact), Email: clean(n.Email), Telephone: clean(n.Telephone), Address: clean(n.Address)},
		Measure:  measure(f), Respondent: Respondent{clean(f.Respondent.Name), clean(f.Respondent.Address), clean(f.Respondent.Country)},
		Wrong: w.Wrong[f.Withdrawal.Wrong], Words: clean(f.Withdrawal.Words), MandateKind: f.Mandate.Kind,
	}
	if v.Recipient = clean(f.RecipientName); v.Recipient == "" {
		v.Recipient = w.To[f.RecipientKind]
		if name := r.Authority.Name[lang]; name != "" {
			v.Recipient = name
			if at := r.Authority.Address[lang]; at != "" {
				v.Recipient += ", " + at
			}
		}
	}
	if f.Subjects > 1 {
		v.Subjects = w.number(f.Subjects)
	}
	if v.Recognised = w.recognised(f); v.Recognised == "" {
		v.Recognised = slot("grade")
	}
	if how := w.Inspected[f.Inspected.How]; how != "" && !f.Inspected.Date.IsZero() {
		v.Inspected = strings.ReplaceAll(how, "{date}", w.date(f.Inspected.Date))
	}
	if f.StatusURL != "" {
		v.StatusURL = ShownURL(f.StatusURL)
	}
	for _, g := range t.Grounds(r, f.query()) {
		v.Grounds = append(v.Grounds, ground{ID: g.ID, Name: g.Name[lang], Cite: g.Citation[lang],
			Say: strings.ReplaceAll(g.Say[lang], "{special}", w.special(f.Categories))})
	}
	v.fillLocations(f, w)
	v.fillLetters(t, f, w, lang)
	v.fillIncident(f, w)
	v.Mandate, v.Uploader = w.mandate(f), w.uploader(f)
	v.Chronology = w.chronology(f, v.Earlier)
	return v
}

func (v *view) fillLocations(f Facts, w words) {
	for i, l := range f.Locations {
		p := place{N: i + 1, URL: ShownURL(l.URL), Part: clean(l.Part), Path: ShownURL(l.Path), Lines: w.lines(l.Lines), IP: clean(l.IP), Host: clean(l.Host)}
		if p.URL == "" {
			p.URL = slot("location")
		}
		if !l.Seen.IsZero() {
			p.Seen = l.Seen.UTC().Format("2006-01-02 15:04 UTC")
		}
		if p.Host == p.IP {
			p.Host = ""
		}
		if l.How != nil && f.Act != ActRetraction {
			p.Recognised = w.recognised(f.as(*l.How))
		}
		v.Locations = append(v.Locations, p)
	}
	if len(v.Locations) == 0 {
		v.Locations = []place{{N: 1, URL: slot("location")}}
	}
}

func (v *view) fillLetters(t law.Table, f Facts, w words, lang string) {
	for _, e := range f.Earlier {
		what := w.Acts[e.Kind]
		if r, ok := t.Regime(e.Regime); ok && (e.Kind == ActFirst || e.Kind == ActEscalation || what == "") {
			what = r.Name[lang]
		}
		if what == "" {
			what = w.Acts["first"]
		}
		to := clean(e.RecipientName)
		if to == "" {
			to = w.Rungs[e.RecipientKind]
		}
		l := letter{Date: w.date(e.Date), Ticket: clean(e.Ticket), What: what, To: to, Answer: w.Answers[e.answer()]}
		l.Line = strings.NewReplacer("{what}", l.What, "{to}", l.To, "{ticket}", l.Ticket, "{answer}", l.Answer).Replace(w.Events["recipient"])
		v.Earlier = append(v.Earlier, l)
	}
	v.Unanswered, v.Undecided = f.answer() == answerNone, f.answer() == answerReceipt || f.answer() == answerQuestion
	if len(f.Earlier) == 0 {
		v.First = letter{Date: slot("earlier"), Ticket: slot("earlier")}
		return
	}
	v.First = v.Earlier[0]
	v.Elapsed = w.counted(w.Elapsed, law.WorkingDays(f.Earlier[0].Date, f.Date))
	v.Since = w.Since[f.Earlier[len(f.Earlier)-1].answer()]
}

func (v *view) fillIncident(f Facts, w words) {
	i := f.Incident
	v.Incident = w.Incidents[i.Kind]
	if c := clean(i.Controller); c != "" {
		v.Controller = c
	}
	if i.Count > 0 {
		kind := w.Count[i.CountIs]
		if kind == "" {
			kind = w.Count["at_least"]
		}
		among := ""
		if p := w.names(w.Persons, i.Persons); p != "" {
			among = strings.ReplaceAll(w.Among, "{persons}", p)
		}
		v.Concerned = strings.NewReplacer("{count}", strings.ReplaceAll(kind, "{n}", w.number(i.Count)), "{persons}", among).Replace(w.Concerned)
	}
	var chain []string
	for _, p := range i.Processors {
		chain = append(chain, clean(p.Name))
	}
	v.Processors = strings.Join(chain, ", ")
}

// Measures are what a notice can ask for: to remove the content, to disable access to it, to pass the notice on to the customer, to stop
// delivering it, to end its reachability over a network, to delist it.
func Measures() []string {
	return []string{"remove", "disable", "forward", "stop_serving", "disconnect", "delist"}
}

// measure is what is asked for: by the facts or, when they do not say, the narrowest that suffices for such a recipient.
func measure(f Facts) string {
	if slices.Contains(Measures(), f.Action) {
		return f.Action
	}
	switch f.RecipientKind {
	case "network", "upstream", "registrar":
		return "forward"
	case "cdn":
		return "stop_serving"
	case "search":
		return "delist"
	}
	return "remove"
}

// query is what the choice of grounds depends on.
func (f Facts) query() law.Query {
	q := law.Query{Day: day(f), Facts: f.FactsDate, Categories: f.Categories, Incident: f.Incident.Kind, Countries: f.Countries, Added: f.Optional,
		Answer: f.answer()}
	for _, e := range f.Earlier {
		q.Asked = append(q.Asked, law.Asked{Regime: e.Regime, Date: e.Date})
	}
	return q
}

// answer is what the earlier letters came to: the last answer to any of them, none where no letter had one, "" where none was sent.
func (f Facts) answer() string {
	out := ""
	for _, e := range f.Earlier {
		if a := e.answer(); a != answerNone || out == "" {
			out = a
		}
	}
	return out
}

// day is the day of the publication: a notice rests on today's publication, not on the breach.
func day(f Facts) time.Time {
	d := f.Date
	if s := f.seen(); s.After(d) {
		d = s
	}
	return d
}

// seen is when the content was last seen at any of the locations.
func (f Facts) seen() (last time.Time) {
	for _, l := range f.Locations {
		if l.Seen.After(last) {
			last = l.Seen
		}
	}
	return last
}

// excerpt says whether only a part of the known file was found.
func (f Facts) excerpt() bool { return f.Grade == string(match.Passages) && f.Coverage < 0.95 }

// as gives the facts with another recognition.
func (f Facts) as(r Recognition) Facts {
	f.Grade, f.FileType, f.Coverage, f.Bits, f.Passages, f.InArchive = r.Grade, r.FileType, r.Coverage, r.Bits, r.Passages, r.InArchive
	return f
}

// The answers that an earlier letter can have had.
const (
	answerNone     = "none"
	answerReceipt  = "receipt"
	answerQuestion = "question"
	answerOther    = "other"
)

// answer is the answer in a word that the catalogue has.
func (e Earlier) answer() string {
	switch e.Answer {
	case "", answerNone:
		return answerNone
	case answerReceipt, answerQuestion, "refused", "removed":
		return e.Answer
	}
	return answerOther
}
