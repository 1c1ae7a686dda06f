package crawler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/match"
)

// Library answers by what a place tells of an item, without its content. It is safe for concurrent use.
type Library interface {
	// Published answers for a digest as it is written, of a kind of package fingerprints/digest, and a size in bytes, -1
	// where it is not told.
	Published(kind, text string, size int64) match.Report
	// Listing answers for an item of size bytes of which tail are the last, by the directory that an archive ends with.
	// Where need is above 0, that many bytes from the end are wanted; call again with them.
	Listing(tail []byte, size int64) (r match.Report, need int64)
}

const (
	// glanceFrom is the size from which an item is worth a request more, if that may save its body.
	glanceFrom = 1 << 20
	tailFirst  = 64 << 10
	// tailMost is how much of an archive's end is read for its directory; of a very large archive a 64th part, up to
	// tailLimit.
	tailMost  = 900 << 10
	tailLimit = 8 << 20
	magicSize = 512
	// sniffFrom is the size from which the first bytes are asked whatever the name says.
	sniffFrom = 16 << 20
)

// glanced is what an item showed without its body.
type glanced struct {
	head    *answer // to HEAD; nil: none was asked for, or it was refused
	last    *answer // the latest answer: the evidence, when decided
	report  match.Report
	decided bool  // the report is a match: the body is not needed
	size    int64 // of the body, -1 when it is not known
	bytes   int64 // fetched
	same    bool  // the validators say that it is as it was
	err     error // of the HEAD
}

// glancing is one look at an item without its body.
type glancing struct {
	c       *Crawler
	h       *hold
	spec    kind.Spec
	url     *url.URL
	name    string
	request request // what every request for the item has
	hints   []kind.Published
	habits  *habits
	glanced
}

// habits are what a host is known not to do, so that it is not asked again in this run. Visits of one host share them.
type habits struct{ noHead, noRange atomic.Bool }

// glance tries to answer for an item from its published digests, the head of its answer, and the directory at its end,
// in this order. An error is the context's end or our own; what the place does wrong only leaves the item undecided.
func (g *glancing) glance(ctx context.Context) error {
	if r, ok := g.published(g.hints); ok {
		g.report, g.decided = r, true
	}
	if err := g.ask(ctx); err != nil {
		return err
	}
	switch {
	case g.decided, g.same, g.c.o.Library == nil, g.spec.Kind.Wraps(g.url):
		return nil
	case g.head != nil && g.head.status != http.StatusOK:
		return nil
	case g.head != nil:
		if r, ok := g.published(headDigests(g.head.header)); ok {
			g.report, g.decided = r, true
			return nil
		}
		if strings.EqualFold(g.head.header.Get("Accept-Ranges"), "none") {
			return nil
		}
	}
	return g.directory(ctx)
}

// published asks the library for digests; a match settles the item.
func (g *glancing) published(hints []kind.Published) (match.Report, bool) {
	if g.c.o.Library == nil {
		return match.Report{}, false
	}
	for _, d := range hints {
		if r := g.c.o.Library.Published(d.Kind, d.Text, g.size); r.Verdict == match.Matched {
			return g.named(r, "digest"), true
		}
	}
	return match.Report{}, false
}

// named completes a report that came without the content: the same known file recognised in the same way is the same
// sighting. The name is made of opaque ids, not of content.
func (g *glancing) named(r match.Report, how string) match.Report {
	r.Item = g.url.String()
	if r.Digest == "" && len(r.Matches) > 0 {
		sum := sha256.Sum256([]byte(how + "\x00" + r.Matches[0].Leak + "\x00" + r.Matches[0].FileID))
		r.Digest = hex.EncodeToString(sum[:])
	}
	r.Bytes = max(g.size, 0)
	return r
}

// ask makes the HEAD request.
func (g *glancing) ask(ctx context.Context) error {
	if g.habits.noHead.Load() && !g.spec.Kind.Asks() {
		return nil
	}
	r := g.request
	r.method = http.MethodHead
	a, err := g.do(ctx, r)
	if err != nil {
		return err
	}
	if g.err != nil {
		return nil
	}
	switch a.status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusForbidden, http.StatusBadRequest:
		g.habits.noHead.Store(true)
		return nil // it says nothing about the item
	}
	g.head = a
	if a.status == http.StatusNotModified {
		g.same = true
		return nil
	}
	if n := contentLength(a.header); a.status == http.StatusOK && n >= 0 {
		g.size = n
	}
	g.same = a.status == http.StatusOK && unchanged(g.request, a.header)
	return nil
}

// unchanged compares validators for a server that does not do so itself.
func unchanged(r request, h http.Header) bool {
	if r.etag != "" {
		return h.Get("Etag") == r.etag
	}
	return r.modified != "" && h.Get("Last-Modified") == r.modified
}

// do makes one request in the host's turn. What the place does wrong goes to g.err.
func (g *glancing) do(ctx context.Context, r request) (*answer, error) {
	g.err = nil
	if err := g.h.turn(ctx); err != nil {
		return nil, err
	}
	a, err := g.c.fetch(ctx, r)
	g.bytes += a.bytes
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	var ours local
	if errors.As(err, &ours) {
		return a, err
	}
	g.last, g.err = a, err
	return a, nil
}

// directory reads the end of what may be an archive.
func (g *glancing) directory(ctx context.Context) error {
	if g.size >= 0 && g.size < glanceFrom || g.habits.noRange.Load() {
		return nil
	}
	shape := shapeOf(g.name)
	if shape == plainFile && g.size < sniffFrom {
		return nil
	}
	if shape != archiveFile {
		first, ok, err := g.part(ctx, 0, magicSize)
		if err != nil || !ok || !isArchive(first) {
			return err
		}
	}
	from := int64(-tailFirst)
	if g.size >= 0 {
		from = max(0, g.size-tailFirst)
	}
	tail, ok, err := g.part(ctx, from, tailFirst)
	for range 4 {
		if err != nil || !ok {
			return err
		}
		r, need := g.c.o.Library.Listing(tail, g.size)
		switch {
		case need == 0 && r.Verdict == match.Matched:
			g.report, g.decided = g.named(r, "listing"), true
			return nil
		case need <= int64(len(tail)) || need > g.size || need > max(tailMost, min(g.size/64, tailLimit)):
			return nil
		}
		var more []byte
		more, ok, err = g.part(ctx, g.size-need, need-int64(len(tail)))
		tail = append(more, tail...)
	}
	return nil
}

// part fetches n bytes from an offset on; a negative one counts from the end. False: the server does not give parts, or
// not of the same content any more.
func (g *glancing) part(ctx context.Context, from, n int64) ([]byte, bool, error) {
	r := g.request
	r.etag, r.modified, r.most = "", "", n
	r.ranged = fmt.Sprintf("bytes=%d-%d", from, from+n-1)
	if from < 0 {
		r.ranged = fmt.Sprintf("bytes=%d", from)
	}
	before := g.last
	a, err := g.do(ctx, r)
	if err != nil || g.err != nil {
		return nil, false, err
	}
	if a.status != http.StatusPartialContent {
		if a.status == http.StatusOK {
			g.habits.noRange.Store(true)
		}
		return nil, false, nil
	}
	got, ok := contentRange(a.header.Get("Content-Range"))
	if !ok || got.total < 0 || g.size >= 0 && got.total != g.size || from >= 0 && got.from != from ||
		int64(len(a.part)) != got.to-got.from+1 || got.to != got.total-1 && (from < 0 || got.to != from+n-1) {
		return nil, false, nil // also less than was asked for: pieces would not fit together
	}
	if before != nil && before.header.Get("Etag") != a.header.Get("Etag") && before.status < 300 {
		return nil, false, nil // replaced between two requests
	}
	g.size = got.total
	return a.part, true, nil
}

// shape is what a name tells of a content.
type shape int

const (
	unknownFile shape = iota
	archiveFile
	plainFile
)

// shapeOf reads a file name's ending. What has no directory at its end counts as plain: its body alone tells, unless
// it is large and begins as an archive does.
func shapeOf(name string) shape {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".7z", ".zipx", ".cbz", ".jar", ".apk", ".epub":
		return archiveFile
	case "", ".bin", ".dat", ".exe", ".bak", ".old", ".tmp", ".download", ".file", ".001", ".part", ".data", ".raw", ".archive",
		".mp4", ".m4v", ".mkv", ".avi", ".mov", ".mpg", ".webm", ".mp3", ".wav", ".flac", ".iso", ".img", ".dmg", ".vmdk", ".vhd", ".ova", ".rar":
		return unknownFile
	}
	return plainFile
}

// listedLarge reads "1.9G" and "16 MB" beside a link, which are no exact sizes.
var listedLarge = regexp.MustCompile(`(^|\s)(\d+([.,]\d+)?\s?[GT]|\d{2,}([.,]\d+)?\s?M)i?B?(\s|$)`)

// isArchive recognises the first bytes of archives that end with a directory.
func isArchive(b []byte) bool {
	s := string(b)
	return strings.HasPrefix(s, "PK\x03\x04") || strings.HasPrefix(s, "PK\x05\x06") || strings.HasPrefix(s, "PK\x07\x08") ||
		strings.HasPrefix(s, "7z\xbc\xaf\x27\x1c") || strings.HasPrefix(s, "MZ")
}

// capture is the evidence of a decision: the latest answer, or the moment alone where no request was made.
func (g *glancing) capture() Capture {
	if g.last != nil {
		return g.last.proof()
	}
	now := time.Now().UTC()
	return Capture{URL: g.url.String(), Started: now, Finished: now}
}
