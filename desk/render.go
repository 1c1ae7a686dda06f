package desk

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"unmirror/desk/texts"
	"unmirror/internal/account"
	"unmirror/takedown"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is what every template gets.
type page struct {
	Lang   string
	Langs  []langChoice
	Back   string // where the language switch leads
	User   *account.User
	Nav    []navItem
	Hold   takedown.Hold
	Silent []string // sources that fell silent
	Demo   *demo
	Flash  string // key of what was just done
	Zone   string
	Narrow bool
	Data   any
}

type langChoice struct {
	Code, Name string
	Current    bool
}

type navItem struct {
	Key, Href      string
	Count          int
	Current, Apart bool
}

type demo struct{ Name, Password string }

// loadPages parses each page once per language, with that language's words bound to it.
func (d *desk) loadPages() error {
	all, err := texts.Load()
	if err != nil {
		return fmt.Errorf("load texts: %w", err)
	}
	d.langs = make(map[string]*lang, len(all))
	tags := []language.Tag{}
	for tag := range all {
		d.tags = append(d.tags, tag)
	}
	slices.Sort(d.tags)
	if _, err := knownSentences(); err != nil {
		return err
	}
	for _, tag := range d.tags {
		l := &lang{Catalogue: all[tag]}
		if l.pages, err = parsePages(d.funcs(l)); err != nil {
			return err
		}
		d.langs[tag] = l
		parsed, err := language.Parse(tag)
		if err != nil {
			return fmt.Errorf("language %q: %w", tag, err)
		}
		tags = append(tags, parsed)
	}
	d.matcher = language.NewMatcher(tags)
	return nil
}

func parsePages(funcs template.FuncMap) (map[string]*template.Template, error) {
	base, err := template.New("base").Funcs(funcs).ParseFS(templateFiles, "templates/layout.html", "templates/partials.html")
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || name == "partials" {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("clone layout: %w", err)
		}
		if pages[name], err = t.ParseFS(templateFiles, file); err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
	}
	return pages, nil
}

// funcs are the words that templates have.
func (d *desk) funcs(l *lang) template.FuncMap {
	return template.FuncMap{
		"t": l.T, "tn": l.N, "tor": func(prefix string, word any) string { return l.Or(prefix, fmt.Sprint(word)) },
		"num": l.number, "dec": l.Decimal, "pct": l.Percent, "bytes": l.Bytes,
		"date":   func(t time.Time) string { return l.Date(t.In(d.Zone)) },
		"moment": func(t time.Time) string { return l.moment(t, d.Zone) },
		"ago":    func(t time.Time) string { return l.Ago(t, d.Now()) },
		"span":   l.Span,
		"past":   func(t time.Time) bool { return t.Before(d.Now()) },
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"state":  l.pill, "element": l.element, "says": l.says, "source": l.contactSource, "act": l.act, "short": short, "thousandth": thousandth, "asset": d.assets.path, "hows": takedown.Hows,
		"seconds": func(n *int64) time.Duration { return time.Duration(*n) * time.Second },
	}
}

func (l *lang) moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return l.Moment(t)
	}
	return l.Moment(t.In(zone))
}

func (l *lang) number(n any) string {
	switch n := n.(type) {
	case int:
		return l.Number(int64(n))
	case int64:
		return l.Number(n)
	}
	return fmt.Sprint(n)
}

// page renders one page into memory first, so that a broken template never leaves half a page.
func (d *desk) page(w http.ResponseWriter, r *http.Request, code int, name string, data any) {
	v := visitOf(r)
	p := page{Lang: v.lang.Lang, User: v.user, Zone: d.Zone.String(), Data: data, Back: d.back(r)}
	for _, tag := range d.tags {
		p.Langs = append(p.Langs, langChoice{Code: tag, Name: d.langs[tag].T("name"), Current: tag == v.lang.Lang})
	}
	if d.Options.Demo {
		p.Demo = &demo{d.DemoName, d.DemoPassword}
	}
	layout := "plain"
	p.Narrow = name == "login" || name == "error"
	if v.user != nil && !strings.HasPrefix(r.URL.Path, "/alerts") && name != "login" {
		layout = "desk"
		d.furnish(r, &p, code)
	}
	var b bytes.Buffer
	if err := v.lang.pages[name].ExecuteTemplate(&b, layout, p); err != nil {
		d.Log.ErrorContext(r.Context(), "page broke", "page", name, "err", err)
		http.Error(w, v.lang.T("error.title.500"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.lang.Lang)
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // a visitor who left is nobody's error
}

// furnish adds what stands around every page of somebody who is signed in.
func (d *desk) furnish(r *http.Request, p *page, code int) {
	ctx := r.Context()
	var err error
	if p.Hold, err = d.Docket.Hold(ctx); err != nil {
		d.Log.WarnContext(ctx, "hold unknown", "err", err)
	}
	if p.Silent, err = d.Options.Silent(ctx); err != nil {
		d.Log.WarnContext(ctx, "silent sources unknown", "err", err)
	}
	counts, err := d.Docket.Counts(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "counts unknown", "err", err)
	}
	// what Queue lists, counted: opening each place to fill a badge would be too dear
	waiting := counts["cases."+string(takedown.CaseTriage)] + counts["notices."+string(takedown.NoticeDraft)] +
		counts["outbox."+string(takedown.AttemptUnknown)] + counts["duties.overdue"] + counts["disputes."+string(takedown.DisputeOpen)]
	if code < http.StatusBadRequest {
		p.Flash = d.sessions.PopString(ctx, "flash")
	}
	p.Nav = d.nav(p.User.Role, r.URL.Path, waiting)
}

// nav lists the pages that a role may see.
func (d *desk) nav(role, at string, waiting int) []navItem {
	items := []navItem{
		{Key: "nav.queue", Href: "/queue", Count: waiting}, {Key: "nav.cases", Href: "/cases"}, {Key: "nav.notices", Href: "/notices"},
		{Key: "nav.outbox", Href: "/outbox"}, {Key: "nav.sources", Href: "/sources", Apart: true}, {Key: "nav.leaks", Href: "/leaks"},
		{Key: "nav.stats", Href: "/statistics"},
	}
	if role == account.Counsel || role == account.Auditor {
		items = append(items, navItem{Key: "nav.audit", Href: "/audit"})
	}
	for i := range items {
		items[i].Current = at == items[i].Href || strings.HasPrefix(at, items[i].Href+"/")
	}
	return items
}

// back is the address of this page without a language in it; for what a POST shows, the page that it was sent from.
func (d *desk) back(r *http.Request) string {
	u := *r.URL
	if r.Method != http.MethodGet {
		u.Path = strings.TrimSuffix(u.Path, "/"+path.Base(u.Path))
		if strings.Count(u.Path, "/") < 2 { // not /notices/ID
			return local(r.URL.Path)
		}
	}
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return local(u.RequestURI())
}

// done keeps what to say and leads on, so that reloading repeats nothing.
func (d *desk) done(w http.ResponseWriter, r *http.Request, flash, to string) error {
	d.sessions.Put(r.Context(), "flash", flash)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
