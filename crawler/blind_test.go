package crawler

import (
	"fmt"
	"testing"

	"unmirror/internal/testneeds"
)

// TestADeadLinkElsewhereDoesNotBlindASource: whoever may post a link must not keep a feed from being read again.
func TestADeadLinkElsewhereDoesNotBlindASource(t *testing.T) {
	dead := fmt.Sprintf("127.0.0.1:%d", testneeds.Port(t))
	for name, elsewhere := range map[string]string{"dead": "http://" + dead + "/", "private": "http://10.9.9.9/p"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			s := serve(t, pages(map[string]string{
				"/feed": fmt.Sprintf(`<rss version="2.0"><channel><item><guid>1</guid><link>%s</link></item><item><guid>2</guid><link>/good</link></item></channel></rss>`, elsewhere),
				"/good": "nothing known",
			}))
			src := Source{Name: "feed", Kind: "feed", URL: s.URL + "/feed"}
			for i := range 2 {
				s.forget()
				sum := w.sweep(src)
				if sum.State != "done" || sum.Errors == 0 {
					t.Errorf("sweep %d: %s with %d errors (%s)", i+1, sum.State, sum.Errors, sum.Reason)
				}
				listed := false
				for _, p := range s.paths() {
					listed = listed || p == "/feed"
				}
				if !listed {
					t.Errorf("sweep %d did not read the feed: %v", i+1, s.paths())
				}
			}
		})
	}
}
