package kind

import (
	"fmt"
	"strings"
	"testing"
)

func TestListingsGiveTheSizesThatTheyWriteOut(t *testing.T) {
	cases := []struct {
		file, at, mediaType string
		exact               bool // of report-000.txt, which has 62 bytes
		large               bool // of big.iso, which has 3,500,000
	}{
		{"nginx/autoindex.html", "/pub/", "text/html", true, true}, {"nginx/autoindex.json", "/pub/", "application/json", true, true},
		{"nginx/autoindex.xml", "/pub/", "text/xml", true, true}, {"nginx/human.html", "/e/pub/", "text/html", true, false},
		{"apache/pre.html", "/t/pub/", "text/html", true, false}, {"lighttpd/listing.html", "/pub/", "text/html", false, false},
		{"caddy/browse.json", "/pub/", "application/json", true, true}, {"python/listing.html", "/pub/", "text/html", false, false},
		{"iis/listing.html", "/pub/", "text/html", true, true},
	}
	for _, c := range cases {
		s := compile(t, Settings{Kind: "directory", URL: "http://files.example" + c.at})
		f := readAs(t, s, "http://files.example"+c.at, c.mediaType, sample(t, c.file))
		for _, l := range f.Links {
			switch {
			case l.Lists && l.Size != 0:
				t.Errorf("%s: folder of %d bytes", c.file, l.Size)
			case strings.HasSuffix(l.URL, "report-000.txt") && (l.Size != 62 && c.exact || l.Size != 0 && !c.exact):
				t.Errorf("%s: %s has %d bytes by %q", c.file, l.URL, l.Size, l.Listed)
			case strings.HasSuffix(l.URL, "big.iso") && (l.Size != 3_500_000 && c.large || l.Size != 0 && !c.large):
				t.Errorf("%s: %s has %d bytes by %q", c.file, l.URL, l.Size, l.Listed)
			}
		}
	}
	for shown, want := range map[string]int64{
		"03-Feb-2024 04:05 62": 62, "2024-02-03 04:05 62 KB": 0, "2024-02-03 04:05 3.3M": 0, "2024-02-03 04:05 62 bytes": 0, "2024-02-03 04:05 1 62": 0, "2024-02-03 04:05 -": 0,
	} {
		if _, _, size := signature(shown); size != want {
			t.Errorf("%q: %d", shown, size)
		}
	}
}

func TestLighttpdsJSONIsRead(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://files.example/pub/"})
	f := readAs(t, s, "http://files.example/pub/", "application/json", []byte("[\n{\"name\":\"sub\",\"type\":\"dir\",\"mtime\":1706933106},{\"name\":\"a b.txt\",\"type\":\"file\",\"size\":62,\"mtime\":1706933106}]"))
	items, lists := split(f)
	if len(items) != 1 || len(lists) != 1 || items[0].Size != 62 || items[0].Modified.Year() != 2024 || items[0].Listed == "" || lists[0].URL != "http://files.example/pub/sub/" {
		t.Errorf("%+v", f.Links)
	}
}

// rows are entries of Caddy's, from one number to another.
func rows(from, to int) string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf(`{"name":"f%d","size":1,"url":"./f%d","mod_time":"2024-02-03T04:05:06Z","is_dir":false}`, i, i))
	}
	return strings.Join(list, ",")
}

func TestACutListingOfCaddyGoesOnInPieces(t *testing.T) {
	s := compile(t, Settings{Kind: "directory", URL: "http://files.example/pub/"})
	read := func(at, body string) (int, string) {
		t.Helper()
		items, lists := split(readAs(t, s, at, "application/json", []byte(body)))
		if len(lists) > 1 {
			t.Fatalf("%v", lists)
		}
		if len(lists) == 0 {
			return len(items), ""
		}
		if lists[0].Depth != 0 {
			t.Errorf("a piece is no deeper folder: %d", lists[0].Depth)
		}
		return len(items), lists[0].URL
	}
	if n, next := read("http://files.example/pub/", "["+rows(0, 3)+"]"); n != 3 || next != "" {
		t.Errorf("whole: %d, %s", n, next)
	}
	n, next := read("http://files.example/pub/", "["+rows(0, 3)+`,{"name":"f3","si`)
	if n != 3 || next != "http://files.example/pub/?limit=3&offset=3" {
		t.Errorf("cut: %d, %s", n, next)
	}
	if n, next = read(next, "["+rows(3, 6)+"]"); n != 3 || next != "http://files.example/pub/?limit=3&offset=6" {
		t.Errorf("second: %d, %s", n, next)
	}
	if n, next = read(next, "["+rows(6, 8)+"]"); n != 2 || next != "" {
		t.Errorf("last: %d, %s", n, next)
	}
	if _, next = read("http://files.example/pub/?limit=3&offset=1000002", "["+rows(0, 3)+"]"); next != "" {
		t.Error("a server that gives the same for every offset is read for ever")
	}
	for _, empty := range []string{"[]", "null"} {
		if n, next := read("http://files.example/pub/", empty); n != 0 || next != "" {
			t.Errorf("%s: %d, %s", empty, n, next)
		}
	}
	for _, broken := range []string{"[{", "{}", `["a"]`, "[1"} {
		if _, err := s.Read(page(t, "http://files.example/pub/", "application/json", []byte(broken))); err == nil {
			t.Errorf("%s passed as a listing", broken)
		}
	}
}

func TestListingsOfLesserServersAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		mediaType, body string
		items, lists    []string
	}{
		"webfs": {"text/html", `<head><title>files.example:8008/pub/</title></head><body bgcolor=white><h1>listing: 
<a href="/">/</a><a href="/pub/">pub/</a></h1><hr noshade size=1><pre><b>access      user      group     date             size  name</b>

drwxr-xr-x  root      root      Nov 22 02:41    &lt;DIR&gt;  <a href="../">..</a>
drwxr-xr-x  root      root      Nov 22 02:41    &lt;DIR&gt;  <a href="sub/">sub</a>
-rw-r--r--  root      root      Nov 14  2023  3662  B  <a href="%20a.txt"> a.txt</a>
</pre><hr noshade size=1><small><a href="http://bytesex.org/webfs.html">webfs/1.21</a> &nbsp; 22/Nov/2026 02:43:07 GMT</small></body>`,
			[]string{"http://files.example/pub/%20a.txt"}, []string{"http://files.example/pub/sub/"}},
		"serve": {"application/json", `{"files":[{"root":"/","dir":"/srv/pub","base":"sub/","ext":"","name":"sub","relative":"/sub/","type":"folder","title":"sub/"},{"base":"a b.txt","ext":"txt","name":"a b","type":"file","size":"3.5 KB"}],"directory":"pub/","paths":[]}`,
			[]string{"http://files.example/pub/a%20b.txt"}, []string{"http://files.example/pub/sub/"}},
	} {
		s := compile(t, Settings{Kind: "directory", URL: "http://files.example/pub/"})
		f := readAs(t, s, "http://files.example/pub/", c.mediaType, []byte(c.body))
		items, lists := split(f)
		if !f.Recognised || len(items) != len(c.items) || len(lists) != len(c.lists) {
			t.Errorf("%s: %v %+v", name, f.Recognised, f.Links)
			continue
		}
		for i := range items {
			if items[i].URL != c.items[i] || lists[i].URL != c.lists[i] {
				t.Errorf("%s: %+v", name, f.Links)
			}
		}
	}
}
