package crawler

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"unmirror/crawler/plane"
	"unmirror/internal/guard"
)

// fault is what is wrong with a place, in a plain clause without any address.
type fault string

// Error gives the clause.
func (f fault) Error() string { return string(f) }

const (
	errStalled = fault("the body stalled")
	errDrips   = fault("the body comes too slowly")
	errTooLong = fault("the body takes too long")
	errTooBig  = fault("the body is larger than max_item_bytes")
	errBomb    = fault("the body unpacks out of all proportion")
	errCoding  = fault("the body cannot be decoded")
	errPause   = fault("the host asks for a pause")
	errInUse   = fault("other requests of ours keep the host busy")
	errBroke   = fault("the page broke the parser")
	errLoop    = fault("redirects in a circle")
	errHops    = fault("redirects more than 5 times")
	errOutside = fault("redirects out of the source's bounds")
	errNoWhere = fault("redirects to no address")
	errPart    = fault("the body broke off, and its rest is not the rest of the same")
)

// local is a failure on our side, such as a full disk: it says nothing about the place.
type local struct{ error }

// Unwrap gives the cause.
func (l local) Unwrap() error { return l.error }

func isFault(err error) bool {
	var f fault
	return errors.As(err, &f)
}

// plain tells an error of the network in a clause that holds no address and nothing that a server wrote: messages of
// net/http quote both.
func plain(err error) string {
	var f fault
	var proxy noProxy
	var refused *guard.Refused
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return string(f)
	case errors.As(err, &proxy):
		return "the source's proxy: " + plain(proxy.error)
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the host name does not exist"
	case errors.As(err, &dns):
		return "the host name cannot be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection is reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "the host cannot be reached"
	case errors.As(err, &cert), errors.As(err, &unknown):
		return "its certificate cannot be verified"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the answer ended early"
	}
	return byText(err.Error())
}

// spoke reports whether an error is about what a host sent, however unusable.
func spoke(err error) bool {
	switch plain(err) {
	case "the answer's head is too large", "the answer is not HTTP", "the answer is not encrypted":
		return true
	}
	return false
}

// byText recognises what net/http has no types for, and repeats none of it.
func byText(s string) string {
	for _, k := range []struct{ part, say string }{
		{"headers exceeded", "the answer's head is too large"},
		{"HTTP response to HTTPS", "the answer is not encrypted"},
		{"timeout awaiting", "no answer in time"},
		{"malformed", "the answer is not HTTP"},
		{"tls:", "the encrypted connection fails"},
		{"invalid header", "the answer is not HTTP"},
		{"EOF", "the answer ended early"},
		{"closed", "the connection is reset"},
	} {
		if strings.Contains(s, k.part) {
			return k.say
		}
	}
	return "the request failed"
}

// lasting reports whether trying again at once is of no use.
func lasting(err error) bool {
	var refused *guard.Refused
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &refused) || errors.As(err, &cert) || errors.As(err, &dns) && dns.IsNotFound ||
		errors.Is(err, errTooBig) || errors.Is(err, errBomb) || errors.Is(err, errCoding) ||
		errors.Is(err, errBroke)
}

// statusText says what a status means for a line of a log.
func statusText(status int) string { return fmt.Sprintf("answers %d", status) }

// davOnly says in words that a folder that cannot be listed is one for WebDAV, nothing where its answer does not tell so. Only
// GET and HEAD are ever sent.
func davOnly(a *answer) string {
	if a.header.Get("Dav") == "" && !strings.Contains(strings.Join(a.header.Values("Allow"), ","), "PROPFIND") &&
		!(len(a.page) < 4<<10 && bytes.Contains(bytes.ToLower(a.page), []byte("webdav"))) {
		return ""
	}
	return ": the folder speaks WebDAV and lists nothing to a GET, have its server list it in HTML or JSON (such as autoindex)"
}

// ErrBusy says that a sweep of the source runs already, here or in another process.
var ErrBusy = errors.New("a sweep of this source runs already")

func busy(err error) error {
	var b *plane.Busy
	if errors.As(err, &b) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

// isRefusal reports whether we, not the place, refused.
func isRefusal(err error) bool {
	var refused *guard.Refused
	return errors.As(err, &refused)
}
