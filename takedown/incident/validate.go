package incident

import (
	"fmt"
	"net/mail"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validate says what cannot be as it stands. What is empty is never wrong: Needs says what an act waits for.
func (f File) Validate(now time.Time) []Problem {
	v := &validation{now: now, words: vocabulary()}
	v.visit(reflect.ValueOf(f), "", "")
	v.order("incident.until", f.Incident.From, f.Incident.Until, "incident.from")
	for i, p := range f.Processors {
		v.chain(f, i, p)
	}
	v.articles("legal.article_6", f.Legal.Article6, 6)
	v.articles("legal.article_9", f.Legal.Article9, 9)
	for i, n := range f.NotRequired {
		if n.Duty != "" && len(n.Reason) < minReason {
			v.wrong(fmt.Sprintf("not_required[%d].reason", i), "says in a sentence why the duty does not apply")
		}
	}
	for i, s := range f.Sources {
		if s.Source == "" && s.Reason != "" {
			v.wrong(fmt.Sprintf("sources[%d].source", i), "names a source of the configuration, or * for every one")
		}
	}
	if f.Data.CountIs != "" && f.Data.Count == 0 {
		v.wrong("data.count", "is empty, and data.count_is says how it is meant")
	}
	for _, c := range []struct {
		field string
		from  Date
	}{{"incident.discovered", f.Incident.Discovered}} {
		if c.from != "" && !c.from.Exact() {
			v.wrong(c.field, "must name the day: clocks run from it")
		}
	}
	return v.problems
}

// minReason is how many bytes a reason has at least: "because" is none.
const minReason = 10

type validation struct {
	now      time.Time
	words    map[string][]string
	problems []Problem
}

func (v *validation) wrong(field, what string) {
	v.problems = append(v.problems, Problem{Field: field, What: what})
}

// visit checks each leaf by its kind; general is the path with its numbers left out.
func (v *validation) visit(x reflect.Value, path, general string) {
	switch {
	case x.Kind() == reflect.Struct:
		for i, name := range keys(x.Type()) {
			v.visit(x.Field(i), join(path, name), join(general, name))
		}
	case x.Kind() == reflect.Slice:
		below := general
		if x.Type().Elem().Kind() == reflect.Struct {
			below += "[]"
		}
		for i := range x.Len() {
			v.visit(x.Index(i), fmt.Sprintf("%s[%d]", path, i), below)
		}
	case x.Kind() == reflect.String && x.String() != "":
		v.leaf(x, path, general)
	}
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func (v *validation) leaf(x reflect.Value, path, general string) {
	s := x.String()
	if words, ok := v.words[general]; ok && !slices.Contains(words, s) {
		v.wrong(path, choice(s, words))
	}
	if d, ok := x.Interface().(Date); ok {
		v.date(path, d)
	}
	switch last := path[strings.LastIndexByte(path, '.')+1:]; {
	case (last == "country" || general == "countries") && !twoLetters.MatchString(s):
		v.wrong(path, "wants a country as two capital letters, such as BE or NL")
	case last == "email":
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			v.wrong(path, "is no mail address")
		}
	}
}

// date holds what was done or happened against the clock.
func (v *validation) date(path string, d Date) {
	t, ok := d.Time()
	if !ok {
		v.wrong(path, "is no date; write 2016, 2016-03, 2016-03-14 or 2016-03-14T09:30+01:00")
		return
	}
	if !v.now.IsZero() && t.After(v.now.Add(24*time.Hour)) { // a day's grace: the writer's zone may be ahead
		v.wrong(path, "lies in the future; the file holds what happened")
	}
}

func (v *validation) order(field string, from, until Date, first string) {
	a, ok := from.Time()
	b, ok2 := until.Time()
	if ok && ok2 && b.Before(a) {
		v.wrong(field, "lies before "+first)
	}
}

// chain checks that a link was given its work by somebody before it.
func (v *validation) chain(f File, i int, p Processor) {
	at := fmt.Sprintf("processors[%d]", i)
	if p.Name == "" {
		v.wrong(at+".name", "is empty: each link of the chain has a name")
	}
	if p.GivenBy == "" || strings.EqualFold(p.GivenBy, f.Controller.Name) {
		if p.Role == "sub_processor" {
			v.wrong(at+".given_by", "names the processor that gave the work on: a sub_processor gets it from another processor")
		}
		return
	}
	if !slices.ContainsFunc(f.Processors[:i], func(q Processor) bool { return strings.EqualFold(q.Name, p.GivenBy) }) {
		v.wrong(at+".given_by", "names nobody before it: it is the controller's name or that of an earlier processor, so that the chain can be read")
	}
}

// article finds references to art. 6(1) and 9(2): "6(1)(f)", "6.1.f", "art. 6, lid 1, onder f)", "9(2)(f) GDPR".
var article = regexp.MustCompile(`(?i)\b([69])\s*[(.,]?\s*(?:(?:lid|par\.?|paragraphe|absatz|abs\.?|§)\s*)?([12])\s*[).,]*\s*(?:(?:onder|punt|point|lit\.?|buchstabe|sub)\s*)?[(.]?\s*([a-j])\b`)

// Letters are the points of an article that a text names: "6(1)(f) and 6(1)(c)" gives f and c.
func letters(text string, number byte) (out []string) {
	for _, m := range article.FindAllStringSubmatch(text, -1) {
		last, paragraph := "f", "1"
		if number == '9' {
			last, paragraph = "j", "2"
		}
		if l := strings.ToLower(m[3]); m[1][0] == number && m[2] == paragraph && l <= last {
			out = append(out, l)
		}
	}
	return out
}

func (v *validation) articles(field, text string, number int) {
	if text == "" || len(letters(text, byte('0'+number))) > 0 {
		return
	}
	example := map[int]string{6: "6(1)(f)", 9: "9(2)(f)"}[number]
	v.wrong(field, "names the article with its point, such as "+example)
}
