package kind

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func compile(t testing.TB, s Settings) Spec {
	t.Helper()
	spec, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func parse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func page(t testing.TB, addr, mediaType string, body []byte) Page {
	t.Helper()
	p := Page{URL: parse(t, addr), Type: mediaType, Body: body}
	if doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body))); err == nil {
		p.Root = doc.Selection
	}
	return p
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func paths(f Found) (lists, items []string) {
	for _, l := range f.Links {
		u, _ := url.Parse(l.URL)
		if l.Lists {
			lists = append(lists, u.EscapedPath())
		}
		if l.Matches {
			items = append(items, u.EscapedPath())
		}
	}
	slices.Sort(lists)
	slices.Sort(items)
	return lists, items
}

// tree is what every recorded server was given to list.
var tree = []string{
	"a%23hash%3Fquery%2525.txt", "big.iso", "empty.bin", "report-000.txt", "name%20with%20space%20%26%20amp%20%3Clt%3E.txt",
	"quote%22apos%27.txt", "very-long-file-name-that-is-truncated-by-apache-and-nginx-in-the-listing-0123456789.txt",
	"%C3%BCn%C3%AFcode-ficheiro.txt",
}

// plain undoes the freedom that servers have in escaping the same name.
func plain(t testing.TB, escaped string) string {
	p, err := url.PathUnescape(escaped)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryServersListingIsReadInFull(t *testing.T) {
	cases := []struct {
		file, at, mediaType string
		dates               bool // the listing shows time and size of each file
		all                 bool // it lists the whole tree
	}{
		{"nginx/autoindex.html", "/pub/", "text/html", true, true},
		{"nginx/human.html", "/e/pub/", "text/html", true, true},
		{"nginx/fancyindex.html", "/f/pub/", "text/html", true, true},
		{"nginx/autoindex.json", "/pub/", "application/json", true, true},
		{"nginx/autoindex.xml", "/pub/", "text/xml", true, true},
		{"apache/ul.html", "/pub/", "text/html", false, true},
		{"apache/pre.html", "/t/pub/", "text/html", true, true},
		{"apache/table.html", "/t/pub/", "text/html", true, true},
		{"lighttpd/listing.html", "/pub/", "text/html", true, true},
		{"caddy/browse.json", "/pub/", "application/json", true, true},
		{"caddy/browse.html", "/pub/", "text/html", true, true},
		{"python/listing.html", "/pub/", "text/html", false, true},
		{"iis/listing.html", "/pub/", "text/html", true, false},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			s := compile(t, Settings{Kind: "directory", URL: "http://files.example" + c.at})
			f, err := s.Read(page(t, "http://files.example"+c.at, c.mediaType, sample(t, c.file)))
			if err != nil || !f.Recognised {
				t.Fatalf("recognised=%v, %v", f.Recognised, err)
			}
			lists, items := paths(f)
			if !slices.Equal(lists, []string{c.at + "sub/"}) {
				t.Errorf("folders: got %v", lists)
			}
			var want, got []string
			for _, n := range tree {
				if c.all || n == "report-000.txt" {
					want = append(want, plain(t, c.at+n))
				}
			}
			for _, i := range items {
				if !strings.HasSuffix(i, ".hidden") {
					got = append(got, plain(t, i))
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("files:\n got %q\nwant %q", got, want)
			}
			for _, l := range f.Links {
				if l.Matches && (l.Listed != "") != c.dates {
					t.Errorf("%s: listed as %q", l.URL, l.Listed)
				}
				if strings.HasSuffix(l.URL, "report-000.txt") && c.dates && (l.Modified.Year() != 2024 || l.Modified.Hour() != 4) {
					t.Errorf("time read as %v from %q", l.Modified, l.Listed)
				}
			}
		})
	}
}

func TestGosFileServerIsRecognisedAlsoWhenEmpty(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://h/"})
	for body, want := range map[string]int{
		"<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n<a href=\"a.txt\">a.txt</a>\n<a href=\"b/\">b/</a>\n</pre>\n": 2,
		"<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n</pre>\n":                                                     0,
	} {
		f, err := s.Read(page(t, "http://h/", "text/html", []byte(body)))
		if err != nil || !f.Recognised || len(f.Links) != want {
			t.Errorf("recognised=%v with %d links, %v", f.Recognised, len(f.Links), err)
		}
	}
}

func TestADirectoryNeverLeavesItsFolder(t *testing.T) {
	body := `<title>Index of /pub/</title><a href="../">up</a><a href="/">root</a><a href="?C=M;O=D">sort</a>
<a href="http://other.example/pub/x">other</a><a href="//other.example/pub/x">other</a><a href="/pubx/y">beside</a>
<a href="/pub/%2e%2e/secret">dots</a><a href="javascript:alert(1)">js</a><a href="mailto:a@b.example">mail</a>
<a href="#top">top</a><a href="">self</a><a href="x?C=N">sorted child</a><a href="ftp://files.example/pub/x">ftp</a>
<a href="http://u:p@files.example/pub/x">login</a><a href="ok.txt">ok</a><a href="./d/">d</a><a href="/pub/ok2.txt">ok2</a>`
	s := compile(t, Settings{Kind: "directory", URL: "http://files.example/pub"})
	f, err := s.Read(page(t, "http://files.example/pub/", "text/html", []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	lists, items := paths(f)
	if !slices.Equal(lists, []string{"/pub/d/"}) || !slices.Equal(items, []string{"/pub/ok.txt", "/pub/ok2.txt"}) {
		t.Errorf("got folders %v, files %v", lists, items)
	}
}

func TestAFolderNamedLikeAnActionIsStillRead(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://files.example/"})
	f, _ := s.Read(page(t, "http://files.example/", "text/html", []byte(`<h1>Index of /</h1><a href="delete/">d</a><a href="logout">l</a>`)))
	if len(f.Links) != 2 {
		t.Errorf("got %v", f.Links)
	}
}

func TestDepthAndCirclesBoundADirectory(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://h/", Depth: 2})
	p := page(t, "http://h/a/", "text/html", []byte(`<h1>Index of /a</h1><a href="b/">b</a>`))
	p.Depth = 1
	if f, _ := s.Read(p); len(f.Links) != 1 {
		t.Errorf("depth 2: got %v", f.Links)
	}
	p.Depth = 2
	if f, _ := s.Read(p); len(f.Links) != 0 {
		t.Errorf("depth 3: got %v", f.Links)
	}
	loop := page(t, "http://h/a/a/", "text/html", []byte(`<h1>Index of /</h1><a href="a/">a</a><a href="b/">b</a>`))
	if f, _ := s.Read(loop); len(f.Links) != 1 || !strings.HasSuffix(f.Links[0].URL, "/b/") {
		t.Errorf("circle: got %v", f.Links)
	}
}

func TestAPageThatIsNoListingIsNotRecognised(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://h/"})
	f, err := s.Read(page(t, "http://h/", "text/html", []byte(`<title>Welcome</title><p>Hello</p><a href="about.html">About us</a><a href="/">Home</a><a href="https://x.example/">X</a>`)))
	if err != nil || f.Recognised {
		t.Errorf("recognised=%v, %v", f.Recognised, err)
	}
}

func TestLinksBehindSixHundredUnclosedTagsAreFound(t *testing.T) {
	body := strings.Repeat("<div><b>", 600) + `<a href="/deep">x</a>`
	for _, k := range []string{"site", "directory"} {
		s := compile(t, Settings{Kind: k, URL: "http://h/"})
		f, err := s.Read(Page{URL: parse(t, "http://h/"), Type: "text/html", Body: []byte(body)})
		if err != nil || len(f.Links) != 1 {
			t.Errorf("%s: got %v, %v", k, f.Links, err)
		}
	}
}

func TestASiteIsFollowedWithinItsBounds(t *testing.T) {
	body := `<base href="/forum/"><a href="t/1">one</a><a href="https://h:443/x">tls</a><a href="http://elsewhere/">out</a>
<a href="t/1#p5">same</a><area href="t/2"><iframe src="t/3"></iframe><a href="/logout">bye</a><a href="post?action=delete">del</a>
<a href="/p/?abc#-burn">burn</a><a href="/get?id=1&openOneUse=true">once</a><a href="t/9?sid=0123456789abcdef0123456789abcdef">session</a>
<script>"<a href='/fake'>"</script><a href="skip/1">no</a>`
	s := compile(t, Settings{Kind: "site", URL: "http://h/", Depth: 1, Follow: `/(t|x|logout|post|p|get|fake)`})
	f, err := s.Read(page(t, "http://h/", "text/html", []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	_, items := paths(f)
	if want := []string{"/forum/t/1", "/forum/t/1", "/forum/t/2", "/forum/t/3", "/forum/t/9", "/x"}; !slices.Equal(items, want) {
		t.Errorf("got %v, want %v", items, want)
	}
	for _, l := range f.Links {
		if strings.Contains(l.URL, "sid=") {
			t.Errorf("session kept in %s", l.URL)
		}
	}
	deep := page(t, "http://h/", "text/html", []byte(body))
	deep.Depth = 1
	if f, _ := s.Read(deep); len(f.Links) != 0 {
		t.Errorf("beyond the depth: %v", f.Links)
	}
}

func TestTheImagesThatAPageShowsAreItems(t *testing.T) {
	body := `<base href="/scans/"><a href="t/2">next</a><img src="1.jpg"><img width=1 height=1 src="/beacon.png"><IMG data-src="2.png" src="wait.gif">
<img srcset="3-480.jpg 480w, 3.jpg 1200w" src="3-480.jpg"><img src="data:image/png;base64,AAAA"><img src="/logo.svg"><img src="http://cdn/4.jpg">
<img src="//h/5.webp" width="1000"><img src="1.jpg"><img><img src="/delete?id=1"><img src="/stats?action=delete&x=1">`
	s := compile(t, Settings{Kind: "site", URL: "http://h/", Depth: 1, Follow: "/t/"})
	for depth, follows := range map[int]bool{0: true, 1: false} {
		p := page(t, "http://h/", "text/html", []byte(body))
		p.Depth = depth
		f, err := s.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		var shown, pages []string
		for _, l := range f.Links {
			if u := parse(t, l.URL); l.Lists {
				pages = append(pages, u.Path)
			} else {
				shown = append(shown, u.Path)
			}
		}
		if want := []string{"/scans/1.jpg", "/scans/2.png", "/scans/3.jpg", "/5.webp"}; !slices.Equal(shown, want) || len(pages) > 0 != follows {
			t.Errorf("at depth %d: images %v, pages %v", depth, shown, pages)
		}
	}
}

func TestAListingIsReadBySelectors(t *testing.T) {
	body := `<html><table><tr><td><a class="paste" href="/abc12345">x</a><td><a class="paste" href="/view/def.txt">y</a>
<td><a href="/not">z</a></table><div data-key="k9">no link</div><a rel="next" href="?page=2">more</a><a href="mailto:abuse@paste.example">x</a></html>`
	cases := []struct {
		name string
		set  Settings
		want []string
	}{
		{"own address", Settings{Item: "a.paste"}, []string{"/abc12345", "/view/def.txt"}},
		{"raw template", Settings{Item: "a.paste", Raw: "/raw/{id}"}, []string{"/raw/abc12345", "/raw/def.txt"}},
		{"cell with a link inside", Settings{Item: "td:first-child", Raw: "/r/{id}"}, []string{"/r/abc12345"}},
		{"attribute", Settings{Item: "div@data-key", Raw: "/raw/{id}"}, []string{"/raw/k9"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.set.Kind, c.set.URL = "listing", "http://paste.example/recent"
			f, err := compile(t, c.set).Read(page(t, c.set.URL, "text/html", []byte(body)))
			if err != nil || !f.Recognised {
				t.Fatalf("recognised=%v, %v", f.Recognised, err)
			}
			if _, items := paths(f); !slices.Equal(items, c.want) {
				t.Errorf("got %v, want %v", items, c.want)
			}
			if f.Contact != "abuse@paste.example" {
				t.Errorf("contact %q", f.Contact)
			}
		})
	}
	s := compile(t, Settings{Kind: "listing", URL: "http://paste.example/recent", Item: "a.paste", Next: "a[rel=next]"})
	f, _ := s.Read(page(t, "http://paste.example/recent", "text/html", []byte(body)))
	if lists, _ := paths(f); !slices.Equal(lists, []string{"/recent"}) {
		t.Errorf("next page: got %v", lists)
	}
	empty, err := s.Read(page(t, "http://paste.example/recent", "text/html", []byte("<p>redesigned</p>")))
	if err != nil || empty.Recognised {
		t.Errorf("a page without items: recognised=%v, %v", empty.Recognised, err)
	}
}

func TestHasteReadsRawAddressesOfGivenKeys(t *testing.T) {
	s := compile(t, Settings{Kind: "haste", URL: "http://p.example/", Items: []string{"abcdef", "http://p.example/ghi.py", "http://p.example/documents/jkl", "http://p.example/raw/mno"}})
	var got []string
	for _, l := range s.Seeds() {
		if !l.Elsewhere || !l.Matches {
			t.Errorf("%+v is no known item", l)
		}
		got = append(got, l.URL)
	}
	want := []string{"http://p.example/raw/abcdef", "http://p.example/raw/ghi", "http://p.example/raw/jkl", "http://p.example/raw/mno"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFeedsAreRead(t *testing.T) {
	cases := []struct{ name, body string }{
		{"RSS", `<?xml version="1.0"?><rss version="2.0"><channel><link>http://f.example/</link><item><title>a</title><link>http://f.example/1</link><enclosure url="http://cdn.example/2.zip"/></item></channel></rss>`},
		{"RSS in Latin-1", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><rss><channel><item><title>\xe9</title><link>http://f.example/1</link><enclosure url='http://cdn.example/2.zip'/></item></channel></rss>"},
		{"RDF", `<rdf:RDF xmlns:rdf="x"><item><link>http://f.example/1</link></item><item><link>http://cdn.example/2.zip</link></item></rdf:RDF>`},
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="/feed"/><entry><link href="/1"/><link rel="replies" href="/r"/><link rel="enclosure" href="http://cdn.example/2.zip"/></entry></feed>`},
		{"JSON Feed", `{"version":"https://jsonfeed.org/version/1.1","items":[{"url":"http://f.example/1","attachments":[{"url":"http://cdn.example/2.zip"}]}]}`},
		{"RSS that breaks off", `<rss><channel><item><link>http://f.example/1</link></item><item><link>http://cdn.example/2.zip</link><desc`},
	}
	s := compile(t, Settings{Kind: "feed", URL: "http://f.example/feed"})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, err := s.Read(page(t, "http://f.example/feed", "application/xml", []byte(c.body)))
			if err != nil || !f.Recognised {
				t.Fatalf("recognised=%v, %v", f.Recognised, err)
			}
			if len(f.Links) != 2 || f.Links[0].URL != "http://f.example/1" || f.Links[1].URL != "http://cdn.example/2.zip" {
				t.Fatalf("got %+v", f.Links)
			}
			if f.Links[0].Elsewhere || !f.Links[1].Elsewhere {
				t.Error("only the address on another host was published elsewhere")
			}
		})
	}
	if _, err := s.Read(page(t, "http://f.example/feed", "text/html", []byte("<html><p>moved"))); err == nil {
		t.Error("a web page passed as a feed")
	}
}

func TestMeaningOfAnswers(t *testing.T) {
	json404 := []byte(`{"message":"Document not found."}`)
	cases := []struct {
		kind   string
		status int
		body   []byte
		want   Meaning
	}{
		{"directory", 200, nil, Present}, {"directory", 404, nil, Gone}, {"directory", 410, nil, Gone}, {"directory", 451, nil, Gone},
		{"directory", 403, nil, Unclear}, {"directory", 401, nil, Unclear}, {"directory", 429, nil, Unclear}, {"directory", 302, nil, Unclear},
		{"directory", 500, nil, Unreachable}, {"directory", 503, nil, Unreachable}, {"haste", 404, json404, Gone},
		{"haste", 404, []byte("<html>nginx"), Unclear}, {"haste", 200, []byte("x"), Present}, {"haste", 500, json404, Unreachable},
	}
	for _, c := range cases {
		k, err := Find(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.Mean(Answer{Status: c.status, Header: http.Header{}, Prefix: c.body}); got != c.want {
			t.Errorf("%s %d: got %s, want %s", c.kind, c.status, got, c.want)
		}
	}
}

func TestBadSettingsNameTheirKey(t *testing.T) {
	cases := []struct {
		set  Settings
		want string
	}{
		{Settings{Kind: "gopher", URL: "http://h/"}, "kind"}, {Settings{Kind: "site"}, "url"}, {Settings{Kind: "site", URL: "file:///etc"}, "url"},
		{Settings{Kind: "site", URL: "http://u:p@h/"}, "url"}, {Settings{Kind: "site", URL: "http://h/", Follow: "("}, "follow"},
		{Settings{Kind: "listing", URL: "http://h/"}, "item"}, {Settings{Kind: "listing", URL: "http://h/", Item: "a["}, "item"},
		{Settings{Kind: "listing", URL: "http://h/", Item: "a", Raw: "/raw"}, "raw"}, {Settings{Kind: "haste", URL: "http://h/"}, "items"},
		{Settings{Kind: "site", URL: "http://h/", Depth: -1}, "depth"}, {Settings{Kind: "listing", URL: "http://h/", Item: "a", Next: "!"}, "next"},
	}
	for _, c := range cases {
		if _, err := Compile(c.set); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want an error about %s", c.set, err, c.want)
		}
	}
}

func TestContactPrefersDesksAndPassesOverPersons(t *testing.T) {
	cases := []struct{ body, want string }{
		{`<a href="mailto:jan.peeters@h.example">`, ""},
		{`<a href="mailto:info@h.example"><a href="mailto:Abuse@h.example">`, "abuse@h.example"},
		{`<address>Apache at <a href="mailto:webmaster@h.example">h</a></address>`, "webmaster@h.example"},
		{`mailto:dmca-team@h.example`, "dmca-team@h.example"},
		{`mailto:adminton@h.example`, ""},
	}
	for _, c := range cases {
		if got := contact([]byte(c.body)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.body, got, c.want)
		}
	}
}

func TestCanonicalIsOneFormAndStable(t *testing.T) {
	cases := []struct{ in, want string }{
		{"HTTP://H.Example:80", "http://h.example/"}, {"https://h:443/a/../b#x", "https://h/b"}, {"http://h/%c3%bc", "http://h/%C3%BC"},
		{"http://h:8080/a/./b", "http://h:8080/a/b"}, {"http://h/a%2Fb?q=%c3", "http://h/a%2Fb?q=%C3"}, {"http://h/a%23b", "http://h/a%23b"},
	}
	for _, c := range cases {
		once := Canonical(parse(t, c.in))
		if once.String() != c.want || Canonical(once).String() != c.want {
			t.Errorf("%s: got %s then %s, want %s", c.in, once, Canonical(once), c.want)
		}
	}
}

func FuzzReadStaysInBoundsAndNeverPanics(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.*")
	for _, name := range files {
		f.Add(sample(f, strings.TrimPrefix(name, "testdata/")), uint8(0))
	}
	f.Add([]byte(`<rss><item><link>http://[::1/</link>`), uint8(1))
	f.Add([]byte(`<a href="http://h/%zz"><base href=":">`), uint8(2))
	specs := []Spec{
		compile(f, Settings{Kind: "directory", URL: "http://h/pub/"}), compile(f, Settings{Kind: "feed", URL: "http://h/pub/"}),
		compile(f, Settings{Kind: "site", URL: "http://h/pub/"}), compile(f, Settings{Kind: "listing", URL: "http://h/pub/", Item: "a", Next: "b"}),
	}
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		s := specs[int(which)%len(specs)]
		found, err := s.Read(page(t, "http://h/pub/", "text/html", body))
		if err != nil {
			return
		}
		for _, l := range found.Links {
			u, err := url.Parse(l.URL)
			if err != nil || u.Fragment != "" || u.Hostname() == "" {
				t.Fatalf("bad link %q", l.URL)
			}
			if s.Kind.Name == "directory" && (u.Host != "h" || !strings.HasPrefix(u.EscapedPath(), "/pub/")) {
				t.Fatalf("%q is outside the root", l.URL)
			}
		}
	})
}

func TestAParserThatPanicsIsAnErrorOfItsPage(t *testing.T) {
	s := Spec{Kind: Kind{Name: "x", read: func(Spec, Page) (Found, error) { panic("index out of range") }}}
	if _, err := s.Read(Page{}); err == nil || err.Error() != "the page broke the parser" {
		t.Errorf("got %v", err)
	}
}
