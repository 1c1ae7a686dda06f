package crawler

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gocolly/colly/v2"
)

// BenchmarkAgainstBareColly sweeps 2,000 small pages on loopback, once with colly alone, one request at a time, and
// once with everything that a sweep does, in the same run. The figure is how many times longer the sweep takes.
//
//	go test -run xxx -bench BareColly ./crawler
func BenchmarkAgainstBareColly(b *testing.B) {
	const pages = 2000
	var list strings.Builder
	list.WriteString("<title>Index of /</title>")
	for i := range pages {
		fmt.Fprintf(&list, "<a href=\"%d.txt\">%d.txt</a>\n", i, i)
	}
	body := strings.Repeat("an innocent line of text\n", 80)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(list.String()))
		case strings.HasSuffix(r.URL.Path, "robots.txt"):
			http.NotFound(w, r)
		default:
			_, _ = w.Write([]byte(body))
		}
	}))
	defer srv.Close()
	var bare, ours time.Duration
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		c := colly.NewCollector()
		got := 0
		c.OnResponse(func(*colly.Response) { got++ })
		c.OnHTML("a[href]", func(e *colly.HTMLElement) { _ = e.Request.Visit(e.Attr("href")) })
		if err := c.Visit(srv.URL + "/"); err != nil || got != pages+1 {
			b.Fatal(got, err)
		}
		bare += time.Since(start)
		w := newWorld(b, nil)
		start = time.Now()
		if sum := w.sweep(Source{Name: fmt.Sprint("s", n), Kind: "directory", URL: srv.URL}); sum.Fetched != pages {
			b.Fatalf("%+v", sum)
		}
		ours += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(bare), "x-bare-colly")
	b.ReportMetric(pages*float64(b.N)/ours.Seconds(), "pages/s")
}
