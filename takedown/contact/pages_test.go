package contact_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unmirror/takedown/contact"
)

func TestWhatASitePublishesAsItsContact(t *testing.T) {
	for name, c := range map[string]struct {
		pages map[string]string
		want  string
	}{
		"role on the front page":        {map[string]string{"/": `<footer><a href="mailto:abuse@x.example">abuse</a></footer>`}, "abuse@x.example"},
		"linked contact page":           {map[string]string{"/": `<a href="/over-ons">Contact</a>`, "/over-ons": `<a href="MAILTO:info@x.example">x</a>`}, "info@x.example"},
		"usual path without a link":     {map[string]string{"/": "hello", "/imprint": `<p>E-Mail: kontakt (at) x (dot) example`}, "kontakt@x.example"},
		"DSA contact point":             {map[string]string{"/": `<a href="/dsa-info">Digital Services Act</a>`, "/dsa-info": `<p>Point of contact for users (Article 12): dsa@x.example</p>`}, "dsa@x.example"},
		"contact for authorities only":  {map[string]string{"/": `<a href="/dsa-info">DSA</a>`, "/dsa-info": `<p>Contact point for Member States' authorities (Art. 11): <a href="mailto:dsa@x.example">x</a></p>`}, "dsa@x.example [the site's contact point for authorities (DSA art. 11), not for notices]"},
		"address hidden by a CDN":       {map[string]string{"/": `<a class="__cf_email__" data-cfemail="` + scramble("abuse@x.example") + `">[email]</a>`}, "abuse@x.example"},
		"plain text page":               {map[string]string{"/": "x", "/contact": "-> /contact.txt", "/contact.txt": "write to abuse@x.example."}, "abuse@x.example"},
		"private address in an imprint": {map[string]string{"/": "x", "/impressum": `<a href="mailto:jan.voorbeeld@post.example">Jan</a>`}, "jan.voorbeeld@post.example"},
		"several, the surest first":     {map[string]string{"/": "x", "/contact": `<a href="mailto:info@x.example">i</a><a href="mailto:abuse@x.example">a</a>`}, "abuse@x.example info@x.example"},
		"redirect within the site":      {map[string]string{"/": "x", "/contact": "-> /kontakt", "/kontakt": `<a href="mailto:abuse@x.example">a</a>`}, "abuse@x.example"},

		"somebody's address in a paste":        {map[string]string{"/": `<pre>Jan Peeters jan.peeters@post.example 85.07.30</pre>`}, ""},
		"somebody's link on the front page":    {map[string]string{"/": `<a href="mailto:jan.peeters@post.example">Jan</a>`}, ""},
		"somebody's address in contact text":   {map[string]string{"/": "x", "/contact": "jan.peeters@post.example"}, ""},
		"role named in front page text only":   {map[string]string{"/": "spam abuse@other.example and info@other.example"}, ""},
		"nobody reads it":                      {map[string]string{"/": `<a href="mailto:no-reply@x.example">x</a><a href="mailto:noreply+1@x.example">x</a><a href="mailto:you@x.example">`}, ""},
		"header injection through mailto":      {map[string]string{"/": `<a href="mailto:abuse@x.example%0d%0aBcc:victim@y.example">x</a>`}, ""},
		"recipients hidden in mailto's fields": {map[string]string{"/": `<a href="mailto:?bcc=abuse@x.example">x</a>`}, ""},
		"in a script":                          {map[string]string{"/contact": `<script>"abuse@x.example"</script><!-- abuse@y.example -->`}, ""},
		"an address instead of a host name":    {map[string]string{"/": `<a href="mailto:abuse@[127.0.0.1]">x</a><a href="mailto:abuse@127.0.0.1">x</a><a href="mailto:root@localhost">`}, ""},
		"not found everywhere":                 {map[string]string{}, ""},
		"redirect to another site":             {map[string]string{"/": "x", "/contact": "-> http://localhost:1/contact"}, ""},
		"nothing but a form":                   {map[string]string{"/": "x", "/contact": `<form action="/send"><input name="email"></form>`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.pages)
			var got []string
			for _, f := range find(nil, "", s.place("/raw/1")) {
				if f.Email != "" && f.Source == contact.SourceSite {
					e := f.Email
					if f.Skipped != "" {
						e += " [" + f.Skipped + "]"
					}
					got = append(got, e)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if n := len(s.requests()); n > 12 {
				t.Errorf("%d requests: %v", n, s.requests())
			}
		})
	}
}

// scramble hides an address as the CDN does.
func scramble(s string) string {
	out := "5a"
	for i := range len(s) {
		out += fmt.Sprintf("%02x", s[i]^0x5a)
	}
	return out
}

func TestRobotsDecideWhichPagesAreRead(t *testing.T) {
	s := serve(t, map[string]string{"/": `<a href="/contact">Contact</a>`, "/contact": `<a href="mailto:abuse@x.example">x</a>`})
	l := contact.NewLadder(nil, &http.Client{}, "", now)
	l.Allowed = func(_ context.Context, url string) bool { return !strings.HasSuffix(url, "/contact") }
	got := l.Find(context.Background(), s.place("/x"))
	for _, f := range got {
		if f.Email != "" {
			t.Errorf("found %s", f.Email)
		}
	}
	for _, path := range s.requests() {
		if path == "/contact" {
			t.Error("a forbidden page was read")
		}
	}
	if !strings.Contains(line(got), "robots.txt") {
		t.Error(line(got))
	}
}

func TestHostilePagesEndInTime(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			for {
				if _, err := fmt.Fprint(w, strings.Repeat(`<a href="mailto:abuse@x.example">`, 1000)); err != nil {
					return
				}
			}
		},
		"nested": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, strings.Repeat("<div><p><table>", 20_000))
		},
		"ten thousand addresses": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			for i := range 10_000 {
				fmt.Fprintf(w, `<a href="mailto:abuse-%d@x.example">x</a> info%d@x.example `, i, i)
			}
		},
		"loop": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		},
		"bytes": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "\xff\xfe\x00<a href=\"mailto:\x00@\xff.example\">")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(h)
			defer s.Close()
			start := time.Now()
			got := find(nil, "", contact.Place{URL: s.URL + "/x"})
			if d := time.Since(start); d > 5*time.Minute {
				t.Errorf("took %v", d)
			}
			if len(got) > 12 {
				t.Errorf("%d contacts", len(got))
			}
		})
	}
}

func TestSecurityTxtIsRead(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"plain":          {"Contact: mailto:security@x.example\nExpires: 2027-01-01T00:00:00Z\n", "security@x.example"},
		"several":        {"Contact: mailto:a@x.example\r\nContact: https://x.example/form\r\ncontact: tel:+1\r\nContact: mailto:b@x.example\r\nExpires: 2027-01-01t00:00:00z\r\n", "a@x.example b@x.example"},
		"signed":         {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nContact: mailto:a@x.example\nExpires: 2027-01-01T00:00:00Z\n-----BEGIN PGP SIGNATURE-----\nContact: mailto:forged@y.example\n", "a@x.example"},
		"comments":       {"# Contact: mailto:no@x.example\nContact:a@x.example\n", "a@x.example"},
		"expired":        {"Contact: mailto:a@x.example\nExpires: 2020-01-01T00:00:00Z\n", "a@x.example [the site's security.txt expired on 2020-01-01]"},
		"form only":      {"Contact: https://x.example/form\nExpires: 2027-01-01T00:00:00Z\n", " [the site's security.txt names a form or telephone, not an e-mail address]"},
		"no contact":     {"Expires: 2027-01-01T00:00:00Z\n", ""},
		"injection":      {"Contact: mailto:a@x.example%0aBcc:b@y.example\nExpires: 2027-01-01T00:00:00Z\n", " [the site's security.txt names a form or telephone, not an e-mail address]"},
		"something else": {"<html>not found</html>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]string{"/.well-known/security.txt": c.file})
			var got []string
			for _, f := range find(nil, "", s.place("/x")) {
				if f.Source == contact.SourceSecurityTxt {
					e := f.Email
					if f.Skipped != "" {
						e += " [" + f.Skipped + "]"
					}
					got = append(got, e)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzSecurityTxtYieldsOnlyAddresses(f *testing.F) {
	f.Add([]byte("Contact: mailto:security@x.example\nExpires: 2027-01-01T00:00:00Z\nPreferred-Languages: nl, en\n"))
	f.Add([]byte("-----BEGIN PGP SIGNED MESSAGE-----\n\nContact: mailto:a%40x.example\r\n-----BEGIN PGP SIGNATURE-----"))
	f.Add([]byte("\uFEFFcontact : a@b.example,c@d.example\x00\nExpires: never"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := contact.ParseSecurityTxt(b)
		if !ok && len(s.Emails)+s.Others > 0 {
			t.Error("contacts without a Contact field")
		}
		for _, e := range s.Emails {
			if strings.ContainsAny(e, "\r\n\x00 ,;<>\"") || strings.Count(e, "@") != 1 || len(e) > 254 {
				t.Errorf("address %q", e)
			}
		}
	})
}
