package crawler

import (
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"
)

// sent is what proof makes evidence of.
type sent struct {
	of     *request
	header http.Header
	line   string // the answer's first
	to     net.Addr
	sum    []byte // SHA-256 of the body as transferred
}

// proof is the capture with the heads and digests that evidence shows. They are written out for the few answers of which
// something is kept.
func (a *answer) proof() Capture {
	cp, s := a.capture, &a.sent
	if s.of != nil {
		cp.RequestHead = requestHead(cp.Method, s.header, s.of)
	}
	if s.line != "" {
		var b strings.Builder
		b.Grow(usualHead)
		b.WriteString(s.line + "\n")
		writeHeader(&b, a.header)
		cp.ResponseHead = b.String()[:min(b.Len(), maxHeadText)]
	}
	if to, ok := s.to.(*net.TCPAddr); ok {
		cp.IP, cp.Port = to.AddrPort().Addr().Unmap().String(), to.Port
	}
	cp.BodySHA256 = hex.EncodeToString(s.sum)
	return cp
}

// requestHead shows a request without its token.
func requestHead(method string, h http.Header, q *request) string {
	var b strings.Builder
	b.Grow(usualHead)
	b.WriteString(method + " " + q.url.RequestURI() + " HTTP/1.1\nHost: " + q.url.Host + "\n")
	if q.secret != "" {
		h = h.Clone()
		h.Set(q.secret, "[withheld]")
	}
	writeHeader(&b, h)
	return b.String()
}

func writeHeader(b *strings.Builder, h http.Header) {
	var room [24]string
	names := room[:0]
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		for _, v := range h[n] {
			if b.Len() < maxHeadText {
				b.WriteString(n)
				b.WriteString(": ")
				b.WriteString(v)
				b.WriteByte('\n')
			}
		}
	}
}
