package kind

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// listed is what a page is read into: "L" addresses are listed, "M" ones matched, "*" both.
func listed(f Found) (out []string) {
	for _, l := range f.Links {
		mark := "M "
		switch {
		case l.Lists && l.Matches:
			mark = "* "
		case l.Lists:
			mark = "L "
		}
		out = append(out, mark+l.URL)
	}
	return out
}

func TestEveryPlacesListIsReadInFull(t *testing.T) {
	cases := []struct {
		kind, root, page, mediaType, file string
		want, elsewhere                   []string
		contact                           string
	}{
		{"pastebin", "http://scrape.example/", "http://scrape.example/api_scraping.php?limit=250", "application/json", "pastebin/api_scraping.json",
			[]string{"M http://scrape.example/api_scrape_item.php?i=qW3rTy7u", "M http://scrape.example/api_scrape_item.php?i=Zx8Cv9Bn"}, nil, ""},
		{"pastebin", "https://pastebin.com/archive", "https://pastebin.com/archive", "text/html", "pastebin/archive.html",
			[]string{"M https://pastebin.com/raw/qW3rTy7u", "M https://pastebin.com/raw/Zx8Cv9Bn"}, nil, ""},
		{"gist", "https://api.github.com/", "https://api.github.com/gists/public?page=1&per_page=100", "application/json", "gist/public.json",
			[]string{"M https://gist.githubusercontent.com/nobody/0123456789abcdef0123/raw/0318c86b357b4a7d8b2b5d8f3f5a5cc1d7a4d2e1/a%20b%23c.csv",
				"M https://gist.githubusercontent.com/nobody/0123456789abcdef0123/raw/8318c86b357b4a7d8b2b5d8f3f5a5cc1d7a4d2e1/letter.txt", "M https://api.github.com/gists/fedcba98765432100124"}, nil, ""},
		{"opengist", "http://git.example/", "http://git.example/api/gists/public?page=1&per_page=100", "application/json", "opengist/public.json",
			[]string{"M http://git.example/api/gists/4f2c9f0e1d3b4a5c8e7f60718293a4b5"}, nil, ""},
		{"opengist", "http://git.example/sub/api/v1/gists/public", "http://git.example/sub/api/v1/gists/public", "application/json", "opengist/data.json",
			[]string{"M http://git.example/sub/api/v1/gists/4f2c9f0e1d3b4a5c8e7f60718293a4b5"}, nil, ""},
		{"lenpaste", "http://paste.example/", "http://paste.example/api/v1/getServerInfo", "application/json", "lenpaste/info.json", nil, nil, "abuse@paste.example"},
		{"plik", "http://plik.example/", "http://plik.example/config", "application/json", "plik/config.json", nil, nil, "abuse@plik.example"},
		{"plik", "http://plik.example/", "http://plik.example/upload/t4BCJLoZXvuaveTX", "text/plain", "plik/upload.json",
			[]string{"M http://plik.example/file/t4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/letter%20%231.txt"}, nil, ""},
		{"telegram", "https://t.me/onbestaand_kanaal", "https://t.me/s/onbestaand_kanaal", "text/html", "telegram/channel.html",
			[]string{"* https://t.me/s/onbestaand_kanaal?before=4104"},
			[]string{"https://mega.nz/file/AbCdEfGh#KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYK", "https://pastebin.com/raw/qW3rTy7u",
				"https://bin.example/?058310c72f364949#3iP7HYwR8ppLp6cvu6zzQNande5fdhp12UMJjgvXZ77D"}, ""},
		{"microbin", "http://bin.example/", "http://bin.example/list", "text/html", "microbin/list.html",
			[]string{"M http://bin.example/raw/ant-bee-cat", "M http://bin.example/raw/dog-eel-fox"}, nil, ""},
		{"microbin", "http://bin.example/api/list", "http://bin.example/api/list", "application/json", "microbin/list.json",
			[]string{"M http://bin.example/raw/ant-bee-cat"}, nil, ""},
		{"gitlab", "https://git.example/", "https://git.example/api/v4/snippets/public?page=1&per_page=100", "application/json", "gitlab/public.json",
			[]string{"M https://git.example/-/snippets/1/raw", "M https://git.example/-/snippets/2/raw/main/a.txt", "M https://git.example/-/snippets/2/raw/main/b.txt",
				"M https://git.example/-/snippets/3/raw"}, nil, ""},
		{"discourse", "https://forum.example/", "https://forum.example/latest.json", "application/json", "discourse/latest.json",
			[]string{"* https://forum.example/t/41.json", "* https://forum.example/t/42.json", "L https://forum.example/latest.json?no_definitions=true&page=1"}, nil, ""},
		{"discourse", "https://forum.example/", "https://forum.example/t/41.json", "application/json", "discourse/topic.json",
			[]string{"M https://forum.example/uploads/default/original/1X/ab.txt", "* https://forum.example/t/41.json?page=2"}, []string{"https://pastebin.com/raw/qW3rTy7u"}, ""},
		{"phpbb", "http://board.example/forum/index.php", "http://board.example/forum/viewforum.php?f=2", "text/html", "phpbb/forum.html",
			[]string{"L http://board.example/forum/viewforum.php?f=2", "* http://board.example/forum/viewtopic.php?t=7", "* http://board.example/forum/viewtopic.php?t=7&start=15",
				"L http://board.example/forum/viewforum.php?f=2&start=25", "M http://board.example/forum/download/file.php?id=5"}, nil, "abuse@board.example"},
		{"mybb", "http://board.example/", "http://board.example/index.php", "text/html", "mybb/forum.html",
			[]string{"L http://board.example/forumdisplay.php?fid=2", "L http://board.example/forumdisplay.php?fid=2&page=2", "* http://board.example/showthread.php?tid=7",
				"* http://board.example/showthread.php?tid=7&page=3", "M http://board.example/attachment.php?aid=5", "* http://board.example/Thread-some-subject",
				"L http://board.example/Forum-some-forum?page=2"}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			set := Settings{Kind: c.kind, URL: c.root}
			if c.kind == "lenpaste" || c.kind == "plik" {
				set.Items = []string{c.root + "t4BCJLoZXvuaveTX"}
			}
			f, err := compile(t, set).Read(page(t, c.page, c.mediaType, sample(t, c.file)))
			if err != nil || !f.Recognised || f.Contact != c.contact {
				t.Fatalf("recognised=%v, contact %q, %v", f.Recognised, f.Contact, err)
			}
			if got := listed(f); !slices.Equal(got, c.want) {
				t.Errorf("listed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			var out []string
			for _, l := range f.Elsewhere {
				out = append(out, l.URL)
			}
			slices.Sort(out)
			slices.Sort(c.elsewhere)
			if !slices.Equal(out, c.elsewhere) {
				t.Errorf("elsewhere\n%s\nwant\n%s", strings.Join(out, "\n"), strings.Join(c.elsewhere, "\n"))
			}
		})
	}
}

func TestPublishedDigestsAndSizesComeWithTheLinks(t *testing.T) {
	s := compile(t, Settings{Kind: "gist", URL: "https://api.github.com/"})
	f, _ := s.Read(page(t, "https://api.github.com/gists/public", "application/json", sample(t, "gist/public.json")))
	if l := f.Links[1]; l.Size != 62 || l.Name != "letter.txt" || l.Listed == "" || l.Modified.Year() != 2026 ||
		!slices.Equal(l.Published, []Published{{"git-blob", "8318c86b357b4a7d8b2b5d8f3f5a5cc1d7a4d2e1"}}) {
		t.Errorf("gist: %+v", l)
	}
	s = compile(t, Settings{Kind: "plik", URL: "http://plik.example/", Items: []string{"t4BCJLoZXvuaveTX"}})
	f, _ = s.Read(page(t, "http://plik.example/upload/t4BCJLoZXvuaveTX", "", sample(t, "plik/upload.json")))
	if l := f.Links[0]; l.Size != 62 || l.Name != "letter #1.txt" || !l.Elsewhere || !slices.Equal(l.Published, []Published{{"md5", "5464e1937ce21b8943ff72fea785c5c7"}}) {
		t.Errorf("plik: %+v", l)
	}
}

func TestPagesGoOnAsTheHeaderOrTheNumberSays(t *testing.T) {
	s := compile(t, Settings{Kind: "opengist", URL: "http://git.example/", Depth: 3})
	p := page(t, "http://git.example/api/gists/public?page=1&per_page=100", "application/json", sample(t, "opengist/public.json"))
	next := func(link string, depth int) (out []string) {
		p.Depth, p.Header = depth, http.Header{}
		if link != "" {
			p.Header.Set("Link", link)
		}
		f, err := s.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range f.Links {
			if l.Lists {
				out = append(out, l.URL)
			}
		}
		return out
	}
	const two = "http://git.example/api/gists/public?page=2&per_page=100"
	for _, c := range []struct {
		link  string
		depth int
		want  []string
	}{
		{"", 0, nil}, // a page that is not full is the last
		{`<` + two + `>; rel="next", <http://x/>; rel="last"`, 0, []string{two}},
		{`<http://x/>; rel="first", <https://localhost:6157/api/gists/public?page=2&per_page=100>; rel="next"`, 1, []string{two}},
		{`<` + two + `>; rel="next"`, 2, nil},
		{`<http://x/>; rel="last"`, 0, nil},
	} {
		if got := next(c.link, c.depth); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: %v", c.link, c.depth, got)
		}
	}
	full := "[" + strings.Repeat(`{"id":"x"},`, perPage-1) + `{"id":"x"}]`
	p.Body = []byte(full)
	if got := next("", 0); !slices.Equal(got, []string{two}) {
		t.Errorf("a full page without a header: %v", got)
	}
}

func TestConfiguredItemsBecomeTheAddressOfTheirBytes(t *testing.T) {
	cases := []struct {
		kind, root string
		items      []string
		want       []string // of the seeds
	}{
		{"pastebin", "https://scrape.pastebin.com/", []string{"qW3rTy7u", "https://pastebin.com/raw/Zx8Cv9Bn"},
			[]string{"https://scrape.pastebin.com/api_scrape_item.php?i=qW3rTy7u", "https://scrape.pastebin.com/api_scrape_item.php?i=Zx8Cv9Bn", "https://scrape.pastebin.com/api_scraping.php?limit=250"}},
		{"pastebin", "http://h/api_scraping.php?limit=10&lang=sql", nil, []string{"http://h/api_scraping.php?lang=sql&limit=10"}},
		{"pastebin", "https://pastebin.com/", []string{"qW3rTy7u"}, []string{"https://pastebin.com/raw/qW3rTy7u", "https://pastebin.com/archive"}},
		{"gist", "https://api.github.com/gists/public", []string{"0123456789abcdef0123", "https://gist.github.com/nobody/1123456789abcdef0123"},
			[]string{"https://api.github.com/gists/0123456789abcdef0123", "https://api.github.com/gists/1123456789abcdef0123", "https://api.github.com/gists/public?page=1&per_page=100"}},
		{"lenpaste", "http://h/sub/", []string{"rt2r0sOf", "http://h/sub/raw/st2r0sOf", "http://h/sub/api/v1/get?id=tt2r0sOf"},
			[]string{"http://h/sub/api/v1/get?id=rt2r0sOf", "http://h/sub/api/v1/get?id=st2r0sOf", "http://h/sub/api/v1/get?id=tt2r0sOf", "http://h/sub/api/v1/getServerInfo"}},
		{"plik", "http://h/", []string{"t4BCJLoZXvuaveTX", "http://h/#/?id=u4BCJLoZXvuaveTX", "http://h/file/v4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/a.txt"},
			[]string{"http://h/upload/t4BCJLoZXvuaveTX", "http://h/upload/u4BCJLoZXvuaveTX", "http://h/upload/v4BCJLoZXvuaveTX", "http://h/config"}},
		{"transfersh", "http://h/", []string{"tQodGb0FJC/a.txt", "http://h/get/uQodGb0FJC/b%20c.txt"}, []string{"http://h/tQodGb0FJC/a.txt", "http://h/uQodGb0FJC/b%20c.txt"}},
		{"privatebin", "http://h/", []string{"http://h/?058310c72f364949#abc&hidden", "?158310c72f364949#def", "258310c72f364949#ghi"},
			[]string{"http://h/?058310c72f364949#abc", "http://h/?158310c72f364949#def", "http://h/?258310c72f364949#ghi"}},
		{"opengist", "http://h/", []string{"4f2c9f0e1d3b4a5c8e7f60718293a4b5", "nobody/letters", "http://h/nobody/letters/raw/HEAD/a.txt"},
			[]string{"http://h/api/gists/4f2c9f0e1d3b4a5c8e7f60718293a4b5", "http://h/nobody/letters.json", "http://h/nobody/letters/raw/HEAD/a.txt", "http://h/api/gists/public?page=1&per_page=100"}},
		{"gitlab", "https://git.example/explore/snippets", []string{"12", "https://git.example/group/project/-/snippets/13", "https://git.example/-/snippets/14/raw/main/a.txt"},
			[]string{"https://git.example/-/snippets/12/raw", "https://git.example/group/project/-/snippets/13/raw", "https://git.example/-/snippets/14/raw/main/a.txt", "https://git.example/api/v4/snippets/public?page=1&per_page=100"}},
		{"rentry", "https://rentry.co/", []string{"abcde", "https://rentry.co/fghij/raw", "https://rentry.co/api/raw/klmno"},
			[]string{"https://rentry.co/abcde", "https://rentry.co/fghij", "https://rentry.co/api/raw/klmno"}},
		{"microbin", "http://h/", []string{"ant-bee-cat", "http://h/upload/dog-eel"}, []string{"http://h/raw/ant-bee-cat", "http://h/raw/dog-eel", "http://h/list"}},
		{"telegram", "https://t.me/s/some_channel?before=5", nil, []string{"https://t.me/s/some_channel?before=5"}},
		{"discourse", "https://forum.example/c/dumps/5", []string{"https://forum.example/t/some-title/41/3"},
			[]string{"https://forum.example/t/41.json", "https://forum.example/about.json", "https://forum.example/c/dumps/5.json"}},
		{"rawpaste", "http://h/", []string{"ab12", "https://dpaste.org/Ab12"}, []string{"http://h/ab12", "https://dpaste.org/Ab12/raw"}},
		{"zerox0", "http://h/", []string{"E.txt"}, []string{"http://h/E.txt"}},
	}
	for _, c := range cases {
		s := compile(t, Settings{Kind: c.kind, URL: c.root, Items: c.items})
		var got []string
		for _, l := range s.Seeds() {
			got = append(got, l.URL)
			if u := parse(t, l.URL); !s.Within(u) && c.kind != "rawpaste" || s.Forbidden(u) {
				t.Errorf("%s: %s may not be asked for", c.kind, l.URL)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.kind, got, c.want)
		}
	}
}

func TestAKindWithoutAListWantsItems(t *testing.T) {
	for _, k := range []string{"lenpaste", "plik", "transfersh", "privatebin", "zerox0", "rentry", "rawpaste", "mega"} {
		if _, err := Compile(Settings{Kind: k, URL: "http://h/"}); err == nil || !strings.Contains(err.Error(), "items:") {
			t.Errorf("%s: %v", k, err)
		}
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	json404 := `{"code":404,"error":"Could not find ID"}`
	cases := []struct {
		kind   string
		status int
		body   string
		want   Meaning
	}{
		{"pastebin", 200, "Error, we cannot find this paste.", Gone},
		{"pastebin", 200, "Error, we cannot find this paste. It said so, and then a paste went on.", Present},
		{"pastebin", 200, "Error, this is not a public paste.", Unclear},
		{"pastebin", 200, "Error, this is a private paste. If this is your private paste, please login to Pastebin first.\n", Unclear},
		{"pastebin", 200, "File is not ready for scraping yet. Try again in 1 minute.", Unreachable},
		{"pastebin", 200, "YOUR IP: 192.0.2.7 DOES NOT HAVE ACCESS. VISIT: https://pastebin.com/doc_scraping_api TO GET ACCESS!", Unclear},
		{"pastebin", 404, "<h1>Not Found</h1>", Gone}, {"pastebin", 403, "", Unclear},
		{"gist", 404, `{"message":"Not Found"}`, Gone}, {"gist", 451, "", Gone}, {"gist", 403, `{"message":"API rate limit exceeded"}`, Unclear},
		{"lenpaste", 404, json404, Gone}, {"lenpaste", 404, "<html>", Unclear}, {"lenpaste", 500, "500 Internal Server Error", Unreachable},
		{"plik", 404, "file a.txt (mghbHbSLmBYftmNQ) is not available : deleted", Gone}, {"plik", 403, "", Unclear},
		{"transfersh", 404, "Not Found", Gone}, {"transfersh", 502, "", Unreachable},
		{"privatebin", 200, `{"status":1,"message":"Document does not exist, has expired or has been deleted."}`, Gone},
		{"privatebin", 200, `{"status":1,"message":"Dokument existiert nicht, ist abgelaufen oder wurde gelöscht."}`, Gone},
		{"privatebin", 200, `{"status":0,"id":"058310c72f364949","adata":[`, Present},
		{"privatebin", 200, `<!DOCTYPE html><title>PrivateBin`, Unclear}, {"privatebin", 404, `{}`, Unclear}, {"privatebin", 503, "", Unreachable},
		{"zerox0", 404, "<pre>Process 64 stopped", Gone}, {"zerox0", 451, "451 Unavailable For Legal Reasons", Gone}, {"zerox0", 503, "", Unreachable},
		{"rentry", 200, `{"status":"404","content":""}`, Gone}, {"rentry", 200, `{"status":404}`, Gone}, {"rentry", 200, `{"status":"403","content":"no"}`, Unclear},
		{"rentry", 200, `{"status":"200","content":"x"}`, Present}, {"rentry", 200, `<article>`, Present}, {"rentry", 404, "", Gone},
		{"microbin", 200, "Pasta not found! :-(", Gone}, {"microbin", 200, "Pasta not found! :-( " + strings.Repeat("and so on ", 9), Present}, {"microbin", 404, "", Gone},
		{"opengist", 404, "{}", Gone}, {"gitlab", 302, "", Unclear}, {"telegram", 302, "", Unclear}, {"telegram", 200, "<p>other</p>", Unclear},
		{"telegram", 200, `<section class="tgme_channel_history">`, Present},
		{"rawpaste", 200, "ab12 not found.", Gone}, {"rawpaste", 200, "Mieke not found in the list of staff", Present}, {"rawpaste", 404, "", Gone},
		{"discourse", 404, "{}", Gone}, {"discourse", 403, "{}", Unclear},
		{"phpbb", 200, `<p>The requested topic does not exist.</p>`, Gone},
		{"phpbb", 200, `<div id="p12" class="post"><div class="postbody">The requested topic does not exist.</div></div>`, Present},
		{"mybb", 200, `<td>The specified thread does not exist.</td>`, Gone}, {"mybb", 200, `<div id="pid_5">The specified thread does not exist.</div>`, Present},
	}
	for _, c := range cases {
		k, err := Find(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.Mean(Answer{Status: c.status, Header: http.Header{}, Prefix: []byte(c.body)}); got != c.want {
			t.Errorf("%s %d %.40q: %s, want %s", c.kind, c.status, c.body, got, c.want)
		}
	}
}

func TestWhatAReadWouldUseUpIsNotRead(t *testing.T) {
	head := func(kv ...string) Answer {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return Answer{Status: 200, Header: h, URL: parse(t, "http://h/x")}
	}
	once := head()
	once.URL = parse(t, "http://h/file/a/b/c#once")
	gone := head()
	gone.Status = 404
	for _, c := range []struct {
		kind string
		a    Answer
		want bool
	}{
		{"transfersh", head("X-Remaining-Downloads", "n/a"), true}, {"transfersh", head(), true}, {"transfersh", head("X-Remaining-Downloads", "1"), false},
		{"transfersh", head("X-Remaining-Downloads", "1000"), false}, {"transfersh", gone, false},
		{"plik", head(), true}, {"plik", head("Cache-Control", "no-cache, no-store, must-revalidate"), false}, {"plik", once, false}, {"plik", gone, false},
		{"mega", head(), false},
	} {
		k, _ := Find(c.kind)
		if got := k.MayGet(c.a); !k.Asks() || got != c.want {
			t.Errorf("%s %v: %v", c.kind, c.a.Header, got)
		}
	}
	s := compile(t, Settings{Kind: "plik", URL: "http://h/", Items: []string{"t4BCJLoZXvuaveTX"}})
	body := strings.Replace(string(sample(t, "plik/upload.json")), `"oneShot":false`, `"oneShot":true`, 1)
	f, _ := s.Read(page(t, "http://h/upload/t4BCJLoZXvuaveTX", "", []byte(body)))
	if len(f.Links) != 1 || !strings.HasSuffix(f.Links[0].URL, "#once") || len(f.Links[0].Published) != 1 {
		t.Errorf("one download: %+v", f.Links)
	}
}

func TestWrappedItemsGiveTheirParts(t *testing.T) {
	cases := []struct {
		kind, at, body string
		want           []string // name:content
		bare, wrapped  bool
	}{
		{kind: "gist", at: "https://api.github.com/gists/0123456789abcdef0123", body: string(sample(t, "gist/one.json")), want: []string{"a.txt:first file\n", "b.txt:second file\n", "c.bin:\x01\x02\x03"}},
		{kind: "gist", at: "https://gist.githubusercontent.com/a/b/raw/c/d.json", body: `{"id":"x","files":7}`, bare: true},
		{kind: "opengist", at: "http://h/a/b.json", body: `{"id":3,"uuid":"u","files":[{"filename":"x","content":"one"},{"filename":"y","content":""}]}`, want: []string{"x:one"}},
		{kind: "lenpaste", at: "http://h/api/v1/get?id=rt2r0sOf", body: `{"id":"rt2r0sOf","title":"leak","body":"text\n","oneUse":false}`, want: []string{"leak:text\n"}},
		{kind: "lenpaste", at: "http://h/api/v1/get?id=rt2r0sOf", body: `{"id":"rt2r0sOf","title":"","body":"","oneUse":true}`, wrapped: true},
		{kind: "lenpaste", at: "http://h/api/v1/get?id=rt2r0sOf", body: `text`, bare: true},
		{kind: "rentry", at: "http://h/x", body: `<nav>n</nav><article><p>text<article>in</article></p></article><footer>f`, want: []string{"page.html:<p>text<article>in</article></p>"}},
		{kind: "rentry", at: "http://h/x", body: `<article>cut off`, want: []string{"page.html:cut off"}},
		{kind: "rentry", at: "http://h/api/raw/x", body: `{"status":"200","content":"text"}`, want: []string{"page.txt:text"}},
		{kind: "rentry", at: "http://h/x", body: `nothing`, bare: true},
		{kind: "discourse", at: "http://h/t/41.json", body: string(sample(t, "discourse/topic.json"))[:0] + `{"post_stream":{"posts":[{"post_number":3,"cooked":"<p>x"}]}}`, want: []string{"post-3.html:<p>x"}},
		{kind: "discourse", at: "http://h/uploads/a.json", body: `{"a":1}`, bare: true},
	}
	for _, c := range cases {
		k, _ := Find(c.kind)
		parts, err := Spec{Kind: k}.Unwrap(parse(t, c.at), []byte(c.body))
		if c.bare != (err != nil && !errors.Is(err, ErrWrapped)) || c.wrapped != errors.Is(err, ErrWrapped) {
			t.Errorf("%s: %v", c.at, err)
			continue
		}
		var got []string
		for _, p := range parts {
			got = append(got, p.Name+":"+string(p.Body))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
}

func TestLinksFoundAnywhereAreRecognised(t *testing.T) {
	const key = "3iP7HYwR8ppLp6cvu6zzQNande5fdhp12UMJjgvXZ77D"
	cases := map[string]string{ // address: kind and the address to fetch; empty: none
		"https://pastebin.com/qW3rTy7u":                                             "pastebin https://pastebin.com/raw/qW3rTy7u",
		"http://www.pastebin.com/raw/qW3rTy7u":                                      "pastebin https://pastebin.com/raw/qW3rTy7u",
		"https://pastebin.com/archive":                                              "",
		"https://pastebin.com/u/somebody":                                           "",
		"https://pastebin.com.evil.example/qW3rTy7u":                                "",
		"https://pastebin.com:8443/qW3rTy7u":                                        "",
		"https://u:p@pastebin.com/qW3rTy7u":                                         "",
		"https://gist.github.com/nobody/0123456789abcdef0123":                       "gist https://api.github.com/gists/0123456789abcdef0123",
		"https://gist.github.com/nobody":                                            "",
		"https://gist.githubusercontent.com/n/0123/raw/abc/x.txt":                   "gist https://gist.githubusercontent.com/n/0123/raw/abc/x.txt",
		"https://0x0.st/Ab1.txt":                                                    "zerox0 https://0x0.st/Ab1.txt",
		"https://0x0.st/":                                                           "",
		"http://0x0.st/s/abcdefghijkl/Ab1.zip":                                      "zerox0 https://0x0.st/s/abcdefghijkl/Ab1.zip",
		"https://transfer.sh/get/tQodGb0FJC/a.txt":                                  "transfersh https://transfer.sh/tQodGb0FJC/a.txt",
		"https://transfer.sh/(a,b).zip":                                             "",
		"https://rentry.co/abcde/raw":                                               "rentry https://rentry.co/abcde",
		"https://rentry.org/abcde/edit":                                             "",
		"https://bin.example/?058310c72f364949#" + key:                              "privatebin https://bin.example/?058310c72f364949#" + key,
		"https://host.example:8443/paste/?058310c72f364949#" + key:                  "privatebin https://host.example:8443/paste/?058310c72f364949#" + key,
		"https://bin.example/?058310c72f364949#-" + key:                             "",
		"https://bin.example/?058310c72f364949":                                     "",
		"https://bin.example/?058310c72f364949#section":                             "",
		"https://bin.example/?deletetoken=1&058310c72f364949#" + key:                "",
		"https://hastebin.com/share/esapizobin.txt":                                 "haste https://hastebin.com/raw/esapizobin",
		"https://www.toptal.com/developers/hastebin/esapizobin":                     "haste https://www.toptal.com/developers/hastebin/raw/esapizobin",
		"https://toptal.com/careers":                                                "",
		"https://haste.example/esapizobin":                                          "haste https://haste.example/raw/esapizobin",
		"https://haste.example/about.md":                                            "",
		"https://t.me/s/some_channel/12":                                            "telegram https://t.me/s/some_channel/12",
		"https://t.me/some_person":                                                  "",
		"https://t.me/joinchat/AAAA":                                                "",
		"https://plik.example/#/?id=t4BCJLoZXvuaveTX":                               "plik https://plik.example/archive/t4BCJLoZXvuaveTX/archive.zip",
		"https://plik.example/file/t4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/a":             "plik https://plik.example/file/t4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/a",
		"https://gitlab.com/-/snippets/12":                                          "gitlab https://gitlab.com/-/snippets/12/raw",
		"https://gitlab.com/group/project/snippets/12":                              "gitlab https://gitlab.com/group/project/-/snippets/12/raw",
		"https://gitlab.com/group/project":                                          "",
		"https://mega.nz/file/AbCdEfGh#KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYK": "mega https://mega.nz/file/AbCdEfGh#KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYK",
		"https://mega.nz/#!AbCdEfGh!KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYK":    "mega https://mega.nz/#!AbCdEfGh!KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKEYK",
		"https://mega.io/business":                                                  "",
		"https://dpaste.com/ABCDEF12":                                               "rawpaste https://dpaste.com/ABCDEF12.txt",
		"https://dpaste.org/Ab12":                                                   "rawpaste https://dpaste.org/Ab12/raw",
		"https://paste.debian.net/1234567/":                                         "rawpaste https://paste.debian.net/plain/1234567",
		"https://paste.debian.net/hidden/abcdef12/":                                 "rawpaste https://paste.debian.net/plainh/abcdef12",
		"https://paste.ee/p/Ab12C":                                                  "rawpaste https://paste.ee/r/Ab12C",
		"https://termbin.com/ab12":                                                  "rawpaste https://termbin.com/ab12",
		"https://file.io/ab12cd34":                                                  "",
		"ftp://pastebin.com/qW3rTy7u":                                               "",
		"https://example.org/":                                                      "",
	}
	for address, want := range cases {
		got := ""
		if l, ok := Recognise(parse(t, address)); ok {
			got = l.Kind + " " + l.URL
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestEveryKindSaysWhatItNeverReadsWhatGoneIsAndWhoIsToBeAsked(t *testing.T) {
	for _, k := range slices.Concat(pastes(), boards(), []Kind{haste()}) {
		if k.Never == "" || k.Gone == "" || k.Contact == "" || k.Depth < 1 {
			t.Errorf("%s: never %q, gone %q, contact %q", k.Name, k.Never, k.Gone, k.Contact)
		}
	}
}

func TestHostileListsEndWithoutHarm(t *testing.T) {
	bodies := []string{"", "[", "{", "[{}]", "null", `{"topic_list":{"topics":[{"id":-1}]}}`, `{"post_stream":{"posts":null,"stream":[1]},"posts_count":9000000000000}`,
		strings.Repeat("[", 11000), strings.Repeat(`{"a":`, 11000), `[{"key":"qW3rTy7u"},` + strings.Repeat("x", 1000), "<html>" + strings.Repeat("<div>", 5000) + `<a href="/s/x?before=1">`}
	for _, b := range bodies {
		p := page(t, "http://h/list.json", "application/json", []byte(b))
		for _, k := range slices.Concat(pastes(), boards()) {
			s := compile(t, Settings{Kind: k.Name, URL: "http://h/", Items: []string{"http://h/x"}})
			f, _ := s.Read(p)
			if len(f.Links) > 600 {
				t.Errorf("%s: %d links out of %.40q", k.Name, len(f.Links), b)
			}
			for _, l := range f.Links {
				if u, err := url.Parse(l.URL); err != nil || !s.Within(u) {
					t.Errorf("%s: %s", k.Name, l.URL)
				}
			}
			_, _ = s.Unwrap(parse(t, "http://h/t/1.json"), []byte(b))
		}
	}
}

// FuzzPlaces reads any page by every kind of this family: no link outside the bounds, none that must never be fetched.
func FuzzPlaces(f *testing.F) {
	for _, name := range []string{"pastebin/api_scraping.json", "pastebin/archive.html", "gist/public.json", "gist/one.json", "opengist/data.json", "plik/upload.json",
		"telegram/channel.html", "microbin/list.json", "gitlab/public.json", "discourse/latest.json", "discourse/topic.json", "phpbb/forum.html", "mybb/forum.html"} {
		f.Add(string(sample(f, name)), "http://h/t/1.json")
	}
	var specs []Spec
	for _, k := range slices.Concat(pastes(), boards()) {
		specs = append(specs, compile(f, Settings{Kind: k.Name, URL: "http://h/", Items: []string{"http://h/x"}}))
	}
	f.Fuzz(func(t *testing.T, body, address string) {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return
		}
		_, _ = Recognise(u)
		for _, s := range specs {
			found, err := s.Read(Page{URL: u, Body: []byte(body)})
			if errors.Is(err, errBroke) {
				t.Fatalf("%s panicked", s.Kind.Name)
			}
			for _, l := range found.Links {
				to, err := url.Parse(l.URL)
				if err != nil || !s.Within(to) && l.Kind == "" || s.Forbidden(to) {
					t.Fatalf("%s lists %q", s.Kind.Name, l.URL)
				}
			}
			if _, err := s.Unwrap(u, []byte(body)); errors.Is(err, errBroke) {
				t.Fatalf("%s panicked", s.Kind.Name)
			}
		}
	})
}

func TestAFilesNameDoesNotHideIt(t *testing.T) {
	for kind, address := range map[string]string{
		"transfersh": "http://h/tQodGb0FJC/remove.txt", "plik": "http://h/file/t4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/delete", "zerox0": "http://h/s/abcdefghij/logout",
		"rawpaste": "http://h/delete", "gist": "http://h/nobody/x/raw/y/logout.php?", "opengist": "http://h/nobody/x/raw/HEAD/delete.sql", "gitlab": "http://h/-/snippets/1/raw/main/signout",
	} {
		s := compile(t, Settings{Kind: kind, URL: "http://h/", Items: []string{"http://h/x"}})
		if u := parse(t, address); s.Forbidden(u) || !s.Within(u) {
			t.Errorf("%s: %s is passed over", kind, address)
		}
	}
}

func TestAnyPlaceOfRawPastesIsReadByATemplate(t *testing.T) {
	s := compile(t, Settings{Kind: "rawpaste", URL: "https://paste.example/", Raw: "/p/{id}.txt", Items: []string{"ab12", "https://paste.example/p/cd34.txt"}})
	var got []string
	for _, l := range s.Seeds() {
		got = append(got, l.URL)
	}
	if want := []string{"https://paste.example/p/ab12.txt", "https://paste.example/p/cd34.txt"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if _, err := Compile(Settings{Kind: "rawpaste", URL: "https://paste.example/", Raw: "/p/", Items: []string{"a"}}); err == nil {
		t.Error("a template without a place for the key passes")
	}
}
