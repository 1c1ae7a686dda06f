package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"unmirror/fingerprints/open"
)

func TestEachWayOfFailingToReadAnImageIsToldOnceAndCounted(t *testing.T) {
	var out bytes.Buffer
	r := newImageReader(nil, slog.New(slog.NewTextHandler(&out, nil)))
	secret := errors.New("what stood on the page")
	for range 3 {
		for _, err := range []error{nil, &open.LimitError{Limit: "wall"}, open.ErrCrashed, secret} {
			r.note(context.Background(), err)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 2 || !strings.Contains(out.String(), "why=wall") || !strings.Contains(out.String(), "why=crashed") {
		t.Errorf("told:\n%s", out.String())
	}
	if strings.Contains(out.String(), secret.Error()) {
		t.Errorf("an error's own words are told:\n%s", out.String())
	}
	reg := prometheus.NewRegistry()
	if err := reg.Register(r); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("%v: %v", err, families)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	if got["read"] != 3 || got["wall"] != 3 || got["crashed"] != 6 || got["cpu"] != 0 || len(got) != 5 {
		t.Errorf("counted: %v", got)
	}
}
