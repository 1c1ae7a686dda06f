package contact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/takedown/contact"
)

// role is an entity of registration data.
func role(mail, role string, below ...string) string {
	return fmt.Sprintf(`{"objectClassName":"entity","handle":"H","roles":[%q],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Desk"],["email",{},"text",%q]]],"entities":[%s]}`,
		role, mail, strings.Join(below, ","))
}

// registries answer as IANA and the registries do; the keys are paths, "boot/" those of the bootstrap.
type registries map[string]string

func (r registries) RoundTrip(q *http.Request) (*http.Response, error) {
	body, ok := r[q.URL.Host+q.URL.Path]
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/rdap+json"}}, Request: q}
	if !ok {
		res.StatusCode, body = http.StatusNotFound, "{}"
	}
	res.Body = io.NopCloser(strings.NewReader(body))
	return res, nil
}

func world() registries {
	return registries{
		"iana.example/ipv4.json": `{"services":[[["192.0.2.0/24","198.51.100.0/24","104.16.0.0/13"],["https://rir.example/"]]]}`,
		"iana.example/asn.json":  `{"services":[[["64496-64511","13335"],["https://rir.example/"]]]}`,
		"iana.example/dns.json":  `{"services":[[["nl","io"],["https://nic.example/"]]]}`,
		"rir.example/ip/192.0.2.7": `{"objectClassName":"ip network","handle":"CUSTOMER","country":"NL","arin_originas0_originautnums":[64500],
			"links":[{"rel":"up","href":"https://rir.example/ip/192.0.2.0/24"}],"entities":[` + role("abuse@host.example", "abuse") + `]}`,
		"rir.example/ip/192.0.2.0/24": `{"objectClassName":"ip network","handle":"LIR","entities":[` + role("abuse@upstream.example", "abuse") + `]}`,
		"rir.example/autnum/64500":    `{"objectClassName":"autnum","handle":"AS64500","entities":[` + role("org@carrier.example", "registrant", role("abuse@carrier.example", "abuse")) + `]}`,
		"nic.example/domain/mirror.nl": `{"objectClassName":"domain","ldhName":"mirror.nl","entities":[` + role("somebody@mirror.nl", "registrant", role("abuse@owner.example", "abuse")) + `,` +
			role("info@registrar.example", "registrar", role("abuse@registrar.example", "abuse")) + `]}`,
		"nic.example/domain/github.io":         `{"objectClassName":"domain","ldhName":"github.io","entities":[]}`,
		"rir.example/ip/104.16.1.1":            `{"objectClassName":"ip network","handle":"CDN","entities":[` + role("abuse@cloudflare.com", "abuse") + `]}`,
		"rir.example/ip/198.51.100.3":          `{"objectClassName":"ip network","handle":"H","entities":[` + role("abuse@bulletproof.example", "abuse") + `]}`,
		"rir.example/ip/198.51.100.4":          `{"objectClassName":"ip network","handle":"H","entities":[` + role("abuse@akamai.com", "abuse") + `]}`,
		"rir.example/ip/198.51.100.5":          `{"objectClassName":"ip network","handle":"H","links":[{"rel":"up","href":"https://elsewhere.example/ip/198.51.100.0/24"},{"rel":"related","href":"https://rir.example/autnum/AS64501"}],"entities":[` + role("abuse@h.example", "abuse") + `]}`,
		"rir.example/ip/198.51.100.6":          `{"objectClassName":"ip network","handle":"H","arin_originas0_originautnums":[13335],"entities":[` + role("noc@cdn.example", "abuse") + `]}`,
		"elsewhere.example/ip/198.51.100.0/24": `{"objectClassName":"ip network","handle":"E","entities":[` + role("abuse@evil.example", "abuse") + `]}`,
	}
}

func rungsOf(list []contact.Found) string {
	var out []string
	for _, f := range list {
		switch s := f.Kind + " " + f.Email; {
		case f.Skipped != "":
		case f.Profile.Channel == contact.ChannelForm:
			out = append(out, s+" form:"+f.Profile.Form)
		default:
			out = append(out, s)
		}
	}
	return strings.Join(out, "; ")
}

func climb(dir contact.Directory, p contact.Place) []contact.Found {
	l := contact.NewLadder(dir, &http.Client{Transport: world()}, "https://iana.example/", now)
	return l.Find(context.Background(), p)
}

func TestEveryRungIsFoundInItsOrder(t *testing.T) {
	got := climb(nil, contact.Place{URL: "https://files.mirror.nl/raw/1", IP: "192.0.2.7", SiteContact: "desk@mirror.nl"})
	want := "platform desk@mirror.nl; host abuse@host.example; network abuse@carrier.example; upstream abuse@upstream.example; registrar abuse@registrar.example"
	if rungsOf(got) != want {
		t.Fatalf("got  %s\nwant %s\n%s", rungsOf(got), want, line(got))
	}
	for _, f := range got {
		if f.Source == "" || f.Fetched != noon || f.Skipped == "" && f.Confidence <= 0 {
			t.Errorf("without source, date or confidence: %+v", f)
		}
	}
	if i := slices.IndexFunc(got, func(f contact.Found) bool { return f.Kind == contact.KindHost }); i < 0 || !slices.Equal(got[i].Systems, []uint32{64500}) {
		t.Errorf("the host's network does not say who announces it: %+v", got)
	}
	if n := strings.Count(line(got), "on behalf of one person concerned"); n != 2 {
		t.Errorf("%d search engines are named: %s", n, line(got))
	}
}

func TestADirectoryEntryForAnUpperRungDoesNotComeFirst(t *testing.T) {
	dir := contact.Directory{{Place: "mirror.nl", Email: "counter@registry.example", Kind: "registrar"}, {Place: "mirror.nl", Email: "desk@host.example", Kind: "host"}}
	got := rungsOf(climb(dir, contact.Place{URL: "https://mirror.nl/x", IP: "192.0.2.7", SiteContact: "desk@mirror.nl"}))
	if !strings.HasPrefix(got, "host desk@host.example; platform desk@mirror.nl; host abuse@host.example;") || !strings.Contains(got, "registrar counter@registry.example") {
		t.Error(got)
	}
}

func TestAContentDeliveryNetworkIsNeverTheHost(t *testing.T) {
	for name, c := range map[string]struct {
		p    contact.Place
		want string
		mask bool
	}{
		"by its range":                                 {contact.Place{URL: "https://104.16.1.1/x"}, "cdn abuse@cloudflare.com form:cloudflare", true},
		"by its autonomous system":                     {contact.Place{IP: "198.51.100.6"}, "cdn noc@cdn.example form:cloudflare", true},
		"by head and mailbox":                          {contact.Place{IP: "198.51.100.4", CDN: "akamai"}, "cdn abuse@akamai.com", true},
		"a head that the ranges deny":                  {contact.Place{IP: "198.51.100.3", CDN: "cloudflare"}, "host abuse@bulletproof.example", false},
		"a head that nothing supports":                 {contact.Place{IP: "198.51.100.3", CDN: "akamai"}, "host abuse@bulletproof.example", false},
		"a head that names nobody":                     {contact.Place{IP: "198.51.100.3", CDN: "no such"}, "host abuse@bulletproof.example", false},
		"an up link to another server is not followed": {contact.Place{IP: "198.51.100.5"}, "host abuse@h.example", false},
		"the range alone, where nobody answers for it": {contact.Place{IP: "104.24.0.1"}, "cdn  form:cloudflare", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := climb(nil, c.p)
			if rungsOf(got) != c.want {
				t.Fatalf("got  %s\nwant %s\n%s", rungsOf(got), c.want, line(got))
			}
			if strings.Contains(line(got), "stands before the host, which is not known") != c.mask {
				t.Error(line(got))
			}
		})
	}
}

func TestAHeadNamesItsNetwork(t *testing.T) {
	c, err := contact.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	for head, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nServer: cloudflare\r\nCF-RAY: 8f-AMS\r\n": "cloudflare",
		"HTTP/1.1 200 OK\ncf-ray : 1":                                 "cloudflare",
		"HTTP/1.1 200 OK\nServer: AkamaiGHost":                        "akamai",
		"HTTP/1.1 200 OK\nX-Served-By: cache-ams21-AMS":               "fastly",
		"HTTP/1.1 200 OK\nX-Served-By: web-3":                         "",
		"HTTP/1.1 200 OK\nServer: nginx\nX-Note: server: cloudflare":  "",
		"":                                "",
		strings.Repeat("a: b\n", 100_000): "",
	} {
		if got := c.Behind(head); got != want {
			t.Errorf("%.60q: %q, want %q", head, got, want)
		}
	}
}

func TestInnocentPartiesAreNeverNotified(t *testing.T) {
	for _, u := range []string{"https://tineye.com/search/1", "https://status.uptimerobot.com/x", "https://lens.google.com/r", "https://ahmia.fi/q"} {
		got := climb(nil, contact.Place{URL: u, IP: "192.0.2.7", SiteContact: "desk@x.example"})
		if len(got) != 1 || got[0].Usable() || got[0].Skipped == "" || got[0].Kind == "" || strings.Contains(got[0].Skipped, "http") {
			t.Errorf("%s: %+v", u, got)
		}
	}
	dir := contact.Directory{{Place: "mirror.nl", Email: "x@mirror.nl", Kind: contact.KindLinkList}}
	if got := climb(dir, contact.Place{URL: "https://www.mirror.nl/x", IP: "192.0.2.7"}); len(got) != 1 || got[0].Usable() {
		t.Errorf("the operator's list: %s", line(got))
	}
}

func TestAHostileSiteIsSkippedAndItsHostIsNot(t *testing.T) {
	dir := contact.Directory{{Place: "mirror.nl", Email: "x@mirror.nl", Kind: contact.KindHostile}}
	got := climb(dir, contact.Place{URL: "https://www.mirror.nl/x", IP: "192.0.2.7", SiteContact: "desk@mirror.nl"})
	if !strings.HasPrefix(rungsOf(got), "host abuse@host.example") || strings.Contains(line(got), "desk@mirror.nl") || !strings.Contains(line(got), "hostile") {
		t.Error(line(got))
	}
}

func TestAKnownProviderIsToldAsItWants(t *testing.T) {
	for u, want := range map[string]string{
		"https://gist.github.com/a/1":     "platform  form:github",
		"https://someone.github.io/a":     "platform  form:github",
		"https://t.me/x/1":                "platform  form:telegram",
		"https://web.archive.org/web/1/x": "platform info@archive.org",
		"https://pastebin.ca/1":           "platform abuse@pastebin.ca",
		"https://notgithub.com.nl/1":      "host abuse@host.example",
	} {
		if got := rungsOf(climb(nil, contact.Place{URL: u, IP: "192.0.2.7"})); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", u, got, want)
		}
	}
	dir := contact.Directory{{Place: "github.com", Email: "legal@gh.example", Kind: "platform", Profile: contact.Profile{OneURL: true}}}
	got := climb(dir, contact.Place{URL: "https://github.com/a", IP: "192.0.2.7"})
	if got[0].Email != "legal@gh.example" || got[0].Profile != (contact.Profile{OneURL: true}) {
		t.Errorf("the operator's profile does not go first: %+v", got[0])
	}
}

func TestWhatAPersonRecordedGoesFirstAndABlockHolds(t *testing.T) {
	l := contact.NewLadder(contact.Directory{{Place: "mirror.nl", Email: "old@mirror.nl", Kind: "platform"}}, &http.Client{Transport: world()}, "https://iana.example/", now)
	var listed contact.Directory
	var broken error
	l.Recorded = func(context.Context) (contact.Directory, error) { return listed, broken }
	p := contact.Place{URL: "https://mirror.nl/x", IP: "192.0.2.7"}
	listed = contact.Directory{{Place: "mirror.nl", Email: "new@mirror.nl", Kind: "platform", Since: noon.Add(-time.Hour)}, {Place: "host.example", Email: "abuse@host.example", Skip: "asked not to be written to"}}
	got := l.Find(context.Background(), p)
	if got[0].Email != "new@mirror.nl" || got[0].Source != contact.SourceCorrection || got[0].Confidence != 1 || !strings.Contains(line(got), "abuse@host.example [asked not to be written to]") {
		t.Error(line(got))
	}
	listed[0].Since = noon.Add(-31 * 24 * time.Hour)
	if got := l.Find(context.Background(), p); !got[0].Old(noon) || got[0].Confidence == 1 {
		t.Errorf("a month later: %+v", got[0])
	}
	broken = io.ErrUnexpectedEOF
	if got := l.Find(context.Background(), p); slices.ContainsFunc(got, contact.Found.Usable) {
		t.Errorf("somebody is written to although the list of those who are not cannot be read: %s", line(got))
	}
}

func TestWrongProfilesAreRefusedByName(t *testing.T) {
	good := "- {id: a, name: A, kind: platform, status: confirmed, source: s, domains: [a.example]}\n"
	if _, err := contact.ReadProfiles([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"- {id: b, name: B, kind: nothing, status: confirmed, source: s}", "- {id: b, name: B, kind: cdn, status: sure, source: s}",
		"- {id: b, name: B, kind: cdn, status: confirmed}", "- {id: b, name: B, kind: cdn, status: confirmed, source: s, channel: form}",
		"- {id: b, name: B, kind: cdn, status: confirmed, source: s, email: nobody}", "- {id: b, name: B, kind: cdn, status: confirmed, source: s, headers: [Server]}",
		"- {id: b, name: B, kind: platform, status: confirmed, source: s, domains: [a.example]}", "- {id: b, nmae: B}", "- {id: b, ranges: [1]}",
	} {
		if _, err := contact.ReadProfiles([]byte(good + bad)); err == nil || !strings.Contains(err.Error(), "read profiles") && !strings.Contains(err.Error(), `"b"`) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzUpperRungs(f *testing.F) {
	for _, body := range world() {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"objectClassName":"ip network","arin_originas0_originautnums":[1e300,-1,"x",{}],"links":[{"rel":"up","href":"https://rir.example/ip/0.0.0.0/0"},{"rel":"up","href":"::"},{"href":"/autnum/99999999999"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		w := world()
		for k := range w {
			if !strings.HasPrefix(k, "iana.example") {
				w[k] = string(b)
			}
		}
		l := contact.NewLadder(nil, &http.Client{Transport: w}, "https://iana.example/", now)
		list := l.Find(context.Background(), contact.Place{URL: "https://mirror.nl/x", IP: "192.0.2.7", CDN: "akamai"})
		for i := range list {
			if list[i].Profile.Channel == contact.ChannelForm && list[i].Email == "" {
				list[i].Email = "form@form.example" // needs none
			}
		}
		plausible(t, list)
		if _, err := json.Marshal(list); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzPlaceAndHead(f *testing.F) {
	for _, s := range []string{"https://[::1]:8080/x", "bin.example.org:70000", "10.0.0.0/8", "münchen.example", "localhost", "cf-ray: 1\n", "a.example\r\nb", "[fe80::1%eth0]"} {
		f.Add(s)
	}
	known, err := contact.Profiles()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		known.Behind(s)
		place, err := contact.ReadPlace(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(place, " \r\n\x00@") || place != strings.ToLower(place) {
			t.Errorf("%q reads as %q", s, place)
		}
		if again, err := contact.ReadPlace(place); err != nil || again != place {
			t.Errorf("%q reads as %q, which reads as %q: %v", s, place, again, err)
		}
	})
}
