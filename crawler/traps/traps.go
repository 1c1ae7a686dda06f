// Package traps serves a web site that tries to hold a crawler for ever, to fill its memory, and to hide three real pages
// from it. It is for tests, and never part of the program.
package traps

import (
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Real are the paths of the pages that are worth finding.
var Real = []string{"/real/plain.txt", "/real/behind-cookies.txt", "/real/behind-tags.txt", "/real/in-depth.txt", "/real/session.txt"}

// Site serves the traps; the real pages hold the text.
func Site(text string) http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, format string, args ...any) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, format, args...)
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, p := range []string{"wide", "endless/1", "calendar?y=2026&m=1", "list?page=1", "session", "loop/1", "turn?n=1", "drip", "bomb", "bomb.zip", "longer", "shorter",
			"cookies", "heads", "deep", "unclosed", "hang", "real/plain.txt"} {
			page(w, "<p><a href=\"/%s\">%s</a></p>\n", p, p)
		}
	})
	mux.HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		line := []byte(strings.Repeat("Disallow: /nothing-of-the-kind/\n", 2048))
		_, _ = io.WriteString(w, "User-agent: *\n")
		for n := 0; n < 1<<30; n += len(line) {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/real/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, text)
	})
	mux.HandleFunc("/endless/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		for i := range 20 {
			page(w, "<a href=\"/endless/%d\">on</a>", n*20+i)
		}
	})
	mux.HandleFunc("/calendar", func(w http.ResponseWriter, r *http.Request) {
		y, _ := strconv.Atoi(r.FormValue("y"))
		m, _ := strconv.Atoi(r.FormValue("m"))
		at := time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC)
		for _, to := range []time.Time{at.AddDate(0, 1, 0), at.AddDate(0, -1, 0), at.AddDate(1, 0, 0), at.AddDate(-1, 0, 0)} {
			page(w, "<a href=\"/calendar?y=%d&amp;m=%d\">%s</a>", to.Year(), to.Month(), to.Format("January 2006"))
		}
	})
	mux.HandleFunc("/list", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("page"))
		page(w, "<a href=\"/list?page=%d\">next</a>", n+1)
	})
	mux.HandleFunc("/session", func(w http.ResponseWriter, _ *http.Request) {
		id := strings.ToLower(rand.Text()) + "0123456789"
		page(w, "<a href=\"/session?PHPSESSID=%s\">again</a><a href=\"/session;jsessionid=%s\">again</a><a href=\"/session?s=%s\">again</a><a href=\"/real/session.txt?sid=%s\">real</a>", id, id, (id + id)[:32], id)
	})
	redirects(mux)
	bodies(mux)
	markup(mux, page)
	return mux
}

func redirects(mux *http.ServeMux) {
	mux.HandleFunc("/loop/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		http.Redirect(w, r, fmt.Sprintf("/loop/%d", n%3+1), http.StatusFound)
	})
	mux.HandleFunc("/turn", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		http.Redirect(w, r, fmt.Sprintf("/turn?n=%d", n+1), http.StatusMovedPermanently)
	})
}

// bodies are answers that do not end, or not as they said.
func bodies(mux *http.ServeMux) {
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for range 100_000 {
			if _, err := io.WriteString(w, "x"); err != nil || r.Context().Err() != nil {
				return
			}
			_ = http.NewResponseController(w).Flush() // a visitor who left is noticed at the next write
			time.Sleep(100 * time.Millisecond)
		}
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	zeros := make([]byte, 1<<20)
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/html")
		z := gzip.NewWriter(w)
		for range 10 << 10 {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/bomb.zip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(1<<31-1)) // and says so to HEAD alone
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Range", "bytes 2147418111-2147483646/2147483647")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(zeros[:64<<10])
		}
	})
	lying := func(says, sends int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, buf, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer c.Close()
			_, _ = fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", says, strings.Repeat("x", sends))
			_ = buf.Flush() // a visitor who left misses nothing
		}
	}
	mux.HandleFunc("/longer", lying(1<<40, 1000))
	mux.HandleFunc("/shorter", lying(10, 100_000))
}

// markup are pages that are heavy to read.
func markup(mux *http.ServeMux, page func(http.ResponseWriter, string, ...any)) {
	mux.HandleFunc("/cookies", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 10_000 {
			w.Header().Add("Set-Cookie", fmt.Sprintf("trap%d=%d; Path=/; Max-Age=31536000", i, i*i))
		}
		page(w, "<a href=/real/behind-cookies.txt>real</a>")
	})
	mux.HandleFunc("/heads", func(w http.ResponseWriter, _ *http.Request) {
		c, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func(c net.Conn) { _ = c.Close() }(c)
		_, _ = io.WriteString(buf, "HTTP/1.1 200 OK\r\n")
		for i := range 50_000 {
			if _, err := fmt.Fprintf(buf, "X-Trap-%d: %s\r\n", i, strings.Repeat("y", 1000)); err != nil {
				return
			}
		}
		_, _ = io.WriteString(buf, "\r\n")
		_ = buf.Flush()
	})
	mux.HandleFunc("/deep", func(w http.ResponseWriter, _ *http.Request) {
		page(w, "%s<a href=/real/in-depth.txt>real</a>%s", strings.Repeat("<div>", 100_000), strings.Repeat("</div>", 100_000))
	})
	mux.HandleFunc("/unclosed", func(w http.ResponseWriter, _ *http.Request) {
		page(w, "%s<a href=/real/behind-tags.txt>real</a>", strings.Repeat("<b>", 600))
	})
	mux.HandleFunc("/wide", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 200_000 {
			page(w, "<a href=\"/none/%d\">x</a>", i)
		}
	})
}
