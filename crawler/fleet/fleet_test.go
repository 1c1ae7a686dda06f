package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/crawler/plane"
)

const token = "a long word that nobody guesses"

// indexOf writes an index of segments with these contents.
func indexOf(t *testing.T, dir string, generation int, segments map[string]string) {
	t.Helper()
	var refs []string
	for name, body := range segments {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		refs = append(refs, fmt.Sprintf(`{"name":%q,"bytes":%d}`, name, len(body)))
	}
	body := fmt.Sprintf(`{"format":1,"generation":%d,"segments":[%s]}`, generation, strings.Join(refs, ","))
	sum := sha256.Sum256([]byte(body))
	manifest := fmt.Sprintf(`{"sha256":%q,"index":%s}`, hex.EncodeToString(sum[:]), body)
	if err := os.WriteFile(filepath.Join(dir, manifestName), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
}

type desk struct {
	*httptest.Server
	dir   string
	paths []string
}

func serve(t *testing.T, tls bool) *desk {
	t.Helper()
	d := &desk{dir: t.TempDir()}
	h, err := Handler(Coordinator{Index: d.dir, Token: token, Welcome: Welcome{Version: "1", Matching: [32]byte{1}, Names: [32]byte{2}, Plane: plane.Key{3},
		Contact: "mailto:a@b.example", Delay: time.Second, MaxItemBytes: 9, NoticeBits: 64}})
	if err != nil {
		t.Fatal(err)
	}
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.paths = append(d.paths, r.URL.Path)
		h.ServeHTTP(w, r)
	})
	if tls {
		d.Server = httptest.NewTLSServer(counted)
	} else {
		d.Server = httptest.NewServer(counted)
	}
	t.Cleanup(d.Close)
	return d
}

func client(t *testing.T, base, token string, ca []byte) *Client {
	t.Helper()
	c, err := NewClient(base, token, ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAWorkerIsToldKeysOverTLSThatItTrusts(t *testing.T) {
	d := serve(t, true)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.Certificate().Raw})
	w, err := client(t, d.URL, token, ca).Welcome(t.Context())
	if err != nil || w.Matching != [32]byte{1} || w.Names != [32]byte{2} || w.Plane != (plane.Key{3}) || w.Delay != time.Second || w.NoticeBits != 64 {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := client(t, d.URL, token, nil).Welcome(t.Context()); err == nil {
		t.Error("a certificate of nobody was trusted")
	}
}

func TestWhoeverLacksTheTokenGetsNothing(t *testing.T) {
	d := serve(t, false)
	indexOf(t, d.dir, 1, map[string]string{"seg-aa.seg": "x"})
	for _, shown := range []string{"", "x", token + "x", token[1:]} {
		c := client(t, d.URL, shown, nil)
		if _, err := c.Welcome(t.Context()); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", shown, err)
		}
		if _, err := c.Fetch(t.Context(), t.TempDir()); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", shown, err)
		}
	}
	for _, header := range []string{"", token, "Basic " + token, "bearer " + token} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/fleet/v1/index/seg-aa.seg", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %s", header, res.Status)
		}
	}
	for _, short := range []string{"", "fifteen letters"} {
		if _, err := Handler(Coordinator{Token: short}); err == nil {
			t.Errorf("a coordinator took the token %q", short)
		}
	}
}

func TestOnlyTheIndexIsServed(t *testing.T) {
	d := serve(t, false)
	if err := os.WriteFile(filepath.Join(d.dir, "..", "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	indexOf(t, d.dir, 1, nil)
	for _, name := range []string{"MANIFEST", "LOCK", "..%2fsecret", "seg-..%2f..%2fsecret.seg", "seg-aa.seg.new", "seg-zz.seg"} {
		res, err := client(t, d.URL, token, nil).get(t.Context(), "/fleet/v1/index/"+name, nil)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s was served", name)
		}
	}
}

func TestOnlyMissingSegmentsAreFetchedAndOldOnesTidied(t *testing.T) {
	d, dir := serve(t, false), t.TempDir()
	c := client(t, d.URL, token, nil)
	if changed, err := c.Fetch(t.Context(), dir); changed || err != nil {
		t.Fatalf("an empty index: %v, %v", changed, err)
	}
	indexOf(t, d.dir, 1, map[string]string{"seg-aa.seg": "first", "seg-bb.seg": "second"})
	fetch := func(want bool) {
		t.Helper()
		if changed, err := c.Fetch(t.Context(), dir); changed != want || err != nil {
			t.Fatalf("changed %v, %v", changed, err)
		}
	}
	fetch(true)
	fetch(false)
	d.paths = nil
	indexOf(t, d.dir, 2, map[string]string{"seg-bb.seg": "second", "seg-cc.seg": "third"})
	fetch(true)
	if got := strings.Join(d.paths, " "); got != "/fleet/v1/index /fleet/v1/index/seg-cc.seg" {
		t.Errorf("asked for %s", got)
	}
	if err := Tidy(dir); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"seg-bb.seg": "second", "seg-cc.seg": "third"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != body {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "seg-aa.seg")); err == nil {
		t.Error("a removed leak's segment stays with the worker")
	}
	// A worker that starts anew on what it has cached asks for no segment.
	d.paths = nil
	if changed, err := client(t, d.URL, token, nil).Fetch(t.Context(), dir); changed || err != nil || len(d.paths) != 1 {
		t.Errorf("changed %v, %v, asked for %v", changed, err, d.paths)
	}
}

func TestATransferThatIsCutOrChangedLeavesTheOldIndex(t *testing.T) {
	body := []byte("the segment")
	sum := sha256.Sum256(body)
	for name, sent := range map[string][]byte{"cut": body[:5], "longer": append(bytes.Clone(body), 'x'), "changed": []byte("THE SEGMENT")} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			indexOf(t, dir, 1, nil)
			before, _ := os.ReadFile(filepath.Join(dir, manifestName))
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, ".seg") {
					_, _ = w.Write(sent)
					return
				}
				m := []byte(fmt.Sprintf(`{"sha256":"","index":{"generation":2,"segments":[{"name":"seg-aa.seg","bytes":%d}]}}`, len(body)))
				_ = json.NewEncoder(w).Encode(listing{Manifest: m, Files: []file{{"seg-aa.seg", int64(len(body)), hex.EncodeToString(sum[:])}}})
			}))
			t.Cleanup(srv.Close)
			if _, err := client(t, srv.URL, token, nil).Fetch(t.Context(), dir); err == nil {
				t.Error("it was taken")
			}
			if after, _ := os.ReadFile(filepath.Join(dir, manifestName)); !bytes.Equal(before, after) {
				t.Error("the manifest was replaced")
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "seg-*")); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestAHostileCoordinatorWritesNowhereElse(t *testing.T) {
	for _, answer := range []listing{
		{Manifest: []byte(`{"index":{"generation":2,"segments":[{"name":"../x.seg","bytes":1}]}}`)},
		{Manifest: []byte(`{"index":{"generation":2,"segments":[]}}`), Files: []file{{Name: "../../evil", Bytes: 1}}},
		{Manifest: []byte(`not json`)},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(answer) }))
		dir := filepath.Join(t.TempDir(), "a", "b")
		if _, err := client(t, srv.URL, token, nil).Fetch(t.Context(), dir); err == nil {
			t.Errorf("%s was taken", answer.Manifest)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("left %v", left)
		}
		srv.Close()
	}
}

func TestAnotherProtocolIsRefusedAndARedirectNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"protocol":99,"version":"9"}`)) }))
	t.Cleanup(other.Close)
	if _, err := client(t, other.URL, token, nil).Welcome(t.Context()); err == nil || !strings.Contains(err.Error(), "same version") {
		t.Errorf("got %v", err)
	}
	shown := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { shown = r.Header.Get("Authorization") }))
	t.Cleanup(thief.Close)
	redirect := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusFound))
	t.Cleanup(redirect.Close)
	if err := client(t, redirect.URL, token, nil).Health(context.Background()); err == nil || shown != "" {
		t.Errorf("followed: %v, showed %q", err, shown)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"index":{"generation":2,"segments":[{"name":"seg-aa.seg","bytes":1}]}}`))
	f.Add([]byte(`{"index":{"segments":[{"name":"../seg-aa.seg"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := readManifest(raw)
		for _, s := range m.Index.Segments {
			if err == nil && (s.Name != filepath.Base(s.Name) || s.Bytes < 0) {
				t.Errorf("took %q", s.Name)
			}
		}
	})
}
