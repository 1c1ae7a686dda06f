package crawler

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// victims is an index that knows one invented person, by name and by number.
func victims(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "vandersteen-onbestaand") || strings.Contains(t, "85073003328")
}

func TestNoComposedQueryHoldsAVictim(t *testing.T) {
	name := "Mieke Vandersteen-Onbestaand"
	for label, query := range map[string]string{
		"plain":              "q=" + url.QueryEscape(name),
		"plus":               "q=Mieke+Vandersteen-Onbestaand",
		"escaped twice":      "q=" + url.QueryEscape(url.QueryEscape(name)),
		"escaped letters":    "q=%56andersteen%2DOnbestaand",
		"number with dots":   "nr=85.07.30-033.28",
		"number in pieces":   "nr=8+5+0+7+3+0+0+3+3+2+8",
		"in another field":   "a=1&b=2&name=vandersteen-onbestaand",
		"as a name of field": "Vandersteen-Onbestaand=1",
		"base64":             "q=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(name))),
		"base64url":          "q=" + base64.RawURLEncoding.EncodeToString([]byte(name)),
		"hex":                "q=" + hex.EncodeToString([]byte(name)),
	} {
		t.Run(label, func(t *testing.T) {
			s := serve(t, http.NotFoundHandler())
			w := newWorld(t, func(o *Options) { o.Betrays = victims })
			sum := w.sweep(Source{Name: "s", Kind: "feed", URL: s.URL + "/search?" + query})
			for _, p := range s.paths() {
				if p != "/robots.txt" {
					t.Errorf("asked for %s", p)
				}
			}
			if sum.State != "failed" || !strings.Contains(sum.Reason, "would tell the place") || strings.Contains(strings.ToLower(sum.Reason), "vandersteen") {
				t.Errorf("got %+v", sum)
			}
			if strings.Contains(strings.ToLower(w.log.String()), "vandersteen") {
				t.Error("the log tells the name")
			}
		})
	}
}

func TestWhatOthersPublishedIsNoQueryOfOurs(t *testing.T) {
	s := serve(t, pages(map[string]string{
		"/feed?list=1": `<rss><channel><item><link>/Vandersteen-Onbestaand.txt?nr=85073003328</link></item></channel></rss>`,
		"/Vandersteen-Onbestaand.txt?nr=85073003328": secret,
	}))
	w := newWorld(t, func(o *Options) { o.Betrays = victims })
	if sum := w.sweep(Source{Name: "s", Kind: "feed", URL: s.URL + "/feed?list=1"}); sum.Sightings != 1 {
		t.Errorf("got %+v", sum)
	}
}

func TestABeaconThatTheIndexKnowsIsRefusedAndNotRepeated(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Betrays = victims })
	bad := Source{Name: "s", Kind: "searxng", URL: "http://127.0.0.1:9/", Beacons: []string{"zq-canary-7f3a", "Vandersteen-Onbestaand"}}
	if _, err := w.c.Sweep(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "beacons[1]") || strings.Contains(err.Error(), "Vandersteen") {
		t.Errorf("got %v", err)
	}
	bad.Beacons = bad.Beacons[:1]
	if err := w.c.Check(bad); err != nil {
		t.Error(err)
	}
	for _, s := range []Source{
		{Name: "s", Kind: "directory", URL: "http://127.0.0.1:9/", Beacons: []string{"x"}},
		{Name: "s", Kind: "directory", URL: "http://127.0.0.1:9/", Lookups: true},
	} {
		if s.Check() == nil {
			t.Errorf("%s was taken with what its kind never sends", s.Kind)
		}
	}
}
