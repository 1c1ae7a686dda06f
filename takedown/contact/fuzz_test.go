package contact_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/takedown/contact"
)

// answering is a client to whom everybody answers the same.
func answering(kind string, body []byte) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
	})}
}

// plausible fails for a contact that could forge a header, or that nobody could write to.
func plausible(t *testing.T, list []contact.Found) {
	t.Helper()
	for _, f := range list {
		if f.Email == "" && f.Skipped == "" {
			t.Errorf("neither address nor reason: %+v", f)
		}
		if strings.ContainsAny(f.Email, "\r\n\x00 ,;<>\"()") || f.Email != "" && strings.Count(f.Email, "@") != 1 || len(f.Email) > 254 {
			t.Errorf("address %q", f.Email)
		}
		if strings.ContainsAny(f.Name+f.Where+f.Skipped, "\r\n\x00") || f.Confidence < 0 || f.Confidence > 1 {
			t.Errorf("%+v", f)
		}
	}
}

func FuzzContactPage(f *testing.F) {
	f.Add([]byte(`<html lang="nl"><a href="mailto:abuse@x.example">x</a><p>info [at] x [dot] example</p><a data-cfemail="5a3b">`))
	f.Add([]byte(`<a href="/contact">c</a><a href="mailto:%00@x.example,a@b.example?cc=c@d.example">`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := contact.NewLadder(nil, answering("text/html", b), "", now)
		plausible(t, l.Find(context.Background(), contact.Place{URL: "http://x.example/raw/1", IP: "192.0.2.1"}))
	})
}

func FuzzRegistrationAnswer(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "rdap", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 20_000 {
			f.Add(b)
		}
	}
	boot := filepath.Join(f.TempDir(), "ipv4.json")
	if err := os.WriteFile(boot, []byte(`{"services":[[["0.0.0.0/0"],["https://rdap.example/"]]]}`), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := contact.NewLadder(nil, answering("application/rdap+json", b), boot, now)
		plausible(t, l.Find(context.Background(), contact.Place{IP: "192.0.2.1"}))
	})
}

func FuzzBootstrap(f *testing.F) {
	f.Add([]byte(`{"version":"1.0","services":[[["192.0.2.0/24","2001:db8::/32"],["https://rdap.example/"]]]}`))
	f.Add([]byte(`{"services":[[["x/33"],["::"]],[[],[]],[["0.0.0.0/0"]]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := contact.NewLadder(nil, answering("application/json", b), "https://rdap.example/", now)
		plausible(t, l.Find(context.Background(), contact.Place{IP: "192.0.2.1"}))
	})
}
