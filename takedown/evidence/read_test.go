package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"unmirror/internal/testneeds"
	"unmirror/takedown/evidence"
)

// open keeps records and lets the public age tool open what was kept.
func opened(t *testing.T, records ...evidence.Record) (warc string) {
	t.Helper()
	tool := testneeds.Program(t, "age", "age")
	dir := t.TempDir()
	ids := []*age.X25519Identity{identity(t), identity(t)}
	v, err := evidence.New(filepath.Join(dir, "vault"), []string{ids[0].Recipient().String(), ids[1].Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.Create(filepath.Join(dir, "all.warc.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		k, err := v.Keep(r)
		if err != nil {
			t.Fatal(err)
		}
		key := filepath.Join(dir, "key.txt")
		if err := os.WriteFile(key, []byte(ids[i%2].String()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		plain, err := exec.Command(tool, "-d", "-i", key, filepath.Join(dir, "vault", k.Name)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all.Write(plain); err != nil { // WARC files are joined by writing them one after the other
			t.Fatal(err)
		}
	}
	if err := all.Close(); err != nil {
		t.Fatal(err)
	}
	return all.Name()
}

// twice is a capture over a redirect, and a later look at the same content.
func twice() (first, later evidence.Record) {
	first = record("evidence_1")
	first.Capture.Redirects = []string{"https://host.example/"}
	first.Capture.Hops = []evidence.Hop{{URL: "https://host.example/", RequestHead: "GET / HTTP/1.1\nHost: host.example", Status: 302,
		ResponseHead: "HTTP/1.1 302 Found\nLocation: https://files.host.example/pub/a%20b.zip", IP: "203.0.113.8", Port: 443, Started: first.At.Add(-time.Second)}}
	first.Capture.ResponseHead = "HTTP/1.1 200 OK\nContent-Type: application/zip\nDate: Mon, 02 Mar 2026 09:00:07 GMT"
	later = record("evidence_2")
	later.Kind, later.At = "recheck", first.At.Add(time.Hour)
	later.Capture.Started, later.Capture.Finished = later.At, later.At
	later.Same = &evidence.Earlier{ID: first.ID, URL: first.Capture.URL, At: first.Responded()}
	return first, later
}

// reader prints the records of a WARC file with warcio, one JSON object a line.
const reader = `import sys, json, hashlib, base64
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], 'rb') as f:
    for r in ArchiveIterator(f, no_record_parse=True, arc2warc=False):
        block = r.raw_stream.read()
        sum = base64.b32encode(hashlib.sha256(block).digest()).decode().rstrip('=')
        print(json.dumps({'headers': dict(r.rec_headers.headers), 'block': block.decode(), 'sound': r.rec_headers.get_header('WARC-Block-Digest') == 'sha256:' + sum}))
`

// readerJS does the same with warcio.js, where that is what is installed.
const readerJS = `import { createRequire } from 'node:module'; import fs from 'node:fs'; import crypto from 'node:crypto'; import { pathToFileURL } from 'node:url';
const { WARCParser } = await import(pathToFileURL(createRequire(process.env.NODE_PATH + '/').resolve('warcio')));
const base32 = b => { let s = '', v = 0, n = 0; for (const x of b) { v = (v << 8 | x) & 0xfff; n += 8; while (n >= 5) { n -= 5; s += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[v >> n & 31] } } if (n) s += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[v << (5 - n) & 31]; return s };
for await (const r of new WARCParser(fs.createReadStream(process.argv[2]), { parseHttp: false })) {
  const parts = []; for await (const chunk of r.reader) parts.push(Buffer.from(chunk));
  const block = Buffer.concat(parts);
  const sum = 'sha256:' + base32(crypto.createHash('sha256').update(block).digest());
  console.log(JSON.stringify({ headers: Object.fromEntries(r.warcHeaders.headers.entries()), block: block.toString(), sound: r.warcHeader('WARC-Block-Digest') === sum }));
}
`

// readers are programs that read WARC files and are not ours; the test takes those that are installed.
func readers(t *testing.T, warc string) (out map[string]*exec.Cmd) {
	t.Helper()
	out = map[string]*exec.Cmd{}
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import warcio").Run() == nil {
			out["warcio"] = exec.Command(python, "-c", reader, warc)
		}
	}
	if root, err := exec.Command("npm", "root", "-g").Output(); err == nil {
		modules := strings.TrimSpace(string(root))
		if own := os.Getenv("NODE_PATH"); own != "" {
			modules = own
		}
		if _, err := os.Stat(filepath.Join(modules, "warcio")); err == nil {
			script := filepath.Join(t.TempDir(), "read.mjs")
			if err := os.WriteFile(script, []byte(readerJS), 0o600); err != nil {
				t.Fatal(err)
			}
			out["warcio.js"] = exec.Command("node", script, warc)
			out["warcio.js"].Env = append(os.Environ(), "NODE_PATH="+modules)
		}
	}
	return out
}

func TestAnotherReaderFindsEveryRecordOfAWARCFile(t *testing.T) {
	first, later := twice()
	warc := opened(t, first, later)
	found := readers(t, warc)
	if len(found) == 0 {
		t.Skip("no reader of WARC files is installed: pip install warcio, or npm install -g warcio")
	}
	for name, cmd := range found {
		t.Run(name, func(t *testing.T) {
			var wrong bytes.Buffer
			cmd.Stderr = &wrong
			b, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, wrong.String())
			}
			checkRecords(t, b)
		})
	}
}

// seen is a record as another reader tells of it.
type seen struct {
	Headers map[string]string
	Block   string
	Sound   bool
}

func (s seen) get(name string) string {
	for k, v := range s.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

func checkRecords(t *testing.T, lines []byte) {
	t.Helper()
	var all []seen
	var types []string
	for l := range bytes.Lines(lines) {
		var s seen
		if err := json.Unmarshal(l, &s); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		if !s.Sound {
			t.Errorf("the block digest of a %s record does not fit", s.get("WARC-Type"))
		}
		all, types = append(all, s), append(types, s.get("WARC-Type"))
	}
	if got := strings.Join(types, " "); got != "warcinfo request response request response metadata warcinfo request revisit metadata" {
		t.Fatalf("records: %s", got)
	}
	if all[1].get("WARC-Target-URI") != "https://host.example/" || !strings.HasPrefix(all[2].Block, "HTTP/1.1 302 Found\r\nLocation: ") {
		t.Errorf("the redirect reads %+v", all[2])
	}
	revisit, response := all[8], all[4]
	if revisit.get("WARC-Refers-To") != response.get("WARC-Record-ID") || revisit.get("WARC-Refers-To-Date") != response.get("WARC-Date") ||
		revisit.get("WARC-Refers-To-Target-URI") != response.get("WARC-Target-URI") || revisit.get("WARC-Payload-Digest") != response.get("WARC-Payload-Digest") ||
		!strings.HasSuffix(revisit.get("WARC-Profile"), "identical-payload-digest") || revisit.get("WARC-Record-ID") == response.get("WARC-Record-ID") {
		t.Errorf("%+v\ndoes not refer to\n%+v", revisit.Headers, response.Headers)
	}
	var m struct {
		Clock struct {
			Server time.Time
			Ahead  float64 `json:"server_ahead_seconds"`
		}
		Chain []struct{ SHA256 string } `json:"certificate_chain"`
	}
	sum := sha256.Sum256([]byte{1, 2, 3})
	if err := json.Unmarshal([]byte(all[5].Block), &m); err != nil || m.Clock.Ahead != 7 || len(m.Chain) != 1 || m.Chain[0].SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("the metadata say %+v, %v", m, err)
	}
}
