package open

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Child turns this process into one that opens content, if the environment says so, and then never returns. It must be
// the first line of main, and of TestMain in packages that open content, before anything is loaded that the child
// should not hold.
func Child() {
	switch os.Getenv(childMark) {
	case "content":
		os.Exit(childMain(os.Stdin, os.Stdout))
	case "pdf":
		os.Exit(pdfMain(os.Stdin, os.Stdout))
	case "ocr":
		os.Exit(ocrMain(os.Args))
	}
}

// childItems is how many items a child serves before it is replaced, so that what one
// hostile item may have left behind does not stay for good.
const childItems = 4096

func childMain(in io.Reader, out io.Writer) int {
	l := &link{r: newFrameReader(in), w: newFrameWriter(out)}
	limits, t, err := l.hello()
	if err != nil {
		return 3
	}
	if err := confine(limits, t); err != nil {
		fmt.Fprintln(os.Stderr, "confine:", err)
		return 4
	}
	debug.SetMemoryLimit(limits.Memory * 3 / 4)
	if l.w.send(frameHello, appendString(nil, helloWord), nil) != nil || l.w.flush() != nil {
		return 3
	}
	for n := 1; ; n++ {
		kind, b, err := l.r.next()
		if err != nil || kind != frameOpen && kind != frameDraw {
			return 0 // the parent is gone or lets us go
		}
		it := newItem(l, limits, t)
		if kind == frameDraw {
			it.draw = newDrawer(l)
		}
		code := codeOf(it.run(b))
		retire := int64(0)
		if n >= childItems || cpuUsed() > limits.CPU/10 {
			retire = 1
		}
		if l.send(frameDone, appendInt(appendString(nil, code), retire), nil) != nil || l.flush() != nil {
			return 0
		}
	}
}

// link is the child's end of the pipes. Reading is a conversation, so one lock covers both directions.
type link struct {
	mu     sync.Mutex
	r      *frameReader
	w      *frameWriter
	waited atomic.Int64 // nanoseconds until the parent took or answered what it was sent
}

func (l *link) hello() (Limits, tools, error) {
	kind, b, err := l.r.next()
	if err != nil {
		return Limits{}, tools{}, err
	}
	f := fields{b: b}
	if kind != frameHello || f.string(maxWord) != helloWord {
		return Limits{}, tools{}, errFrame
	}
	limits := Limits{
		Memory: f.int(), Output: f.int(), MemberBytes: f.int(), CPU: time.Duration(f.int()), Wall: time.Duration(f.int()),
		Depth: int(f.int()), Parts: int(f.int()), Ratio: float64(f.int()) / 1000, Pages: int(f.int()),
	}
	t := tools{pdftotext: f.string(maxPath), pdftotextVersion: f.string(maxWord), self: f.string(maxPath)}
	if f.bad {
		return Limits{}, tools{}, errFrame
	}
	return limits, t, nil
}

func (l *link) send(kind byte, fields, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.wait(time.Now())
	return l.w.send(kind, fields, body)
}

func (l *link) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.wait(time.Now())
	return l.w.flush()
}

func (l *link) wait(since time.Time) { l.waited.Add(int64(time.Since(since))) }

// errParent means that the conversation with the parent broke: nothing more can be done.
var errParent = errors.New("the parent does not answer")

// read asks the parent for a range of source and copies it to p.
func (l *link) read(source int, p []byte, off int64) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.wait(time.Now())
	var b [40]byte
	ask := appendInt(appendInt(appendInt(b[:0], int64(source)), off), int64(len(p)))
	if err := l.w.send(frameRead, ask, nil); err != nil {
		return 0, errParent
	}
	if err := l.w.flush(); err != nil {
		return 0, errParent
	}
	kind, answer, err := l.r.next()
	if err != nil || kind != frameBytes || len(answer) > len(p) {
		return 0, errParent
	}
	return copy(p, answer), nil
}

// content is what an extractor reads at random: the item, a member that the parent keeps, or bytes in memory.
type content interface {
	io.ReaderAt
	Size() int64
}

// remote is content that lies with the parent, read in blocks of which the last few stay.
type remote struct {
	l      *link
	source int
	size   int64

	mu     sync.Mutex
	blocks [8]block
	clock  int
}

type block struct {
	n    int64 // number of the block + 1; 0: empty
	used int
	b    []byte
}

func (r *remote) Size() int64 { return r.size }

func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read content: negative offset")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	done := 0
	for done < len(p) && off < r.size {
		b, err := r.block(off / chunk)
		if err != nil {
			return done, err
		}
		start := int(off % chunk)
		if start >= len(b) {
			break
		}
		n := copy(p[done:], b[start:])
		done += n
		off += int64(n)
	}
	return done, eofIfShort(done, len(p))
}

func (r *remote) block(n int64) ([]byte, error) {
	r.clock++
	oldest := &r.blocks[0]
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.n == n+1 {
			b.used = r.clock
			return b.b, nil
		}
		if b.used < oldest.used {
			oldest = b
		}
	}
	oldest.b = grow(oldest.b, chunk)
	oldest.n = 0
	got, err := r.l.read(r.source, oldest.b[:chunk], n*chunk)
	if err != nil {
		return nil, err
	}
	oldest.b, oldest.n, oldest.used = oldest.b[:got], n+1, r.clock
	return oldest.b, nil
}

// memory is content at hand.
type memory []byte

func (m memory) Size() int64 { return int64(len(m)) }

func (m memory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(p, m[off:])
	return n, eofIfShort(n, len(p))
}

// sequential reads content from its start.
func sequential(c content) *io.SectionReader { return io.NewSectionReader(c, 0, c.Size()) }
