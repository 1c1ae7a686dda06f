package kind

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"unmirror/fingerprints/digest"
)

// items are the links to match, lists those to be read for more.
func split(f Found) (items, lists []Link) {
	for _, l := range f.Links {
		if l.Matches {
			items = append(items, l)
		}
		if l.Lists {
			lists = append(lists, l)
		}
	}
	return items, lists
}

func urlsOf(links []Link) (out []string) {
	for _, l := range links {
		out = append(out, l.URL)
	}
	return out
}

func readAs(t testing.TB, s Spec, addr, mediaType string, body []byte) Found {
	t.Helper()
	f, err := s.Read(page(t, addr, mediaType, body))
	if err != nil || !f.Recognised {
		t.Fatalf("%s: recognised=%v, %v", addr, f.Recognised, err)
	}
	return f
}

func TestBucketsAreAddressedInEveryStyle(t *testing.T) {
	cases := []struct{ url, list string }{
		{"https://s3.example/mirror", "https://s3.example/mirror/?encoding-type=url&list-type=2&max-keys=1000"},
		{"https://s3.example/mirror/sub/", "https://s3.example/mirror/?encoding-type=url&list-type=2&max-keys=1000&prefix=sub%2F"},
		{"https://mirror.s3.eu-west-1.amazonaws.com/sub", "https://mirror.s3.eu-west-1.amazonaws.com/?encoding-type=url&list-type=2&max-keys=1000&prefix=sub"},
		{"https://mirror.s3.amazonaws.com/", "https://mirror.s3.amazonaws.com/?encoding-type=url&list-type=2&max-keys=1000"},
		{"https://s3.eu-west-1.amazonaws.com/mirror/", "https://s3.eu-west-1.amazonaws.com/mirror/?encoding-type=url&list-type=2&max-keys=1000"},
		{"https://mirror.ams3.digitaloceanspaces.com/", "https://mirror.ams3.digitaloceanspaces.com/?encoding-type=url&list-type=2&max-keys=1000"},
		{"https://files.example/?prefix=a%20b/", "https://files.example/?encoding-type=url&list-type=2&max-keys=1000&prefix=a+b%2F"},
	}
	for _, c := range cases {
		if got := compile(t, Settings{Kind: "s3", URL: c.url}).Seeds(); len(got) != 1 || got[0].URL != c.list || !got[0].Lists {
			t.Errorf("%s: %+v, want %s", c.url, got, c.list)
		}
	}
}

func TestABucketsListingGivesObjectsWithTheirDigests(t *testing.T) {
	s := compile(t, Settings{Kind: "s3", URL: "https://s3.example/mirror"})
	f := readAs(t, s, s.Seeds()[0].URL, "application/xml", sample(t, "s3/v2-page1.xml"))
	items, lists := split(f)
	want := []string{"https://s3.example/mirror/a%2Bb%26c.txt", "https://s3.example/mirror/name%20with%20space.txt", "https://s3.example/mirror/sub/multipart%25.bin"}
	if !slices.Equal(urlsOf(items), want) {
		t.Errorf("items %v", urlsOf(items))
	}
	if items[0].Size != 62 || items[0].Published[0] != (Published{"s3-etag", `"5464e1937ce21b8943ff72fea785c5c7"`}) || items[0].Modified.IsZero() || items[0].Listed == "" {
		t.Errorf("first: %+v", items[0])
	}
	for i, k := range map[int]digest.Kind{0: digest.MD5, 2: digest.ETag} {
		if v, err := digest.Parse(digest.ETag, items[i].Published[0].Text); err != nil || v.Kind != k {
			t.Errorf("digest of %d: %v, %v", i, v.Kind, err)
		}
	}
	if len(lists) != 1 || parse(t, lists[0].URL).Query().Get("continuation-token") != "bGVhay0wMDAudHh0W3JldHVybjpd/+=" {
		t.Errorf("next %v", lists)
	}
	if again := readAs(t, s, lists[0].URL, "application/xml", sample(t, "s3/v2-page1.xml")); len(again.Links) != 3 {
		t.Error("a server that repeats its page is read for ever")
	}
	f = readAs(t, s, s.Seeds()[0].URL, "application/xml", sample(t, "s3/v1.xml"))
	_, lists = split(f)
	if len(lists) != 1 || parse(t, lists[0].URL).Query().Get("marker") != "a+b&c.txt[return:]" || strings.Contains(lists[0].URL, "list-type") {
		t.Errorf("version 1 goes on at %v", lists)
	}
	for _, body := range []string{"<html>", "", `<ListAllMyBucketsResult/>`, string(sample(t, "s3/denied.xml"))} {
		if _, err := s.Read(page(t, s.Seeds()[0].URL, "application/xml", []byte(body))); err == nil {
			t.Errorf("%q passed as a listing", body)
		}
	}
}

func TestABucketIsNotLeft(t *testing.T) {
	s := compile(t, Settings{Kind: "s3", URL: "https://s3.example/mirror/sub/"})
	for addr, want := range map[string]bool{
		"https://s3.example/mirror/sub/a": true, "https://s3.example/mirror/?list-type=2": true, "https://s3.example/mirror/other": false,
		"https://s3.example/mirrored/sub/a": false, "https://other.example/mirror/sub/a": false, "https://s3.example/mirror/sub/%2e%2e/%2e%2e/other": false,
	} {
		if got := s.Within(parse(t, addr)); got != want {
			t.Errorf("%s: within=%v", addr, got)
		}
	}
	for _, q := range []string{"acl", "torrent", "uploads=", "max-keys=1&versions"} {
		if !s.Forbidden(parse(t, "https://s3.example/mirror/sub/a?"+q)) {
			t.Errorf("?%s may be fetched", q)
		}
	}
	for addr, want := range map[string]bool{
		"https://mirror.s3.amazonaws.com/a/b.zip": true, "https://s3.amazonaws.com/mirror/b.zip?X-Amz-Signature=x": true, "https://storage.googleapis.com/m/x": true,
		"https://s3.amazonaws.com/mirror/": false, "https://mirror.s3.amazonaws.com/": false, "https://example.org/s3/b.zip": false, "ftp://mirror.s3.amazonaws.com/a": false,
	} {
		if _, ok := s3Item(parse(t, addr)); ok != want {
			t.Errorf("%s: recognised=%v", addr, ok)
		}
	}
}

func TestMeaningOfStoresAnswers(t *testing.T) {
	head := http.Header{"X-Amz-Request-Id": {"1"}}
	cases := []struct {
		kind, url string
		status    int
		header    http.Header
		body      string
		want      Meaning
	}{
		{"s3", "", 404, nil, string(sample(t, "s3/missing.xml")), Gone}, {"s3", "", 404, head, "", Gone}, {"s3", "", 404, nil, "<html>nginx", Unclear},
		{"s3", "", 404, nil, "", Unclear}, {"s3", "", 403, head, string(sample(t, "s3/denied.xml")), Unclear}, {"s3", "", 200, nil, "x", Present},
		{"s3", "", 404, nil, "<Code>NoSuchBucket</Code>", Gone}, {"s3", "", 503, nil, "SlowDown", Unreachable},
		{"archiveorg", "https://archive.org/metadata/x", 200, nil, "{}", Gone}, {"archiveorg", "https://archive.org/metadata/x", 200, nil, `{"is_dark":true,"metadata":{}}`, Gone},
		{"archiveorg", "https://archive.org/metadata/x", 200, nil, `{"files":[]}`, Present}, {"archiveorg", "https://archive.org/download/x/a.json", 200, nil, "{}", Present},
		{"archiveorg", "https://archive.org/download/x/a", 403, nil, "", Unclear}, {"archiveorg", "https://archive.org/download/x/a", 404, nil, "", Gone},
		{"wayback", "", 403, nil, "This URL has been excluded from the Wayback Machine.", Gone}, {"wayback", "", 404, nil, "", Gone}, {"wayback", "", 302, nil, "", Unclear},
		{"ipfs", "", 412, nil, `"/ipfs/x" not in local datastore`, Unclear}, {"ipfs", "", 410, nil, "", Gone}, {"ipfs", "", 451, nil, "", Gone}, {"ipfs", "", 504, nil, "", Unreachable},
		{"ipfs", "", 404, nil, "block was not found locally (offline): ipld: could not find x", Unclear}, {"ipfs", "", 404, nil, "no link named x", Gone},
		{"ftp", "", 404, nil, "", Gone}, {"ftp", "", 403, nil, "", Unclear}, {"rsync", "", 503, nil, "", Unreachable}, {"torrent", "", 404, nil, "", Gone},
	}
	for _, c := range cases {
		k, err := Find(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		a := Answer{Status: c.status, Header: c.header, Prefix: []byte(c.body)}
		if a.Header == nil {
			a.Header = http.Header{}
		}
		if c.url != "" {
			a.URL = parse(t, c.url)
		}
		if got := k.Mean(a); got != c.want {
			t.Errorf("%s %d %q: %s, want %s", c.kind, c.status, c.body, got, c.want)
		}
	}
}

func TestSitemapsAreReadAlsoPackedAndWithoutSchemes(t *testing.T) {
	s := compile(t, Settings{Kind: "sitemap", URL: "https://paste.example/"})
	if got := s.Seeds()[0].URL; got != "https://paste.example/sitemap.xml" {
		t.Errorf("it begins at %s", got)
	}
	f := readAs(t, s, "https://paste.example/sitemap.xml", "application/xml", sample(t, "sitemap/pages.xml"))
	items, _ := split(f)
	want := []string{"https://paste.example/", "https://paste.example/about", "https://paste.example/docs/a", "https://paste.example/p/1?a=1&b=2", "https://paste.example/scan.png", "https://paste.example/nl/p/1"}
	if !slices.Equal(urlsOf(items), want) {
		t.Errorf("got %v", urlsOf(items))
	}
	if items[1].Modified.Day() != 3 || items[3].Modified.Hour() != 3 || !items[2].Modified.IsZero() {
		t.Errorf("times %v, %v", items[1].Modified, items[3].Modified)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(sample(t, "sitemap/pages.xml"))
	_ = z.Close()
	if f := readAs(t, s, "https://paste.example/sitemap.xml.gz", "application/gzip", packed.Bytes()); len(f.Links) != len(want) {
		t.Errorf("packed: %v", f.Links)
	}
	f = readAs(t, s, "https://paste.example/sitemap.xml", "application/xml", sample(t, "sitemap/index.xml"))
	if _, lists := split(f); !slices.Equal(urlsOf(lists), []string{"https://paste.example/sitemap-1.xml.gz"}) || len(f.Links) != 1 {
		t.Errorf("index: %v", f.Links)
	}
	deep := page(t, "https://paste.example/s.xml", "application/xml", sample(t, "sitemap/index.xml"))
	deep.Depth = 3
	if f, _ := s.Read(deep); len(f.Links) != 0 {
		t.Error("an index of itself is read for ever")
	}
	if f := readAs(t, s, "https://paste.example/sitemap.txt", "text/plain", []byte("https://paste.example/a\r\n\r\nhttps://paste.example/b")); len(f.Links) != 2 {
		t.Errorf("text: %v", f.Links)
	}
	for _, body := range []string{"<html><p>not found", "hello", "", "\x1f\x8bbroken"} {
		if _, err := s.Read(page(t, "https://paste.example/sitemap.xml", "text/xml", []byte(body))); err == nil {
			t.Errorf("%q passed as a sitemap", body)
		}
	}
}

func TestJSONInterfacesAreReadByPaths(t *testing.T) {
	body := `{"data":{"list":[{"key":"a b","name":"x/y.txt","links":{"raw":"/r/1"}},{"key":7,"links":{"raw":"https://cdn.example/2"}},{"nokey":1}],
"map":{"p":{"url":"/m/1"},"q":{"url":"/m/2"}}},"paging":{"next":"/api?page=2","cursor":"c+1"},"empty":[]}`
	cases := []struct {
		name string
		set  Settings
		want []string
		next string
	}{
		{"a path to addresses", Settings{Item: "data.list.links.raw"}, []string{"https://p.example/r/1"}, ""},
		{"a path in the item", Settings{Item: "data.list", Raw: "links.raw"}, []string{"https://p.example/r/1"}, ""},
		{"brackets", Settings{Item: "data.list[]", Raw: "/raw/{key}"}, []string{"https://p.example/raw/7", "https://p.example/raw/a%20b"}, ""},
		{"brackets with more behind", Settings{Item: "data.list[].links.raw"}, []string{"https://p.example/r/1"}, ""},
		{"one element", Settings{Item: "data.list[1].key", Raw: "/raw/{id}"}, []string{"https://p.example/raw/7"}, ""},
		{"every member", Settings{Item: "data.map.*.url", Next: "paging.next"}, []string{"https://p.example/m/1", "https://p.example/m/2"}, "https://p.example/api?page=2"},
		{"objects with an address", Settings{Item: "data.map.*", Next: "?after={paging.cursor}"}, []string{"https://p.example/m/1", "https://p.example/m/2"}, "https://p.example/api?after=c%2B1"},
		{"another host's template", Settings{Item: "data.list.key", Raw: "https://raw.example/{id}?x={value}"}, []string{"https://raw.example/7?x=7", "https://raw.example/a%20b?x=a+b"}, ""},
		{"nothing new", Settings{Item: "empty.url", Next: "paging.next"}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.set.Kind, c.set.URL = "json", "https://p.example/api"
			f := readAs(t, compile(t, c.set), c.set.URL, "application/json", []byte(body))
			items, lists := split(f)
			got := urlsOf(items)
			slices.Sort(got)
			if !slices.Equal(got, c.want) || strings.Join(urlsOf(lists), " ") != c.next {
				t.Errorf("got %q, next %v", got, urlsOf(lists))
			}
		})
	}
	s := compile(t, Settings{Kind: "json", URL: "https://p.example/api", Item: "files"})
	if f, err := s.Read(page(t, "https://p.example/api", "application/json", []byte(`{"renamed":[]}`))); err != nil || f.Recognised {
		t.Error("an answer of another form is recognised")
	}
	if _, err := s.Read(page(t, "https://p.example/api", "text/html", []byte(`<html>`))); err == nil {
		t.Error("a page passed as JSON")
	}
	for _, empty := range []string{`null`, `{"files":null}`, `{"files":[]}`} {
		if f, err := s.Read(page(t, "https://p.example/api", "application/json", []byte(empty))); err != nil || !f.Recognised || len(f.Links) != 0 {
			t.Errorf("%s: %+v %v", empty, f, err)
		}
	}
	deep := compile(t, Settings{Kind: "json", URL: "https://p.example/api", Item: "data.files.url"})
	for body, empty := range map[string]bool{`{"data":{"files":null}}`: true, `{"data":null}`: false} {
		if f, err := deep.Read(page(t, "https://p.example/api", "application/json", []byte(body))); err != nil || f.Recognised != empty {
			t.Errorf("%s: %+v %v", body, f, err)
		}
	}
	linked := page(t, "https://p.example/api", "application/json", []byte(`{"files":["/1"]}`))
	linked.Header = http.Header{"Link": {`<https://elsewhere.example/api?page=2>; rel="next"`}}
	if f, err := s.Read(linked); err != nil || len(f.Links) != 2 || f.Links[1].URL != "https://p.example/api?page=2" || !f.Links[1].Lists {
		t.Errorf("%+v %v", f, err)
	}
	for _, bad := range []Settings{{}, {Item: "a b"}, {Item: "a", Raw: "/raw/"}, {Item: "a", Next: "{}"}} {
		bad.Kind, bad.URL = "json", "https://p.example/api"
		if _, err := Compile(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// bencoded writes what a torrent is made of.
func bencoded(v any) string {
	switch v := v.(type) {
	case int:
		return "i" + strconv.Itoa(v) + "e"
	case string:
		return strconv.Itoa(len(v)) + ":" + v
	case []any:
		var b strings.Builder
		for _, e := range v {
			b.WriteString(bencoded(e))
		}
		return "l" + b.String() + "e"
	case map[string]any:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(bencoded(k) + bencoded(v[k]))
		}
		return "d" + b.String() + "e"
	}
	panic(fmt.Sprintf("%T", v))
}

type dict = map[string]any

const pieceLength = 16 << 10

func piecesOf(data string) string {
	var b strings.Builder
	for len(data) > 0 {
		n := min(len(data), pieceLength)
		sum := sha1.Sum([]byte(data[:n]))
		b.Write(sum[:])
		data = data[n:]
	}
	return b.String()
}

// values are the digests of a content as they are registered.
func values(content string) map[digest.Value]bool {
	sum := digest.New(int64(len(content)))
	_, _ = sum.Write([]byte(content))
	out := map[digest.Value]bool{}
	for _, v := range sum.Values() {
		out[v] = true
	}
	return out
}

func TestATorrentsFilesCarryTheDigestsOfTheKnownOnes(t *testing.T) {
	big := strings.Repeat("Invented scan of nobody. ", 6000)
	small := "Invented letter.\n"
	pad := strings.Repeat("\x00", pieceLength-len(big)%pieceLength)
	leaf := sha256.Sum256([]byte(small))
	cases := map[string]dict{
		"v1, several files": {"name": "map", "piece length": pieceLength, "pieces": piecesOf(big + pad + small), "files": []any{
			dict{"length": len(big), "path": []any{"sub", "big.bin"}}, dict{"length": len(pad), "path": []any{".pad", "1"}, "attr": "p"}, dict{"length": len(small), "path": []any{"small.txt"}}}},
		"v1, one file": {"name": "big.bin", "piece length": pieceLength, "pieces": piecesOf(big), "length": len(big)},
		"v2": {"name": "map", "piece length": pieceLength, "meta version": 2, "file tree": dict{
			"small.txt": dict{"": dict{"length": len(small), "pieces root": string(leaf[:])}}, "empty": dict{"": dict{"length": 0}}}},
	}
	s := compile(t, Settings{Kind: "torrent", URL: "https://t.example/list"})
	for name, info := range cases {
		t.Run(name, func(t *testing.T) {
			body := bencoded(dict{"announce": "https://tracker.example/", "info": info})
			f := readAs(t, s, "https://t.example/a.torrent", "application/x-bittorrent", []byte(body))
			seen := map[string]bool{}
			for _, l := range f.Links {
				content := map[string]string{"big.bin": big, "small.txt": small}[l.Name]
				if l.Size != int64(len(content)) || !l.Matches || l.Lists || !strings.HasPrefix(l.URL, "https://t.example/a.torrent#file=") || seen[l.URL] {
					t.Errorf("%+v", l)
				}
				seen[l.URL] = true
				if len(l.Published) == 0 {
					t.Errorf("%s: no digest", l.Name)
				}
				for _, d := range l.Published {
					v, err := digest.Parse(digest.Kind(d.Kind), d.Text)
					if v.Kind == digest.Torrent2 && len(content) <= digest.TorrentBlock { // registered as the SHA-256 that it is
						v.Kind = digest.SHA256
					}
					if err != nil || !values(content)[v] {
						t.Errorf("%s: %s %s is no digest of it (%v)", l.Name, d.Kind, d.Text, err)
					}
				}
			}
			if len(f.Links) == 0 || len(f.Links) > 2 {
				t.Errorf("%d files", len(f.Links))
			}
		})
	}
	f := readAs(t, s, "https://t.example/list", "text/html", []byte(`<a href="magnet:?xt=urn:btih:00">m</a><a href="/dl/1.torrent">t</a><a href="https://other.example/2.torrent">o</a><a href="/about">a</a>`))
	if len(f.Links) != 1 || f.Links[0].URL != "https://t.example/dl/1.torrent" || !f.Links[0].Lists {
		t.Errorf("page: %+v", f.Links)
	}
	for _, body := range []string{"d4:infoe", "d4:info", "d999999999:x", "d4:infoi1ee", "d4:infod4:name99:xee", "d" + strings.Repeat("1:ad", 100_000)} {
		if f, err := s.Read(page(t, "https://t.example/a.torrent", "application/x-bittorrent", []byte(body))); err == nil && len(f.Links) > 0 {
			t.Errorf("%.40q gave %v", body, f.Links)
		}
	}
}

func TestFoldersOfOtherProtocolsStayInTheirRoot(t *testing.T) {
	body := `[{"name":"a b.txt","size":62,"url":"./a%20b.txt","mod_time":"2024-02-03T03:05:06Z","is_dir":false},{"name":"sub","url":"./sub/","is_dir":true},
{"name":"x","url":"ftp://other.example/x","is_dir":false},{"name":"y","url":"http://files.example/pub/y","is_dir":false},{"name":"","url":"","contact":"mailto:abuse@files.example"}]`
	for _, k := range []string{"ftp", "rsync"} {
		root := k + "://files.example/pub/"
		s := compile(t, Settings{Kind: k, URL: root})
		f := readAs(t, s, root, "application/json", []byte(body))
		items, lists := split(f)
		if !slices.Equal(urlsOf(items), []string{root + "a%20b.txt"}) || !slices.Equal(urlsOf(lists), []string{root + "sub/"}) {
			t.Errorf("%s: %v", k, f.Links)
		}
		if items[0].Size != 62 || f.Contact != "abuse@files.example" {
			t.Errorf("%s: size %d, contact %q", k, items[0].Size, f.Contact)
		}
		if _, err := Compile(Settings{Kind: k, URL: "http://files.example/"}); err == nil {
			t.Errorf("%s takes an http address", k)
		}
	}
}

func FuzzStoresStayInBoundsAndNeverPanic(f *testing.F) {
	for _, name := range []string{"s3/v2-page1.xml", "s3/v1.xml", "sitemap/pages.xml", "sitemap/index.xml", "archiveorg/metadata.json", "wayback/cdx.json", "ipfs/folder.html"} {
		for which := range uint8(8) {
			f.Add(sample(f, name), which)
		}
	}
	f.Add([]byte(bencoded(dict{"info": dict{"name": "a", "length": 1, "piece length": 1, "pieces": strings.Repeat("x", 20)}})), uint8(2))
	specs := []Spec{
		compile(f, Settings{Kind: "s3", URL: "https://h/b/"}), compile(f, Settings{Kind: "sitemap", URL: "https://h/"}), compile(f, Settings{Kind: "torrent", URL: "https://h/"}),
		compile(f, Settings{Kind: "json", URL: "https://h/", Item: "files.name", Raw: "/d/{id}", Next: "next"}), compile(f, Settings{Kind: "archiveorg", URL: "https://h/details/item"}),
		compile(f, Settings{Kind: "wayback", URL: "https://h/web/*/leak.example/*"}), compile(f, Settings{Kind: "ipfs", URL: "https://h/"}), compile(f, Settings{Kind: "commoncrawl", URL: "https://h/?url=leak.example/*"}),
	}
	at := []string{"https://h/b/", "https://h/s.xml", "https://h/a.torrent", "https://h/api", "https://h/metadata/item", "https://h/cdx/search/cdx?url=x", "https://h/ipfs/x/", "https://h/CC-1-index?url=x"}
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		i := int(which) % len(specs)
		found, err := specs[i].Read(page(t, at[i], "text/html", body))
		if err != nil {
			return
		}
		for _, l := range found.Links {
			u, err := url.Parse(l.URL)
			if err != nil || u.Host != "h" || l.Size < 0 {
				t.Fatalf("%s: %+v, %v", specs[i].Kind.Name, l, err)
			}
		}
	})
}
