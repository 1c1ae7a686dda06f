package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"unmirror/crawler/kind/kindtest"
)

// A feed's bounds are the whole web. What a sweep read by another kind's rules is looked at again by them too: by the
// feed's, an encrypted paste would be a page without anything known, and a file for one download would be used up.
func TestALookReadsWhatAFeedPublishedByTheItemsOwnRules(t *testing.T) {
	const id = "058310c72f364949"
	var mu sync.Mutex
	var used []string
	served := map[string]*httptest.Server{}
	secure := func(host string, h http.HandlerFunc) {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			h(w, r)
		}))
		t.Cleanup(s.Close)
		served[host+":443"] = s
	}
	secure("bin.example", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Requested-With") != "JSONHttpRequest" {
			fmt.Fprint(w, "<!DOCTYPE html><title>PrivateBin</title>")
			return
		}
		fmt.Fprint(w, kindtest.Document{Plain: map[string]any{"paste": secret}, Key: binKey}.Answer(t, id))
	})
	secure("transfer.sh", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Remaining-Downloads", "1")
		if r.Method == http.MethodGet {
			mu.Lock()
			used = append(used, r.URL.Path)
			mu.Unlock()
			fmt.Fprint(w, secret)
		}
	})
	bin, once := "https://bin.example/?"+id+"#"+kindtest.Base58(binKey), "https://transfer.sh/abcdef/once.txt"
	feed := serve(t, pages(map[string]string{"/feed": `<rss version="2.0"><channel><item><link>` + bin + `</link></item><item><link>` + once + `</link></item></channel></rss>`}))
	w := newWorld(t, nil)
	internet(w, served)
	s := Source{Name: "s", Kind: "feed", URL: feed.URL + "/feed"}
	if sum := w.sweep(s); sum.Sightings != 1 || !slices.Equal(w.urls(), []string{bin}) {
		t.Fatalf("swept %v: %+v", w.urls(), sum)
	}
	for _, address := range []string{bin, once} {
		l, err := w.c.Look(context.Background(), s, address)
		want := map[bool]LookOutcome{true: LookLive, false: LookUnclear}[strings.HasPrefix(address, "https://bin.")]
		if err != nil || l.Outcome != want {
			t.Errorf("look at %s: %s (%s), want %s, %v", address, l.Outcome, l.Reason, want, err)
		}
	}
	if len(used) > 0 {
		t.Errorf("a file for one download was used up: %v", used)
	}
}
