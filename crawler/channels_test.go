package crawler

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"unmirror/crawler/kind/kindtest"
)

func TestAChannelsLinksAreFollowedByTheirOwnKindsRules(t *testing.T) {
	t.Parallel()
	bin := &fake{t: t, held: map[string]*thing{"058310c72f364949": {body: secret}, "b506e0a4f38ecb74": {body: secret, once: true}}}
	bins := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			_, _ = io.WriteString(w, noRobots)
			return
		}
		servePrivatebin(bin, w, r)
	}))
	once := &fake{t: t, held: map[string]*thing{"t4BCJLoZXvuaveTX": {name: "brief.txt", body: secret}, "u4BCJLoZXvuaveTX": {name: "brief.txt", body: secret, once: true}}}
	plik := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { servePlik(once, w, r) }))
	news := serve(t, pages(map[string]string{"/story": "news"}))
	key := kindtest.Base58(binKey)
	links := []string{
		bins.URL + "/?058310c72f364949#" + key, bins.URL + "/?b506e0a4f38ecb74#-" + key, "https://mega.nz/file/AbCdEfGh#KEY", news.URL + "/story",
		plik.URL + "/file/t4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/brief.txt", plik.URL + "/file/u4BCJLoZXvuaveTX/mghbHbSLmBYftmNQ/brief.txt",
	}
	channel := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/s/onbestaand_kanaal" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<section class="tgme_channel_history"><div class="tgme_widget_message" data-post="onbestaand_kanaal/1">`)
		for _, l := range links {
			fmt.Fprintf(w, `<a href="%s">link</a> `, l)
		}
	}))
	var mu sync.Mutex
	var told []string
	w := newWorld(t, func(o *Options) {
		o.OnLink = func(l Link) { mu.Lock(); told = append(told, l.Kind+" "+l.URL); mu.Unlock() }
	})
	src := Source{Name: "s", Kind: "telegram", URL: channel.URL + "/s/onbestaand_kanaal"}
	if w.sweep(src); len(bins.paths()) != 1 { // robots.txt
		t.Errorf("robots.txt of the linked place was not obeyed: %v", bins.paths())
	}
	src.Robots, src.RobotsReason = RobotsKnownItems, "links that were published in channels"
	w.sweep(src)
	if got, want := w.urls(), []string{links[0], links[4]}; !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("sightings %v, want %v", got, want)
	}
	if len(bin.used)+len(once.used) > 0 || len(news.paths()) > 0 {
		t.Errorf("used up %v %v, asked the other site for %v", bin.used, once.used, news.paths())
	}
	if len(told) == 0 || told[0] != "mega https://mega.nz/file/AbCdEfGh#KEY" {
		t.Errorf("reported %v", told)
	}
	if strings.Contains(w.log.String(), key) || strings.Contains(w.log.String(), "AbCdEfGh") {
		t.Error("the log tells a link")
	}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func TestAPasteThatIsNotReadyYetIsAskedForAgain(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, held: map[string]*thing{"qW3rTy7u": {body: secret}}}
	var mu sync.Mutex
	asked := 0
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/api_scrape_item.php" {
			if asked++; asked == 1 {
				_, _ = io.WriteString(w, "File is not ready for scraping yet. Try again in 1 minute.")
				return
			}
		}
		servePastebin(f, w, r)
	}))
	w := newWorld(t, nil)
	if sum := w.sweep(Source{Name: "s", Kind: "pastebin", URL: srv.URL}); sum.Sightings != 1 || asked != 2 {
		t.Errorf("asked %d times, %+v", asked, sum)
	}
	f.held["Zx8Cv9Bn"] = &thing{body: "YOUR IP: 192.0.2.7 DOES NOT HAVE ACCESS. VISIT: https://pastebin.com/doc_scraping_api TO GET ACCESS!"}
	if sum := w.sweep(Source{Name: "s", Kind: "pastebin", URL: srv.URL}); sum.Errors != 1 || strings.Contains(strings.Join(sum.ErrorSamples, " "), "192.0.2.7") {
		t.Errorf("without access: %+v", sum)
	}
}

func TestTheSourceTestReadsNoItem(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, held: map[string]*thing{"tQodGb0FJC": {name: "file.txt", body: secret, once: true}}}
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveTransfer(f, w, r) }))
	w := newWorld(t, nil)
	for _, kind := range []string{"transfersh", "privatebin", "haste"} {
		r, err := w.c.Test(t.Context(), Source{Name: "s", Kind: kind, URL: srv.URL, Items: []string{srv.URL + "/tQodGb0FJC/file.txt?058310c72f364949#-x"}})
		if err != nil || !r.OK || r.Items != 1 || r.FirstErr != "" {
			t.Errorf("%s: %+v, %v", kind, r, err)
		}
	}
	if len(f.used) > 0 || !slices.Equal(slices.Compact(srv.paths()), []string{"/robots.txt"}) {
		t.Errorf("asked for %v", srv.paths())
	}
}

func TestAPublishedDigestSparesTheFetch(t *testing.T) {
	t.Parallel()
	sum := md5.Sum([]byte(secret))
	for _, c := range []struct {
		kind, id, digest, body string
		serve                  func(*fake, http.ResponseWriter, *http.Request)
		items                  []string
	}{
		{"gist", "0123456789abcdef0123", "git-blob:" + gitBlob(secret), "/raw/", serveGist, nil},
		{"plik", "t4BCJLoZXvuaveTX", "md5:" + hex.EncodeToString(sum[:]), "/file/", servePlik, []string{"t4BCJLoZXvuaveTX"}},
	} {
		f := &fake{t: t, held: map[string]*thing{c.id: {name: "brief.txt", body: secret, once: true}}}
		srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(f, w, r) }))
		f.base = srv.URL
		w := libraryWorld(t, &shelf{digests: map[string]bool{c.digest: true}})
		sum := w.sweep(Source{Name: "s", Kind: c.kind, URL: srv.URL, Items: c.items})
		if sum.Sightings != 1 || len(f.used) > 0 || slices.ContainsFunc(srv.visitors(), func(v visitor) bool { return v.method == http.MethodGet && strings.Contains(v.path, c.body) }) {
			t.Errorf("%s: %+v, %v", c.kind, sum, srv.paths())
		}
	}
}

func TestAPlaceThatDoesNotTellWhoRunsItIsSweptAllTheSame(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{true, false} {
		f := &fake{t: t, held: map[string]*thing{"rt2r0sOf": {name: "brief.txt", body: secret}}}
		srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/":
				fmt.Fprint(w, "<title>Lenpaste</title>")
			case r.URL.Path == "/robots.txt", !told && r.URL.Path != "/api/v1/get":
				http.NotFound(w, r)
			default:
				serveLenpaste(f, w, r)
			}
		}))
		w := newWorld(t, nil)
		src := Source{Name: "s", Kind: "lenpaste", URL: srv.URL, Items: []string{"rt2r0sOf"}}
		sum := w.sweep(src)
		if len(w.got) != 1 {
			t.Fatalf("told=%v: %+v", told, sum)
		}
		if sum.Sightings != 1 || sum.Reason != "" || (w.got[0].SiteContact == "abuse@paste.example") != told {
			t.Errorf("told=%v: %+v, contact %q", told, sum, w.got[0].SiteContact)
		}
		f.remove("rt2r0sOf")
		if l, err := w.c.Look(t.Context(), src, w.got[0].URL); err != nil || l.Outcome != LookGone {
			t.Errorf("told=%v: %+v, %v", told, l, err)
		}
	}
}
