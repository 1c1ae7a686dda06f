package crawler

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestASourcesTLSSettingsAreNotThoseOfPlacesThatItLinksTo(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var names []string
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, h.ServerName)
		return nil, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := write(t, filepath.Join(t.TempDir(), "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	w := newWorld(t, nil)
	e, err := w.c.exitOf(Source{URL: s.URL, TLS: TLS{CA: ca, ServerName: "example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(address string) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := e.RoundTrip(r)
		if err == nil {
			_ = res.Body.Close()
		}
		return err
	}
	if err := ask(s.URL + "/"); err != nil {
		t.Errorf("its own place: %v", err)
	}
	if err := ask(strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/"); err == nil {
		t.Error("its authority is trusted elsewhere")
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(names, []string{"example.com", "localhost"}) {
		t.Errorf("names asked for: %v", names)
	}
}

func TestASourceThatWouldAskForNothingIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src Source
		ok  bool
	}{
		{Source{Kind: "searxng", URL: "https://s.example/"}, false},
		{Source{Kind: "searxng", URL: "https://s.example/", Beacons: []string{"zonnebloem-7f"}}, true},
		{Source{Kind: "ipfs", URL: "https://g.example/"}, false},
		{Source{Kind: "ipfs", URL: "https://g.example/", Lookups: true}, true},
		{Source{Kind: "urlscan", URL: "https://u.example/"}, false},
	} {
		if err := c.src.Check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.src.Kind, err)
		}
	}
}
