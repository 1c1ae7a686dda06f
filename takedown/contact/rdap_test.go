package contact_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/takedown/contact"
)

func TestAbuseContactsOfEveryRegistry(t *testing.T) {
	for _, c := range []struct{ fixture, want, lang string }{
		{"ripe", "rdap abuse@hoster.example", "nl"},
		{"arin", "rdap network-abuse@bighost.example", ""}, // nested below the organisation
		{"apnic", "rdap irt@nir.example; rdap abuse@carrier.example", ""},
		{"lacnic", "rdap redes@sudamerica.example", ""},
		{"afrinic", "rdap abuse@africa.example", ""}, // in a remark only
		{"none", "rdap  [the registration data of this address names no abuse contact]", ""},
		{"registry", "rdap abuse@ripe.net [this is the registry's own address, not that of who uses the network]", ""},
		{"error_404", "rdap  [the registry does not know this address]", ""},
		{"hostile", "rdap abuse@good.example", "nl"},
		{"deep", "rdap  [the registration data of this address names no abuse contact]", ""},
	} {
		t.Run(c.fixture, func(t *testing.T) {
			boot, _ := registry(t, c.fixture)
			got := find(nil, boot, contact.Place{IP: "192.0.2.1"})
			if line(got) != c.want {
				t.Fatalf("got %s, want %s", line(got), c.want)
			}
			if got[0].Language != c.lang {
				t.Errorf("language %q, want %q", got[0].Language, c.lang)
			}
			if strings.ContainsAny(got[0].Name+got[0].Where+got[0].Email, "\r\n") {
				t.Errorf("a line end came through: %+v", got[0])
			}
		})
	}
}

func TestBootstrapFromFileFolderOrAddress(t *testing.T) {
	_, reg := registry(t, "ripe")
	dir := t.TempDir()
	body := fmt.Sprintf(`{"version":"1.0","services":[[["127.0.0.0/8"],["%s/rdap/"]]]}`, reg.URL)
	for _, name := range []string{"ipv4.json", "one-file"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, boot := range []string{dir, filepath.Join(dir, "one-file"), "file://" + filepath.Join(dir, "ipv4.json"), reg.URL + "/boot", reg.URL + "/boot/", reg.URL + "/boot/ipv4.json"} {
		if got := line(find(nil, boot, contact.Place{IP: "127.0.0.1"})); got != "rdap abuse@hoster.example" {
			t.Errorf("%s: %s", filepath.Base(boot), got)
		}
	}
	for boot, want := range map[string]string{
		"": "is empty", dir + "/nothing": "cannot be read", filepath.Join(dir, "ipv4.json") + "x": "cannot be read",
	} {
		if got := line(find(nil, boot, contact.Place{IP: "127.0.0.1"})); !strings.Contains(got, want) || strings.Contains(got, dir) {
			t.Errorf("%q: %s", boot, got)
		}
	}
	if got := line(find(nil, dir, contact.Place{IP: "198.51.100.1"})); !strings.Contains(got, "no registry answers") {
		t.Error(got)
	}
}

func TestASecondServerIsAskedWhenTheFirstFails(t *testing.T) {
	_, reg := registry(t, "ripe")
	path := filepath.Join(t.TempDir(), "ipv4.json")
	body := fmt.Sprintf(`{"services":[[["192.0.2.0/24"],["http://127.0.0.1:1/","%s/"]]]}`, reg.URL)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := line(find(nil, path, contact.Place{IP: "192.0.2.1"})); got != "rdap abuse@hoster.example" {
		t.Error(got)
	}
}

func TestHostileRegistrationServersOnlyCostTheirRung(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"objectClassName":"ip network","remarks":[{"description":["`)
			for range 64 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		},
		"not json": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"an array": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[1]`) },
		"a domain": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"objectClassName":"domain"}`) },
		"nested":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(`{"entities":[`, 100_000)) },
		"wrong types": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"objectClassName":"ip network","entities":{"a":1},"remarks":[{"description":"x"}],"country":7}`)
		},
		"vcard": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"objectClassName":"ip network","entities":[{"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text"],[],[1,2,3,4],"x"]]}]}`)
		},
		"error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(h)
			defer s.Close()
			path := filepath.Join(t.TempDir(), "ipv4.json")
			if err := os.WriteFile(path, fmt.Appendf(nil, `{"services":[[["0.0.0.0/0"],["%s/"]]]}`, s.URL), 0o600); err != nil {
				t.Fatal(err)
			}
			got := find(nil, path, contact.Place{IP: "192.0.2.1"})
			if len(got) != 1 || got[0].Skipped == "" || strings.Contains(got[0].Skipped, "http") {
				t.Error(line(got))
			}
		})
	}
}

func TestRequestsNameTheTool(t *testing.T) {
	var agents []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agents = append(agents, r.UserAgent())
		if strings.HasSuffix(r.URL.Path, "ipv4.json") {
			fmt.Fprintf(w, `{"services":[[["0.0.0.0/0"],["http://%s/"]]]}`, r.Host)
			return
		}
		http.NotFound(w, r)
	}))
	defer s.Close()
	l := contact.NewLadder(nil, &http.Client{}, s.URL+"/", now)
	l.UserAgent = "unmirror (+https://unmirror.example/bot)"
	l.Find(context.Background(), contact.Place{URL: s.URL + "/x"})
	if len(agents) < 5 {
		t.Fatalf("only %d requests", len(agents))
	}
	for _, a := range agents {
		if a != l.UserAgent {
			t.Errorf("agent %q", a)
		}
	}
}
