package crawler

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/fingerprints/match"
)

// shelf is a library that knows some digests, and an archive by the last bytes of its directory.
type shelf struct {
	digests map[string]bool // "kind:text"
	tail    string          // an archive that ends so is known
	needs   int64           // bytes from the end that it wants before it answers
	asked   atomic.Int64
}

func (s *shelf) hit(known bool, grade match.Grade) match.Report {
	if !known {
		return match.Report{Verdict: match.None}
	}
	return match.Report{Verdict: match.Matched, Matches: []match.Match{{Grade: grade, Leak: "demo", FileID: "f_0123456789ab", Bits: 128}}}
}

func (s *shelf) Published(kind, text string, _ int64) match.Report {
	s.asked.Add(1)
	return s.hit(s.digests[kind+":"+strings.Trim(text, `"`)], match.Digest)
}

func (s *shelf) Listing(tail []byte, _ int64) (match.Report, int64) {
	if int64(len(tail)) < s.needs {
		return match.Report{Verdict: match.Unreadable}, s.needs
	}
	return s.hit(s.tail != "" && bytes.HasSuffix(tail, []byte(s.tail)), match.Listing), 0
}

// big serves one content of any size under /big/NAME with ranges, and counts the bytes of bodies that it sends.
type big struct {
	size   int64
	end    string // the last bytes
	start  string
	etag   string
	header http.Header
	sent   atomic.Int64
	wrap   func(http.ResponseWriter, *http.Request) bool // true: it has answered
}

func (b *big) Read(p []byte) (int, error) { return 0, io.EOF }

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c countingWriter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// content is a reader of made-up bytes.
type content struct {
	b   *big
	off int64
}

// at is not watched by the race detector: files of many megabytes are made up byte by byte.
//
//go:norace
func (c *content) at(i int64) byte {
	if from := c.b.size - int64(len(c.b.end)); i >= from {
		return c.b.end[i-from]
	}
	if i < int64(len(c.b.start)) {
		return c.b.start[i]
	}
	return byte(i*7 + i>>9)
}

//go:norace
func (c *content) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && c.off < c.b.size {
		p[n] = c.at(c.off)
		n, c.off = n+1, c.off+1
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (c *content) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		off += c.off
	case io.SeekEnd:
		off += c.b.size
	}
	c.off = off
	return off, nil
}

func (b *big) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/") {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<title>Index of /</title><a href=backup.zip>backup.zip</a>")
		return
	}
	if r.URL.Path == "/robots.txt" {
		http.NotFound(w, r)
		return
	}
	for k, v := range b.header {
		w.Header()[k] = v
	}
	if b.etag != "" {
		w.Header().Set("Etag", b.etag)
	}
	cw := countingWriter{w, &b.sent}
	if b.wrap != nil && b.wrap(cw, r) {
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	http.ServeContent(cw, r, "", time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), &content{b: b})
}

func libraryWorld(t *testing.T, l Library) *world {
	return newWorld(t, func(o *Options) { o.Library, o.MaxItemBytes = l, 4<<30 })
}

func TestAnArchiveIsKnownByItsDirectoryWithoutItsBody(t *testing.T) {
	for name, needs := range map[string]int64{"a small directory": 0, "a larger directory": 400 << 10} {
		t.Run(name, func(t *testing.T) {
			b := &big{size: 2 << 30, start: "PK\x03\x04", end: "the end of a known archive", etag: `"v1"`}
			s := serve(t, b)
			w := libraryWorld(t, &shelf{tail: b.end, needs: needs})
			src := Source{Name: "s", Kind: "directory", URL: s.URL}
			for i := range 2 {
				b.sent.Store(0)
				sum := w.sweep(src)
				if sum.Sightings != 1 || sum.Fetched != 0 || b.sent.Load() > 1<<20 || sum.Bytes > 1<<20 {
					t.Fatalf("sweep %d: %+v, %d bytes sent", i, sum, b.sent.Load())
				}
				if sum.BytesAvoided < 2<<30-1<<20 {
					t.Errorf("sweep %d: %d bytes avoided", i, sum.BytesAvoided)
				}
				if i == 1 && (b.sent.Load() != 0 || sum.Unchanged != 1) {
					t.Errorf("an unchanged archive cost %d bytes: %+v", b.sent.Load(), sum)
				}
			}
			got := w.got[0]
			if got.Report.Matches[0].Grade != match.Listing || got.Capture.Status != http.StatusPartialContent || got.Report.Digest == "" {
				t.Errorf("got %+v", got)
			}
			if w.got[1].Report.Digest != got.Report.Digest || !w.known[1] {
				t.Error("the second sweep tells another sighting")
			}
		})
	}
}

func TestAnUnknownDirectoryLeadsToTheWholeBody(t *testing.T) {
	b := &big{size: 3 << 20, start: "PK\x03\x04", end: secret}
	w := libraryWorld(t, &shelf{})
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL})
	if sum.Fetched != 1 || sum.Sightings != 1 || sum.BytesAvoided != 0 {
		t.Errorf("got %+v", sum)
	}
}

func TestAServerThatIgnoresRangesIsNotListenedToForLong(t *testing.T) {
	b := &big{size: 64 << 20, start: "PK\x03\x04", end: "nothing known"}
	b.wrap = func(w http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		if r.Method == http.MethodGet && b.sent.Load() > 32<<20 {
			w.WriteHeader(http.StatusNotFound) // the full GET after it, which this test is not about
			return true
		}
		return false
	}
	s := serve(t, b)
	w := libraryWorld(t, &shelf{tail: "x"})
	w.c.o.MaxItemBytes = 1 << 20
	w.c.wire.max = 1 << 20
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: s.URL})
	gets := 0
	for _, v := range s.visitors() {
		if v.method == http.MethodGet && strings.HasSuffix(v.path, ".zip") {
			gets++
		}
	}
	if gets > 2 || sum.Bytes > 3<<20 {
		t.Errorf("%d requests, %+v", gets, sum)
	}
}

func TestAPublishedDigestNeedsNoBody(t *testing.T) {
	body := strings.Repeat("x", 2<<20)
	m, h := md5.Sum([]byte(body)), sha256.Sum256([]byte(body))
	b64 := base64.StdEncoding.EncodeToString
	cases := map[string]struct {
		header http.Header
		knows  string
	}{
		"an object store's ETag": {http.Header{"Etag": {`"` + hex.EncodeToString(m[:]) + `"`}}, "s3-etag:" + hex.EncodeToString(m[:])},
		"Content-MD5":            {http.Header{"Content-Md5": {b64(m[:])}}, "md5:" + b64(m[:])},
		"Repr-Digest":            {http.Header{"Repr-Digest": {"sha-512=:AAAA:, sha-256=:" + b64(h[:]) + ":"}}, "sha256:" + b64(h[:])},
		"Digest":                 {http.Header{"Digest": {"SHA-256=" + b64(h[:])}}, "sha256:" + b64(h[:])},
		"x-goog-hash":            {http.Header{"X-Goog-Hash": {"crc32c=AAAAAA==", "md5=" + b64(m[:])}}, "md5:" + b64(m[:])},
		"x-amz-checksum":         {http.Header{"X-Amz-Checksum-Sha256": {b64(h[:])}}, "sha256:" + b64(h[:])},
		"oc-checksum":            {http.Header{"Oc-Checksum": {"MD5:" + hex.EncodeToString(m[:])}}, "md5:" + hex.EncodeToString(m[:])},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := &big{size: int64(len(body)), header: c.header}
			w := libraryWorld(t, &shelf{digests: map[string]bool{c.knows: true}})
			sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL})
			if sum.Sightings != 1 || sum.Fetched != 0 || b.sent.Load() != 0 || sum.BytesAvoided != int64(len(body)) {
				t.Errorf("%+v, %d bytes sent", sum, b.sent.Load())
			}
			if len(w.got) == 1 && (w.got[0].Capture.Method != http.MethodHead || w.got[0].Report.Matches[0].Grade != match.Digest) {
				t.Errorf("got %+v", w.got[0])
			}
		})
	}
}

func TestAPartThatIsNotWhatWasAskedForIsNotBelieved(t *testing.T) {
	for name, bad := range map[string]func(http.ResponseWriter, *http.Request){
		"another place": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-9/3145728")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "0123456789")
		},
		"another size": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 10-19/20")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "0123456789")
		},
		"no Content-Range": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "0123456789")
		},
		"nonsense": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 9-1/-5")
			w.WriteHeader(http.StatusPartialContent)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := &big{size: 3 << 20, start: "PK\x03\x04", end: "0123456789"}
			b.wrap = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Range") == "" {
					return false
				}
				bad(w, r)
				return true
			}
			w := libraryWorld(t, &shelf{tail: "0123456789"})
			if sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL}); sum.Fetched != 1 || sum.Sightings != 0 || sum.State != "done" {
				t.Errorf("got %+v", sum)
			}
		})
	}
}

// broken serves a content that breaks off after some bytes, and goes on where it is asked to.
type broken struct {
	body    []byte
	every   int
	etag    string
	lie     func(w http.ResponseWriter, from int) bool
	ranges  []string
	mu      sync.Mutex
	validOK bool
}

func (b *broken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/paste.txt" {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<title>Index of /</title><a href=paste.txt>paste.txt</a>")
			return
		}
		http.NotFound(w, r)
		return
	}
	from := 0
	if v, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		b.mu.Lock()
		b.ranges = append(b.ranges, v)
		b.validOK = r.Header.Get("If-Range") == b.etag
		b.mu.Unlock()
		from, _ = strconv.Atoi(strings.TrimSuffix(v, "-"))
		if b.lie != nil && b.lie(w, from) {
			return
		}
	}
	w.Header().Set("Etag", b.etag)
	w.Header().Set("Content-Length", strconv.Itoa(len(b.body)-from))
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b.body)-1, len(b.body)))
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = w.Write(b.body[from:min(len(b.body), from+b.every)])
}

func TestALargeBodyThatBreaksOffIsGoneOnWith(t *testing.T) {
	b := &broken{body: append(bytes.Repeat([]byte("an innocent line\n"), 100_000), secret...), every: 600_000, etag: `"strong"`}
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL})
	if sum.Sightings != 1 || sum.Fetched != 1 || sum.Errors != 0 || sum.Bytes < int64(len(b.body)) {
		t.Fatalf("got %+v", sum)
	}
	if len(b.ranges) != 2 || b.ranges[0] != "600000-" || !b.validOK {
		t.Errorf("asked for %v, If-Range right: %v", b.ranges, b.validOK)
	}
	want := sha256.Sum256(b.body)
	if got := w.got[0].Capture; got.BodySHA256 != hex.EncodeToString(want[:]) || got.BodyBytes != int64(len(b.body)) {
		t.Error("the digest is not that of the whole body")
	}
}

func TestTheRestOfSomethingElseIsNotTakenForTheRest(t *testing.T) {
	for name, lie := range map[string]func(http.ResponseWriter, int) bool{
		"the whole again": func(w http.ResponseWriter, _ int) bool {
			_, _ = io.WriteString(w, secret)
			return true
		},
		"another place": func(w http.ResponseWriter, from int) bool {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from+1, from+len(secret), from+len(secret)+1))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, secret)
			return true
		},
		"not there": func(w http.ResponseWriter, _ int) bool { w.WriteHeader(http.StatusNotFound); return true },
	} {
		t.Run(name, func(t *testing.T) {
			b := &broken{body: bytes.Repeat([]byte("an innocent line\n"), 100_000), every: 600_000, etag: `"strong"`, lie: lie}
			w := newWorld(t, nil)
			sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL})
			if sum.Sightings != 0 || sum.Errors != 1 || sum.State != "done" {
				t.Errorf("got %+v", sum)
			}
		})
	}
}

func TestABodyWithoutAStrongValidatorIsBegunAnew(t *testing.T) {
	b := &broken{body: bytes.Repeat([]byte("an innocent line\n"), 100_000), every: 600_000, etag: `W/"weak"`}
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: serve(t, b).URL})
	if len(b.ranges) != 0 || sum.Errors != 1 {
		t.Errorf("asked for %v: %+v", b.ranges, sum)
	}
}

func TestContentRangesAreReadStrictly(t *testing.T) {
	for in, want := range map[string]span{
		"bytes 0-9/10": {0, 9, 10}, "Bytes 5-5/*": {5, 5, -1}, "bytes 10-19/20": {10, 19, 20},
	} {
		if got, ok := contentRange(in); !ok || got != want {
			t.Errorf("%q: %v %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "bytes */10", "bytes 9-1/20", "bytes 0-10/10", "octets 0-1/2", "bytes 0-1", "bytes -5/10", "bytes 0-99999999999999999999/*"} {
		if got, ok := contentRange(in); ok {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func TestALargeArchiveIsKnownWhateverItsNameSays(t *testing.T) {
	for link, shown := range map[string]string{
		"holiday.mp4": "", "backup": "", "holiday.jpg": "03-Feb-2024 04:05  2147483648", "readme.txt": "2024-02-03 04:05  2.0G", "a.pdf": "2024-02-03 04:05  35M",
	} {
		t.Run(link, func(t *testing.T) {
			b := &big{size: 2 << 30, start: "PK\x03\x04", end: "the end of a known archive", etag: `"v1"`}
			s := serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					b.ServeHTTP(rw, r)
					return
				}
				_, _ = fmt.Fprintf(rw, "<title>Index of /</title><pre><a href=%s>%s</a> %s\n</pre>", link, link, shown)
			}))
			w := libraryWorld(t, &shelf{tail: b.end})
			src := Source{Name: "s", Kind: "directory", URL: s.URL}
			if sum := w.sweep(src); sum.Sightings != 1 || sum.Fetched != 0 || b.sent.Load() > 1<<20 {
				t.Fatalf("%+v, %d bytes sent", sum, b.sent.Load())
			}
			b.sent.Store(0)
			if l, err := w.c.Look(t.Context(), src, s.URL+"/"+link); err != nil || l.Outcome != LookLive || b.sent.Load() > 1<<20 {
				t.Errorf("%+v, %v, %d bytes sent", l, err, b.sent.Load())
			}
		})
	}
}
