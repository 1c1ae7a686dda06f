package contact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/takedown/contact"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// site serves pages by path and remembers what was asked.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		body, ok := pages[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case strings.HasPrefix(body, "-> "):
			http.Redirect(w, r, body[3:], http.StatusFound)
		default:
			if strings.HasSuffix(r.URL.Path, ".txt") {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			} else {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
			}
			fmt.Fprint(w, body)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *site) place(path string) contact.Place {
	u, _ := url.Parse(s.URL)
	return contact.Place{URL: s.URL + path, Host: u.Host, Domain: u.Host, IP: u.Hostname()}
}

// registry serves one RDAP answer for every address, and a bootstrap that names it.
func registry(t *testing.T, fixture string) (bootstrap string, s *site) {
	t.Helper()
	s = &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/ipv4.json") {
			fmt.Fprintf(w, `{"version":"1.0","services":[[["10.0.0.0/8"],["http://127.0.0.1:1/"]],[["127.0.0.0/8","192.0.2.0/24"],["http://%s/rdap/"]]]}`, r.Host)
			return
		}
		b, err := os.ReadFile(filepath.Join("testdata", "rdap", fixture+".json"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/rdap+json")
		if strings.HasPrefix(fixture, "error") {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(b)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/bootstrap/", s
}

func find(dir contact.Directory, boot string, p contact.Place) []contact.Found {
	return contact.NewLadder(dir, &http.Client{}, boot, now).Find(context.Background(), p)
}

func line(list []contact.Found) string {
	var out []string
	for _, f := range list {
		s := f.Source + " " + f.Email
		if f.Skipped != "" {
			s += " [" + f.Skipped + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestTheLadderGoesFromTheDirectoryToTheRegistration(t *testing.T) {
	boot, _ := registry(t, "ripe")
	s := serve(t, map[string]string{
		"/":                         `<html lang="nl-BE"><a href="/over/contact">Contact</a>`,
		"/over/contact":             `<html lang="nl"><p>Meldingen: <a href="mailto:abuse@pastes.example?subject=x">mail ons</a>`,
		"/.well-known/security.txt": "Contact: mailto:security@pastes.example\nExpires: 2027-01-01T00:00:00Z\nPreferred-Languages: es, fr-BE, en\n",
	})
	p := s.place("/raw/x")
	p.SiteContact = "mailto:desk@pastes.example"
	got := find(nil, boot, p)
	want := "site contact desk@pastes.example; site contact abuse@pastes.example; security.txt security@pastes.example; rdap abuse@hoster.example"
	if line(got) != want {
		t.Fatalf("got  %s\nwant %s", line(got), want)
	}
	for i, lang := range []string{"", "nl", "fr", "nl"} {
		if got[i].Language != lang || got[i].Fetched != noon || got[i].Confidence <= 0 || got[i].Confidence > 1 {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
	if got[3].Kind != contact.KindHost || got[1].Kind != contact.KindPlatform {
		t.Errorf("kind: %+v", got)
	}
	if got[1].Where != "/over/contact" {
		t.Errorf("where: %q", got[1].Where)
	}
}

func TestASiteWhoseContactTheOperatorKnowsIsNotAsked(t *testing.T) {
	boot, _ := registry(t, "ripe")
	s := serve(t, map[string]string{"/contact": `<a href="mailto:abuse@pastes.example">mail</a>`})
	p := s.place("/raw/x")
	p.SiteContact = "mailto:desk@pastes.example"
	dir := contact.Directory{{Place: "127.0.0.1", Email: "known@pastes.example", Kind: "platform", Language: "nl", Profile: contact.Profile{OneURL: true}}}
	got := find(dir, boot, p)
	want := "operator directory known@pastes.example; site contact desk@pastes.example; rdap abuse@hoster.example"
	if line(got) != want {
		t.Fatalf("got  %s\nwant %s", line(got), want)
	}
	if got[0].Profile != (contact.Profile{OneURL: true}) || got[0].Language != "nl" {
		t.Errorf("profile or language: %+v", got[0])
	}
}

func TestTheDirectoryNamesPlacesExactly(t *testing.T) {
	for _, c := range []struct {
		entry, url, ip string
		want           bool
	}{
		{"example.org", "https://example.org/x", "", true},
		{"example.org", "https://files.example.org/x", "", true},
		{"EXAMPLE.org", "https://Files.Example.ORG/x", "", true},
		{"example.org", "https://example.org.evil.example/x", "", false},
		{"example.org", "https://notexample.org/x", "", false},
		{"files.example.org", "https://example.org/x", "", false},
		{"127.0.0.1", "http://127.0.0.1:8081/x", "", true},
		{"127.0.0.1:8081", "http://127.0.0.1:8081/x", "", true},
		{"127.0.0.1:8082", "http://127.0.0.1:8081/x", "", false},
		{"10.0.0.0/8", "http://mirror.example/x", "10.1.2.3", true},
		{"10.0.0.0/8", "http://mirror.example/x", "11.1.2.3", false},
		{"2001:db8::/32", "http://[2001:db8::7]/x", "", true},
		{"[2001:db8::7]:80", "http://[2001:db8::7]:80/x", "", true},
		{"", "http://127.0.0.1/x", "", false},
	} {
		l := contact.NewLadder(contact.Directory{{Place: c.entry, Email: "abuse@host.example"}}, broken(), "", now)
		got := l.Find(context.Background(), contact.Place{URL: c.url, IP: c.ip})
		if (len(got) > 0 && got[0].Email != "") != c.want {
			t.Errorf("%q for %s: %s", c.entry, c.url, line(got))
		}
	}
}

func TestTheMoreExactEntryGoesFirst(t *testing.T) {
	dir := contact.Directory{
		{Place: "10.0.0.0/8", Email: "wide@net.example"}, {Place: "10.1.0.0/16", Email: "narrow@net.example"},
		{Place: "example.org", Email: "domain@x.example"}, {Place: "a.example.org", Email: "host@x.example"},
	}
	l := contact.NewLadder(dir, broken(), "", now)
	got := line(l.Find(context.Background(), contact.Place{URL: "http://a.example.org/", IP: "10.1.1.1"}))
	if !strings.HasPrefix(got, "operator directory host@x.example; operator directory domain@x.example; operator directory narrow@net.example; operator directory wide@net.example") {
		t.Error(got)
	}
}

// broken is a client that reaches nobody.
func broken() *http.Client {
	return &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded })}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAHostileSiteIsSkippedWithTheReasonAndNotAsked(t *testing.T) {
	boot, _ := registry(t, "ripe")
	s := serve(t, map[string]string{"/": `<a href="mailto:abuse@mirror.example">x</a>`})
	p := s.place("/x")
	p.SiteContact = "abuse@mirror.example"
	got := find(contact.Directory{{Place: "127.0.0.1", Skip: "run by the extortionists"}}, boot, p)
	if line(got) != "rdap abuse@hoster.example; site contact  [run by the extortionists]" {
		t.Error(line(got))
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("the site was asked %d times", n)
	}
}

func TestAnAddressThatMustNotBeWrittenToIsSkippedWhereverItIsFound(t *testing.T) {
	boot, _ := registry(t, "ripe")
	got := find(contact.Directory{{Place: "elsewhere.example", Email: "Abuse@hoster.example", Skip: "asked not to be written to"}}, boot, contact.Place{IP: "192.0.2.9"})
	if line(got) != "rdap abuse@hoster.example [asked not to be written to]" {
		t.Error(line(got))
	}
}

func TestFailuresAreCollectedInPlainWordsWithoutAddresses(t *testing.T) {
	s := serve(t, nil)
	p := s.place("/secret-name-of-a-person.zip")
	s.Close()
	got := find(nil, "http://127.0.0.1:1/", p)
	if len(got) != 3 {
		t.Fatal(line(got))
	}
	for _, f := range got {
		if f.Email != "" || f.Skipped == "" || strings.Contains(f.Skipped, "127.0.0.1") || strings.Contains(line(got), "secret") || strings.Contains(f.Skipped, "http") {
			t.Errorf("%+v", f)
		}
	}
}

func TestOneSiteIsAskedOnceForManyItems(t *testing.T) {
	s := serve(t, map[string]string{"/": `<a href="mailto:abuse@pastes.example">x</a>`})
	at := noon
	var mu sync.Mutex
	l := contact.NewLadder(nil, &http.Client{}, "", func() time.Time { mu.Lock(); defer mu.Unlock(); return at })
	for i := range 20 {
		if got := l.Find(context.Background(), s.place(fmt.Sprintf("/raw/%d", i))); got[0].Email != "abuse@pastes.example" {
			t.Fatal(line(got))
		}
	}
	first := len(s.requests())
	if first > 8 {
		t.Errorf("asked %v", s.requests())
	}
	mu.Lock()
	at = at.Add(time.Hour)
	mu.Unlock()
	l.Find(context.Background(), s.place("/raw/1"))
	if len(s.requests()) == first {
		t.Error("an hour later it was not looked up again")
	}
}

func TestStoppedLookUpEndsAtOnce(t *testing.T) {
	s := serve(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range contact.NewLadder(nil, &http.Client{}, "", now).Find(ctx, s.place("/")) {
		if f.Skipped == "" {
			t.Errorf("%+v", f)
		}
	}
	if len(s.requests()) != 0 {
		t.Error("asked all the same")
	}
}

func TestPlacesThatAreNoWebSiteHaveOnlyTheirNetwork(t *testing.T) {
	boot, _ := registry(t, "ripe")
	for _, p := range []contact.Place{{URL: "ftp://192.0.2.5/pub/x"}, {URL: "rsync://192.0.2.5/pub"}, {Host: "192.0.2.5:21"}, {IP: "192.0.2.5"}} {
		if got := line(find(nil, boot, p)); got != "rdap abuse@hoster.example" {
			t.Errorf("%+v: %s", p, got)
		}
	}
}

func TestFoundSurvivesJSON(t *testing.T) {
	f := contact.Found{Email: "a@b.example", Fetched: noon, Profile: contact.Profile{Attachments: true}}
	b, err := json.Marshal(f)
	var back contact.Found
	if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back, f) {
		t.Errorf("%s %v", b, err)
	}
}
