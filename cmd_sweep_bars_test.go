package main

import (
	"io"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"unmirror/crawler"
)

func TestBarsNeverHoldUpASweep(t *testing.T) {
	b := drawBars([]crawler.Source{{Name: "mirror"}}, mpb.WithOutput(io.Discard), mpb.WithAutoRefresh(), mpb.WithRefreshRate(50*time.Microsecond))
	ended := make(chan struct{})
	go func() {
		for i := range int64(50_000) {
			b.onProgress(crawler.Progress{Source: "mirror", Listed: 50_000, Done: i})
		}
		b.end()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Minute):
		t.Fatal("a bar that is drawn and told something at once waits for itself")
	}
}
