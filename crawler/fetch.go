package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/match"
)

// request is one GET or HEAD.
type request struct {
	method         string // empty: GET
	url            *url.URL
	accept         string
	etag, modified string      // validators of an earlier answer
	header         http.Header // beyond the usual, as the kind wants it
	secret         string      // the one among them that no capture shows
	matches        bool        // stream the body into the matcher
	aside          bool        // match also what is kept of a page, which is no item itself: a folder may show a file instead of its listing
	lists          bool        // keep the beginning of a page for its links
	dom            bool        // and parse it
	bytes          bool        // keep it as it came, instead of turned into UTF-8
	prefix         int64       // bytes kept of an item, for what its kind makes of them
	unwrap         func(body []byte) ([]kind.Part, error)
	ranged         string // the value of Range; then answer.part is what came, and nothing is matched
	most           int64  // bytes of it at most
	via            []string
	hops           []Hop // how those addresses answered
	exit           *exit // the way out; nil: the crawler's own
	turns          turns // of the host that is asked; nil: nobody waits for its end, and a body that breaks off is not gone on with
}

// turns are a host's: who asks it waits for one, and says when the answer ended.
type turns interface {
	turn(context.Context) error
	answered()
}

// answer is what came of it.
type answer struct {
	status     int
	header     http.Header
	mediaType  string
	page       []byte // beginning of the decoded body, in UTF-8, when it was asked for or the status is an error
	part       []byte // of a range that was asked for, as it came
	cut        bool   // the page went on
	root       *goquery.Selection
	report     match.Report
	matched    bool // report is set
	bytes      int64
	retryAfter time.Duration
	capture    Capture // without what proof adds
	sent       sent
}

// newCollector makes colly a one-URL engine: what it does about robots, rates, redirects, cookies and bodies is done
// here instead, in ways that evidence and politeness need. Init rather than NewCollector, because the latter lets
// environment variables override the code.
func newCollector(w *wire, agent string) *colly.Collector {
	c := &colly.Collector{}
	c.Init()
	c.UserAgent = agent
	c.AllowURLRevisit = true
	c.IgnoreRobotsTxt = true
	c.ParseHTTPErrorResponse = true
	c.MaxBodySize = 0 // the wire hands over a capped beginning
	c.SetClient(&http.Client{
		Transport:     w,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	return c
}

// fetch makes one request, without waiting and without asking robots.txt. There is always an answer; with an error, it
// holds what was learned before, and a status other than 0 says that the head arrived.
func (c *Crawler) fetch(ctx context.Context, r request) (a *answer, err error) {
	began := time.Now()
	t := &transfer{req: r, crawler: c, ctx: ctx}
	defer func() { c.tell(ctx, r, a, err, began) }()
	defer t.end()
	defer func() {
		// Decoders, selectors and parsers of many libraries run on hostile input here; one page must not end the daemon.
		if p := recover(); p != nil {
			a, err = &t.answer, errBroke
			if a.capture.Finished.IsZero() {
				a.capture.Finished = time.Now().UTC()
			}
			c.o.Log.ErrorContext(ctx, "parser panicked", "host", r.url.Host, "type", fmt.Sprintf("%T", p))
		}
	}()
	if h := r.headers(c.agents); r.lists {
		err = c.browse(ctx, t, h)
	} else {
		t.answer.page, err = c.wire.carry(ctx, t, h) // nothing for colly to read
	}
	if t.answer.status == 0 {
		if err == nil {
			err = fault("no answer")
		}
		return &t.answer, err
	}
	if t.bodyErr != nil {
		return &t.answer, t.bodyErr
	}
	return &t.answer, nil // what colly says about markup is for the kind to decide
}

// browse has colly fetch a page.
func (c *Crawler) browse(ctx context.Context, t *transfer, h http.Header) error {
	one := c.base.Clone()
	one.Context = context.WithValue(ctx, transferKey{}, t)
	one.OnResponse(func(res *colly.Response) { t.answer.page = res.Body })
	if t.req.dom {
		one.OnHTML("html", func(e *colly.HTMLElement) { t.answer.root = e.DOM })
	}
	// Colly is told the place alone: it parses an address twice, by other rules than the one that the wire asks for.
	place := url.URL{Scheme: t.req.url.Scheme, Host: t.req.url.Host, Path: "/"}
	return one.Request(t.req.verb(), place.String(), nil, nil, h)
}

// verb is the method of a request.
func (r *request) verb() string {
	if r.method == "" {
		return http.MethodGet
	}
	return r.method
}

func (r *request) headers(agent []string) http.Header {
	h := http.Header{"Accept": {"*/*"}}
	for name, v := range r.header {
		h[http.CanonicalHeaderKey(name)] = v
	}
	h["User-Agent"] = agent
	if r.accept != "" && r.lists {
		h.Set("Accept", r.accept)
	}
	if r.etag != "" {
		h.Set("If-None-Match", r.etag)
	}
	if r.modified != "" {
		h.Set("If-Modified-Since", r.modified)
	}
	if r.ranged != "" {
		h.Set("Range", r.ranged)
	}
	if r.lists && !r.matches && h.Get("Accept-Encoding") == "" {
		h.Set("Accept-Encoding", "gzip, br, zstd") // listings shrink to a tenth; an item's own bytes are wanted as they are
	}
	return h
}

const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header of RFC 9110 section 10.2.3: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	d := time.Duration(0)
	if secs, err := strconv.ParseInt(v, 10, 64); err == nil {
		d = time.Duration(min(secs, int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
