package crawler

import (
	"context"
	"net/http"
	"testing"

	"unmirror/fingerprints/match"
)

// digesting is an intake whose report has a digest whatever was found, as the matcher's has.
type digesting struct{ Intake }

func (d digesting) Match(ctx context.Context) match.Report {
	r := d.Intake.Match(ctx)
	r.Digest = "d1"
	return r
}

func TestALookBringsTheReportOfEveryBodyAndAsksWithoutConditions(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		switch r.URL.Path {
		case "/lazy":
			w.WriteHeader(http.StatusNotModified)
		case "/moved":
			http.Redirect(w, r, "/other", http.StatusFound)
		default:
			pages(map[string]string{"/": listing("a"), "/a": secret, "/other": "innocent"}).ServeHTTP(w, r)
		}
	}))
	w := newWorld(t, func(o *Options) {
		inner := o.Intake
		o.Intake = func(item string) (Intake, error) { in, err := inner(item); return digesting{in}, err }
	})
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	w.sweep(src) // remembers validators, of which a look makes no use
	for _, c := range []struct {
		path    string
		outcome LookOutcome
		verdict match.Verdict
		digest  string
		reason  string
	}{
		{"/a", LookLive, match.Matched, "d1", "known content is still there"},
		{"/other", LookChanged, match.None, "d1", "something else is there now"},
		{"/moved", LookChanged, match.None, "d1", "something else is there now"},
		{"/lazy", LookUnclear, "", "", "answers 304"},
		{"/missing", LookGone, "", "", "answers 404"},
	} {
		srv.forget()
		l, err := w.c.Look(t.Context(), src, srv.URL+c.path)
		if err != nil || l.Outcome != c.outcome || l.Report.Verdict != c.verdict || l.Report.Digest != c.digest || l.Reason != c.reason {
			t.Errorf("%s: %+v, %v", c.path, l, err)
		}
		for _, v := range srv.visitors() {
			if v.header.Get("If-None-Match") != "" || v.header.Get("If-Modified-Since") != "" {
				t.Errorf("%s was asked for under a condition", v.path)
			}
		}
	}
}

func TestALookAtContentThatCannotBeOpenedSaysWhyAndBringsItsReport(t *testing.T) {
	t.Parallel()
	w, src, _, _ := lockedWorld(t, "encrypted: needs a password")
	l, err := w.c.Look(t.Context(), src, src.URL+"/a.zip")
	if err != nil || l.Outcome != LookUnclear || l.Reason != "the content cannot be opened: encrypted: needs a password" || l.Report.Verdict != match.Unreadable {
		t.Errorf("got %+v, %v", l, err)
	}
}
