package crawler

import (
	"io"
	"net/http"
	"testing"
	"time"
)

func TestPoliteRequestsKeepTheCrawlDelayThatIsKnown(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/robots.txt": "User-agent: *\nCrawl-delay: 0.3\n", "/1": "x", "/2": "x", "/3": "x"}))
	w := newWorld(t, func(o *Options) { o.Delay = 10 * time.Millisecond })
	if !w.c.Allowed(t.Context(), srv.URL+"/1") {
		t.Fatal("the page may not be read")
	}
	client := &http.Client{Transport: w.c.Polite(&http.Transport{DisableKeepAlives: true})}
	for _, path := range []string{"/1", "/2", "/3"} {
		res, err := client.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	paced(t, srv.visitors(), 4, 300*time.Millisecond)
}
