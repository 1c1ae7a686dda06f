package form_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"unmirror/takedown/form"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

func table(t testing.TB) law.Table {
	t.Helper()
	l, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func forms(t testing.TB) form.Forms {
	t.Helper()
	f, err := form.Load()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func drafted(t testing.TB, regime, kind, lang string, change func(*notice.Facts)) (notice.Facts, notice.Draft) {
	t.Helper()
	l := table(t)
	r, _ := l.Regime(regime)
	f := notice.Sample(r, notice.Acts(r)[0], kind, lang)
	if change != nil {
		change(&f)
	}
	d, err := notice.Compose(l, f)
	if err != nil {
		t.Fatal(err)
	}
	return f, d
}

func fill(t testing.TB, id string, f notice.Facts, d notice.Draft) (form.Sheet, error) {
	t.Helper()
	x, ok := forms(t).Get(id)
	if !ok {
		t.Fatalf("no form %s", id)
	}
	return form.Fill(table(t), x, f, d)
}

func value(s form.Sheet, name string) string {
	for _, f := range s.Fields {
		if f.Name == name {
			return f.Text
		}
	}
	return "no such field"
}

func TestCloudflareGetsEveryFieldWithinItsLimits(t *testing.T) {
	f, d := drafted(t, "abuse", "cdn", "nl", nil)
	s, err := fill(t, "cloudflare", f, d)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"act": "abuse_general", "email": f.Notifier.Email, "email2": f.Notifier.Email, "urls": f.Locations[0].URL,
		"owner_notification": "send-anon", "host_notification": "send", "name": f.Notifier.Contact, "company": f.Notifier.Name} {
		if got := value(s, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	j := value(s, "justification")
	if utf8.RuneCountInString(j) > 5000 || !strings.Contains(j, "unlawful") || strings.Contains(j, "onrechtmatig") || !strings.Contains(j, "good faith") {
		t.Errorf("justification of %d characters:\n%s", utf8.RuneCountInString(j), j)
	}
}

func TestWhatAFormDoesNotTakeIsRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, form, regime, kind, want string
		change                         func(*notice.Facts)
	}{
		{"two hosts", "cloudflare", "abuse", "cdn", "urls: 2 host names", func(f *notice.Facts) {
			f.Locations = append(f.Locations, notice.Location{URL: "https://other.example/x"})
		}},
		{"too many addresses", "cloudflare", "abuse", "cdn", "urls: 251 addresses", func(f *notice.Facts) {
			for i := range 250 {
				f.Locations = append(f.Locations, notice.Location{URL: fmt.Sprintf("https://files.mirror.example/%d", i)})
			}
		}},
		{"name too long", "cloudflare", "abuse", "cdn", "name: 300 characters", func(f *notice.Facts) { f.Notifier.Contact = strings.Repeat("x", 300) }},
		{"no e-mail", "telegram", "dsa16", "platform", "e-mail: nothing", func(f *notice.Facts) { f.Notifier.Email = "" }},
		{"no mandate", "google", "delisting", "search", "mandate: the form is for one person", func(f *notice.Facts) { f.Mandate = notice.Mandate{} }},
		{"a union's mandate", "bing", "delisting", "search", "one person", func(f *notice.Facts) { f.Mandate.Kind, f.Mandate.From = "union", "Bond" }},
	} {
		f, d := drafted(t, c.regime, c.kind, "en", c.change)
		if _, err := fill(t, c.form, f, d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		} else if strings.Contains(err.Error(), "https://") {
			t.Errorf("%s: the error repeats an address", c.name)
		}
	}
	f, d := drafted(t, "abuse", "cdn", "en", nil)
	d.Body = strings.Replace(d.Body, "5. What we ask", "5. What we ask\n\n"+strings.Repeat("More words. ", 500), 1)
	if _, err := fill(t, "cloudflare", f, d); err == nil || !strings.Contains(err.Error(), "justification: ") {
		t.Errorf("a text that is too long: %v", err)
	}
}

func TestEveryFormIsFilledFromEveryNoticeThatItTakes(t *testing.T) {
	for _, x := range forms(t) {
		for _, lang := range law.Languages() {
			regime, kind := "dsa16", "platform"
			if len(x.Kinds) > 0 {
				kind = x.Kinds[0]
				regime = map[string]string{"cdn": "abuse", "search": "delisting"}[kind]
			}
			f, d := drafted(t, regime, kind, lang, nil)
			s, err := fill(t, x.ID, f, d)
			if err != nil {
				t.Errorf("%s %s: %v", x.ID, lang, err)
				continue
			}
			text := s.Text()
			for _, want := range []string{x.Name, f.Ticket, f.Locations[0].URL, f.Notifier.Email, "required"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s %s: the sheet lacks %q", x.ID, lang, want)
				}
			}
			if strings.Contains(text, "[[") {
				t.Errorf("%s %s: a hole in the sheet", x.ID, lang)
			}
		}
	}
}

func TestAPersonsNameIsTypedByHand(t *testing.T) {
	f, d := drafted(t, "delisting", "search", "fr", nil)
	s, err := fill(t, "google", f, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := value(s, "full name of the person concerned"); got != "" || !strings.Contains(s.Text(), "type it by hand") {
		t.Errorf("%q", got)
	}
	if m := value(s, "relationship and authority"); !strings.Contains(m, "power of attorney") {
		t.Errorf("%q", m)
	}
}

func TestAMEGALinkKeepsItsKeyInTheForm(t *testing.T) {
	f, d := drafted(t, "dsa16", "platform", "en", func(f *notice.Facts) {
		f.Locations = f.Locations[:1]
		f.Locations[0].URL = "https://mega.nz/file/AbCdEfGh#0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	})
	s, err := fill(t, "mega", f, d)
	if err != nil || value(s, "links") != f.Locations[0].URL {
		t.Errorf("%v %q", err, value(s, "links"))
	}
}

func TestTheFormFollowsTheRecipient(t *testing.T) {
	all := forms(t)
	for _, c := range []struct{ kind, email, host, want string }{
		{"cdn", "abuse@cloudflare.com", "x.example", "cloudflare"}, {"host", "abuse@cloudflare.com", "x.example", "generic"},
		{"platform", "", "gist.github.com", "github"}, {"platform", "support@github.com", "pages.example", "github"},
		{"host", "abuse@host.example", "t.me", "generic"}, {"platform", "", "cdn.discordapp.com", "discord"}, {"search", "x@google.com", "", "google"},
		{"platform", "", "mega.nz", "mega"}, {"platform", "", "notgithub.com", "generic"}, {"platform", "", "web.archive.org", "archiveorg"},
	} {
		if got := all.For(c.kind, c.email, c.host); got.ID != c.want {
			t.Errorf("%+v: %s", c, got.ID)
		}
	}
}

func TestABrokenTableIsRefused(t *testing.T) {
	for _, s := range []string{"- {id: a}", "- {id: a, name: b, where: c, source: d, fields: [{name: x}]}",
		"- {id: a, name: b, where: c, source: d, fields: [{name: x, from: nowhere}]}", "- {id: a, colour: red}"} {
		if _, err := form.Read([]byte(s)); err == nil {
			t.Errorf("%s: read", s)
		}
	}
}
