package crawler

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"unmirror/fingerprints/match"
)

// fragile is an intake that panics as a decoder on hostile input may.
type fragile struct {
	Intake
	open    *atomic.Int64
	onMatch bool
}

func (f fragile) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("break the decoder")) {
		panic("index out of range")
	}
	return f.Intake.Write(p)
}

func (f fragile) Match(ctx context.Context) match.Report {
	f.open.Add(-1)
	if f.onMatch {
		panic("index out of range")
	}
	return f.Intake.Match(ctx)
}

func (f fragile) Discard() { f.open.Add(-1); f.Intake.Discard() }

func fragileWorld(t *testing.T, onMatch bool) (*world, *atomic.Int64) {
	open := &atomic.Int64{}
	w := newWorld(t, func(o *Options) {
		inner := o.Intake
		o.Intake = func(item string) (Intake, error) {
			in, err := inner(item)
			open.Add(1)
			return fragile{in, open, onMatch}, err
		}
	})
	return w, open
}

func TestAPanicInADecoderIsAFaultOfTheItemAndLeavesNoIntakeOpen(t *testing.T) {
	t.Parallel()
	for _, onMatch := range []bool{false, true} {
		body := "break the decoder"
		if onMatch {
			body = "break the matcher"
		}
		srv := serve(t, pages(map[string]string{"/": listing("bad", "good"), "/bad": body, "/good": secret}))
		w, open := fragileWorld(t, onMatch)
		src := Source{Name: "s", Kind: "directory", URL: srv.URL}
		l, err := w.c.Look(t.Context(), src, srv.URL+"/bad")
		if err != nil || l.Outcome != LookUnclear || l.Reason != "the page broke the parser" || l.Capture.Status != 200 || l.Capture.Finished.IsZero() {
			t.Errorf("look: %+v, %v", l, err)
		}
		sum := w.sweep(src)
		if sum.State != "done" || sum.Errors == 0 || !strings.Contains(sum.ErrorSamples[0], "broke the parser") || !onMatch && sum.Sightings != 1 {
			t.Errorf("sweep: %+v", sum)
		}
		if n := open.Load(); n != 0 {
			t.Errorf("%d intakes were left open", n)
		}
	}
}

func TestAPanicWhileASourceIsTestedIsItsError(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/": listing("a")}))
	w := newWorld(t, nil)
	w.c.base = nil // stands for a library that panics before anything was received
	r, err := w.c.Test(t.Context(), Source{URL: srv.URL, Kind: "directory"})
	if err != nil || r.OK || r.FirstErr != "the page broke the parser" {
		t.Errorf("got %+v, %v", r, err)
	}
}
