package fingerprints

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// Matcher matches items against a library. It is safe for concurrent use.
type Matcher struct {
	library    *Library
	opener     *open.Opener
	noticeBits float64
	ocr        pageReader // nil: images are not read
}

// DefaultNoticeBits is the weight from which a match opens a case: at one in 2^64, what is shared does not turn up by
// chance in anything that a crawler will ever read.
const DefaultNoticeBits = 64

// NewMatcher matches with the threshold noticeBits (0: DefaultNoticeBits).
func NewMatcher(l *Library, o *open.Opener, noticeBits float64) *Matcher {
	if noticeBits <= 0 {
		noticeBits = DefaultNoticeBits
	}
	return &Matcher{library: l, opener: o, noticeBits: noticeBits}
}

// Match answers for one item of size bytes. It never panics, and every item gets an answer: what cannot be opened is
// unreadable, with the reason. Memory stays bounded whatever the item's size.
func (m *Matcher) Match(ctx context.Context, item string, r io.ReaderAt, size int64) match.Report {
	return m.timed(item, size, func() match.Report {
		whole := newBytesReading(false)
		_, err := io.Copy(whole, &cancelled{ctx, io.NewSectionReader(r, 0, size)})
		return m.answer(ctx, item, r, size, whole.sum.Sum(nil), err)
	})
}

// timed makes an answer out of whatever happens.
func (m *Matcher) timed(item string, size int64, answer func() match.Report) (rep match.Report) {
	start := time.Now()
	defer func() {
		if recover() != nil {
			rep = unread(item, size)
			rep.Reason = errPanicked.Error()
		}
		rep.Took(start)
	}()
	return answer()
}

func unread(item string, size int64) match.Report {
	return match.Report{Item: item, Bytes: size, Verdict: match.Unreadable, Matches: []match.Match{}}
}

// answer matches an item of which sum is the SHA-256, unless reading it failed.
func (m *Matcher) answer(ctx context.Context, item string, r io.ReaderAt, size int64, sum []byte, failed error) match.Report {
	rep := unread(item, size)
	if failed != nil {
		rep.Reason = readReason(failed)
		return rep
	}
	snap := m.library.hold()
	if snap == nil {
		rep.Reason = "the index is closed"
		return rep
	}
	defer snap.Release()
	sec := m.library.secrets
	digest := keyed(sec.item, sum)
	rep.Digest = hex.EncodeToString(digest[:])
	s := &matchSink{ctx: ctx, m: m, snap: snap, open: map[int]*partMatch{}, ranking: ranking{m: m, snap: snap, item: item}}
	s.root = keyed(sec.content, sum)
	s.rootBytes = size
	err := m.opener.Open(ctx, item, &guardedReader{r}, size, s.imaging())
	if chunkErr := s.chunkRoot(ctx, &guardedReader{r}); err == nil {
		err = chunkErr
	}
	if err != nil && s.rootPart != nil {
		s.rootPart.failed = true
	}
	s.finish()
	if err != nil || len(s.reasons) > 0 {
		s.directory(&guardedReader{r})
	}
	s.conclude(&rep, err)
	return rep
}

func readReason(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "stopped before it was read"
	}
	return "could not be read: " + plainReason(err)
}

// matchSink takes the parts of one item, and forgets each as soon as it is matched.
type matchSink struct {
	ctx       context.Context // of the item, for what reads its images
	reading   time.Duration   // that this took so far
	m         *Matcher
	snap      *index.Snapshot
	root      index.Digest
	rootBytes int64
	open      map[int]*partMatch
	ranking   ranking
	parts     int  // without the item itself
	readable  int  // parts, other than containers, of which something was read
	limited   bool // a part ended before what may lie in it was seen
	reasons   map[string]int
	rootPart  *partMatch // the item itself is matched last: what is in it tells what it is worth
}

// partMatch is one part while it is read.
type partMatch struct {
	part    open.Part
	bytes   *bytesReading
	texts   map[int]*textMatch
	digest  index.Digest
	size    int64
	chunks  *chunkHits // nil: it is not recognised by chunks
	images  []imageHit
	failed  bool
	members int // parts in it
	// of an archive in the item, whose directory is read when not all in it can be
	tail     *directoryTail
	troubled bool // a part in it could not be read
}

type textMatch struct {
	*textReading
	hits    hits
	records *recordHits // nil: no records are known
	numbers numbered
	desk    *desk // that it is read at
}

func (s *matchSink) Part(p open.Part) error {
	e := &partMatch{part: p}
	if up := s.open[p.Parent]; up != nil {
		up.members++
	}
	if p.Index > 0 {
		e.bytes, e.chunks = newBytesReading(false), newChunkHits(s.m.library.secrets, s.snap, p.Type)
		if hasDirectory(p.Type) {
			e.tail = &directoryTail{}
		}
		s.parts++
	} else {
		s.rootPart = e
	}
	s.open[p.Index] = e
	return nil
}

func (s *matchSink) Data(i int, b []byte) error {
	if e := s.open[i]; e != nil && e.bytes != nil {
		if _, err := e.bytes.Write(b); err != nil {
			return fmt.Errorf("digest: %w", err)
		}
		if e.chunks != nil {
			e.chunks.feed(b)
		}
		if e.tail != nil {
			e.tail.write(b)
		}
	}
	return nil
}

func (s *matchSink) Text(i, alternative int, b []byte) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	return s.feed(e, alternative, b)
}

func (s *matchSink) End(i int, err error) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	if e.failed = err != nil; e.failed && !e.part.Hidden {
		s.because(err.Error())
		s.limited = s.limited || unseen(e, err)
		if up := s.open[e.part.Parent]; up != nil {
			up.troubled = true
		}
	}
	if i == 0 {
		return nil
	}
	delete(s.open, i)
	if e.chunks != nil {
		e.chunks.end()
	}
	e.size = e.bytes.size
	e.digest = keyed(s.m.library.secrets.content, e.bytes.sum.Sum(nil))
	if e.read() {
		s.readable++
	}
	s.ranking.part(e)
	if e.tail != nil && (e.failed || e.troubled) {
		e.tail.match(&s.ranking, e.part.Path)
	}
	e.free()
	return nil
}

// unseen tells whether anything may lie behind the end of a part: a limit, or of a part that yielded nothing, that it
// does not decode. Of a part that was read before it broke off, what came before was matched.
func unseen(e *partMatch, err error) bool {
	var limit *open.LimitError
	return errors.As(err, &limit) || !e.yielded() && (errors.Is(err, open.ErrTruncated) || errors.Is(err, open.ErrDamaged))
}

// yielded tells whether anything came out of a part, be it the bytes themselves of what is no container.
func (e *partMatch) yielded() bool {
	return len(e.texts) > 0 || e.members > 0 || e.bytes != nil && e.bytes.size > 0 && e.part.Extractor == "" && !isArchive(e.part.Type)
}

// read tells whether anything of a member was read that could match: a container is read by its members, and a document
// that cannot be opened by none of its bytes.
func (e *partMatch) read() bool {
	switch {
	case len(e.texts) > 0:
		return true
	case isArchive(e.part.Type) || e.part.Type == "eml" || e.size == 0:
		return false
	}
	return !e.failed || e.part.Extractor == ""
}

// finish matches what the opener left open, and last the item itself.
func (s *matchSink) finish() {
	for i := range s.open {
		if i > 0 {
			s.End(i, nil)
		}
	}
	root := s.rootPart
	if root == nil {
		root = &partMatch{}
	}
	root.digest, root.size = s.root, s.rootBytes
	s.ranking.part(root)
	s.readable += min(1, len(root.texts))
	root.free()
}

// because keeps why something of the item was not seen.
func (s *matchSink) because(reason string) {
	if s.reasons == nil {
		s.reasons = map[string]int{}
	}
	s.reasons[reason]++
}

// conclude decides the verdict.
func (s *matchSink) conclude(rep *match.Report, err error) {
	rep.Matches = s.ranking.best()
	rep.Reason = s.reason(err)
	best := rep.Best()
	switch {
	case best != nil && best.Bits >= s.m.noticeBits:
		rep.Verdict = match.Matched
	case best != nil:
		rep.Verdict = match.Weak
	case err != nil || s.limited || len(s.reasons) > 0 && s.readable == 0:
		rep.Verdict = match.Unreadable
	default:
		rep.Verdict = match.None
	}
}

const (
	maxReasons = 5
	limitWords = "over the limit: " // how every open.LimitError begins
)

// reason tells what ended the item, and why parts of it could not be read: limits first, then what befell most parts.
func (s *matchSink) reason(err error) string {
	var reasons []string
	if err != nil {
		reasons = append(reasons, openReason(err))
	}
	words := slices.SortedFunc(maps.Keys(s.reasons), func(a, b string) int {
		return cmp.Or(compareBool(strings.HasPrefix(b, limitWords), strings.HasPrefix(a, limitWords)), cmp.Compare(s.reasons[b], s.reasons[a]), cmp.Compare(a, b))
	})
	for _, r := range words {
		if len(reasons) == maxReasons || err != nil && r == openReason(err) {
			continue
		}
		if n := s.reasons[r]; n > 1 {
			r = fmt.Sprintf("%d parts %s", n, r)
		}
		reasons = append(reasons, r)
	}
	return strings.Join(reasons, "; ")
}

func openReason(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "stopped before it was opened"
	}
	return err.Error()
}
