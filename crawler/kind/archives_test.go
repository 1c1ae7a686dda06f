package kind

import (
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/digest"
)

func TestTheInternetArchivesMetadataPublishDigests(t *testing.T) {
	s := compile(t, Settings{Kind: "archiveorg", URL: "https://archive.org/", Items: []string{"brieven-2026", "https://archive.org/details/other_item"}})
	if got := urlsOf(s.Seeds()); !slices.Equal(got, []string{"https://archive.org/metadata/brieven-2026", "https://archive.org/metadata/other_item"}) {
		t.Errorf("seeds %v", got)
	}
	f := readAs(t, s, "https://archive.org/metadata/brieven-2026", "application/json", sample(t, "archiveorg/metadata.json"))
	want := []string{"https://archive.org/download/brieven-2026/map%201/brief-000.txt", "https://archive.org/download/brieven-2026/scan.pdf"}
	if !slices.Equal(urlsOf(f.Links), want) {
		t.Errorf("got %v", urlsOf(f.Links))
	}
	l := f.Links[0]
	if l.Size != 62 || l.Name != "brief-000.txt" || len(l.Published) != 3 || l.Published[0].Kind != "sha1" || len(f.Links[1].Published) != 0 {
		t.Errorf("%+v", f.Links)
	}
	for _, d := range l.Published {
		if _, err := digest.Parse(digest.Kind(d.Kind), d.Text); err != nil {
			t.Error(err)
		}
	}
	for _, body := range []string{"{}", `{"is_dark":true,"files":[{"name":"x","size":"1"}]}`} {
		if f := readAs(t, s, "https://archive.org/metadata/brieven-2026", "application/json", []byte(body)); len(f.Links) != 0 {
			t.Errorf("%s lists %v", body, f.Links)
		}
	}
	if !s.Within(parse(t, "https://ia900000.us.archive.org/7/items/brieven-2026/x")) || s.Within(parse(t, "https://web.archive.org/save/x")) || s.Within(parse(t, "https://archive.org.example/x")) {
		t.Error("bounds")
	}
	if _, err := Compile(Settings{Kind: "archiveorg", URL: "https://archive.org/"}); err == nil {
		t.Error("an archive without items was taken")
	}
}

func TestAWaybackMachinesIndexPublishesDigests(t *testing.T) {
	s := compile(t, Settings{Kind: "wayback", URL: "https://web.archive.org/web/*/leak.example/*", Items: []string{"forum.example/t/*", "https://third.example/"}})
	seeds := s.Seeds()
	var scopes []string
	for _, l := range seeds {
		u := parse(t, l.URL)
		if u.Path != "/cdx/search/cdx" || !s.Within(u) {
			t.Errorf("seed %s", l.URL)
		}
		scopes = append(scopes, u.Query().Get("url"))
	}
	if !slices.Equal(scopes, []string{"leak.example/*", "forum.example/t/*", "https://third.example/"}) {
		t.Errorf("scopes %q", scopes)
	}
	f := readAs(t, s, seeds[0].URL, "application/json", sample(t, "wayback/cdx.json"))
	items, lists := split(f)
	if want := []string{"https://web.archive.org/web/20260126045828id_/http://leak.example:80/", "https://web.archive.org/web/20261011050034id_/https://leak.example/map/brief.txt?x=1"}; !slices.Equal(urlsOf(items), want) {
		t.Errorf("got %v", urlsOf(items))
	}
	if items[1].Name != "brief.txt" || items[1].Published[0] != (Published{"sha1", "XAHDNHZ5P3GSSSNJ3DMEOJF7BMCCPZR3"}) {
		t.Errorf("%+v", items[1])
	}
	if len(lists) != 1 || parse(t, lists[0].URL).Query().Get("resumeKey") != "example,leak)/ 20261109140106!" {
		t.Errorf("next %v", urlsOf(lists))
	}
	for _, empty := range []string{"[]", "\n", `[["timestamp"]]`} {
		if f := readAs(t, s, seeds[0].URL, "application/json", []byte(empty)); len(f.Links) != 0 {
			t.Errorf("%q: %v", empty, f.Links)
		}
	}
	s.Digests = []Digests{{SHA1: "03b7207618ebe58cad0d185c612ec423c7ae317c"}, {SHA1: "bad"}}
	if got := parse(t, s.Seeds()[0].URL).Query()["filter"]; !slices.Contains(got, "digest:AO3SA5QY5PSYZLINDBOGCLWEEPD24ML4") {
		t.Errorf("filters %q", got)
	}
	if _, err := Compile(Settings{Kind: "wayback", URL: "https://web.archive.org/"}); err == nil {
		t.Error("a whole archive was taken")
	}
	if !s.Forbidden(parse(t, "https://web.archive.org/save/http://leak.example/")) {
		t.Error("a save page may be fetched")
	}
}

func TestCommonCrawlIsReadIndexByIndexWithoutItsFiles(t *testing.T) {
	s := compile(t, Settings{Kind: "commoncrawl", URL: "https://index.commoncrawl.org/?url=leak.example/*", Depth: 1})
	f := readAs(t, s, s.Seeds()[0].URL, "application/json", []byte(`[{"id":"CC-MAIN-2026-45","cdx-api":"https://index.commoncrawl.org/CC-MAIN-2026-45-index"},{"id":"CC-MAIN-2026-40","cdx-api":"https://index.commoncrawl.org/CC-MAIN-2026-40-index"}]`))
	if len(f.Links) != 1 || !f.Links[0].Lists {
		t.Fatalf("%+v", f.Links)
	}
	f = readAs(t, s, f.Links[0].URL, "application/json", []byte(`{"pages": 2, "pageSize": 5, "blocks": 9}`))
	if len(f.Links) != 2 || parse(t, f.Links[1].URL).Query().Get("page") != "1" {
		t.Fatalf("%+v", f.Links)
	}
	rows := `{"urlkey":"example,leak)/","timestamp":"20261103040506","url":"https://leak.example/brief.txt","mime":"text/plain","status":"200","digest":"XAHDNHZ5P3GSSSNJ3DMEOJF7BMCCPZR3","length":"900","offset":"77","filename":"crawl-data/CC/warc/x.warc.gz"}` + "\n{broken\n"
	f = readAs(t, s, f.Links[0].URL, "text/x-ndjson", []byte(rows))
	if len(f.Links) != 1 || f.Links[0].URL != "https://data.commoncrawl.org/crawl-data/CC/warc/x.warc.gz#offset=77&length=900" || len(f.Links[0].Published) != 1 {
		t.Fatalf("%+v", f.Links)
	}
	if !s.Kind.DigestsOnly() {
		t.Error("its files may be fetched")
	}
}

func TestAGatewaysAddressesAreDigests(t *testing.T) {
	const cid = "bafybeih2hcurhupgx6do5cmfrl4pg4xqyxiojsauputqljttnmn3jp5zf4"
	s := compile(t, Settings{Kind: "ipfs", URL: "https://gateway.example/", Items: []string{cid, "ipfs://" + cid + "/sub"}})
	seeds := s.Seeds()
	if !slices.Equal(urlsOf(seeds), []string{"https://gateway.example/ipfs/" + cid, "https://gateway.example/ipfs/" + cid + "/sub"}) {
		t.Fatalf("seeds %v", urlsOf(seeds))
	}
	if seeds[0].Published[0] != (Published{"ipfs-cid", cid}) || len(seeds[1].Published) != 0 {
		t.Errorf("%+v", seeds)
	}
	if s.Header(s.Root).Get("Cache-Control") != "only-if-cached" {
		t.Error("the gateway would fetch it from its peers")
	}
	f := readAs(t, s, seeds[0].URL+"/", "text/html", sample(t, "ipfs/folder.html"))
	if want := []string{seeds[0].URL + "/brief%201.txt", seeds[0].URL + "/sub"}; !slices.Equal(urlsOf(f.Links), want) {
		t.Errorf("got %v", urlsOf(f.Links))
	}
	if !s.Within(parse(t, "https://"+cid+".ipfs.gateway.example/x")) || s.Within(parse(t, "https://"+cid+".ipfs.other.example/x")) {
		t.Error("bounds")
	}
	s.Digests = []Digests{{SHA256: "b2452bdbabf198a10325c1c645ea6d2ee2b2a1350ffd5d0d439f93f1d5bb6d1c"}}
	ask := s.Seeds()[2]
	if ask.URL != "https://gateway.example/routing/v1/providers/bafkreifsiuv5xk7rtcqqgjobyzc6u3jo4kzkcnip7voq2q47spy5lo3ndq" || ask.Depth != 1 {
		t.Errorf("asks %+v", ask)
	}
	for body, want := range map[string]int{`{"Providers":[]}`: 0, `{"Providers":null}`: 0, `{"Providers":[{"ID":"12D3","Schema":"peer"}]}`: 1, "{\"ID\":\"12D3\",\"Schema\":\"peer\"}\n": 1} {
		if f := readAs(t, s, ask.URL, "application/json", []byte(body)); len(f.Links) != want {
			t.Errorf("%s: %v", body, f.Links)
		}
	}
	for addr, want := range map[string]bool{
		"https://ipfs.io/ipfs/" + cid: true, "https://" + cid + ".ipfs.dweb.link/": true, "https://x.example/ipfs/QmfBV9CARzcBBsxsoqooK7W5i1AA33xdEr8rVhNVQyEBKZ/a.txt": true,
		"https://x.example/ipfs/about": false, "https://docs.ipfs.tech/": false,
	} {
		if _, ok := ipfsItem(parse(t, addr)); ok != want {
			t.Errorf("%s: recognised=%v", addr, ok)
		}
	}
}

func TestSearchesSendOnlyWhatTheyAreGiven(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	for name, want := range map[string]string{
		"softwareheritage": "https://h.example/api/1/content/sha256:" + sum + "/", "urlscan": "https://h.example/api/v1/search/?size=100&q=hash:" + sum,
		"searxng": "https://h.example/search?format=json&q=Onbestaand+baken",
	} {
		s := compile(t, Settings{Kind: name, URL: "https://h.example/"})
		if got := s.Seeds(); len(got) != 0 {
			t.Errorf("%s asks without being given anything: %v", name, urlsOf(got))
		}
		s.Digests, s.Beacons = []Digests{{SHA256: sum}}, []string{"Onbestaand baken"}
		if got := s.Seeds(); len(got) != 1 || got[0].URL != want || !got[0].Lists {
			t.Errorf("%s asks %v", name, urlsOf(got))
		}
		if s.Kind.Sends == "" {
			t.Errorf("%s does not say that it sends", name)
		}
	}
	heritage := compile(t, Settings{Kind: "softwareheritage", URL: "https://h.example/"})
	f := readAs(t, heritage, "https://h.example/api/1/content/sha256:"+sum+"/", "application/json", []byte(`{"length":62,"status":"visible","checksums":{"sha256":"`+sum+`","sha1":"00"}}`))
	if len(f.Links) != 1 || f.Links[0].Size != 62 || f.Links[0].Published[0].Text != sum {
		t.Errorf("%+v", f.Links)
	}
	scan := compile(t, Settings{Kind: "urlscan", URL: "https://h.example/"})
	f = readAs(t, scan, "https://h.example/api/v1/search/?q=x", "application/json", []byte(`{"results":[{"page":{"url":"http://leak.example/a"},"sort":[1795280000,"id"]},{"task":{"url":"javascript:x"}},{"page":{"url":"http://u:p@h/"},"sort":[1,"z"]}],"has_more":true}`))
	if len(f.Links) != 2 || !f.Links[0].Elsewhere || parse(t, f.Links[1].URL).Query().Get("search_after") != "1,z" {
		t.Errorf("%+v", f.Links)
	}
	find := compile(t, Settings{Kind: "searxng", URL: "https://h.example/"})
	f = readAs(t, find, "https://h.example/search?q=x&format=json", "application/json", []byte(`{"query":"x","results":[{"url":"http://leak.example/a"}]}`))
	if len(f.Links) != 2 || !f.Links[0].Elsewhere || !strings.Contains(f.Links[1].URL, "pageno=2") {
		t.Errorf("%+v", f.Links)
	}
	if _, err := find.Read(page(t, "https://h.example/search", "text/html", []byte("<html>"))); err == nil {
		t.Error("a page passed as an answer")
	}
}
