package crawler

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

// standing is a whole server with one item at /raw/item.txt.
type standing struct {
	item, root, other func(w http.ResponseWriter) // other: every other address
	robots            string
}

func (p standing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	do := p.other
	switch r.URL.Path {
	case "/raw/item.txt":
		do = p.item
	case "/":
		do = p.root
	case "/robots.txt":
		if p.robots != "" {
			fmt.Fprint(w, p.robots)
			return
		}
	}
	do(w)
}

func answers(status int, mediaType, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if mediaType != "" {
			w.Header().Set("Content-Type", mediaType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func says(status int, title, text string) func(http.ResponseWriter) {
	return answers(status, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>"+title+"</title></head><body><h1>"+title+"</h1><p>"+text+"</p></body></html>")
}

var (
	nginx404  = answers(404, "text/html", "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n")
	apache404 = answers(404, "text/html; charset=iso-8859-1", `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>`)
	go404     = answers(404, "text/plain; charset=utf-8", "404 page not found\n")
	index     = answers(200, "text/html", `<html><head><title>Index of /</title></head><body><h1>Index of /</h1><pre><a href="raw/">raw/</a> 21-Nov-2026 17:30 -</pre></body></html>`)
	noindex   = answers(200, "text/html", `<html><head><title>Index of /</title></head><body><h1>Index of /</h1><pre><a href="../">../</a></pre></body></html>`)
	home      = says(200, "Pastes of the town", "Share your text with anybody. The newest ones are listed below.")
	shell     = answers(200, "text/html", `<!doctype html><html><head><title>pastes</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>`)
)

func TestWhatIsGoneAndWhatOnlyLooksSo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		place standing
		kind  string // directory: the root must be a listing; haste: it has none
		want  LookOutcome
	}{
		// gone
		"nginx":                       {standing{item: nginx404, root: index, other: nginx404}, "directory", LookGone},
		"apache, an empty listing":    {standing{item: apache404, root: noindex, other: apache404}, "directory", LookGone},
		"410":                         {standing{item: says(410, "410 Gone", ""), root: home, other: nginx404}, "site", LookGone},
		"451":                         {standing{item: answers(451, "", ""), root: home, other: nginx404}, "site", LookGone},
		"410 and nothing else left":   {standing{item: says(410, "410 Gone", ""), root: says(410, "410 Gone", ""), other: says(410, "410 Gone", "")}, "site", LookGone},
		"haste":                       {standing{item: answers(404, "application/json", `{"message":"Document not found."}`), root: nginx404, other: nginx404}, "haste", LookGone},
		"store":                       {standing{item: answers(404, "application/xml", `<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>`), root: answers(403, "application/xml", ""), other: nginx404}, "site", LookGone},
		"soft 404, dutch":             {standing{item: says(200, "Helaas", "Dit bestand bestaat niet meer."), root: home, other: home}, "site", LookGone},
		"soft 404, german":            {standing{item: says(200, "Fehler", "Die Datei wurde gelöscht."), root: home, other: home}, "site", LookGone},
		"soft 404, plain":             {standing{item: answers(200, "text/plain", "Pasta not found! :-("), root: home, other: home}, "site", LookGone},
		"an error inside JSON":        {standing{item: answers(200, "application/json", `{"status":"404","content":"Entry not found"}`), root: home, other: home}, "site", LookGone},
		"a shell for what is missing": {standing{item: says(200, "Hmm", "There was something. Try the archive, or write another one with the form."), root: home, other: says(200, "Hmm", "There was something. Try the archive, or write another one with the form.")}, "site", LookGone},
		"404, the root forbidden":     {standing{item: nginx404, root: says(403, "403 Forbidden", ""), other: nginx404}, "elsewhere", LookGone},
		// something else
		"other content":   {standing{item: answers(200, "text/plain", "Minutes of the meeting of 12 March."), root: home, other: nginx404}, "site", LookChanged},
		"nothing in it":   {standing{item: answers(200, "text/plain", ""), root: home, other: nginx404}, "site", LookChanged},
		"another file":    {standing{item: answers(200, "application/octet-stream", "\x00\x01\x02 something else"), root: home, other: answers(200, "application/octet-stream", "\x00\x01\x02 something else")}, "site", LookChanged},
		"a longer report": {standing{item: says(200, "On link rot", strings.Repeat("Pages are not found, files were deleted, sites ask to log in. ", 40)), root: home, other: nginx404}, "site", LookChanged},
		// no sign of being gone
		"the whole place is 404":     {standing{item: nginx404, root: nginx404, other: nginx404}, "site", LookUnreachable},
		"nothing but PHP is left":    {standing{item: answers(404, "text/plain", "File not found.\n"), root: answers(404, "text/plain", "File not found.\n"), other: answers(404, "text/plain", "File not found.\n")}, "site", LookUnreachable},
		"200 for every address":      {standing{item: says(200, "Oops", "The page you requested could not be found."), root: says(200, "Oops", "The page you requested could not be found."), other: says(200, "Oops", "The page you requested could not be found.")}, "site", LookUnclear},
		"200, and no root":           {standing{item: says(200, "Oops", "The page you requested could not be found."), root: says(503, "Service Unavailable", ""), other: nginx404}, "site", LookUnreachable},
		"the listing is 404":         {standing{item: nginx404, root: nginx404, other: nginx404}, "directory", LookUnreachable},
		"the listing is forbidden":   {standing{item: nginx404, root: says(403, "403 Forbidden", ""), other: nginx404}, "directory", LookUnclear},
		"the listing is none":        {standing{item: nginx404, root: home, other: nginx404}, "directory", LookUnclear},
		"the listing is broken":      {standing{item: nginx404, root: says(502, "502 Bad Gateway", ""), other: nginx404}, "directory", LookUnreachable},
		"default server":             {standing{item: nginx404, root: says(200, "Welcome to nginx!", "If you see this page, the nginx web server is successfully installed."), other: nginx404}, "site", LookUnreachable},
		"apache's default":           {standing{item: apache404, root: says(200, "Apache2 Debian Default Page: It works", ""), other: apache404}, "site", LookUnreachable},
		"no back end":                {standing{item: answers(404, "text/plain", "default backend - 404"), root: home, other: go404}, "site", LookUnreachable},
		"an app that is not there":   {standing{item: says(404, "No such app", "There is no app configured at that hostname."), root: home, other: go404}, "site", LookUnreachable},
		"the bucket is closed":       {standing{item: answers(404, "application/xml", `<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>`), root: home, other: nginx404}, "site", LookUnreachable},
		"403":                        {standing{item: says(403, "403 Forbidden", ""), root: home, other: nginx404}, "site", LookUnclear},
		"401":                        {standing{item: says(401, "Authorization Required", ""), root: home, other: nginx404}, "site", LookUnclear},
		"429":                        {standing{item: says(429, "Too Many Requests", ""), root: home, other: nginx404}, "site", LookUnclear},
		"500":                        {standing{item: says(500, "Internal Server Error", "not found"), root: home, other: nginx404}, "site", LookUnreachable},
		"503":                        {standing{item: says(503, "Maintenance", ""), root: home, other: nginx404}, "site", LookUnreachable},
		"captcha":                    {standing{item: says(200, "Just a moment...", "Checking your browser"), root: home, other: nginx404}, "site", LookUnclear},
		"log-in":                     {standing{item: says(200, "Log in", `Name <input name="n"> Password <input type="password" name="p">`), root: home, other: says(200, "Log in", `Name <input name="n"> Password <input type="password" name="p">`)}, "site", LookUnclear},
		"password":                   {standing{item: says(200, "Beveiligd", "Geef het wachtwoord"), root: home, other: nginx404}, "site", LookUnclear},
		"consent":                    {standing{item: says(200, "Before you continue", "We value your privacy. Accept all"), root: home, other: home}, "site", LookUnclear},
		"maintenance with 200":       {standing{item: says(200, "Onderhoud", "Wegens onderhoud tijdelijk niet beschikbaar."), root: home, other: home}, "site", LookUnreachable},
		"parked":                     {standing{item: says(200, "files.example", "This domain is for sale. Related searches"), root: home, other: home}, "site", LookUnclear},
		"the same everywhere":        {standing{item: says(200, "We are rebuilding", "A new house style needs its time."), root: says(200, "We are rebuilding", "A new house style needs its time."), other: says(200, "We are rebuilding", "A new house style needs its time.")}, "site", LookUnclear},
		"nothing at any address":     {standing{item: answers(200, "text/plain", ""), root: answers(200, "", ""), other: answers(200, "", "")}, "site", LookUnclear},
		"nothing, of any type":       {standing{item: answers(200, "application/octet-stream", ""), root: answers(200, "text/html", ""), other: answers(200, "text/html", "")}, "directory", LookUnclear},
		"a page made by a program":   {standing{item: shell, root: shell, other: shell}, "site", LookUnclear},
		"suspended":                  {standing{item: says(200, "Account Suspended", "This account has been suspended."), root: home, other: home}, "site", LookUnreachable},
		"haste behind something":     {standing{item: nginx404, root: home, other: nginx404}, "haste", LookUnclear},
		"robots.txt, a broken store": {standing{item: says(200, "Error", "Error establishing a database connection"), root: home, other: home, robots: "User-agent: *\nAllow: /\n"}, "site", LookUnreachable},
	}
	w := newWorld(t, nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, c.place)
			s := Source{Name: "s", Kind: c.kind, URL: srv.URL + "/"}
			switch c.kind {
			case "haste":
				s.Items = []string{"item.txt"}
			case "elsewhere": // an item that was linked from another place
				s.Kind, s.URL = "feed", "http://other.example/feed.xml"
			}
			l, err := w.c.Look(t.Context(), s, srv.URL+"/raw/item.txt")
			if err != nil {
				t.Fatal(err)
			}
			if l.Outcome != c.want || l.Reason == "" || strings.Contains(l.Reason, "://") {
				t.Errorf("got %s (%s), want %s", l.Outcome, l.Reason, c.want)
			}
			if n := len(srv.visitors()); n > 5 {
				t.Errorf("%d requests for one look", n)
			}
		})
	}
}

func TestARedirectBeforeAWallIsNoChange(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]LookOutcome{"/login?next=1": LookUnclear, "/users/sign_in": LookUnclear, "/consent": LookUnclear, "/cgi-sys/suspendedpage.cgi": LookUnclear, "/welcome": LookChanged, "/blog/login-tips": LookChanged} {
		srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/item":
				http.Redirect(w, r, to, http.StatusFound)
			case "/", "/welcome", "/blog/login-tips":
				home(w)
			default:
				nginx404(w)
			}
		}))
		w := newWorld(t, nil)
		l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: "site", URL: srv.URL + "/"}, srv.URL+"/item")
		if err != nil || l.Outcome != want {
			t.Errorf("%s: %s (%s), %v", to, l.Outcome, l.Reason, err)
		}
	}
}

// proxy is an HTTP proxy that marks what goes through it, as another network would look to the server.
func proxy(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(r.Context())
		out.RequestURI = ""
		out.Header.Set("X-From", "elsewhere")
		res, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = res.Body.Close() }()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestASecondNetworkMustAgree(t *testing.T) {
	t.Parallel()
	deaf := fmt.Sprintf("http://127.0.0.1:%d", testneeds.Port(t))
	exit := proxy(t)
	for name, c := range map[string]struct {
		exit, here, there string
		want              LookOutcome
		from              string
	}{
		"gone for both":             {exit, "404", "404", LookGone, "direct second_exit"},
		"gone for us only":          {exit, "404", "live", LookLive, "second_exit"},
		"blocked with other words":  {exit, "other", "live", LookLive, "second_exit"},
		"the other meets a wall":    {exit, "404", "403", LookGone, "direct"},
		"the other is out of order": {exit, "404", "503", LookGone, "direct"},
		"changed here, gone there":  {exit, "other", "404", LookChanged, "direct second_exit"},
		"live is not asked twice":   {exit, "live", "404", LookLive, "direct"},
		"no second exit":            {"", "404", "live", LookGone, "direct"},
		"the exit does not work":    {deaf, "404", "live", LookGone, "direct"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				told := c.here
				if r.Header.Get("X-From") == "elsewhere" {
					told = c.there
				}
				switch {
				case r.URL.Path == "/":
					home(w)
				case r.URL.Path != "/item":
					nginx404(w)
				case told == "live":
					fmt.Fprint(w, secret)
				case told == "other":
					fmt.Fprint(w, "Minutes of the meeting.")
				default:
					var code int
					fmt.Sscan(told, &code)
					says(code, told, "")(w)
				}
			}))
			w := newWorld(t, func(o *Options) { o.SecondExit = c.exit })
			l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: "site", URL: srv.URL + "/"}, srv.URL+"/item")
			if err != nil || l.Outcome != c.want || strings.Join(l.SeenFrom, " ") != c.from {
				t.Errorf("got %s (%s) from %v, %v", l.Outcome, l.Reason, l.SeenFrom, err)
			}
		})
	}
}

func TestAWorkerElsewhereMayBeTheSecondExit(t *testing.T) {
	t.Parallel()
	srv := serve(t, standing{item: nginx404, root: home, other: nginx404})
	for _, outcome := range []LookOutcome{LookGone, LookLive} {
		w := newWorld(t, func(o *Options) {
			o.SecondLook = func(context.Context, Source, string) (Look, error) { return Look{Outcome: outcome}, nil }
		})
		l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: "site", URL: srv.URL + "/"}, srv.URL+"/raw/item.txt")
		if err != nil || l.Outcome != outcome || (len(l.SeenFrom) == 2) != (outcome == LookGone) {
			t.Errorf("got %s from %v, %v", l.Outcome, l.SeenFrom, err)
		}
	}
	if err := checkSecond("ftp://x.example"); err == nil {
		t.Error("an exit that is no proxy was taken")
	}
}
