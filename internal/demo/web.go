package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// maxLog bounds an access log; the oldest half goes when it is full.
const maxLog = 20000

// Access is one request that a site answered.
type Access struct {
	At        time.Time
	Method    string
	Path      string // with query
	Status    int
	UserAgent string
}

// site is a small web server on the loopback that remembers who asked for what.
type site struct {
	URL string // without a slash at the end

	srv   *http.Server
	done  chan struct{}
	pages *template.Template

	logMu sync.Mutex
	log   []Access
}

// start listens on addr, whose host must be a loopback address, and serves h.
func (s *site) start(addr string, h http.Handler) error {
	l, err := listenLoopback(addr)
	if err != nil {
		return err
	}
	if s.pages, err = template.New("").Funcs(template.FuncMap{"when": func(t time.Time) string { return t.Format("2 Jan 2006, 15:04:05") }, "links": links}).
		ParseFS(pageFiles, "pages/*.html"); err != nil {
		return errors.Join(fmt.Errorf("read pages: %w", err), l.Close())
	}
	s.URL, s.done = "http://"+l.Addr().String(), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_world.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "pages/world.css")
	})
	mux.Handle("/", h)
	s.srv = &http.Server{Handler: s.logged(http.NewCrossOriginProtection().Handler(mux)), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.srv.Serve(l) // ends with ErrServerClosed
	}()
	return nil
}

func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %s: the invented world stays on the loopback", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// Addr is the host and port.
func (s *site) Addr() string { return strings.TrimPrefix(s.URL, "http://") }

// Close stops the site.
func (s *site) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // somebody keeps a connection open
		err = s.srv.Close()
	}
	<-s.done
	return err
}

// Log returns the requests answered so far, oldest first.
func (s *site) Log() []Access {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return append([]Access(nil), s.log...)
}

func (s *site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &counted{ResponseWriter: w, status: http.StatusOK}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(c, r)
		s.logMu.Lock()
		defer s.logMu.Unlock()
		if len(s.log) >= maxLog {
			s.log = append(s.log[:0], s.log[maxLog/2:]...)
		}
		s.log = append(s.log, Access{At: time.Now(), Method: r.Method, Path: r.URL.RequestURI(), Status: c.status, UserAgent: r.UserAgent()})
	})
}

type counted struct {
	http.ResponseWriter
	status int
}

func (c *counted) WriteHeader(code int) {
	c.status = code
	c.ResponseWriter.WriteHeader(code)
}

// page writes one of the world's own pages.
func (s *site) page(w http.ResponseWriter, status int, name string, data any) {
	var b strings.Builder
	if err := s.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String()))
}

// upload is one item on an operator's page.
type upload struct {
	Path  string
	Title string
	Bytes int
	Down  bool
}

// operator serves the page on which a host's operator takes items down and puts them back.
func (s *site) operator(mux *http.ServeMux, name string, list func() []upload, set func(path string, down bool) bool) {
	mux.HandleFunc("GET /_operator", func(w http.ResponseWriter, _ *http.Request) {
		s.page(w, http.StatusOK, "operator.html", map[string]any{"Name": name, "Site": s.URL, "Uploads": list()})
	})
	mux.HandleFunc("POST /_operator", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		if !set(r.FormValue("path"), r.FormValue("act") != "restore") {
			http.Error(w, "there is no such item", http.StatusNotFound)
			return
		}
		http.Redirect(w, r, "/_operator", http.StatusSeeOther)
	})
}
