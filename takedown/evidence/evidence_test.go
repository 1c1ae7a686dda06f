package evidence_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"unmirror/fingerprints/match"
	"unmirror/takedown/evidence"
)

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func record(id string) evidence.Record {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return evidence.Record{ID: id, Case: "case_a", Leak: "health-2026", Kind: "first capture", State: "open", Source: "mirror", At: at,
		Capture: evidence.Capture{URL: "https://files.host.example/pub/a b.zip", Method: "GET",
			RequestHead:  "GET /pub/a%20b.zip HTTP/1.1\nHost: files.host.example",
			ResponseHead: "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\nPAYLOAD THAT MUST NOT BE KEPT", Status: 200,
			IP: "203.0.113.7", Port: 443, TLSVersion: "TLS 1.3", Certificates: [][]byte{{1, 2, 3}}, Redirects: []string{"https://host.example/"},
			Started: at, Finished: at.Add(time.Second), BodyBytes: 12, BodySHA256: strings.Repeat("ab", 32)},
		Matches: []match.Match{{Grade: match.Passages, FileID: "f_0123456789ab", Bits: 212, Spans: [][2]int64{{1, 2}}}}}
}

func TestBothRecipientsReadAWellFormedWARCWithoutPayload(t *testing.T) {
	dir, a, b := filepath.Join(t.TempDir(), "evidence"), identity(t), identity(t)
	v, err := evidence.New(dir, []string{a.Recipient().String(), b.Recipient().String()})
	if err != nil || !v.Enabled() {
		t.Fatalf("%v, enabled %v", err, v.Enabled())
	}
	kept, err := v.Keep(record("evidence_1"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, kept.Name))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	if kept.Digest != hex.EncodeToString(sum[:]) || kept.Bytes != int64(len(raw)) || bytes.Contains(raw, []byte("host.example")) {
		t.Fatalf("%+v does not fit the file, or the file is readable", kept)
	}
	for _, id := range []*age.X25519Identity{a, b} {
		plain, err := age.Decrypt(bytes.NewReader(raw), id)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		checkWARC(t, all)
	}
	if _, err := age.Decrypt(bytes.NewReader(raw), identity(t)); err == nil {
		t.Fatal("a stranger could read it")
	}
}

// checkWARC reads every record by the letter of the standard.
func checkWARC(t *testing.T, packed []byte) {
	t.Helper()
	var types []string
	r := bufio.NewReader(bytes.NewReader(packed))
	ids := map[string]bool{}
	for {
		z, err := gzip.NewReader(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		z.Multistream(false) // each record is a member of its own
		rec := bufio.NewReader(z)
		if line, _ := rec.ReadString('\n'); line != "WARC/1.1\r\n" {
			t.Fatalf("a record begins with %q", line)
		}
		h, err := textproto.NewReader(rec).ReadMIMEHeader()
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(h.Get("Content-Length"))
		if err != nil {
			t.Fatal(err)
		}
		block := make([]byte, n)
		if _, err := io.ReadFull(rec, block); err != nil {
			t.Fatal(err)
		}
		if rest, _ := io.ReadAll(rec); string(rest) != "\r\n\r\n" {
			t.Fatalf("a record ends with %q", rest)
		}
		sum := sha256.Sum256(block)
		if want := "sha256:" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]); h.Get("WARC-Block-Digest") != want {
			t.Fatalf("the block digest is %s, want %s", h.Get("WARC-Block-Digest"), want)
		}
		kind := h.Get("WARC-Type")
		types = append(types, kind)
		for _, name := range []string{"WARC-Record-ID", "WARC-Date", "WARC-Type", "Content-Length"} {
			if h.Get(name) == "" {
				t.Fatalf("a %s record lacks %s", kind, name)
			}
		}
		if kind != "warcinfo" && (h.Get("WARC-Target-URI") != "https://files.host.example/pub/a%20b.zip" || h.Get("WARC-IP-Address") != "203.0.113.7") {
			t.Fatalf("a %s record has target %q", kind, h.Get("WARC-Target-URI"))
		}
		if ids[h.Get("WARC-Record-ID")] {
			t.Fatal("two records share an id")
		}
		ids[h.Get("WARC-Record-ID")] = true
		checkBlock(t, kind, h, block)
	}
	if strings.Join(types, " ") != "warcinfo request response metadata" {
		t.Fatalf("records: %v", types)
	}
	if bytes.Contains(packed, []byte("PAYLOAD")) {
		t.Fatal("the payload was kept")
	}
}

func checkBlock(t *testing.T, kind string, h textproto.MIMEHeader, block []byte) {
	t.Helper()
	switch kind {
	case "response":
		if h.Get("WARC-Truncated") != "length" || h.Get("WARC-Payload-Digest") != "sha256:VOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOVQ" || string(block) != "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\n" {
			t.Fatalf("response truncated %q, block %q", h.Get("WARC-Truncated"), block)
		}
	case "request":
		if h.Get("WARC-Concurrent-To") == "" || string(block) != "GET /pub/a%20b.zip HTTP/1.1\r\nHost: files.host.example\r\n\r\n" {
			t.Fatalf("request block %q", block)
		}
	case "metadata":
		var r evidence.Record
		if err := json.Unmarshal(block, &r); err != nil || len(r.Matches) != 1 || r.Capture.TLSVersion != "TLS 1.3" {
			t.Fatalf("metadata %s, %v", block, err)
		}
	}
}

func TestWithoutRecipientsNothingIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "evidence")
	v, err := evidence.New(dir, nil)
	if err != nil || v.Enabled() || (*evidence.Vault)(nil).Enabled() {
		t.Fatalf("%v, enabled %v", err, v.Enabled())
	}
	if _, err := v.Keep(record("evidence_1")); err == nil {
		t.Fatal("something was kept in clear")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("a folder was made for nothing")
	}
}

func TestABadRecipientIsNamedByItsPlace(t *testing.T) {
	for _, bad := range []string{"", "age1nonsense", "ssh-rsa AAAA", identity(t).String()} {
		_, err := evidence.New(t.TempDir(), []string{identity(t).Recipient().String(), bad})
		if err == nil || !strings.Contains(err.Error(), "recipient 2") {
			t.Errorf("%q: %v", bad, err)
		}
		if bad != "" && err != nil && strings.Contains(err.Error(), "AGE-SECRET-KEY-1") {
			t.Error("the error repeats a secret key")
		}
	}
}

func TestKeepingTwiceLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	v, err := evidence.New(dir, []string{identity(t).Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	digests := make([]string, 8)
	for i := range digests {
		wg.Go(func() {
			k, err := v.Keep(record("evidence_1"))
			if err != nil {
				t.Error(err)
			}
			digests[i] = k.Digest
		})
	}
	wg.Wait()
	for _, d := range digests {
		if d != digests[0] {
			t.Fatal("two keepers tell of different files")
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("%d files are left, %v", len(left), err)
	}
}

func TestIDsThatAreNotOpaqueAreRefused(t *testing.T) {
	v, err := evidence.New(t.TempDir(), []string{identity(t).Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../x", "a/b", "Jan Peeters"} {
		if _, err := v.Keep(record(id)); err == nil {
			t.Errorf("%q became a file name", id)
		}
		if err := v.Note(id, nil); err == nil {
			t.Errorf("%q became a manifest's name", id)
		}
		if v.PlaceToken(id, nil) == nil || v.Delete(id) == nil {
			t.Errorf("%q named a file", id)
		}
	}
}

func TestTheManifestOnlyGrowsAndNamesEveryFile(t *testing.T) {
	dir := t.TempDir()
	v, err := evidence.New(dir, []string{identity(t).Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, evidence.ManifestName("case_a"))
	var events []evidence.Event
	var before []byte
	for i := range 3 {
		k, err := v.Keep(record(fmt.Sprintf("evidence_%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, evidence.Event{What: "kept", File: k.Name, Bytes: k.Bytes, SHA256: k.Digest, Kind: "recheck", At: time.Unix(int64(i), 0).UTC()})
		var wg sync.WaitGroup
		for range 4 { // all that happened, again and again, by several at once
			wg.Go(func() {
				if err := v.Note("case_a", events); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		now, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(now, before) || bytes.Count(now, []byte("\n")) != i+1 {
			t.Fatalf("%s\nbecame\n%s\n%v", before, now, err)
		}
		before = now
	}
	got, err := evidence.VerifyManifest(before)
	if err != nil || len(got) != 3 || got[2] != events[2] {
		t.Fatalf("%+v, %v", got, err)
	}
	for i := range before[:len(before)-1] {
		changed := bytes.Clone(before)
		changed[i] ^= 1
		if got, err := evidence.VerifyManifest(changed); err == nil && i < bytes.LastIndexByte(before[:len(before)-1], '\n') {
			t.Fatalf("byte %d was changed unseen: %+v", i, got)
		}
	}
}

func TestALineOfTheManifestThatACrashToreIsLeftAndFollowed(t *testing.T) {
	dir := t.TempDir()
	v, err := evidence.New(dir, []string{identity(t).Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, evidence.ManifestName("case_a"))
	if err := os.WriteFile(path, []byte(`{"n":1,"what":"ke`), 0o600); err != nil {
		t.Fatal(err)
	}
	e := evidence.Event{What: "kept", File: "evidence_1.warc.gz.age", SHA256: strings.Repeat("ab", 32)}
	for range 2 {
		if err := v.Note("case_a", []evidence.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Count(b, []byte("\n")) != 2 || !bytes.HasPrefix(b, []byte("{\"n\":1,\"what\":\"ke\n{\"n\":2,")) {
		t.Fatalf("%s, %v", b, err)
	}
}

func TestDeletedEvidenceLeavesNothingButItsLine(t *testing.T) {
	dir := t.TempDir()
	v, err := evidence.New(dir, []string{identity(t).Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keep(record("evidence_1")); err != nil {
		t.Fatal(err)
	}
	if err := v.PlaceToken("evidence_1", []byte("token")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.Delete("evidence_1"); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("%v, %v", left, err)
	}
}
