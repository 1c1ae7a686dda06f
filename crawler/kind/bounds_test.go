package kind

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"unmirror/internal/testheap"
)

// A page is read up to sixteen megabytes, and of each kind some such page would become gigabytes as values: here a part
// of one, which would become hundreds of megabytes.
func TestNoPageCostsMemoryOutOfProportion(t *testing.T) {
	if !testheap.Alone(t) {
		return
	}
	const bytesOfPage, bound = 2 << 20, 64 << 20
	fill := func(before, unit, after string) []byte {
		return append(append([]byte(before), bytes.Repeat([]byte(unit), bytesOfPage/len(unit))...), after...)
	}
	for name, c := range map[string]struct {
		kind, url string
		body      []byte
	}{
		"lists in a torrent":   {"torrent", "https://x.example/a.torrent", fill("d4:infol", "le", "ee")},
		"lists in JSON":        {"json", "https://x.example/", fill("[", "[],", "[]]")},
		"files of a gist":      {"gist", "https://api.github.com/", fill(`[{"files":[`, "{},", "{}]}]")},
		"a JSON feed":          {"feed", "https://x.example/", fill(`{"version":"jsonfeed.org","items":[`, "{},", "{}]}")},
		"elements in elements": {"feed", "https://x.example/", fill("<rss>", "<a>", "</rss>")},
		"attributes":           {"feed", "https://x.example/", fill("<rss><a ", `b="" `, "></a></rss>")},
		"a sitemap's elements": {"sitemap", "https://x.example/", fill("<urlset>", "<a>", "</urlset>")},
		"a bucket's elements":  {"s3", "https://x.example/b/", fill("<ListBucketResult>", "<a>", "")},
		"an item's metadata":   {"archiveorg", "https://archive.org/metadata/abc", fill(`{"files":[`, "{},", "{}]}")},
		"rows of an index":     {"wayback", "https://web.archive.org/web/*/leak.example/*", fill("[", "[],", "[]]")},
	} {
		set := Settings{Kind: c.kind, URL: c.url}
		if c.kind == "json" {
			set.Item = "a"
		}
		spec, err := Compile(set)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := testheap.Growth(func() { _, err = spec.Read(Page{URL: u, Body: c.body}) }); got > bound {
			t.Errorf("%s: %d MiB (%v)", name, got>>20, err)
		}
	}
}

func TestAFolderHasAsManyLinksAsAnyPage(t *testing.T) {
	spec, err := Compile(Settings{Kind: "directory", URL: "https://x.example/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"[" + strings.Repeat(`{"name":"a"},`, maxAnchors+1) + "{}]"} {
		if f, err := spec.Read(Page{URL: spec.Root, Body: []byte(body)}); err != nil || len(f.Links) != maxAnchors {
			t.Errorf("%.20s: %d links, %v", body, len(f.Links), err)
		}
	}
}

func TestNoWrappedItemCostsMemoryOutOfProportion(t *testing.T) {
	if !testheap.Alone(t) {
		return
	}
	k, err := Find("privatebin")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("https://bin.example/?058310c72f364949#4JnMN9hXLQTHTF6rBv1i2tNqE4MSzy6WxXPZsEjqMG3C")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"status":0,"v":2,"ct":"x","comments":[` + strings.Repeat("{},", 2<<20) + "{}]}")
	if got := testheap.Growth(func() { _, err = Spec{Kind: k}.Unwrap(u, body) }); got > 64<<20 || err == nil {
		t.Errorf("%d MiB (%v)", got>>20, err)
	}
}

func TestOrdinaryTextIsNotTakenForManyValues(t *testing.T) {
	table := strings.Repeat("12,Jansen,Mia\\n", 200_000) // commas and quotation marks inside a text are no values
	body := []byte(`{"id":"x","content":"` + table + `\"[[{{,,"}`)
	if n := jsonValues(body, maxValues); n != 2 {
		t.Errorf("%d values", n)
	}
	if crowded(body, maxValues) || crowded([]byte("[1,2,3]"), maxValues) || !crowded([]byte(strings.Repeat("[", 100)), 50) {
		t.Error("counted wrongly")
	}
	if w := widestTag([]byte(`<!-- ` + strings.Repeat("x", 1000) + ` --><a b="c">` + strings.Repeat("text", 1000) + "<b>")); w != 7 {
		t.Errorf("widest tag %d", w)
	}
}

func TestALongScriptOrPictureHidesNoLinkBehindIt(t *testing.T) {
	spec, err := Compile(Settings{Kind: "site", URL: "https://x.example/"})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 2<<20)
	for _, before := range []string{"<script>" + long + "</script>", `<img src="data:image/png;base64,` + long + `">`, "<!-- " + long + " -->", long} {
		f, err := spec.Read(Page{URL: spec.Root, Body: []byte(before + `<a href="/leak.zip">x</a>`)})
		if err != nil || len(f.Links) != 1 {
			t.Errorf("behind %.12s: %d links, %v", before, len(f.Links), err)
		}
	}
}
