package open

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// inlineMax is the size up to which an item travels within the frame that opens it, which saves the round trip.
const inlineMax = 64 << 10

// session is one item in one child, seen from the parent. The child counts as hostile: whatever it says is checked.
type session struct {
	p      *process
	limits Limits
	item   io.ReaderAt
	size   int64
	sink   Sink

	parts  []partState
	output int64
	retire bool
	late   atomic.Bool // the clock ran out
	clock  *clock
	reply  []byte
	draw   drawing
}

type partState struct {
	ended bool
	data  int64
	kept  *Spool
}

// sinkError marks what the caller's own code said, to hand it back as it is.
type sinkError struct{ err error }

func (e sinkError) Error() string { return e.err.Error() }

func (s *session) run(ctx context.Context, name string) error {
	stop := context.AfterFunc(ctx, s.p.kill)
	defer stop()
	s.clock = startClock(s.limits.Wall, func() {
		s.late.Store(true)
		s.p.kill()
	})
	defer s.clock.hold()
	defer s.dropAll()

	err := s.open(name)
	if err == nil {
		err = s.events()
	}
	if err == nil {
		return nil
	}
	return s.explain(ctx, err)
}

// explain finds the cause behind a conversation that broke off, and leaves no live child behind one.
func (s *session) explain(ctx context.Context, err error) error {
	var mine sinkError
	var limit *LimitError
	switch {
	case errors.As(err, &mine):
		s.p.kill()
		return mine.err
	case s.retire:
		return err // the child stopped by itself and can go on
	case ctx.Err() != nil:
		return ctx.Err()
	case s.late.Load():
		return &LimitError{Limit: "wall"}
	case errors.As(err, &limit), errors.Is(err, errFrame):
		s.p.kill()
		if limit != nil {
			return limit
		}
		return fmt.Errorf("%w: %w", ErrCrashed, err)
	}
	return s.p.autopsy(s.limits)
}

// open sends the item's size and name, and the whole of a small item.
func (s *session) open(name string) error {
	head := appendInt(nil, s.size)
	head = appendString(head, baseName(name))
	var body []byte
	if s.size <= inlineMax {
		s.reply = grow(s.reply, int(s.size))
		n, err := s.item.ReadAt(s.reply, 0)
		if int64(n) < s.size {
			return sinkError{fmt.Errorf("read item: %w", orEOF(err))}
		}
		body = s.reply
	}
	kind := byte(frameOpen)
	if _, wanted := s.sink.(PageSink); wanted {
		kind = frameDraw
	}
	if err := s.p.w.send(kind, head, body); err != nil {
		return err
	}
	return s.p.w.flush()
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

func orEOF(err error) error {
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// events handles the child's frames until it is done with the item.
func (s *session) events() error {
	for {
		kind, b, err := s.p.r.next()
		if err != nil {
			return err
		}
		f := fields{b: b}
		switch kind {
		case framePart:
			err = s.part(b)
		case frameData:
			err = s.data(&f)
		case frameText:
			err = s.text(&f)
		case frameEnd:
			err = s.end(&f)
		case framePage:
			err = s.page(&f)
		case framePix:
			err = s.pixels(&f)
		case frameKeep, frameDrop:
			err = s.keep(&f, kind == frameKeep)
		case frameRead:
			err = s.read(&f)
		case frameDone:
			return s.done(&f)
		default:
			err = errFrame
		}
		if err != nil {
			return err
		}
	}
}

func (s *session) part(b []byte) error {
	p, err := parsePart(b)
	if err != nil {
		return err
	}
	if p.Index != len(s.parts) || p.Parent < -1 || p.Parent >= p.Index || (p.Index == 0) != (p.Parent == -1) || (p.Index == 0) != (p.Path == "") {
		return errFrame
	}
	if p.Index >= s.limits.Parts {
		return &LimitError{Limit: "parts"}
	}
	s.parts = append(s.parts, partState{})
	return s.told(s.sink.Part(p))
}

func (s *session) told(err error) error {
	if err != nil {
		return sinkError{err}
	}
	return nil
}

// live returns the state of a part that may still have events.
func (s *session) live(f *fields) (int, *partState, error) {
	i := f.int()
	if f.bad || i < 0 || i >= int64(len(s.parts)) || s.parts[i].ended {
		return 0, nil, errFrame
	}
	return int(i), &s.parts[i], nil
}

func (s *session) spend(n int) error {
	if s.output += int64(n); s.output > s.limits.Output {
		return &LimitError{Limit: "output"}
	}
	return nil
}

func (s *session) data(f *fields) error {
	i, p, err := s.live(f)
	if err != nil || i == 0 {
		return errFrame
	}
	if err := s.spend(len(f.b)); err != nil {
		return err
	}
	if p.data += int64(len(f.b)); p.data > s.limits.MemberBytes {
		return &LimitError{Limit: "member"}
	}
	if p.kept != nil {
		if _, err := p.kept.Write(f.b); err != nil {
			return sinkError{err}
		}
	}
	return s.told(s.sink.Data(i, f.b))
}

func (s *session) text(f *fields) error {
	i, _, err := s.live(f)
	if err != nil {
		return err
	}
	alternative := f.int()
	if f.bad || alternative < 0 || alternative >= MostTexts {
		return errFrame
	}
	if err := s.spend(len(f.b)); err != nil {
		return err
	}
	return s.told(s.sink.Text(i, int(alternative), f.b))
}

func (s *session) end(f *fields) error {
	i, p, err := s.live(f)
	if err != nil {
		return err
	}
	code := f.string(maxWord)
	if f.bad || s.draw.of(i) {
		return errFrame
	}
	p.ended = true
	p.drop()
	return s.told(s.sink.End(i, errOf(code)))
}

func (s *session) keep(f *fields, keep bool) error {
	i, p, err := s.live(f)
	if err != nil || i == 0 {
		return errFrame
	}
	p.drop()
	if keep {
		p.kept = NewSpool("")
	}
	return nil
}

func (p *partState) drop() {
	if p.kept != nil {
		p.kept.Close()
		p.kept = nil
	}
}

func (s *session) dropAll() {
	for i := range s.parts {
		s.parts[i].drop()
	}
}

// read answers with a range of the item or of a kept member; what lies beyond the end is left off.
func (s *session) read(f *fields) error {
	source, off, n := f.int(), f.int(), f.int()
	if f.bad || source < 0 || off < 0 || n < 0 || n > chunk {
		return errFrame
	}
	from, size := s.item, s.size
	if source > 0 {
		if source >= int64(len(s.parts)) || s.parts[source].kept == nil {
			return errFrame
		}
		kept := s.parts[source].kept
		from, size = kept, kept.Size()
	}
	n = max(0, min(n, size-off))
	s.reply = grow(s.reply, int(n))
	if got, err := from.ReadAt(s.reply, off); int64(got) < n {
		return sinkError{fmt.Errorf("read item: %w", orEOF(err))}
	}
	if err := s.p.w.send(frameBytes, nil, s.reply); err != nil {
		return err
	}
	return s.p.w.flush()
}

func (s *session) done(f *fields) error {
	code, retire := f.string(maxWord), f.int()
	if f.bad || s.draw.under && code == "" {
		return errFrame
	}
	s.retire = retire != 0
	for _, p := range s.parts {
		if !p.ended && code == "" {
			return errFrame
		}
	}
	if code == "" {
		return nil
	}
	s.retire = true // a fresh child after every trouble
	return errOf(code)
}
