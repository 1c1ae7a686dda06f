package crawler

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"unmirror/crawler/kind/kindtest"
	"unmirror/internal/testheap"
)

func TestLargeEncryptedDocumentsAtOnceStayInMemoryBounds(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it works on large documents for some time")
	}
	if !testheap.Alone(t) {
		return
	}
	noise := make([]byte, 22<<20)
	fill := rand.NewChaCha8([32]byte{1})
	_, _ = fill.Read(noise) // it never fails
	key := bytes.Repeat([]byte{0x5a}, 32)
	doc := kindtest.Document{Key: key, Plain: map[string]any{"paste": secret, "attachment": "data:,x" + base64.StdEncoding.EncodeToString(noise), "attachment_name": "a.bin"}}
	body := []byte(doc.Answer(t, "058310c72f364949"))
	noise, doc.Plain = nil, nil
	if len(body) < 28<<20 || len(body) > wholeRoom {
		t.Fatalf("a document of %d bytes", len(body))
	}
	const together = 4
	w := newWorld(t, func(o *Options) { o.Limits, o.MaxItemBytes = unhurried(), wholeRoom })
	var found atomic.Int64
	got := testheap.Growth(func() {
		var all sync.WaitGroup
		for i := range together {
			s := serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(rw, r)
					return
				}
				rw.Header().Set("Content-Type", "application/json")
				_, _ = rw.Write(body)
			}))
			all.Go(func() {
				link := s.URL + "/?058310c72f364949#" + kindtest.Base58(key)
				sum := w.sweep(Source{Name: fmt.Sprint("p", i), Kind: "privatebin", URL: s.URL, Items: []string{link}})
				found.Add(sum.Sightings)
			})
		}
		all.Wait()
	})
	if found.Load() != together {
		t.Errorf("%d found", found.Load())
	}
	// One after the other they take some 140 MiB, 190 with a tenth of the processors; all at once more than 500.
	if got > 320<<20 {
		t.Errorf("%d MiB", got>>20)
	}
	t.Logf("%d MiB for documents of %d MiB", got>>20, len(body)>>20)
}
