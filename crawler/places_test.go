package crawler

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
