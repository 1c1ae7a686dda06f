package crawler

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/digest"
	"unmirror/fingerprints/match"
	"unmirror/internal/testneeds"
)

// depot is a place that holds a copy of the secret, and how it is taken away.
type depot struct {
	kind   string
	source func(base string) Source
	serve  func(s *shelfOf, w http.ResponseWriter, r *http.Request)
	// urls is what the sighting's address matches; outside, what no request may match.
	urls, outside string
	byDigest      bool   // nothing but its published digests is looked at
	header        string // "Name: value" that every request for an item must have
}

// shelfOf is the state of a fake store.
type shelfOf struct {
	base   string
	gone   atomic.Bool
	sick   atomic.Int64
	bodies atomic.Int64 // how often the secret went out
}

func (s *shelfOf) secret(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.bodies.Add(1)
	}
	_, _ = io.WriteString(w, secret)
}

// digests knows the published digests of the secret.
type digests struct{}

func (digests) Published(kind, text string, size int64) match.Report {
	v, err := digest.Parse(digest.Kind(kind), text)
	sum := digest.New(int64(len(secret)))
	_, _ = sum.Write([]byte(secret))
	if err != nil || size >= 0 && size != int64(len(secret)) || v.Kind.NeedsSize() || !slices.Contains(sum.Values(), v) {
		return match.Report{Verdict: match.None}
	}
	return match.Report{Verdict: match.Matched, Matches: []match.Match{{Grade: match.Digest, Leak: "demo", KnownFile: "x", FileID: "f_0123456789ab", Bits: 100}}}
}

func (digests) Listing([]byte, int64) (match.Report, int64) {
	return match.Report{Verdict: match.None}, 0
}

func md5Of(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }

func sha1Of(s string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(s))) }

// s3Keys are the bucket's keys, in order.
var s3Keys = sync.OnceValue(func() (keys []string) {
	for i := range 2500 {
		keys = append(keys, fmt.Sprintf("map %d/a+b&%04d.txt", i/500, i))
	}
	return keys
})

// serveS3 is a bucket of 2,500 objects; the 1,700th in the order of its keys is the copy.
func serveS3(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amz-Request-Id", "18EA2085148FD2EA")
	w.Header().Set("Content-Type", "application/xml")
	keys := s3Keys()
	const copyAt = "map 3/a+b&1700.txt"
	if s.gone.Load() {
		keys = slices.Concat(keys[:1700], keys[1701:])
	}
	if key, _ := strings.CutPrefix(r.URL.Path, "/mirror/"); key != "" {
		_, held := slices.BinarySearch(keys, key)
		switch {
		case !held:
			w.WriteHeader(404)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
		case key == copyAt:
			w.Header().Set("Etag", `"`+md5Of(secret)+`"`)
			s.secret(w, r)
		default:
			_, _ = io.WriteString(w, "niets "+key)
		}
		return
	}
	q := r.URL.Query()
	from, _ := slices.BinarySearch(keys, q.Get("continuation-token"))
	page := keys[from:min(from+1000, len(keys))]
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>`)
	if from+1000 < len(keys) {
		fmt.Fprintf(&b, "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>", strings.ReplaceAll(keys[from+1000], "&", "&amp;"))
	}
	for _, k := range page {
		body := "niets " + k
		if k == copyAt {
			body = secret
		}
		fmt.Fprintf(&b, "<Contents><Key>%s</Key><LastModified>2026-11-01T17:44:56.932Z</LastModified><ETag>&#34;%s&#34;</ETag><Size>%d</Size></Contents>", url.QueryEscape(k), md5Of(body), len(body))
	}
	_, _ = io.WriteString(w, b.String()+"</ListBucketResult>")
}

func serveSitemap(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/sitemap.xml":
		fmt.Fprintf(w, `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>%s/pages.xml</loc></sitemap></sitemapindex>`, s.base)
	case r.URL.Path == "/pages.xml":
		host := strings.TrimPrefix(s.base, "http:")
		fmt.Fprintf(w, `<?xml version="1.0"?><urlset><url><loc>%[1]s/p/1</loc></url><url><loc>:%[1]s/p/2</loc></url><url><loc>%[1]s/logout</loc></url></urlset>`, host)
	case r.URL.Path == "/p/2" && !s.gone.Load():
		s.secret(w, r)
	case r.URL.Path == "/p/1":
		_, _ = io.WriteString(w, "niets")
	default:
		http.NotFound(w, r)
	}
}

func serveAPI(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/api" && r.URL.Query().Get("after") == "":
		_, _ = io.WriteString(w, `{"data":{"list":[{"key":"aa"}]},"paging":{"cursor":"c2"}}`)
	case r.URL.Path == "/api":
		_, _ = io.WriteString(w, `{"data":{"list":[{"key":"bb"}]},"paging":{}}`)
	case r.URL.Path == "/raw/bb" && !s.gone.Load():
		s.secret(w, r)
	case r.URL.Path == "/raw/aa":
		_, _ = io.WriteString(w, "niets")
	default:
		http.NotFound(w, r)
	}
}

func serveArchive(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/":
		_, _ = io.WriteString(w, "the archive")
	case r.URL.Path == "/metadata/brieven-2026" && s.gone.Load():
		_, _ = io.WriteString(w, "{}")
	case r.URL.Path == "/metadata/brieven-2026":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"files":[{"name":"map/brief 1.txt","source":"original","size":"%d","mtime":"1706933106","md5":"%s","sha1":"%s"},{"name":"x_meta.xml","source":"metadata"}]}`, len(secret), md5Of(secret), sha1Of(secret))
	case r.URL.Path == "/download/brieven-2026/map/brief 1.txt" && !s.gone.Load():
		s.secret(w, r)
	default:
		http.NotFound(w, r)
	}
}

func serveWayback(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	const when = "20261103040506"
	switch {
	case r.URL.Path == "/cdx/search/cdx" && r.URL.Query().Get("url") == "leak.example/*":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `[["timestamp","original","mimetype","statuscode","digest","length"],["%[1]s","http://leak.example/a","text/html","200","%[2]s","9"],["%[1]s","http://leak.example/brief.txt","text/plain","200","%[3]s","9"]]`,
			when, base32Of("niets"), base32Of(secret))
	case strings.HasSuffix(r.URL.Path, "/leak.example/brief.txt") && !s.gone.Load():
		s.secret(w, r)
	case strings.HasSuffix(r.URL.Path, "/leak.example/a"):
		_, _ = io.WriteString(w, "niets")
	default:
		http.NotFound(w, r)
	}
}

func serveTorrents(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	leaf := sha256.Sum256([]byte(secret))
	other := sha256.Sum256([]byte("niets"))
	file := func(name, root string, size int) string {
		return fmt.Sprintf("%d:%sd0:d6:lengthi%de11:pieces root32:%see", len(name), name, size, root)
	}
	switch {
	case r.URL.Path == "/list":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<a href="/dl/1.torrent">1</a> <a href="magnet:?xt=urn:btih:747167303224313a981ef66930f9c8ff8848c03b">m</a>`)
	case r.URL.Path == "/dl/1.torrent" && !s.gone.Load():
		w.Header().Set("Content-Type", "application/x-bittorrent")
		_, _ = io.WriteString(w, "d8:announce26:http://tracker.example/ann4:infod9:file treed"+file("a.txt", string(other[:]), 5)+file("brief.txt", string(leaf[:]), len(secret))+
			"e12:meta versioni2e4:name3:map12:piece lengthi16384eee")
	default:
		http.NotFound(w, r)
	}
}

const ipfsFolder = "bafybeih2hcurhupgx6do5cmfrl4pg4xqyxiojsauputqljttnmn3jp5zf4"

func serveGateway(s *shelfOf, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ipfs/"+ipfsFolder:
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
	case r.URL.Path == "/ipfs/"+ipfsFolder+"/":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="/ipfs/%[1]s/..">..</a><a href="/ipfs/%[1]s/brief.txt">brief.txt</a>`, ipfsFolder)
	case r.URL.Path == "/ipfs/"+ipfsFolder+"/brief.txt" && s.gone.Load():
		w.WriteHeader(http.StatusGone)
	case r.URL.Path == "/ipfs/"+ipfsFolder+"/brief.txt":
		s.secret(w, r)
	default:
		w.WriteHeader(http.StatusPreconditionFailed)
	}
}

func storesTable() []depot {
	return []depot{
		{kind: "s3", serve: serveS3, urls: `/mirror/map%203/a%2Bb%261700\.txt$`, outside: `acl|^/other`, byDigest: true, source: at("/mirror/")},
		{kind: "sitemap", serve: serveSitemap, urls: `/p/2$`, outside: `logout`, source: at("/")},
		{kind: "json", serve: serveAPI, urls: `/raw/bb$`, source: func(base string) Source {
			return Source{URL: base + "/api", Item: "data.list", Raw: "/raw/{key}", Next: "?after={paging.cursor}"}
		}},
		{kind: "archiveorg", serve: serveArchive, urls: `/download/brieven-2026/map/brief%201\.txt$`, byDigest: true, source: func(base string) Source {
			return Source{URL: base + "/", Items: []string{"brieven-2026"}}
		}},
		{kind: "wayback", serve: serveWayback, urls: `/web/20261103040506id_/http://leak\.example/brief\.txt$`, outside: `save`, byDigest: true, source: at("/web/*/leak.example/*")},
		{kind: "torrent", serve: serveTorrents, urls: `/dl/1\.torrent#file=2$`, outside: `announce|#`, byDigest: true, source: at("/list")},
		{kind: "ipfs", serve: serveGateway, urls: `/ipfs/` + ipfsFolder + `/brief\.txt$`, outside: `api/v0`, header: "Cache-Control: only-if-cached", source: func(base string) Source {
			return Source{URL: base + "/", Items: []string{ipfsFolder}}
		}},
	}
}

func at(path string) func(string) Source {
	return func(base string) Source { return Source{URL: base + path} }
}

func base32Of(s string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	sum := sha1.Sum([]byte(s))
	var out []byte
	for i := 0; i < 160; i += 5 {
		n := 0
		for j := range 5 {
			n = n<<1 | int(sum[(i+j)/8]>>(7-(i+j)%8)&1)
		}
		out = append(out, letters[n])
	}
	return string(out)
}

// TestEveryStoreIsSweptWithinItsBounds plants a copy at each kind of store: it is found, without its body where the store
// publishes a digest; its deletion is recognised, an outage or a wall is not taken for one.
func TestEveryStoreIsSweptWithinItsBounds(t *testing.T) {
	t.Parallel()
	for _, p := range storesTable() {
		t.Run(p.kind, func(t *testing.T) {
			t.Parallel()
			s := &shelfOf{}
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch sick := int(s.sick.Load()); {
				case r.URL.Path == "/robots.txt":
					http.NotFound(w, r)
				case sick != 0:
					w.WriteHeader(sick)
				default:
					p.serve(s, w, r)
				}
			}))
			s.base = srv.URL
			w := newWorld(t, func(o *Options) { o.Library = digests{} })
			src := p.source(srv.URL)
			src.Name, src.Kind = "s", p.kind
			for n := range 2 {
				sum := w.sweep(src)
				if urls := w.urls(); sum.State != "done" || sum.Errors != 0 || len(urls) != 1 || !regexp.MustCompile(p.urls).MatchString(urls[0]) {
					t.Fatalf("sweep %d: %+v, sightings %v", n, sum, urls)
				}
			}
			if p.byDigest && s.bodies.Load() != 0 {
				t.Errorf("the copy was fetched %d times, although its digest is published", s.bodies.Load())
			}
			p.visitors(t, srv)
			p.looks(t, w, s, src)
		})
	}
}

func (p depot) visitors(t *testing.T, srv *site) {
	t.Helper()
	name, value, _ := strings.Cut(p.header, ": ")
	for _, v := range srv.visitors() {
		if v.method != http.MethodGet && v.method != http.MethodHead || p.outside != "" && regexp.MustCompile(p.outside).MatchString(v.path) {
			t.Errorf("asked for %s %s", v.method, v.path)
		}
		if p.header != "" && v.path != "/robots.txt" && v.header.Get(name) != value {
			t.Errorf("%s was asked for without %s", v.path, p.header)
		}
	}
}

func (p depot) looks(t *testing.T, w *world, s *shelfOf, src Source) {
	t.Helper()
	expect := func(when string, want LookOutcome) {
		t.Helper()
		l, err := w.c.Look(t.Context(), src, w.urls()[0])
		if err != nil || l.Outcome != want {
			t.Errorf("%s: %s (%s), %v, want %s", when, l.Outcome, l.Reason, err, want)
		}
	}
	expect("there", LookLive)
	s.sick.Store(503)
	expect("out of order", LookUnreachable)
	s.sick.Store(403)
	expect("a wall", LookUnclear)
	s.sick.Store(0)
	s.gone.Store(true)
	expect("taken away", LookGone)
}

// TestFTPAndRsyncAreSweptLikeFolders runs the real servers.
func TestFTPAndRsyncAreSweptLikeFolders(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"ftp", "rsync"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			root := tree(t, 30)
			addr, stop := daemon(t, protocol, root)
			w := newWorld(t, nil)
			src := Source{Name: protocol, Kind: protocol, URL: protocol + "://" + addr + "/pub/", Delay: time.Millisecond}
			sum := w.sweep(src)
			if sum.State != "done" || sum.Fetched != 31 || sum.Sightings != 1 || sum.Errors != 0 {
				t.Fatalf("first sweep: %+v\n%s", sum, w.log)
			}
			if sum = w.sweep(src); sum.Unchanged != 31 || sum.Fetched != 0 || sum.Sightings != 1 {
				t.Errorf("second sweep: %+v", sum)
			}
			expect := func(want LookOutcome) {
				t.Helper()
				if l, err := w.c.Look(t.Context(), src, w.urls()[0]); err != nil || l.Outcome != want {
					t.Errorf("look: %s (%s), %v, want %s", l.Outcome, l.Reason, err, want)
				}
			}
			expect(LookLive)
			if w.got[0].Capture.IP != "127.0.0.1" || w.got[0].Capture.Status != 200 {
				t.Errorf("evidence: %+v", w.got[0].Capture)
			}
			name := filepath.Join(root, "pub/x/y/z/Vandersteen Mieke #1.txt")
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			expect(LookGone)
			stop()
			expect(LookUnreachable)
		})
	}
}

// daemon starts pyftpdlib or rsync on a folder.
func daemon(t *testing.T, protocol, root string) (addr string, stop func()) {
	t.Helper()
	port := testneeds.Port(t)
	var cmd *exec.Cmd
	if protocol == "ftp" {
		python := testneeds.Python(t, "pyftpdlib", "python3-pyftpdlib")
		cmd = exec.Command(python, "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", fmt.Sprint(port), "-d", root)
	} else {
		conf := write(t, filepath.Join(t.TempDir(), "rsyncd.conf"), fmt.Sprintf("use chroot = no\nport = %d\naddress = 127.0.0.1\nlog file = /dev/null\n[pub]\npath = %s/pub\n", port, root))
		cmd = exec.Command(testneeds.Program(t, "rsync", "rsync"), "--daemon", "--no-detach", "--config", conf)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	addr = fmt.Sprintf("127.0.0.1:%d", port)
	testneeds.Listens(t, addr)
	return addr, stop
}

// TestSearchesByDigestFindWhatTheyWereAllowedToAskFor: without lookups nothing is sent; with it, digests alone.
func TestSearchesByDigestFindWhatTheyWereAllowedToAskFor(t *testing.T) {
	t.Parallel()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(secret)))
	asked := "/api/1/content/sha256:" + sum + "/"
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case asked:
			fmt.Fprintf(w, `{"length":%d,"checksums":{"sha256":"%s"}}`, len(secret), sum)
		case asked + "raw/":
			if r.Method == http.MethodGet {
				t.Error("the content was fetched")
			}
		default:
			http.NotFound(w, r)
		}
	}))
	absent := kind.Digests{SHA256: strings.Repeat("ab", 32)}
	w := newWorld(t, func(o *Options) {
		o.Library = digests{}
		o.Lookups = func([]string) []kind.Digests { return []kind.Digests{absent, {SHA256: sum, Size: int64(len(secret))}} }
	})
	src := Source{Name: "s", Kind: "softwareheritage", URL: srv.URL}
	if _, err := w.c.Sweep(t.Context(), src); err == nil || len(srv.visitors()) != 0 {
		t.Fatalf("asked unbidden: %v, %v", srv.paths(), err)
	}
	src.Lookups = true
	if res := w.sweep(src); res.Sightings != 1 || res.Errors != 0 || res.Fetched != 0 || len(w.urls()) != 1 || w.urls()[0] != srv.URL+asked+"raw/" {
		t.Errorf("%+v, %v, %v", res, w.urls(), srv.paths())
	}
}
