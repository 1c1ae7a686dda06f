package desk

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"

	"unmirror/takedown"
)

//go:embed ticket.yaml
var ticketWords []byte

//go:embed public/ticket.html
var ticketPage string

// ticketText is the page's words in one language. The page stands for itself: abuse desks read more languages than the desk has.
type ticketText struct {
	Title, Genuine, Ticket, Organisation, Date, Kind, Contact, Email, Telephone, Nothing, Unknown, Slow string

	UnknownWhat string            `yaml:"unknown_what"`
	Kinds       map[string]string `yaml:"kinds"`
}

// tickets serves the public pages of tickets.
type tickets struct {
	words   map[string]ticketText
	tags    []string
	matcher language.Matcher
	page    *template.Template
	asks    *asks
}

func loadTickets(now func() time.Time) (*tickets, error) {
	t := &tickets{tags: []string{"en", "nl", "fr", "de"}, asks: newAsks(now)}
	if err := yaml.Unmarshal(ticketWords, &t.words); err != nil {
		return nil, fmt.Errorf("load words of tickets: %w", err)
	}
	var tags []language.Tag
	for _, tag := range t.tags {
		if t.words[tag].Title == "" {
			return nil, fmt.Errorf("load words of tickets: none in %s", tag)
		}
		tags = append(tags, language.Make(tag))
	}
	t.matcher = language.NewMatcher(tags)
	var err error
	if t.page, err = template.New("ticket").Parse(ticketPage); err != nil {
		return nil, fmt.Errorf("parse page of tickets: %w", err)
	}
	return t, nil
}

// ticketView is what the page shows.
type ticketView struct {
	Lang, Head, Lede, Date, Kind, Icon, Style string
	Words                                     ticketText
	Page                                      *takedown.TicketPage // nil: there is none
}

// ticketShow tells an abuse desk that a ticket is genuine, and nothing else. It knows no session, sets no cookie, and answers whatever is
// no ticket alike.
func (d *desk) ticketShow(w http.ResponseWriter, r *http.Request) {
	lang := d.tickets.language(r)
	words := d.tickets.words[lang]
	view := ticketView{Lang: lang, Words: words, Head: words.Unknown, Lede: words.UnknownWhat, Icon: d.assets.path("favicon.svg"), Style: d.assets.path("desk.css")}
	if !d.tickets.asks.may(network(r)) {
		w.Header().Set("Retry-After", "60")
		view.Head, view.Lede = words.Slow, ""
		d.tickets.show(w, http.StatusTooManyRequests, view)
		return
	}
	page, err := d.Docket.Ticket(r.Context(), r.PathValue("ticket"))
	switch {
	case errors.Is(err, takedown.ErrNotFound):
		d.tickets.show(w, http.StatusNotFound, view)
	case err != nil:
		d.Log.ErrorContext(r.Context(), "page broke", "page", "ticket", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	default:
		view.Head, view.Lede, view.Page = words.Title, strings.ReplaceAll(words.Genuine, "{organisation}", page.Organisation), &page
		view.Date, view.Kind = page.Date.UTC().Format(time.DateOnly), words.Kinds[string(page.Kind)]
		d.tickets.show(w, http.StatusOK, view)
	}
}

func (t *tickets) show(w http.ResponseWriter, code int, view ticketView) {
	var b bytes.Buffer
	if err := t.page.Execute(&b, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", view.Lang)
	h.Set("Vary", "Accept-Language")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // a visitor who left is nobody's error
}

// language is what the visitor's program asks for, English otherwise.
func (t *tickets) language(r *http.Request) string {
	prefs, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(prefs) == 0 {
		return "en"
	}
	if _, i, sure := t.matcher.Match(prefs...); sure >= language.Low {
		return t.tags[i]
	}
	return "en"
}

const (
	asksAtOnce  = 20          // that one network may ask before it waits
	asksEvery   = time.Second // after which it may ask once more
	asksTracked = 4096        // networks remembered
)

// asks counts by network: each has a bucket that fills with time. Right and wrong addresses count alike.
type asks struct {
	now func() time.Time

	mu   sync.Mutex
	full map[string]time.Time // when the bucket is full again
}

func newAsks(now func() time.Time) *asks { return &asks{now: now, full: map[string]time.Time{}} }

func (a *asks) may(network string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	at := a.full[network]
	if at.Before(now) {
		at = now
	}
	if at = at.Add(asksEvery); at.Sub(now) > asksAtOnce*asksEvery {
		return false
	}
	if len(a.full) >= asksTracked {
		for k, v := range a.full {
			if !v.After(now) {
				delete(a.full, k)
			}
		}
		if len(a.full) >= asksTracked {
			clear(a.full) // a flood from everywhere is the proxy's to stop; memory stays bounded
		}
	}
	a.full[network] = at
	return true
}
