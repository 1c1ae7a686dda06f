package crawler

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"unmirror/crawler/kind/kindtest"
)

// fake is a paste server, file host or forum in the shape of a real one, with what it holds.
type fake struct {
	t    *testing.T
	mu   sync.Mutex
	held map[string]*thing
	sick int // every answer, when not 0
	base string
	used []string // things that a request used up
}

type thing struct {
	name, body string
	once       bool // the first reading is the last
	gone       bool
}

// get looks a thing up; a reading ends one that is for one reading.
func (f *fake) get(id string, reading bool) (thing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	th := f.held[id]
	if th == nil || th.gone {
		return thing{}, false
	}
	if th.once && reading {
		th.gone = true
		f.used = append(f.used, id)
	}
	return *th, true
}

func (f *fake) remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held[id].gone = true
}

func (f *fake) ids() (out []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, th := range f.held {
		if !th.gone {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// place is one kind and how its server behaves.
type place struct {
	kind   string
	ids    [3]string // of the planted copy, of something else, and of something for one reading (or empty)
	robots string
	source func(base string, ids [3]string) Source
	serve  func(f *fake, w http.ResponseWriter, r *http.Request)
	never  string // pattern of requests that must not come
	// gone is what a look says once the thing was taken away; empty: LookGone.
	gone LookOutcome
}

const noRobots = "User-agent: *\nDisallow: /\n"

func items(ids ...string) func(string, [3]string) Source {
	return func(base string, given [3]string) Source {
		s := Source{URL: base + "/"}
		for _, id := range given {
			if id != "" {
				s.Items = append(s.Items, fmt.Sprintf(strings.Join(ids, ""), id))
			}
		}
		return s
	}
}

func root(base string, _ [3]string) Source { return Source{URL: base + "/"} }

func asJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

type object = map[string]any

var binKey = bytes.Repeat([]byte{0x5a, 0xc3}, 16)

// places are the kinds with what their servers answer, shaped on recorded exchanges where there are any.
func places() []place {
	return []place{
		{kind: "pastebin", ids: [3]string{"qW3rTy7u", "Zx8Cv9Bn"}, source: root, never: `/raw/|/report/`, serve: servePastebin},
		{kind: "gist", ids: [3]string{"0123456789abcdef0123", "1123456789abcdef0123"}, source: root, serve: serveGist},
		{kind: "lenpaste", ids: [3]string{"rt2r0sOf", "st2r0sOf", "tEzkGuGi"}, source: items("%s"), never: `openOneUse|/raw/|/dl/`, serve: serveLenpaste},
		{kind: "opengist", ids: [3]string{"4f2c9f0e1d3b4a5c8e7f60718293a4b5", "5f2c9f0e1d3b4a5c8e7f60718293a4b5"}, source: root, serve: serveOpengist},
		{kind: "plik", ids: [3]string{"t4BCJLoZXvuaveTX", "u4BCJLoZXvuaveTX", "v4BCJLoZXvuaveTX"}, source: items("/#/?id=%s"), serve: servePlik},
		{kind: "transfersh", ids: [3]string{"tQodGb0FJC", "uQodGb0FJC", "vQodGb0FJC"}, source: items("/%s/file.txt"), serve: serveTransfer},
		{kind: "privatebin", ids: [3]string{"058310c72f364949", "158310c72f364949"}, robots: noRobots, never: `b506e0a4f38ecb74`, serve: servePrivatebin,
			source: func(base string, ids [3]string) Source {
				key := "#" + kindtest.Base58(binKey)
				return Source{URL: base, Items: []string{ids[0] + key, base + "/?" + ids[1] + key, base + "/?b506e0a4f38ecb74#-" + key[1:]},
					Robots: RobotsKnownItems, RobotsReason: "links that were published in channels"}
			}},
		{kind: "zerox0", ids: [3]string{"Ab1.txt", "Ab2.txt"}, robots: noRobots, serve: serveRaw("", 404),
			source: func(base string, ids [3]string) Source {
				return Source{URL: base, Items: ids[:2], Robots: RobotsKnownItems, RobotsReason: "links that were published in channels"}
			}},
		{kind: "zerox0", ids: [3]string{"Ab1.txt", "Ab2.txt"}, source: items("%s"), serve: serveRaw("", 451)},
		{kind: "haste", ids: [3]string{"esapizobin", "esapizobix"}, source: items("%s"), never: `^/[a-z]+$|/documents/`, serve: serveHaste},
		{kind: "rentry", ids: [3]string{"abcde", "fghij"}, source: items("%s"), never: `edit`, serve: serveRentry},
		{kind: "microbin", ids: [3]string{"ant-bee-cat", "dog-eel-fox"}, source: root, never: `remove|edit`, serve: serveMicrobin},
		{kind: "rawpaste", ids: [3]string{"ab12", "cd34"}, source: items("/%s"), serve: serveRaw("", 404)},
		{kind: "gitlab", ids: [3]string{"12", "13"}, source: root, never: `sign_in`, serve: serveGitlab},
		{kind: "discourse", ids: [3]string{"41", "42"}, source: root, never: `/u/|/session`, serve: serveDiscourse},
		{kind: "phpbb", ids: [3]string{"7", "8"}, source: root, never: `ucp|posting|sid=`, serve: servePhpbb},
		{kind: "mybb", ids: [3]string{"7", "8"}, source: root, never: `member\.php|newreply`, serve: serveMybb},
		{kind: "telegram", ids: [3]string{"4105", "4106"}, never: `^/onbestaand|q=`, gone: LookChanged, serve: serveTelegram,
			source: func(base string, _ [3]string) Source { return Source{URL: base + "/onbestaand_kanaal"} }},
	}
}

// TestEveryPlaceIsSweptWithoutHarm plants a copy at each kind of place: it is found, its deletion is recognised, an
// outage or a wall is not taken for one, and nothing is used up by reading.
func TestEveryPlaceIsSweptWithoutHarm(t *testing.T) {
	t.Parallel()
	for i, p := range places() {
		t.Run(fmt.Sprintf("%s-%d", p.kind, i), func(t *testing.T) {
			t.Parallel()
			f := &fake{t: t, held: map[string]*thing{p.ids[0]: {name: "brief.txt", body: secret}, p.ids[1]: {name: "other.txt", body: "nothing of interest"}}}
			if p.ids[2] != "" {
				f.held[p.ids[2]] = &thing{name: "once.txt", body: secret, once: true}
			}
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f.mu.Lock()
				sick := f.sick
				f.mu.Unlock()
				switch {
				case r.URL.Path == "/robots.txt" && p.robots == "":
					http.NotFound(w, r)
				case r.URL.Path == "/robots.txt":
					_, _ = io.WriteString(w, p.robots)
				case sick != 0:
					w.WriteHeader(sick)
				case r.URL.RequestURI() == "/" && p.kind != "phpbb" && p.kind != "mybb":
					w.Header().Set("Content-Type", "text/html")
					_, _ = io.WriteString(w, "<title>Welcome</title><h1>Share your texts and files</h1>")
				default:
					p.serve(f, w, r)
				}
			}))
			f.base = srv.URL
			w := newWorld(t, nil)
			src := p.source(srv.URL, p.ids)
			src.Name, src.Kind = "s", p.kind
			sum := w.sweep(src)
			urls := w.urls()
			if len(urls) != 1 || !strings.Contains(urls[0], strings.TrimSuffix(p.ids[0], ".txt")) && p.kind != "telegram" {
				t.Fatalf("sightings %v, %+v\n%s", urls, sum, strings.Join(srv.paths(), "\n"))
			}
			w.sweep(src)
			looks(t, w, f, src, urls[0], p)
			for _, v := range srv.visitors() {
				if v.method != http.MethodGet && v.method != http.MethodHead || p.never != "" && regexp.MustCompile(p.never).MatchString(v.path) {
					t.Errorf("asked for %s %s", v.method, v.path)
				}
				if strings.Contains(v.path, "#") || strings.Contains(v.path, kindtest.Base58(binKey)) {
					t.Error("a key was sent")
				}
			}
			if len(f.used) > 0 {
				t.Errorf("used up by reading: %v", f.used)
			}
			if len(p.ids[0]) > 4 && strings.Contains(w.log.String(), p.ids[0]) || strings.Contains(w.log.String(), kindtest.Base58(binKey)) {
				t.Error("the log tells an address")
			}
		})
	}
}

func looks(t *testing.T, w *world, f *fake, src Source, address string, p place) {
	t.Helper()
	expect := func(when string, want LookOutcome) {
		t.Helper()
		l, err := w.c.Look(t.Context(), src, address)
		if err != nil || l.Outcome != want {
			t.Errorf("%s: %s (%s), %v, want %s", when, l.Outcome, l.Reason, err, want)
		}
	}
	set := func(status int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sick = status
	}
	expect("there", LookLive)
	set(503)
	expect("out of order", LookUnreachable)
	set(403)
	expect("a wall", LookUnclear)
	set(0)
	f.remove(p.ids[0])
	want := LookGone
	if p.gone != "" {
		want = p.gone
	}
	expect("taken away", want)
}

func servePastebin(f *fake, w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api_scraping.php":
		var list []object
		for _, id := range f.ids() {
			list = append(list, object{"key": id, "date": "1795280000", "size": "120", "expire": "0", "title": "x", "syntax": "text",
				"scrape_url": "https://scrape.pastebin.com/api_scrape_item.php?i=" + id})
		}
		asJSON(w, 200, list)
	case "/api_scrape_item.php":
		th, ok := f.get(r.URL.Query().Get("i"), true)
		if !ok {
			th.body = "Error, we cannot find this paste."
		}
		_, _ = io.WriteString(w, th.body)
	default:
		http.NotFound(w, r)
	}
}

func gitBlob(body string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(body), body)))
	return hex.EncodeToString(sum[:])
}

func serveGist(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gists/public" {
		var list []object
		for _, id := range f.ids() {
			th, _ := f.get(id, false)
			raw := fmt.Sprintf("%s/nobody/%s/raw/%s/%s", f.base, id, gitBlob(th.body), th.name)
			list = append(list, object{"id": id, "public": true, "updated_at": "2026-11-03T04:05:06Z", "files": object{th.name: object{"filename": th.name, "raw_url": raw, "size": len(th.body)}}})
		}
		asJSON(w, 200, list)
		return
	}
	parts := strings.Split(r.URL.Path, "/")
	if th, ok := f.get(parts[min(2, len(parts)-1)], r.Method == http.MethodGet); ok && strings.Contains(r.URL.Path, "/raw/") {
		_, _ = io.WriteString(w, th.body)
		return
	}
	asJSON(w, 404, object{"message": "Not Found"})
}

func serveOpengist(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/gists/public" { // one a page
		ids, n := f.ids(), 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		if n < 1 || n > len(ids) {
			asJSON(w, 200, []object{})
			return
		}
		if n < len(ids) {
			w.Header().Set("Link", fmt.Sprintf(`<http://localhost:6157/api/gists/public?page=%d&per_page=1>; rel="next"`, n+1))
		}
		asJSON(w, 200, []object{{"id": ids[n-1], "public": true, "visibility": "public", "updated_at": "2026-11-03T04:05:06Z"}})
		return
	}
	id := strings.TrimPrefix(r.URL.Path, "/api/gists/")
	th, ok := f.get(id, true)
	if !ok {
		asJSON(w, 404, object{"message": "Gist not found"})
		return
	}
	asJSON(w, 200, object{"id": id, "files": object{th.name: object{"filename": th.name, "content": th.body, "size": len(th.body)}}})
}

func serveLenpaste(f *fake, w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	th, ok := f.get(id, r.URL.Query().Get("openOneUse") == "true")
	switch {
	case r.URL.Path == "/api/v1/getServerInfo":
		asJSON(w, 200, object{"software": "Lenpaste", "adminMail": "abuse@paste.example"})
	case r.URL.Path != "/api/v1/get":
		w.WriteHeader(500)
	case !ok:
		asJSON(w, 404, object{"code": 404, "error": "Could not find ID"})
	case th.once:
		asJSON(w, 200, object{"id": id, "title": "", "body": "", "oneUse": true})
	default:
		asJSON(w, 200, object{"id": id, "title": th.name, "body": th.body, "oneUse": false})
	}
}

func servePlik(f *fake, w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	id := parts[min(1, len(parts)-1)]
	th, ok := f.get(id, parts[0] == "file" && r.Method == http.MethodGet)
	switch {
	case r.URL.Path == "/config":
		asJSON(w, 200, object{"abuseContact": "abuse@plik.example"})
	case !ok:
		http.Error(w, "upload "+id+" not found", 404)
	case parts[0] == "upload":
		sum := md5.Sum([]byte(th.body))
		asJSON(w, 200, object{"id": id, "oneShot": th.once, "stream": false, "files": []object{{"id": "mghbHbSLmBYftmNQ", "fileName": th.name, "status": "uploaded",
			"fileMd5": hex.EncodeToString(sum[:]), "fileSize": len(th.body)}}})
	case parts[0] == "file":
		if th.once {
			w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
		}
		_, _ = io.WriteString(w, th.body)
	}
}

func serveTransfer(f *fake, w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	th, ok := f.get(parts[0], r.Method == http.MethodGet)
	if !ok || len(parts) != 2 {
		http.Error(w, "Not Found", 404)
		return
	}
	w.Header().Set("X-Remaining-Days", "n/a")
	w.Header().Set("X-Remaining-Downloads", "n/a")
	if th.once {
		w.Header().Set("X-Remaining-Downloads", "1")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, th.body)
}

func servePrivatebin(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Requested-With") != "JSONHttpRequest" {
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>PrivateBin</title>")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	th, ok := f.get(r.URL.RawQuery, true)
	if !ok {
		_, _ = io.WriteString(w, `{"status":1,"message":"Document does not exist, has expired or has been deleted."}`)
		return
	}
	_, _ = io.WriteString(w, kindtest.Document{Plain: map[string]any{"paste": th.body}, Key: binKey}.Answer(f.t, r.URL.RawQuery))
}

func serveRaw(prefix string, gone int) func(*fake, http.ResponseWriter, *http.Request) {
	return func(f *fake, w http.ResponseWriter, r *http.Request) {
		th, ok := f.get(strings.TrimPrefix(r.URL.Path, prefix+"/"), true)
		if !ok {
			w.WriteHeader(gone)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, th.body)
	}
}

func serveHaste(f *fake, w http.ResponseWriter, r *http.Request) {
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/raw/"), true)
	if !ok {
		asJSON(w, 404, object{"message": "Document not found."})
		return
	}
	_, _ = io.WriteString(w, th.body)
}

func serveRentry(f *fake, w http.ResponseWriter, r *http.Request) {
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/"), true)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		w.WriteHeader(404)
		return
	}
	fmt.Fprintf(w, "<html><nav>rentry</nav><article><div>%s</div></article><footer>edit</footer></html>", th.body)
}

func serveMicrobin(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/list" {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>MicroBin</title>")
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="/upload/%[1]s">%[1]s</a> <a href="/remove/%[1]s">Remove</a>`, id)
		}
		return
	}
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/raw/"), true)
	if !ok {
		th.body = "Pasta not found! :-("
	}
	_, _ = io.WriteString(w, th.body)
}

func serveGitlab(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v4/snippets/public" {
		var list []object
		for _, id := range f.ids() {
			list = append(list, object{"id": 1, "file_name": "x", "updated_at": "2026-11-03T04:05:06.123Z", "raw_url": f.base + "/-/snippets/" + id + "/raw"})
		}
		asJSON(w, 200, list)
		return
	}
	serveRaw("/-/snippets", 404)(f, w, withPath(r, strings.TrimSuffix(r.URL.Path, "/raw")))
}

func withPath(r *http.Request, path string) *http.Request {
	c := *r
	c.URL = &url.URL{Path: path}
	return &c
}

func serveDiscourse(f *fake, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/about.json":
		asJSON(w, 200, object{"about": object{"contact_email": "abuse@forum.example"}})
	case r.URL.Path == "/latest.json":
		var topics []object
		for _, id := range f.ids() {
			topics = append(topics, object{"id": json.RawMessage(id), "posts_count": 1, "bumped_at": "2026-11-03T04:05:06Z"})
		}
		asJSON(w, 200, object{"topic_list": object{"topics": topics}})
	default:
		th, ok := f.get(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/t/"), ".json"), true)
		if !ok {
			asJSON(w, 404, object{"errors": []string{"The requested URL or resource could not be found."}})
			return
		}
		asJSON(w, 200, object{"post_stream": object{"posts": []object{{"post_number": 1, "cooked": "<p>" + th.body + "</p><a href=\"/u/x\">x</a>"}}, "stream": []int{1}}, "posts_count": 1})
	}
}

func servePhpbb(f *fake, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	switch q := r.URL.Query(); {
	case r.URL.Path == "/viewtopic.php":
		if th, ok := f.get(q.Get("t"), true); ok {
			fmt.Fprintf(w, `<body id="phpbb"><div id="p12" class="post"><div class="postbody"><div class="content">%s</div></div></div><a href="./posting.php?mode=reply&amp;t=7">Reply</a>`, th.body)
			return
		}
		fmt.Fprint(w, `<body id="phpbb"><div class="panel" id="message"><p>The requested topic does not exist.</p></div>`)
	case r.URL.Path == "/viewforum.php":
		fmt.Fprint(w, `<body id="phpbb"><a href="./ucp.php?mode=login">Login</a>`)
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="./viewtopic.php?f=2&amp;t=%s&amp;sid=0123456789abcdef0123456789abcdef">x</a>`, id)
		}
	default:
		fmt.Fprint(w, `<body id="phpbb"><a href="./viewforum.php?f=2&amp;sid=0123456789abcdef0123456789abcdef">x</a>`)
	}
}

func serveMybb(f *fake, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	switch r.URL.Path {
	case "/showthread.php":
		if th, ok := f.get(r.URL.Query().Get("tid"), true); ok {
			fmt.Fprintf(w, `<div class="post_body scaleimages" id="pid_12">%s</div><a href="newreply.php?tid=7">Reply</a>Powered By MyBB`, th.body)
			return
		}
		fmt.Fprint(w, `<td>The specified thread does not exist.</td>`)
	case "/forumdisplay.php":
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="showthread.php?tid=%s">x</a><a href="member.php?action=login">Login</a>`, id)
		}
	default:
		fmt.Fprint(w, `<a href="forumdisplay.php?fid=2">x</a>`)
	}
}

func serveTelegram(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/s/onbestaand_kanaal" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<section class="tgme_channel_history js-message_history">`)
	before := 0
	if _, err := fmt.Sscan(r.URL.Query().Get("before"), &before); err != nil {
		before = 9999
		fmt.Fprint(w, `<a href="/s/onbestaand_kanaal?before=4106" class="tme_messages_more js-messages_more" data-before="4106"></a>`)
	}
	for i, id := range []string{"4100", "4105", "4106"} {
		th, ok := f.get(id, true)
		if id == "4100" {
			th, ok = thing{body: "welcome"}, true
		}
		// The newest page shows only the newest message here, so that the copy is on the one before.
		if n := []int{4100, 4105, 4106}[i]; ok && n < before && (before < 9999 || n == 4106) {
			fmt.Fprintf(w, `<div class="tgme_widget_message js-widget_message" data-post="onbestaand_kanaal/%s"><div class="tgme_widget_message_text">%s</div></div>`, id, th.body)
		}
	}
	fmt.Fprint(w, `</section>`)
}
