package demo

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// PasteSite is a paste site of the haste family, with a page of recent pastes, an imprint, and pages of HTML that people share.
type PasteSite struct {
	site
	mu     sync.Mutex
	rand   *rand.Rand
	pastes []*paste // oldest first
}

type paste struct {
	Key, Title string
	HTML       bool // a page under /html/ instead of a text under /raw/
	text       string
	uploaded   bool
	down       bool
}

// Path is where the content itself lies.
func (p *paste) Path() string {
	if p.HTML {
		return "/html/" + p.Key
	}
	return "/raw/" + p.Key
}

// PasteContact is the address that the paste site publishes in its imprint.
const PasteContact = "abuse@pastes.example"

// StartPasteSite listens on addr (a loopback address; port 0 takes a free one) with some 50 innocent pastes.
func StartPasteSite(addr string) (*PasteSite, error) {
	s := &PasteSite{rand: rand.New(rand.NewPCG(4, 4))}
	for range 40 {
		s.add(pick(s.rand, topics...), innocentPaste(s.rand), false, false)
	}
	for range 10 {
		s.add(pick(s.rand, topics...), "<p>"+strings.ReplaceAll(prose(s.rand, 8), "\n\n", "</p><p>")+"</p>", true, false)
	}
	mux := http.NewServeMux()
	s.operator(mux, "Paste site", s.uploads, s.set)
	mux.HandleFunc("GET /{$}", s.show("paste_front.html"))
	mux.HandleFunc("GET /recent", s.show("paste_recent.html"))
	mux.HandleFunc("GET /html/{$}", s.show("paste_pages.html"))
	mux.HandleFunc("GET /contact", s.show("paste_contact.html"))
	mux.HandleFunc("GET /robots.txt", plain("User-agent: *\nDisallow: /_operator\nDisallow: /documents/\n"))
	mux.HandleFunc("GET /.well-known/security.txt", func(w http.ResponseWriter, r *http.Request) {
		plain("Contact: mailto:security@pastes.example\nExpires: 2099-01-01T00:00:00Z\nPreferred-Languages: en, nl\n")(w, r)
	})
	mux.HandleFunc("GET /raw/{key}", s.raw)
	mux.HandleFunc("GET /documents/{key}", s.document)
	mux.HandleFunc("GET /html/{key}", s.htmlPaste)
	mux.HandleFunc("GET /{key}", s.shell)
	if err := s.start(addr, mux); err != nil {
		return nil, err
	}
	return s, nil
}

func plain(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(text))
	}
}

// Add pastes a text and returns the URL of its raw form.
func (s *PasteSite) Add(title, text string) string {
	return s.URL + s.add(title, text, false, true).Path()
}

// AddHTML shares a page, given as the markup inside its body, and returns its URL.
func (s *PasteSite) AddHTML(title, markup string) string {
	return s.URL + s.add(title, markup, true, true).Path()
}

func (s *PasteSite) add(title, text string, isHTML, uploaded bool) *paste {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &paste{Title: title, HTML: isHTML, text: text, uploaded: uploaded}
	for p.Key == "" || s.find(p.Key) != nil {
		p.Key = ""
		for range 5 { // pronounceable, as haste-server makes them
			p.Key += pick(s.rand, "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z") + pick(s.rand, "a", "e", "i", "o", "u")
		}
	}
	s.pastes = append(s.pastes, p)
	return p
}

// find returns the paste with a key, also when it was taken down; the caller holds the lock.
func (s *PasteSite) find(key string) *paste {
	for _, p := range s.pastes {
		if p.Key == key {
			return p
		}
	}
	return nil
}

// live returns the paste behind a key, or nil.
func (s *PasteSite) live(key string, isHTML bool) *paste {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.find(key); p != nil && !p.down && p.HTML == isHTML {
		return p
	}
	return nil
}

// TakeDown removes a paste, given by path or URL in any of its forms. It returns false when there is none.
func (s *PasteSite) TakeDown(p string) bool { return s.set(p, true) }

// Restore puts a paste back that was taken down.
func (s *PasteSite) Restore(p string) bool { return s.set(p, false) }

func (s *PasteSite) set(path string, down bool) bool {
	path = pathOf(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(path[strings.LastIndexByte(path, '/')+1:])
	if p != nil {
		p.down = down
	}
	return p != nil
}

func (s *PasteSite) uploads() []upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []upload
	for _, p := range s.pastes {
		if p.uploaded {
			out = append(out, upload{Path: p.Path(), Title: p.Title, Bytes: len(p.text), Down: p.down})
		}
	}
	return out
}

// show renders a page over the list of pastes that are up, newest first.
func (s *PasteSite) show(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var texts, pages []paste
		s.mu.Lock()
		for _, p := range slices.Backward(s.pastes) {
			switch {
			case p.down:
			case p.HTML:
				pages = append(pages, *p)
			default:
				texts = append(texts, *p)
			}
		}
		s.mu.Unlock()
		s.page(w, http.StatusOK, name, map[string]any{"Texts": texts, "Pages": pages, "Contact": PasteContact})
	}
}

func (s *PasteSite) raw(w http.ResponseWriter, r *http.Request) {
	p := s.live(r.PathValue("key"), false)
	if p == nil {
		noDocument(w)
		return
	}
	plain(p.text)(w, r)
}

func (s *PasteSite) document(w http.ResponseWriter, r *http.Request) {
	p := s.live(r.PathValue("key"), false)
	if p == nil {
		noDocument(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"data": p.text, "key": p.Key})
}

func noDocument(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(`{"message":"Document not found."}`))
}

func (s *PasteSite) htmlPaste(w http.ResponseWriter, r *http.Request) {
	p := s.live(r.PathValue("key"), true)
	if p == nil {
		s.page(w, http.StatusNotFound, "paste_gone.html", nil)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<!doctype html>\n<html lang=\"nl\"><head><meta charset=\"utf-8\"><title>%s</title><link rel=\"stylesheet\" href=\"/_world.css\"></head><body><main><h1>%s</h1>%s</main></body></html>\n",
		template.HTMLEscapeString(p.Title), template.HTMLEscapeString(p.Title), p.text)
}

// shell is a paste's page, which haste serves with 200 whether or not there is a paste.
func (s *PasteSite) shell(w http.ResponseWriter, r *http.Request) {
	p := s.live(r.PathValue("key"), false)
	text := ""
	if p != nil {
		text = p.text
	}
	s.page(w, http.StatusOK, "paste_text.html", map[string]any{"Key": r.PathValue("key"), "Text": text, "Found": p != nil})
}
