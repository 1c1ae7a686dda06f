package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"unmirror/crawler/kind"
)

func TestASweepThatIsNotAdmittedAsksForNothing(t *testing.T) {
	site := serve(t, pages(nil))
	why := errors.New("the leak file lacks legal.dpia")
	w := newWorld(t, func(o *Options) {
		o.Admit = func(_ context.Context, s Source) (Source, error) { return s, why }
	})
	_, err := w.c.Sweep(t.Context(), Source{Name: "mirror", Kind: "directory", URL: site.URL + "/"})
	var refused *NotAdmitted
	if !errors.As(err, &refused) || !errors.Is(err, why) || err.Error() != why.Error() {
		t.Errorf("got %v", err)
	}
	if got := site.paths(); len(got) != 0 {
		t.Errorf("asked for %v", got)
	}
}

// A private source is one whose own addresses need no leak file. A link or a redirect out of it would.
func TestAPrivateSourceNeverReachesAPublicAddress(t *testing.T) {
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/feed.xml" {
			_, _ = w.Write([]byte("nothing known"))
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = fmt.Fprintf(w, `<rss><channel><item><link>http://11.0.0.1/away.txt</link></item><item><link>http://%s/here.txt</link></item></channel></rss>`, r.Host)
	}))
	w := newWorld(t, func(o *Options) {
		o.Admit = func(_ context.Context, s Source) (Source, error) { s.Private = true; return s, nil }
	})
	sum := w.sweep(Source{Name: "mirror", Kind: "feed", URL: site.URL + "/feed.xml"})
	if sum.Errors != 1 || !strings.Contains(strings.Join(sum.ErrorSamples, " "), "crawler.allow_private only") {
		t.Errorf("%d errors %q; want one, of the public address", sum.Errors, sum.ErrorSamples)
	}
}

func TestThePlacesWhereASweepStarts(t *testing.T) {
	for _, c := range []struct {
		s    Source
		want string
	}{
		{Source{Name: "a", Kind: "directory", URL: "http://Mirror.example/x/"}, "mirror.example:80"},
		{Source{Name: "a", Kind: "directory", URL: "https://mirror.example:8443/x/"}, "mirror.example:8443"},
		{Source{Name: "a", Kind: "directory", URL: "https://[2001:db8::1]/"}, "[2001:db8::1]:443"},
		{Source{Name: "a", Kind: "ftp", URL: "ftp://files.example/"}, "files.example:21"},
	} {
		got, err := c.s.Places()
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v %v, want %s", c.s.URL, got, err, c.want)
		}
	}
	if _, err := (Source{Name: "a", Kind: "nothing"}).Places(); err == nil {
		t.Error("a source that cannot be used has places")
	}
}

func TestEveryKindSaysWhereItsSweepsStart(t *testing.T) {
	for _, name := range kind.Names() {
		told := false
		for _, url := range []string{"", "https://place.example/", "ftp://place.example/", "rsync://place.example/module/", "https://t.me/s/channel"} {
			for _, items := range [][]string{nil, {"brieven-2026"}, {"https://place.example/a"}, {"bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"}} {
				places, err := Source{Name: "a", Kind: name, URL: url, Items: items, Item: "a", Follow: "x"}.Places()
				if err == nil && len(places) == 0 {
					t.Errorf("%s at %q with %v starts nowhere", name, url, items)
				}
				told = told || err == nil
			}
		}
		if !told {
			t.Logf("%s: not tried", name)
		}
	}
}
