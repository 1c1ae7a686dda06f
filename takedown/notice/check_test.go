package notice_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

func missing(t *testing.T, f notice.Facts, d notice.Draft) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, e := range notice.Check(table(t), f, d) {
		if e.Present != (e.Missing == "") || e.Present == (e.Text == "") || e.Citation == "" || e.Label["nl"] == "" {
			t.Errorf("contradictory element: %+v", e)
		}
		if !e.Present {
			out[e.ID] = e.Missing
		}
	}
	return out
}

// only checks that exactly that element is missing, and that the sentence holds the words.
func only(t *testing.T, got map[string]string, id, words string) {
	t.Helper()
	if len(got) != 1 || !strings.Contains(got[id], words) {
		t.Errorf("want only %s (%q), got %v", id, words, got)
	}
	for _, s := range got {
		if strings.Contains(s, "http") {
			t.Errorf("the sentence repeats an address: %q", s)
		}
	}
}

var languages = []string{"nl", "fr", "de", "en", "de-BE", "es"}

func TestAFactThatIsMissingIsNamed(t *testing.T) {
	for _, lang := range languages {
		for _, c := range []struct {
			id, words string
			spoil     func(*notice.Facts)
		}{
			{"notifier", "organisation.name is empty", func(f *notice.Facts) { f.Notifier.Name = " " }},
			{"notifier", "organisation.email is empty", func(f *notice.Facts) { f.Notifier.Email = "" }},
			{"notifier", "organisation.email is no e-mail address", func(f *notice.Facts) { f.Notifier.Email = "dpo at dienst" }},
			{"notifier", "longer than 200", func(f *notice.Facts) { f.Notifier.Name = strings.Repeat("x ", 150) }},
			{"location", "has no location", func(f *notice.Facts) { f.Locations = nil }},
			{"location", "location 1 has no address", func(f *notice.Facts) { f.Locations[0].URL = "" }},
			{"location", "not a complete address", func(f *notice.Facts) { f.Locations[0].URL = "/pub/a.zip" }},
			{"location", "password or key", func(f *notice.Facts) {
				f.Locations[0].URL = "https://mega.nz/file/abc#0123456789abcdefghijkl"
			}},
			{"location", "password or key", func(f *notice.Facts) { f.Locations[0].URL = "https://user:pw@x.example/" }},
			{"location", "password or key", func(f *notice.Facts) {
				f.Locations[0].URL = "https://bin.example/?abc#4kcbSvRJ2bp2jcvGJTPGdYBBaGGxK8xZQBeHZ3pkpTfS"
			}},
			{"location", "no date", func(f *notice.Facts) { f.Date, f.Locations[0].Seen = time.Time{}, time.Time{} }},
			{"reasons", "how the content was recognised", func(f *notice.Facts) { f.Grade = "" }},
			{"reasons", "how the content was recognised", func(f *notice.Facts) { f.Grade = "hunch" }},
		} {
			f := facts(lang, "host")
			c.spoil(&f)
			got := missing(t, f, compose(t, f))
			if c.words == "no date" { // without any date the grounds cannot be chosen either
				delete(got, "reasons")
			}
			only(t, got, c.id, c.words)
		}
	}
}

func TestWhatAnEditTookOutIsMissing(t *testing.T) {
	for _, lang := range languages {
		f := facts(lang, "host")
		d := compose(t, f)
		url := f.Locations[0].URL
		for name, c := range map[string]struct{ id, body string }{
			"url gone":           {"location", strings.ReplaceAll(d.Body, url, "")},
			"url cut":            {"location", strings.ReplaceAll(d.Body, url, url[:len(url)-2])},
			"url longer":         {"location", strings.ReplaceAll(d.Body, url, url+"/more")},
			"url made harmless":  {"location", strings.ReplaceAll(d.Body, "https://files", "hxxps://files")},
			"name gone":          {"notifier", strings.ReplaceAll(d.Body, f.Notifier.Name, "A friend")},
			"e-mail gone":        {"notifier", strings.ReplaceAll(d.Body, f.Notifier.Email, "")},
			"good faith gone":    {"good_faith", drop(d.Body, "goeder trouw", "bonne foi", "gutem Glauben", "good faith")},
			"good faith in half": {"good_faith", replace(d.Body, "juist en volledig", "exactes et\ncomplètes", "exactes et complètes", "richtig und\nvollständig", "richtig und vollständig", "accurate and complete", "accurate and\ncomplete")},
			"no provision":       {"reasons", drop(d.Body, "Article 6", "Article 9", "Article 5", "article 6", "article 9", "article 5", "artikel 6", "artikel 9", "artikel 5", "Artikel 6", "Artikel 9", "Artikel 5")},
		} {
			t.Run(lang+"/"+name, func(t *testing.T) {
				if c.body == d.Body {
					t.Fatal("the edit changed nothing")
				}
				got := missing(t, f, notice.Draft{Subject: d.Subject, Body: c.body})
				only(t, got, c.id, "text")
			})
		}
		all := missing(t, f, notice.Draft{})
		if len(all) != 4 {
			t.Errorf("%s: an empty text lacks only %v", lang, all)
		}
	}
}

// drop leaves out each paragraph, or list item, with one of the words.
func drop(body string, words ...string) string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(body, "\n- ", "\n\n- "), "\n\n") {
		keep := true
		for _, w := range words {
			keep = keep && !strings.Contains(strings.Join(strings.Fields(p), " "), w)
		}
		if keep {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}

func replace(body string, words ...string) string {
	for _, w := range words {
		body = strings.ReplaceAll(body, w, "…")
	}
	return body
}

func TestAnEditThatKeepsTheElementsIsComplete(t *testing.T) {
	for _, lang := range languages {
		f := facts(lang, "platform")
		d := compose(t, f)
		for name, body := range map[string]string{
			"line ends of a form":  strings.ReplaceAll(d.Body, "\n", "\r\n"),
			"a sentence more":      d.Body + "\nWith thanks for your quick help.\n",
			"wrapped otherwise":    strings.ReplaceAll(d.Body, "\n  ", " "),
			"url in a sentence":    strings.ReplaceAll(d.Body, f.Locations[1].URL, "See <"+f.Locations[1].URL+">."),
			"english part deleted": strings.Split(d.Body, "-- English version")[0],
		} {
			if got := missing(t, f, notice.Draft{Subject: d.Subject, Body: body}); len(got) != 0 {
				t.Errorf("%s, %s: %v", lang, name, got)
			}
		}
	}
}

func TestEveryLocationMustStandInTheText(t *testing.T) {
	f := facts("nl", "platform")
	d := compose(t, f)
	d.Body = strings.ReplaceAll(d.Body, f.Locations[1].URL, "")
	only(t, missing(t, f, d), "location", "location 2")
}

func TestComposeRefusesWhatTheRegimeDoesNotCover(t *testing.T) {
	f := facts("nl", "registrar") // no hosting service
	if _, err := notice.Compose(table(t), f); err == nil || !strings.Contains(err.Error(), "registrar") {
		t.Errorf("a registrar got an Art. 16 notice: %v", err)
	}
	f.Regime = "dmca"
	if _, err := notice.Compose(table(t), f); err == nil {
		t.Error("an unknown regime is composed")
	}
	if got := notice.Check(table(t), f, notice.Draft{}); len(got) != 1 || got[0].Present {
		t.Errorf("%+v", got)
	}
}

func TestNoNoticePromisesThreatensOrNamesFiles(t *testing.T) {
	for _, lang := range languages {
		for _, kind := range []string{"host", "platform"} {
			f := facts(lang, kind)
			f.Categories = append(f.Categories, "Jan Peeters", "85.07.30-999.32")
			f.FileType = "letters/jan-peeters.docx"
			body := compose(t, f).Body
			for _, not := range []string{"Peeters", "peeters", "85.07.30", "indemni", "vrijwar", "garanti", "schadlos", "Freistellung", "crim", "Straf", "pénal",
				"hack", "DDG", "BDSG", "sha256", "SHA"} {
				if strings.Contains(body, not) {
					t.Errorf("%s %s: body holds %q", lang, kind, not)
				}
			}
		}
	}
}

func TestFactsCannotForgeLinesOfTheNotice(t *testing.T) {
	f := facts("en", "host")
	evil := "x\n\n4. Statement\r\nE-mail: evil@x.example\u2028\u202e\u200b\x01\x02"
	f.LeakTitle, f.RecipientName, f.Notifier.Contact, f.Notifier.Address, f.Locations[0].Part = evil, evil, evil, evil, evil
	f.Locations[0].URL += "\nE-mail: evil@x.example"
	f.StatusURL += "\n\nevil"
	for _, line := range strings.Split(compose(t, f).Body, "\n") {
		if strings.HasPrefix(line, "E-mail: evil") || line == "4. Statement" || strings.ContainsAny(line, "\r\x01\x02\u2028\u202e\u200b") {
			t.Errorf("line %q", line)
		}
	}
}

func TestACompleteDraftHasValidReports(t *testing.T) {
	l := table(t)
	rapid.Check(t, func(t *rapid.T) {
		f := facts(rapid.SampledFrom(languages).Draw(t, "lang"), "platform")
		f.Notifier.Name = rapid.String().Draw(t, "name")
		f.Notifier.Email = rapid.SampledFrom([]string{"dpo@dienst.example", "dpo@dïenst.example", "x@y", "dpo@[192.0.2.1]", "", "a b@c.example", "\"a b\"@c.example"}).Draw(t, "email")
		f.Locations[0].URL = rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) string { return "https://files.example/" + s }),
			rapid.Map(rapid.String(), func(s string) string { return "https://" + s + "/x" }),
			rapid.SampledFrom([]string{"http://[2001:db8::1]:8080/x", "magnet:?xt=urn:btih:abc", "https://bücher.example/ä ö", "ftp://192.0.2.1/x", "http://a_b.example/x", "http://x.example:99999/"}),
		).Draw(t, "url")
		f.Exposure = rapid.StringN(0, 20, 40).Draw(t, "exposure")
		f.Ticket = rapid.StringN(0, 20, 40).Draw(t, "ticket")
		d, err := notice.Compose(l, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range notice.Check(l, f, d) {
			if !e.Present {
				return
			}
		}
		for i := range f.Locations {
			b, err := notice.XARF(f, notice.Envelope{}, i)
			if err != nil {
				t.Fatal(err)
			}
			if err := xarf.Validate(b); err != nil {
				t.Fatalf("complete, but %v\n%s", err, b)
			}
		}
	})
}

func TestLocationSpansAreOnlyWholeLocationLines(t *testing.T) {
	f := facts("nl", "platform")
	d := compose(t, f)
	spans := notice.LocationSpans(f, d.Body)
	if len(spans) != 4 { // two locations, in two languages
		t.Fatalf("%d spans", len(spans))
	}
	for _, s := range spans {
		if got := d.Body[s[0]:s[1]]; got != f.Locations[0].URL && got != f.Locations[1].URL {
			t.Errorf("span %q", got)
		}
	}
	b, err := notice.XARF(f, envelope(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if spans = notice.LocationSpans(f, string(b)); len(spans) != 1 || string(b[spans[0][0]:spans[0][1]]) != f.Locations[0].URL {
		t.Errorf("in the report: %v\n%s", spans, b)
	}
	for _, text := range []string{"see " + f.Locations[0].URL, f.Locations[0].URL + "/more", f.Locations[0].URL[1:], "", `"link": "` + f.Locations[0].URL + `"`} {
		if spans := notice.LocationSpans(f, text); len(spans) != 0 {
			t.Errorf("%q: %v", text, spans)
		}
	}
	if len(notice.LocationSpans(notice.Facts{Locations: []notice.Location{{}}}, "\n\n x\n")) != 0 {
		t.Error("an empty location spans lines")
	}
}

func TestSecretsInURLs(t *testing.T) {
	for u, want := range map[string]bool{
		"https://mega.nz/folder/AbC#x": true, "https://mega.nz/file/AbC": false, "https://x.example/page#section-2": false,
		"https://x.example/p#L10-L20": false, "https://u:p@x.example/": true, "https://u@x.example/": false,
		"https://bin.example/?a1b2#-4kcbSvRJ2bp2jcvGJTPGdYBBaGGxK8xZQBeHZ3pkpTfS": true, "::": false,
	} {
		if got := notice.CarriesSecret(u); got != want {
			t.Errorf("%s: %v", u, got)
		}
	}
}

func TestEveryLetterOfTheTableIsComplete(t *testing.T) {
	if err := notice.Proof(table(t)); err != nil {
		t.Error(err)
	}
}
