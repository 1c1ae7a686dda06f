package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/ftp"
	"unmirror/crawler/kind"
	"unmirror/crawler/rsync"
	"unmirror/internal/guard"
)

const (
	errorPage   = 64 << 10 // bytes kept of a page that says no
	maxHeadText = 32 << 10 // bytes of a head that evidence keeps
	maxTree     = 4 << 20  // bytes of a page that becomes a tree, which takes some thirty times as much
	usualHead   = 512      // bytes of a head as most are
	maxHead     = 4 << 20  // bytes of a head that are read: ten thousand cookies are a nuisance, no fault
)

type transferKey struct{}

// transfer is one request on the wire and what it brought.
type transfer struct {
	req     request
	crawler *Crawler
	ctx     context.Context // the caller's: a body that stalled ends the request, not the matching of what came
	answer  answer
	bodyErr error
	ended   bool
}

// end says once that nothing more comes over the wire: what is still to be done with it keeps the host from nothing.
func (t *transfer) end() {
	if !t.ended && t.req.turns != nil {
		t.req.turns.answered()
	}
	t.ended = true
}

// wire is the round tripper under colly: guarded dialling, raw bytes into digest and matcher, bounds on everything,
// and only the beginning of a page handed up.
type wire struct {
	inner  *http.Transport
	limits Limits
	max    int64
}

func newWire(g *guard.Guard, o Options) *wire {
	t := g.Transport()
	t.ResponseHeaderTimeout = o.Limits.Head
	t.MaxResponseHeaderBytes = maxHead
	otherSchemes(t, g)
	return &wire{inner: t, limits: o.Limits, max: o.MaxItemBytes}
}

// otherSchemes lets a transport speak what is not HTTP, over the same guarded dialer.
func otherSchemes(t *http.Transport, g *guard.Guard) {
	files := ftp.New(ftp.Options{Dial: g.DialContext, TLS: t.TLSClientConfig})
	t.RegisterProtocol("ftp", files)
	t.RegisterProtocol("ftps", files)
	t.RegisterProtocol("rsync", rsync.New(rsync.Options{Dial: g.DialContext}))
}

// RoundTrip implements http.RoundTripper for colly.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	t, ok := r.Context().Value(transferKey{}).(*transfer)
	if !ok {
		return nil, fmt.Errorf("round trip without a transfer")
	}
	page, err := w.carry(r.Context(), t, r.Header)
	if t.answer.status == 0 {
		return nil, err
	}
	// All that colly looks at. What the answer's head said is in the transfer.
	h := http.Header{"Content-Type": {t.answer.mediaType + "; charset=utf-8"}}
	return &http.Response{
		StatusCode: t.answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(page)), ContentLength: int64(len(page)), Uncompressed: true, Request: r,
	}, nil
}

// carry makes the request of a transfer and deals with its whole body. It gives what is kept of a page, and an error when no
// head came; what was wrong with the body is in the transfer.
func (w *wire) carry(ctx context.Context, t *transfer, h http.Header) (page []byte, err error) {
	a := &t.answer
	cp := &a.capture
	cp.URL, cp.Method, cp.Redirects, cp.Hops, cp.Started = t.req.url.String(), t.req.verb(), t.req.via, t.req.hops, time.Now().UTC()
	a.sent = sent{of: &t.req, header: h}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { a.sent.to = i.Conn.RemoteAddr() }})
	its, cancel := context.WithCancelCause(traced)
	defer cancel(nil)
	// Exactly the address that was checked, and no other parser's.
	r := (&http.Request{Method: cp.Method, URL: t.req.url, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h}).WithContext(its)
	out := t.req.exit.over(w)
	res, err := out.RoundTrip(r)
	if err != nil {
		cp.Finished = time.Now().UTC()
		return nil, err
	}
	defer res.Body.Close()
	t.head(res)
	page, t.bodyErr = w.body(ctx, its, cancel, t, res, w.continuation(traced, out, r, t, res))
	cp.Finished = time.Now().UTC()
	return page, nil
}

// head takes down what the answer's head says.
func (t *transfer) head(res *http.Response) {
	a := &t.answer
	a.status, a.header = res.StatusCode, res.Header
	a.retryAfter = retryAfter(res.Header, time.Now())
	a.mediaType, _, _ = strings.Cut(res.Header.Get("Content-Type"), ";")
	a.mediaType = strings.ToLower(strings.TrimSpace(a.mediaType))
	a.capture.Status = res.StatusCode
	a.sent.line = res.Proto + " " + res.Status
	if res.TLS != nil {
		a.capture.TLSVersion = tls.VersionName(res.TLS.Version)
		for _, cert := range res.TLS.PeerCertificates {
			a.capture.Certificates = append(a.capture.Certificates, cert.Raw)
		}
	}
}

// body reads what the request wants of the body, digests it and matches it.
func (w *wire) body(parent, ctx context.Context, cancel context.CancelCauseFunc, t *transfer, res *http.Response, rest *continuer) ([]byte, error) {
	a, want := &t.answer, t.want(res, w)
	if want.raw == 0 || res.Body == http.NoBody && !want.matches {
		return nil, nil
	}
	raw := newRawBody(parent, ctx, cancel, res, w.limits, want.raw)
	defer raw.stop()
	encoding := res.Header.Get("Content-Encoding")
	if want.part || !want.matches || encoding != "" || t.req.unwrap != nil {
		raw.hash = sha256.New()
	}
	if want.part {
		var err error
		a.part, err = io.ReadAll(raw)
		t.end()
		a.bytes, a.capture.BodyBytes, a.sent.sum = raw.n, raw.n, raw.hash.Sum(nil)
		return nil, err
	}
	raw.goOn = rest
	out, err := newSplitter(t, want)
	if err != nil {
		return nil, err
	}
	defer out.drop()
	out.sums = raw.hash == nil
	err = out.copy(decode(raw, encoding), raw, w.max)
	t.end()
	a.bytes = raw.n
	a.capture.BodyBytes = raw.n
	if raw.hash != nil {
		a.sent.sum = raw.hash.Sum(nil)
	}
	if want.truncates && err == errTooBig {
		err, a.cut = nil, true
	}
	a.cut = a.cut || out.cut
	out.finish(t.ctx, err)
	if a.mediaType == "" {
		a.mediaType, _, _ = strings.Cut(http.DetectContentType(out.page), ";")
	}
	if t.req.bytes && res.StatusCode == http.StatusOK {
		return out.page, err
	}
	text := toUTF8(out.page, res.Header.Get("Content-Type"))
	if t.req.dom {
		text = flatten(text)
	}
	return text, err
}

// wanted says how much of a body is read and what for.
type wanted struct {
	raw       int64 // bytes to read at most
	page      int64 // bytes of the decoded body to keep
	matches   bool
	truncates bool // a longer body is simply cut, no fault
	part      bool // it is a range, wanted as it is
}

func (t *transfer) want(res *http.Response, w *wire) wanted {
	if t.req.method == http.MethodHead {
		return wanted{}
	}
	if t.req.ranged != "" && res.StatusCode < 400 {
		if res.StatusCode == http.StatusPartialContent {
			return wanted{raw: t.req.most, part: true}
		}
		return wanted{} // a server that sends everything instead is not listened to
	}
	if res.StatusCode != http.StatusOK {
		if res.StatusCode < 400 {
			return wanted{}
		}
		return wanted{raw: errorPage, page: errorPage, truncates: true}
	}
	v := wanted{matches: t.req.matches || t.req.aside, page: t.req.prefix}
	if t.req.lists && (t.answer.mediaType == "" || t.req.bytes || readable(t.answer.mediaType)) {
		v.page = t.crawler.pageLimit(t.req.dom)
	}
	v.raw = w.max
	if t.req.unwrap != nil {
		v.raw = min(v.raw, kind.MaxWrapped)
	}
	if !t.req.matches {
		v.raw, v.truncates = v.page, true
	}
	return v
}

// pageLimit is how many bytes of a page are read for its links.
func (c *Crawler) pageLimit(tree bool) int64 {
	if tree {
		return min(c.o.Limits.Page, maxTree)
	}
	return c.o.Limits.Page
}

// readable reports whether a page of this type can list links.
func readable(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "xml") || strings.HasSuffix(mediaType, "json") ||
		strings.HasSuffix(mediaType, "html")
}

// sizeText writes a number of bytes as configurations do.
func sizeText(n int64) string {
	for _, u := range []struct {
		n    int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.n && n%u.n == 0 {
			return strconv.FormatInt(n/u.n, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
