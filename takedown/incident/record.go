package incident

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Around is what the record of processing tells besides the file: who runs the program, and what it did.
type Around struct {
	Leak       string // slug
	Operator   Party
	Role       string   // controller, processor, representative, data_subject: as the configuration says
	Categories []string // of data, that known files are said to hold
	Sources    []string // names of the sources that are swept
	Sent       []Sent   // notices that went out, by kind of recipient
	Made       time.Time
}

// Sent counts the notices that went to one kind of recipient.
type Sent struct {
	Kind string `json:"kind"` // platform, host …
	N    int    `json:"n"`
}

// Record is a record of processing activities as GDPR art. 30(1) asks it of a controller, or art. 30(2) of a processor.
type Record struct {
	Language string    `json:"language"`
	Title    string    `json:"title"`
	Article  string    `json:"article"`
	Made     string    `json:"made"`
	Complete bool      `json:"complete"` // no section waits for counsel
	Sections []Section `json:"sections"`
}

// Section is one of the points that the article lists.
type Section struct {
	ID      string   `json:"id"`
	Heading string   `json:"heading"`
	Point   string   `json:"point,omitempty"` // "(a)"; empty: beyond what the article asks
	Lines   []string `json:"lines"`
	Missing []string `json:"missing,omitempty"` // fields of the leak file that would fill it
}

//go:embed record.yaml
var recordYAML []byte

// recordWords are the words of one language.
type recordWords struct {
	Title, Made, Open, None, Kind                   string
	Article, Count, Basis, Councils                 map[string]string
	Recipients, Persons, Categories                 map[string]string
	Headings                                        headings
	Sent, Told, Nobody, Counsel, Numbers, On, Every string
	SentOne                                         string `yaml:"sent_one"`
	NoNumbers                                       string `yaml:"no_numbers"`
	Keep, Secure                                    []string
}

type headings struct {
	Who                                                                       map[string]string
	Behalf, DPO, Joint, Purposes, Kinds, Persons, Data, Recipients, Transfers string
	Retention, Security, Basis, Sources                                       string
}

// ProcessingRecord makes the record of processing in one language (nl, fr, de, en).
func (f File) ProcessingRecord(a Around, language string) (Record, error) {
	var all map[string]recordWords
	if err := yaml.Unmarshal(recordYAML, &all); err != nil {
		return Record{}, fmt.Errorf("read words of the record: %w", err)
	}
	w, ok := all[language]
	if !ok {
		return Record{}, fmt.Errorf("a record of processing is written in %s, not in %s", strings.Join(Languages(), ", "), quoted(language))
	}
	as := "controller"
	if a.Role == "processor" {
		as = "processor"
	}
	r := recorder{f: f, a: a, w: w, language: language, as: as}
	r.all()
	out := Record{Language: language, Title: w.Title, Article: w.Article[as], Complete: true, Sections: r.sections,
		Made: fill(w.Made, "date", a.Made.UTC().Format(time.DateOnly), "leak", a.Leak)}
	for _, s := range r.sections {
		out.Complete = out.Complete && len(s.Missing) == 0
	}
	return out, nil
}

// Text is the record as plain text.
func (r Record) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s\n", r.Title, r.Article, r.Made)
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(s.Heading+" "+s.Point))
		for _, l := range s.Lines {
			fmt.Fprintf(&b, "  - %s\n", strings.ReplaceAll(l, "\n", "\n    "))
		}
	}
	return b.String()
}

// recorder writes one record.
type recorder struct {
	f            File
	a            Around
	w            recordWords
	language, as string
	sections     []Section
}

// add writes a section; one without lines waits for the field.
func (r *recorder) add(id, heading, point, field string, lines ...string) {
	s := Section{ID: id, Heading: heading, Point: point, Lines: slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })}
	if len(s.Lines) == 0 && field != "" {
		s.Missing = []string{field}
		s.Lines = []string{fill(r.w.Open, "field", field)}
	}
	if len(s.Lines) > 0 {
		r.sections = append(r.sections, s)
	}
}

// all writes the sections in the article's order, and then what a supervisory authority asks next.
func (r *recorder) all() {
	h := r.w.Headings
	processor := r.as == "processor"
	point := func(p string) string {
		if processor { // art. 30(2) has fewer points, of other letters
			p = map[string]string{"(a)": "(a)", "(e)": "(c)", "(g)": "(d)"}[p]
		}
		return p
	}
	r.add("who", h.Who[r.as], "(a)", "organisation.name", party(r.a.Operator))
	if processor || r.a.Role == "representative" || !strings.EqualFold(r.f.Controller.Name, r.a.Operator.Name) {
		r.add("behalf", h.Behalf, point("(a)"), "controller.name", party(r.f.Controller))
	}
	for _, p := range r.f.Processors {
		if p.Role == "joint_controller" {
			r.add("joint", h.Joint, point("(a)"), "", strings.Join(slices.DeleteFunc([]string{p.Name, p.Contact, p.Country}, blank), ", "))
		}
	}
	r.add("dpo", h.DPO, point("(a)"), "people.dpo", party(r.f.People.DPO))
	if processor {
		r.add("kinds", h.Kinds, "(b)", "", r.w.Kind)
	}
	r.add("purposes", h.Purposes, point("(b)"), "legal.purpose", r.f.Legal.Purpose.In(r.language))
	r.add("persons", h.Persons, point("(c)"), "data.persons", r.persons()...)
	r.add("data", h.Data, point("(c)"), "data.categories", r.data()...)
	r.add("recipients", h.Recipients, point("(d)"), "", r.recipients()...)
	r.add("transfers", h.Transfers, point("(e)"), "record.transfers", r.f.Record.Transfers.In(r.language))
	r.retention(point)
	r.add("security", h.Security, point("(g)"), "", append(slices.Clone(r.w.Secure), r.f.Record.Security.In(r.language))...)
	r.add("basis", h.Basis, "", "legal.article_6", r.basis()...)
	r.add("sources", h.Sources, "", "sources", r.sources()...)
}

// retention tells the program's own terms; how long the case is kept is counsel's.
func (r *recorder) retention(point func(string) string) {
	own := r.f.Record.Retention.In(r.language)
	lines := append(slices.Clone(r.w.Keep), own)
	if own == "" {
		lines = append(lines, fill(r.w.Open, "field", "record.retention"))
	}
	r.add("retention", r.w.Headings.Retention, point("(f)"), "", lines...)
	if own == "" {
		r.sections[len(r.sections)-1].Missing = []string{"record.retention"}
	}
}

func blank(s string) bool { return s == "" }

// party is an organisation with what it can be reached by.
func party(p Party) string {
	return strings.Join(slices.DeleteFunc([]string{p.Name, p.Contact, p.Address, p.Email, p.Telephone, p.Number}, blank), ", ")
}

func (r *recorder) persons() (out []string) {
	for _, p := range r.f.Data.Persons {
		out = append(out, r.w.Persons[p])
	}
	if n := r.f.Data.Count; n > 0 && len(out) > 0 {
		out = append(out, fill(r.w.Count[r.f.Data.CountIs], "n", strconv.Itoa(n)))
	}
	return out
}

func (r *recorder) data() (out []string) {
	for _, c := range Categories() {
		if slices.Contains(r.f.Data.Categories, c) || slices.Contains(r.a.Categories, c) {
			out = append(out, r.w.Categories[c])
		}
	}
	if len(out) == 0 {
		return nil
	}
	if t := strings.TrimSpace(r.f.NationalNumbers.Authority + " " + r.f.NationalNumbers.Reference); t != "" {
		return append(out, fill(r.w.Numbers, "text", t))
	}
	return append(out, r.w.NoNumbers)
}

// recipients are those that notices really went to.
func (r *recorder) recipients() []string {
	out := []string{r.w.Counsel}
	for _, s := range r.a.Sent {
		who, known := r.w.Recipients[s.Kind]
		if !known {
			who = r.w.Recipients[""]
		}
		line := r.w.Sent
		if s.N == 1 {
			line = r.w.SentOne
		}
		out = append(out, fill(line, "who", who, "n", strconv.Itoa(s.N)))
	}
	if len(r.a.Sent) == 0 {
		out = append(out, r.w.Nobody)
	} else {
		out = append(out, r.w.Told)
	}
	return append(out, r.f.Record.Recipients.In(r.language))
}

func (r *recorder) basis() (out []string) {
	l := r.f.Legal
	for _, b := range [][2]string{{"article_6", l.Article6}, {"article_9", l.Article9}, {"balancing", l.BalancingTest}, {"dpia", l.DPIA}} {
		if b[1] != "" {
			out = append(out, fill(r.w.Basis[b[0]], "text", b[1]))
		}
	}
	for _, c := range l.WorksCouncil {
		date := ""
		if c.Date != "" {
			date = fill(r.w.On, "date", c.Date.Day())
		}
		out = append(out, fill(r.w.Basis["council"], "country", c.Country, "kind", r.w.Councils[c.Kind], "date", date, "text", c.Reference))
	}
	return out
}

// sources names those that are swept, each with counsel's reason.
func (r *recorder) sources() (out []string) {
	for _, s := range r.f.Sources {
		name := s.Source
		if name == "*" {
			name = strings.TrimSuffix(r.w.Every+" ("+strings.Join(r.a.Sources, ", ")+")", " ()")
		}
		out = append(out, name+": "+s.Reason)
	}
	return out
}

// fill replaces {key} by its value, for each pair.
func fill(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}
