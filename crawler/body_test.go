package crawler

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestPagesBecomeUTF8WhateverTheirHeaderSays(t *testing.T) {
	cases := []struct{ name, in, header, want string }{
		{"UTF-8 under a Latin-1 header", "\u00fcber", "text/html; charset=ISO-8859-1", "\u00fcber"},
		{"Latin-1", "\xfcber", "text/html; charset=ISO-8859-1", "\u00fcber"},
		{"Latin-1 without a header", "\xfcber alles", "text/html", "\u00fcber alles"},
		{"cut inside a letter", "abc\xc3", "text/html; charset=utf-8", "abc"},
		{"UTF-16 with a mark", "\xff\xfea\x00b\x00", "text/html", "ab"},
		{"empty", "", "", ""},
	}
	for _, c := range cases {
		if got := strings.TrimPrefix(string(toUTF8([]byte(c.in), c.header)), "\ufeff"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		in   string
		want time.Duration
	}{
		{"", 0}, {"120", 2 * time.Minute}, {" 5 ", 5 * time.Second}, {"-3", 0}, {"soon", 0}, {"99999999999", maxRetryAfter},
		{"Sun, 01 Mar 2026 12:01:00 GMT", time.Minute}, {"Sun, 01 Mar 2020 12:01:00 GMT", 0}, {"Sun, 01 Mar 2099 12:01:00 GMT", maxRetryAfter},
	}
	for _, c := range cases {
		if got := retryAfter(http.Header{"Retry-After": {c.in}}, now); got != c.want {
			t.Errorf("%q: got %v, want %v", c.in, got, c.want)
		}
	}
}

func FuzzDecodeNeverPanicsNorGrowsWithoutBound(f *testing.F) {
	for _, s := range []string{gz("hello"), "plain", "\x1f\x8b", "\x28\xb5\x2f\xfd", "\x78\x9c"} {
		for _, e := range []string{"gzip", "deflate", "br", "zstd", "gzip, br", "identity", ",,,"} {
			f.Add([]byte(s), e)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		const most = 1 << 20
		out, err := io.ReadAll(io.LimitReader(decode(strings.NewReader(string(body)), encoding), most))
		if err != nil && err != errCoding && err != io.ErrUnexpectedEOF {
			t.Fatalf("%v", err)
		}
		if page := toUTF8(out, "text/html"); !utf8.Valid(page) {
			t.Fatal("a page that is not UTF-8")
		}
	})
}

func TestACancelledSweepLeavesNoGoroutineBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int64
	files := http.FileServer(http.Dir(tree(t, 50)))
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 10 {
			cancel()
		}
		files.ServeHTTP(w, r)
	}))
	w := newWorld(t, func(o *Options) { o.Delay = 20 * time.Millisecond })
	sum, err := w.c.Sweep(ctx, Source{Name: "s", Kind: "directory", URL: srv.URL})
	if err == nil || sum.State != "paused" || sum.Reason != "interrupted" {
		t.Errorf("got %+v, %v", sum, err)
	}
	w.c.wire.inner.CloseIdleConnections()
	srv.Close()
	if err := goleak.Find(before, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener")); err != nil {
		t.Error(err)
	}
}
