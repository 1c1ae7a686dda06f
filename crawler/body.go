package crawler

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/html/charset"

	"unmirror/fingerprints/match"
)

const (
	bombFloor = 64 << 20 // a body that unpacks to less is no bomb
	bombRatio = 200
	zstdLimit = 64 << 20 // memory of one zstd stream
)

// rawBody reads a body as transferred: counted, digested, and cut off when it stalls, drips or does not end. One that
// breaks off is gone on with where that is possible.
type rawBody struct {
	r       io.Reader
	parent  context.Context // of the whole transfer
	ctx     context.Context // of the request under way
	cancel  atomic.Pointer[context.CancelCauseFunc]
	limits  Limits
	left    int64
	n       int64
	hash    hash.Hash // nil: whoever takes the body in digests it
	start   time.Time
	stall   *time.Timer
	ends    time.Time
	goOn    *continuer // nil: it is not gone on with
	broke   error
	further []func() // frees what continuations hold
}

func newRawBody(parent, ctx context.Context, cancel context.CancelCauseFunc, res *http.Response, l Limits, limit int64) *rawBody {
	b := &rawBody{r: res.Body, parent: parent, ctx: ctx, limits: l, left: limit, start: time.Now()}
	b.ends = b.start.Add(l.Item)
	b.cancel.Store(&cancel)
	b.stall = time.AfterFunc(min(l.Stall, l.Item), b.late)
	return b
}

// late ends a body of which nothing came for too long, or that takes too long altogether.
func (b *rawBody) late() {
	why := error(errStalled)
	if !time.Now().Before(b.ends) {
		why = errTooLong
	}
	(*b.cancel.Load())(why)
}

// wait gives the next bytes time to come.
func (b *rawBody) wait() { b.stall.Reset(min(b.limits.Stall, max(time.Until(b.ends), 0))) }

// Read implements io.Reader.
func (b *rawBody) Read(p []byte) (int, error) {
	if b.broke != nil {
		if err := b.resume(); err != nil {
			return 0, err
		}
	}
	if b.left <= 0 {
		var one [1]byte
		if n, _ := io.ReadFull(b.r, one[:]); n == 0 {
			return 0, io.EOF
		}
		return 0, errTooBig
	}
	p = p[:min(int64(len(p)), b.left)]
	n, err := b.r.Read(p)
	b.wait()
	if b.hash != nil {
		b.hash.Write(p[:n])
	}
	b.n, b.left = b.n+int64(n), b.left-int64(n)
	if err != nil && err != io.EOF {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
		if b.goOn.worth(err, b.n) {
			b.broke, err = err, nil
		}
		return n, err
	}
	if took := time.Since(b.start); err == nil && took > b.limits.Grace && b.n < int64(took.Seconds()*float64(b.limits.MinRate)) {
		return n, errDrips
	}
	return n, err
}

// resume goes on with a body that broke off, or gives what is wrong with that.
func (b *rawBody) resume() error {
	b.stall.Reset(max(time.Until(b.ends), 0))
	began := time.Now()
	for b.broke != nil {
		ctx, cancel := context.WithCancelCause(b.parent)
		b.cancel.Store(&cancel)
		b.further = append(b.further, func() { cancel(nil) })
		rest, err := b.goOn.from(ctx, b.n)
		switch {
		case err == nil:
			b.further = append(b.further, func() { _ = rest.Close() }) // the reader has told what went wrong
			b.r, b.ctx, b.broke = rest, ctx, nil
		case !b.goOn.worth(err, b.n):
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			b.broke, b.goOn = err, nil
			return err
		}
	}
	b.start = b.start.Add(time.Since(began)) // waiting is no dripping
	b.wait()
	return nil
}

func (b *rawBody) stop() {
	b.stall.Stop()
	for _, free := range b.further {
		free()
	}
}

// decode undoes a Content-Encoding, innermost last. A coding that is unknown, or that the first bytes belie, is left
// alone: then the raw bytes are matched, which is the best that can be done with a server that lies.
func decode(r io.Reader, encoding string) io.Reader {
	if encoding == "" {
		return r
	}
	codings := strings.Split(strings.ToLower(encoding), ",")
	for i := len(codings) - 1; i >= 0 && i >= len(codings)-2; i-- {
		br := bufio.NewReader(r)
		r = br
		first, _ := br.Peek(4)
		var d io.Reader
		var err error
		switch strings.TrimSpace(codings[i]) {
		case "gzip", "x-gzip":
			if !bytes.HasPrefix(first, []byte{0x1f, 0x8b}) {
				return br
			}
			d, err = gzip.NewReader(br)
		case "deflate":
			if len(first) >= 2 && first[0]&0x0f == 8 && (uint16(first[0])<<8|uint16(first[1]))%31 == 0 {
				d, err = zlib.NewReader(br)
			} else {
				d = flate.NewReader(br)
			}
		case "br":
			d = brotli.NewReader(br)
		case "zstd":
			if !bytes.HasPrefix(first, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
				return br
			}
			var z *zstd.Decoder
			z, err = zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdLimit), zstd.WithDecoderLowmem(true))
			d = z
		default:
			return br
		}
		if err != nil {
			return br
		}
		r = &decoder{r: d}
	}
	return r
}

// decoder tells a fault of the coding apart from one of the transfer.
type decoder struct{ r io.Reader }

func (d *decoder) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	var f fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return n, err
	}
	return n, errCoding
}

// splitter gives the decoded body to the matcher and keeps its beginning.
type splitter struct {
	t      *transfer
	intake Intake
	page   []byte
	keep   int64
	cut    bool
	sums   bool   // what is taken in is what was transferred: its digest serves both
	whole  *whole // of an item that is to be unwrapped; nil: it is matched as it comes
}

func newSplitter(t *transfer, w wanted) (*splitter, error) {
	s := &splitter{t: t, keep: w.page}
	if !w.matches {
		return s, nil
	}
	if t.req.unwrap != nil {
		s.whole = newWhole(t.crawler.room, contentLength(t.answer.header))
		return s, nil
	}
	in, err := t.crawler.o.Intake(t.req.url.String())
	if err != nil {
		return nil, local{err}
	}
	s.intake = in
	return s, nil
}

// pieces are buffers for bodies under way. What the last body left in one is overwritten before it is read.
var pieces = sync.Pool{New: func() any { return new([32 << 10]byte) }}

func (s *splitter) copy(r io.Reader, raw *rawBody, limit int64) error {
	piece := pieces.Get().(*[32 << 10]byte)
	defer pieces.Put(piece)
	buf := piece[:]
	var total int64
	for {
		n, err := r.Read(buf)
		total += int64(n)
		if k := min(int64(n), s.keep-int64(len(s.page))); k > 0 {
			s.page = append(s.page, buf[:k]...)
		}
		s.cut = s.cut || s.keep > 0 && total > s.keep
		if s.whole != nil {
			if werr := s.whole.add(s.t.ctx, raw, buf[:n]); werr != nil {
				return werr
			}
		}
		if s.intake != nil {
			if _, werr := s.intake.Write(buf[:n]); werr != nil {
				return local{werr}
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case total > limit:
			return errTooBig
		case total > bombFloor && total/bombRatio > raw.n:
			return errBomb
		case s.cut && (s.intake == nil && s.whole == nil || s.t.req.aside):
			return nil
		}
	}
}

// finish matches what arrived. A body that failed is matched too: a server that always breaks off hides nothing. Only
// what was recognised in it counts, because the rest is unknown.
func (s *splitter) finish(ctx context.Context, failed error) {
	if s.intake == nil && s.whole == nil {
		return
	}
	var l local
	if errors.As(failed, &l) || ctx.Err() != nil {
		s.drop()
		return
	}
	r, err := s.match(ctx)
	if ctx.Err() != nil || err != nil {
		return // cut short, it says nothing
	}
	if failed != nil && r.Verdict != match.Matched && r.Verdict != match.Weak {
		return
	}
	s.t.answer.report, s.t.answer.matched = r, true
}

// match answers for what came.
func (s *splitter) match(ctx context.Context) (r match.Report, err error) {
	if s.t.req.aside {
		defer func() {
			if recover() != nil {
				err = errBroke // its links are worth more than what it may be itself
			}
		}()
	}
	if s.whole != nil {
		return s.t.matchWrapped(ctx, s.whole.buf)
	}
	in := s.intake
	s.intake = nil // Match ends it, even when it panics
	r = in.Match(ctx)
	if s.sums {
		s.t.answer.sent.sum = in.SHA256()
	}
	return r, nil
}

// drop discards what was taken in and not matched, such as when a decoder panicked on the rest.
func (s *splitter) drop() {
	if s.intake != nil {
		s.intake.Discard()
		s.intake = nil
	}
	if s.whole != nil {
		s.whole.free()
	}
}

// toUTF8 converts a page; one that already is UTF-8 is left alone whatever its header says, because servers' defaults
// of ISO-8859-1 are usually wrong.
func toUTF8(page []byte, contentType string) []byte {
	for cut := 1; cut < utf8.UTFMax && cut <= len(page) && !utf8.Valid(page); cut++ {
		if short := page[:len(page)-cut]; utf8.Valid(short) {
			page = short // it ended inside a letter
		}
	}
	if utf8.Valid(page) && !bytes.ContainsRune(page[:min(len(page), 64)], 0) {
		return page
	}
	enc, _, _ := charset.DetermineEncoding(page[:min(len(page), 1024)], contentType)
	out, err := enc.NewDecoder().Bytes(page)
	if err != nil {
		return bytes.ToValidUTF8(page, []byte("\uFFFD"))
	}
	return out
}
