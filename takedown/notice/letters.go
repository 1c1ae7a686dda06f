package notice

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// moment writes a time with its day; "" for none.
func (w words) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strings.NewReplacer("{date}", w.date(t), "{hh}", t.UTC().Format("15"), "{h}", strconv.Itoa(t.UTC().Hour()), "{mm}", t.UTC().Format("04")).Replace(w.UTC)
}

// number writes a number with its groups of three digits.
func (w words) number(n int) string {
	s := strconv.Itoa(n)
	if len(s) < 5 { // four digits stay together, as Belgian and Union usage has it
		return s
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && c != '-' {
			b.WriteString(w.Thousands)
		}
		b.WriteRune(c)
	}
	return b.String()
}

// counted picks the form for a number: none, one, many.
func (w words) counted(forms map[string]string, n int) string {
	switch {
	case n <= 0:
		return forms["none"]
	case n == 1:
		return forms["one"]
	}
	return strings.ReplaceAll(forms["many"], "{n}", w.number(n))
}

func (w words) lines(l [2]int) string {
	switch {
	case l[0] <= 0:
		return ""
	case l[1] <= l[0]:
		return strings.ReplaceAll(w.Lines["one"], "{from}", strconv.Itoa(l[0]))
	}
	return strings.NewReplacer("{from}", strconv.Itoa(l[0]), "{to}", strconv.Itoa(l[1])).Replace(w.Lines["many"])
}

func (w words) special(categories []string) string {
	if slices.Contains(categories, "health") {
		return w.Special["health"]
	}
	return w.Special["other"]
}

// mandate is the sentence on whose behalf the notifier writes; "" for none. A person who gave a power of attorney stays unnamed.
func (w words) mandate(f Facts) string {
	m := f.Mandate
	kind := m.Kind
	if kind == "" && f.Notifier.Role == "data_subject" {
		kind = "data_subject"
	}
	ref := ""
	if r := clean(m.Reference); r != "" {
		ref = strings.ReplaceAll(w.Reference, "{reference}", r)
	}
	date := w.date(m.Date)
	if date == "" {
		date = slot("mandates.date")
	}
	from := clean(m.From)
	if from == "" {
		from = slot("mandates.from")
	}
	return strings.NewReplacer("{from}", from, "{date}", date, "{ref}", ref).Replace(w.Mandates[kind])
}

// uploader is the sentence whether whoever placed the content was asked first; "" when the leak file does not say.
func (w words) uploader(f Facts) string {
	u := f.Uploader
	known := func(names map[string]string, s string) string {
		if n := names[s]; n != "" {
			return n
		}
		return clean(s)
	}
	switch {
	case u.Attempted && !u.Date.IsZero():
		return strings.NewReplacer("{date}", w.date(u.Date), "{channel}", known(w.Channels, u.Channel)).Replace(w.Uploader["attempted"])
	case !u.Attempted && u.WhyNot != "":
		return strings.ReplaceAll(w.Uploader["not"], "{why}", known(w.WhyNot, u.WhyNot))
	}
	return ""
}

// names lists the plain names of ids that the catalogue has.
func (w words) names(catalogue map[string]string, ids []string) string {
	var out []string
	for _, id := range ids {
		if n := catalogue[id]; n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return list(out, w.And)
}

// list writes "a, b and c".
func list(names []string, and string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + and + names[last]
}

// chronology puts what is known of the leak, its re-publication and the letters about it in the order of time.
func (w words) chronology(f Facts, letters []letter) []event {
	type dated struct {
		at time.Time
		event
	}
	var all []dated
	add := func(at time.Time, what string) {
		if !at.IsZero() && what != "" {
			all = append(all, dated{at, event{w.date(at), what}})
		}
	}
	i := f.Incident
	if i.Until.After(i.From) {
		add(i.From, strings.ReplaceAll(w.Events["breach_until"], "{until}", w.date(i.Until)))
	} else {
		add(i.From, w.Events["breach"])
	}
	add(i.Discovered, w.Events["discovered"])
	add(i.Published, w.Events["published"])
	ref := func(r Reported) string {
		if s := clean(r.Reference); s != "" {
			return strings.ReplaceAll(w.Reference, "{reference}", s)
		}
		return ""
	}
	for _, r := range i.Reported {
		add(r.Date, strings.NewReplacer("{name}", clean(r.Name), "{ref}", ref(r)).Replace(w.Events["reported"]))
	}
	add(i.Police.Date, strings.ReplaceAll(w.Events["police"], "{ref}", ref(i.Police)))
	for k, e := range f.Earlier {
		add(e.Date, letters[k].Line)
	}
	for k, l := range f.Locations {
		add(l.Seen, strings.ReplaceAll(w.Events["seen"], "{n}", strconv.Itoa(k+1)))
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	out := make([]event, len(all))
	for k, d := range all {
		out[k] = d.event
	}
	return out
}
