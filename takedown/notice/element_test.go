package notice_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"unmirror/takedown/notice"
)

// Every element of every regime, act and language is taken out of the text in turn: Check must name it.
func TestEveryElementThatIsTakenOutIsNamed(t *testing.T) {
	l := table(t)
	n := 0
	for _, r := range l.Regimes() {
		for _, act := range notice.Acts(r) {
			for _, lang := range r.Written() {
				f := notice.Sample(r, act, r.Recipients[0], lang)
				d := compose(t, f)
				for _, e := range notice.Check(l, f, d) {
					n++
					name := strings.Join([]string{r.ID, cmp.Or(act, "first"), lang, e.ID}, "/")
					if !e.Present {
						t.Errorf("%s is missing from the beginning: %s", name, e.Missing)
						continue
					}
					if problem := without(t, f, d, e.ID); problem != "" {
						t.Errorf("%s: %s", name, problem)
					}
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d elements were taken out", n)
	}
}

// without takes what fills an element out of the text, again where it stands again, until Check names it.
func without(t *testing.T, f notice.Facts, d notice.Draft, id string) (problem string) {
	t.Helper()
	for range 12 {
		for _, e := range notice.Check(table(t), f, d) {
			if e.ID != id {
				continue
			}
			if !e.Present {
				if e.Label["en"] == "" || e.Citation == "" || strings.Contains(e.Missing, "://") {
					return "it is named without label or citation, or with an address: " + e.Missing
				}
				return ""
			}
			body := d.Body
			for _, p := range strings.Split(e.Text, "\n\n") {
				body = strings.ReplaceAll(body, p, "")
			}
			switch id {
			case "location":
				body = strings.ReplaceAll(body, strings.Split(e.Text, "\n")[0], "")
			case "notifier":
				body = strings.ReplaceAll(body, f.Notifier.Email, "")
			}
			if body == d.Body {
				return "what fills it cannot be found in the text: " + e.Text
			}
			d.Body = body
		}
	}
	return "it is never missing"
}

func TestAFactThatIsNotFilledInIsNamedWithItsField(t *testing.T) {
	l := table(t)
	for _, c := range []struct {
		regime, act, kind, id, words string
		spoil                        func(*notice.Facts)
	}{
		{"gdpr17", "", "host", "mandate", "mandates of the leak file", func(f *notice.Facts) { f.Mandate = notice.Mandate{} }},
		{"gdpr17", "", "host", "mandate", "does not carry this right", func(f *notice.Facts) { f.Mandate.Kind = "controller" }},
		{"gdpr17", "", "host", "mandate", "no date", func(f *notice.Facts) { f.Mandate.Date = time.Time{} }},
		{"gdpr17", "", "host", "sender", "may not send", func(f *notice.Facts) { f.Notifier.Role = "controller" }},
		{"delisting", "delisting", "search", "mandate", "article_80 does not carry", func(f *notice.Facts) { f.Mandate.Kind = "article_80" }},
		{"ntd", "", "host", "uploader", "uploader_contact", func(f *notice.Facts) { f.Uploader = notice.Uploader{} }},
		{"ntd", "", "host", "uploader", "uploader_contact", func(f *notice.Facts) { f.Uploader = notice.Uploader{Attempted: true} }},
		{"be", "", "host", "national_ground", "facts_date", func(f *notice.Facts) { f.FactsDate = time.Time{} }},
		{"be", "", "host", "national_ground", "dispute", func(f *notice.Facts) {
			f.FactsDate, f.Categories = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), []string{"health"}
		}},
		{"be", "", "host", "national_ground", "empty slot", func(f *notice.Facts) {
			f.FactsDate, f.Categories = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), []string{"health"}
		}},
		{"nl", "", "host", "national_ground", "incident.kind", func(f *notice.Facts) {
			f.Incident.Kind, f.Categories, f.Optional = "lost", []string{"identity"}, []string{"nl-139g"}
		}},
		{"dsa16", "", "host", "reasons", "be-hacking-new that counsel added cannot be cited", func(f *notice.Facts) {
			f.Optional, f.FactsDate = []string{"be-hacking-new"}, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		}},
		{"dsa16", "reminder", "host", "earlier", "nothing was asked before", func(f *notice.Facts) { f.Earlier = nil }},
		{"dsa16", "escalation", "host", "earlier", "no ticket", func(f *notice.Facts) { f.Earlier[0].Ticket = "" }},
		{"dsa16", "retraction", "host", "mistake", "choose not_leak", func(f *notice.Facts) { f.Withdrawal = notice.Withdrawal{} }},
		{"dsa16", "retraction", "host", "mistake", "give a sentence", func(f *notice.Facts) { f.Withdrawal.Wrong = "other" }},
		{"complaint-be", "complaint", "authority", "signature", "organisation.contact", func(f *notice.Facts) { f.Notifier.Contact = "" }},
		{"complaint-be", "complaint", "authority", "respondent", "name the respondent", func(f *notice.Facts) { f.Respondent.Name = "" }},
		{"complaint-be", "complaint", "authority", "language", "not in en", func(f *notice.Facts) { f.Language = "en" }},
		{"complaint-be", "complaint", "authority", "rights_exercised", "that comes first", func(f *notice.Facts) {
			for i := range f.Earlier {
				f.Earlier[i].Regime = "dsa16"
			}
		}},
		{"complaint-be", "complaint", "authority", "dated", "no date", func(f *notice.Facts) { f.Date = time.Time{} }},
		{"complaint-dsc", "complaint", "authority", "process_failure", "that comes first", func(f *notice.Facts) {
			for i := range f.Earlier {
				f.Earlier[i].Regime = "abuse"
			}
		}},
	} {
		r, _ := l.Regime(c.regime)
		f := notice.Sample(r, c.act, c.kind, "nl")
		c.spoil(&f)
		got := missing(t, f, compose(t, f))
		if !strings.Contains(got[c.id], c.words) {
			t.Errorf("%s %s: want %s (%q), got %v", c.regime, c.act, c.id, c.words, got)
		}
	}
}

func TestTheEnglishVersionDoesNotStandInForTheRecipientsOwn(t *testing.T) {
	f := facts("fr", "host")
	d := compose(t, f)
	d.Body = strings.Replace(d.Body, f.Locations[0].URL, "", 1)
	only(t, missing(t, f, d), "location", "location 1")
}

func TestCounselReadsWhatNobodyConfirmed(t *testing.T) {
	f := facts("nl", "host")
	f.Countries, f.FactsDate, f.Incident.Kind = []string{"BE"}, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "hacked"
	got := strings.Join(notice.Unsure(table(t), f), "\n")
	for _, want := range []string{"artikel 6 AVG", "be-hacking-new", "be-secrecy-new", "empty slot"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

func TestAComplaintClaimsOnlyWhatWasNotDone(t *testing.T) {
	r, _ := table(t).Regime("complaint-dsc")
	f := notice.Sample(r, notice.ActComplaint, "authority", "en")
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if body := flat(compose(t, f).Body); strings.Contains(body, "16(4)") || !strings.Contains(body, "receipt was confirmed, but no decision") {
		t.Errorf("a missing receipt is claimed although one came:\n%s", body)
	}
	for i := range f.Earlier {
		f.Earlier[i].Answer = ""
	}
	if body := flat(compose(t, f).Body); !strings.Contains(body, "16(4)") || !strings.Contains(body, "neither a confirmation of receipt nor a decision") {
		t.Errorf("a missing receipt is not claimed:\n%s", body)
	}
}

func TestAWithdrawalDoesNotRepeatTheAccusation(t *testing.T) {
	for _, lang := range languages {
		f := facts(lang, "platform")
		f.Act, f.Earlier, f.Withdrawal = notice.ActRetraction, []notice.Earlier{{Date: f.Date, Ticket: f.Ticket, Regime: f.Regime}}, notice.Withdrawal{Wrong: "not_leak"}
		f.Locations[1].How = &notice.Recognition{Grade: "identical"}
		d := compose(t, f)
		for _, not := range []string{"Byte für Byte", "byte voor byte", "octet pour octet", "byte for byte", "GDPR", "RGPD", "DSGVO", "AVG"} {
			if strings.Contains(d.Body, not) {
				t.Errorf("%s: the withdrawal holds %q", lang, not)
			}
		}
		raw, err := notice.Render(f, d, envelope(), true)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, att, _ := notice.Text(raw); len(att) != 0 {
			t.Errorf("%s: a report goes with the withdrawal", lang)
		}
	}
}

// TestAHeadingIsNoElement: what a section says is taken out, its heading stays, and so does everything else.
func TestAHeadingIsNoElement(t *testing.T) {
	l := table(t)
	for _, c := range []struct{ regime, act, kind, section, id string }{
		{"dsa16", "", "host", "1.", "reasons"}, {"dsa16", "", "host", "2.", "location"}, {"dsa16", "", "host", "3.", "notifier"}, {"dsa16", "", "host", "4.", "good_faith"},
		{"gdpr17", "", "host", "4.", "good_faith"}, {"delisting", "delisting", "search", "5.", "request"},
		{"complaint-be", "complaint", "authority", "2.", "respondent"}, {"complaint-nl", "complaint", "authority", "2.", "respondent"},
		{"complaint-dsc", "complaint", "authority", "2.", "respondent"},
	} {
		r, _ := l.Regime(c.regime)
		for _, lang := range r.Written() {
			f := notice.Sample(r, c.act, c.kind, lang)
			d := compose(t, f)
			own := notice.Version(d.Body, lang)
			var kept []string
			inside := false
			for _, p := range strings.Split(own, "\n\n") {
				if len(p) > 2 && p[1] == '.' && p[0] >= '1' && p[0] <= '9' {
					inside = strings.HasPrefix(p, c.section)
					kept = append(kept, strings.Split(p, "\n")[0])
				} else if !inside && !strings.Contains(p, "\n- ") { // nor what the summary says of it
					kept = append(kept, p)
				}
			}
			d.Body = strings.Replace(d.Body, own, strings.Join(kept, "\n\n"), 1)
			if got := missing(t, f, d); got[c.id] == "" {
				t.Errorf("%s %s: section %s is empty, and %s is not missing: %v", c.regime, lang, c.section, c.id, got)
			}
		}
	}
}
