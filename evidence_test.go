package main

import (
	"archive/zip"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"unmirror/internal/testneeds"
	"unmirror/takedown/evidence/tsatest"
)

// TestEvidenceIsHandedOutAndVerifiedWithPublicTools keeps, stamps, exports and holds the evidence of a case on the command line.
func TestEvidenceIsHandedOutAndVerifiedWithPublicTools(t *testing.T) {
	ageTool, openssl := testneeds.Program(t, "age", "age"), testneeds.Program(t, "openssl", "openssl")
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<title>Index of /</title><h1>Index of /</h1><pre><a href="a.txt">a.txt</a></pre>`)
		case "/a.txt":
			http.Redirect(w, r, "/moved/a.txt", http.StatusFound)
		case "/moved/a.txt":
			fmt.Fprint(w, letter(1))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	dir, tsa := t.TempDir(), tsatest.New(t, nil)
	ids := []*age.X25519Identity{newIdentity(t), newIdentity(t)}
	ca := write(t, filepath.Join(dir, "ca.pem"), string(tsa.CA))
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf(`
data: %s/data
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 1ms}
rdap: {bootstrap: "http://127.0.0.1:1/"}
evidence: {recipients: [%q, %q], timestamp_authority: {url: %q, ca: %q, policy: %q}}
sources: [{name: mirror, kind: directory, url: "%s/"}]
`, dir, ids[0].Recipient(), ids[1].Recipient(), tsa.URL, ca, tsatest.Policy, web.URL))
	write(t, filepath.Join(dir, "leak", "a.txt"), letter(1))
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	mustCommand(t, config, "sweep")
	kept := lines(mustCommand(t, config, "evidence", "list", "--json"))
	if len(kept) != 1 || kept[0]["state"] != "kept" || kept[0]["held"] != false {
		t.Fatalf("%v", kept)
	}
	id := kept[0]["case"].(string)

	if _, errOut, code := command(t, config, "evidence", "hold", id, "off", "--reason", "no"); code != exitFailed && !strings.Contains(errOut, "counsel") {
		t.Errorf("somebody without an account released evidence: %d %s", code, errOut)
	}
	mustCommand(t, config, "evidence", "hold", id, "on", "--reason", "A court asks for it.")
	if rows := lines(mustCommand(t, config, "evidence", "list", id, "--json")); rows[0]["held"] != true {
		t.Errorf("%v", rows)
	}

	out := filepath.Join(dir, "bundle.zip")
	said := lines(mustCommand(t, config, "evidence", "export", id, "--out", out, "--json"))[0]
	if _, _, code := command(t, config, "evidence", "export", id, "--out", out); code != exitUsage {
		t.Error("a bundle was written over another")
	}
	bundle := filepath.Join(dir, "bundle")
	unpack(t, out, bundle)
	ranIn(t, bundle, "sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
	if sum := ranIn(t, bundle, "sha256sum", "SHA256SUMS"); !strings.HasPrefix(sum, said["id"].(string)) {
		t.Errorf("the bundle is %s, the command said %v", sum, said)
	}
	ranIn(t, bundle, openssl, "ts", "-verify", "-data", "SHA256SUMS", "-in", "SHA256SUMS.tsr", "-CAfile", "time/authority.pem")
	key := write(t, filepath.Join(dir, "counsel.key"), ids[1].String()+"\n")
	if text := ranIn(t, bundle, ageTool, "-d", "-i", key, "sealed/chronology.nl.txt.age"); !strings.Contains(text, "Chronologie van zaak "+id) {
		t.Errorf("%s", text)
	}
	warc := ranIn(t, bundle, "sh", "-c", ageTool+" -d -i '"+key+"' evidence/*.warc.gz.age | gzip -dc")
	if strings.Count(warc, "WARC-Type: request\r\n") != 2 || !strings.Contains(warc, "HTTP/1.1 302 Found\r\n") {
		t.Errorf("the redirect has no records of its own:\n%s", warc)
	}
	verified := mustCommand(t, config, "audit", "verify")
	block, _ := pem.Decode([]byte(ranIn(t, bundle, "sh", "-c", "cat keys/*.pem")))
	mark := strings.Fields(ranIn(t, bundle, "sh", "-c", "openssl pkey -pubin -in keys/*.pem -outform DER | sha256sum"))[0]
	if block == nil || !strings.Contains(verified, mark) {
		t.Errorf("the bundle's key is %s, the program says\n%s", mark, verified)
	}
	noneOf(t, filepath.Join(dir, "data"), "moved/a.txt", "A court asks")
}

func TestAWrongTimeStampingAuthorityIsToldAtOnce(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf("data: %s/data\nevidence: {timestamp_authority: {url: \"http://127.0.0.1:1/\", ca: %q}}\n",
		dir, write(t, filepath.Join(dir, "ca.pem"), "no certificate")))
	if _, errOut, code := command(t, config, "case", "list"); code != exitFailed || !strings.Contains(errOut, "evidence.timestamp_authority") {
		t.Errorf("%d %s", code, errOut)
	}
}

func newIdentity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func ranIn(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	must(t, err)
	defer func() { must(t, z.Close()) }()
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		write(t, filepath.Join(dir, f.Name), string(b))
	}
}

// noneOf searches a folder for words that must not stand in it.
func noneOf(t *testing.T, dir string, words ...string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, w := range words {
			if strings.Contains(string(b), w) {
				t.Errorf("%s holds %q", filepath.Base(path), w)
			}
		}
		return err
	}))
}
