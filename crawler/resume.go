package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/plane"
)

const (
	resumeFloor = 256 << 10 // bytes that must have come before a broken body is gone on with instead of begun again
	resumeStep  = 64 << 10  // bytes that a continuation must bring, else it counts as one in vain
	resumeVain  = 3
	resumeMost  = 100
)

// continuer asks for the rest of a body that broke off (RFC 9110 section 14: Range with If-Range).
type continuer struct {
	out       http.RoundTripper
	request   *http.Request   // the first one
	ctx       context.Context // of all of them: the first one's ends with a body that breaks off
	turns     turns
	validator string // a strong entity tag, or a date that is strong enough
	total     int64  // of the whole body, -1 when the server did not say
	pause     time.Duration
	asked     int
	vain      int
	last      int64 // where the latest one began
}

// continuation is nil when the rest of a body could not be told from the rest of another.
func (w *wire) continuation(ctx context.Context, out http.RoundTripper, r *http.Request, t *transfer, res *http.Response) *continuer {
	if t.req.turns == nil || !t.req.matches || res.StatusCode != http.StatusOK || res.ContentLength >= 0 && res.ContentLength < resumeFloor {
		return nil
	}
	v := strongValidator(res.Header)
	if v == "" || strings.EqualFold(res.Header.Get("Accept-Ranges"), "none") {
		return nil
	}
	return &continuer{out: out, request: r, ctx: ctx, turns: t.req.turns, validator: v, total: res.ContentLength, pause: w.limits.Backoff}
}

// strongValidator is what If-Range may carry (RFC 9110 section 13.1.5): an entity tag that is not weak, or a modification
// date at least a second older than the answer (section 8.8.2.2).
func strongValidator(h http.Header) string {
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	if h.Get("Last-Modified") == "" {
		return ""
	}
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	date, derr := http.ParseTime(h.Get("Date"))
	if err != nil || derr != nil || date.Sub(modified) < time.Second {
		return ""
	}
	return h.Get("Last-Modified")
}

// worth reports whether a body that failed so after n bytes is to be gone on with.
func (c *continuer) worth(err error, n int64) bool {
	if c == nil || n < resumeFloor || errors.Is(err, errDrips) || errors.Is(err, errTooLong) || errors.Is(err, errPart) ||
		errors.Is(err, plane.ErrFenced) || c.ctx.Err() != nil {
		return false
	}
	if c.asked > 0 && n-c.last < resumeStep {
		c.vain++
	} else {
		c.vain = 0
	}
	return c.vain < resumeVain && c.asked < resumeMost
}

// from asks for the bytes from n on, after the host's turn has come. The body is exactly those, or there is an error.
func (c *continuer) from(ctx context.Context, n int64) (io.ReadCloser, error) {
	c.asked, c.last = c.asked+1, n
	if err := sleep(ctx, time.Now().Add(c.pause)); err != nil {
		return nil, err
	}
	if err := c.turns.turn(ctx); err != nil {
		return nil, err
	}
	r := c.request.Clone(ctx)
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-", n))
	r.Header.Set("If-Range", c.validator)
	r.Header.Del("If-None-Match")
	r.Header.Del("If-Modified-Since")
	res, err := c.out.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, ok := contentRange(res.Header.Get("Content-Range"))
	if res.StatusCode != http.StatusPartialContent || !ok || got.from != n || got.total >= 0 && c.total >= 0 && got.total != c.total ||
		got.total >= 0 && got.to != got.total-1 {
		_ = res.Body.Close() // it is not read: what is wrong with it is known
		return nil, errPart
	}
	return res.Body, nil
}

// span is a part of a body: from and to are its first and its last byte, total is -1 when the server does not know it.
type span struct{ from, to, total int64 }

// contentRange reads the header of RFC 9110 section 14.4.
func contentRange(s string) (span, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(s)), "bytes ")
	part, of, ok2 := strings.Cut(rest, "/")
	a, b, ok3 := strings.Cut(part, "-")
	if !ok || !ok2 || !ok3 {
		return span{}, false
	}
	r := span{total: -1}
	var err, err2, err3 error
	r.from, err = strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	r.to, err2 = strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if of = strings.TrimSpace(of); of != "*" {
		r.total, err3 = strconv.ParseInt(of, 10, 64)
	}
	ok = err == nil && err2 == nil && err3 == nil && r.from >= 0 && r.to >= r.from && (of == "*" || r.to < r.total)
	return r, ok
}
