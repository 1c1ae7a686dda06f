package open

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
)

// Opener is a pool of child processes. It is safe for concurrent use.
type Opener struct {
	limits Limits
	tools  tools
	// slots holds one entry per worker: a child that waits for work, or nil where one has still to be started.
	slots   chan *process
	spawns  chan spawn
	closing chan struct{} // no new item is taken
	closed  chan struct{} // the children are gone
	once    sync.Once
}

type spawn struct {
	cmd  *exec.Cmd
	done chan error
}

// New returns an opener with that many children at most (workers below 1: one per
// processor). Children are started when first needed. Zero limits mean the defaults.
func New(l Limits, workers int) (*Opener, error) {
	if workers < 1 {
		workers = runtime.NumCPU()
	}
	if err := supported(); err != nil {
		return nil, err
	}
	o := &Opener{
		limits: l.withDefaults(), tools: findTools(),
		slots: make(chan *process, workers), spawns: make(chan spawn),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	for range workers {
		o.slots <- nil
	}
	go o.spawner()
	return o, nil
}

// spawner starts all children from one thread that lives as long as the opener: the
// kernel's parent-death signal is tied to the thread that forked, not to the process.
func (o *Opener) spawner() {
	runtime.LockOSThread()
	for {
		select {
		case s := <-o.spawns:
			s.done <- s.cmd.Start()
		case <-o.closed:
			return
		}
	}
}

// Close waits for the items under way and ends the children.
func (o *Opener) Close() error {
	o.once.Do(func() {
		close(o.closing)
		for range cap(o.slots) {
			if p := <-o.slots; p != nil {
				p.stop()
			}
		}
		close(o.closed)
	})
	return nil
}

// Open reads one item of size bytes and tells sink what is in it. name is only used for the paths of the members and
// never to decide what the item is.
//
// A nil error means that the item was gone through; parts may still have ended with errors of their own. An error means
// that the item as a whole is unreadable: *LimitError (a bomb, or too long), ErrCrashed, an error of item or sink, or
// the context's. What the sink was told before stays true.
func (o *Opener) Open(ctx context.Context, name string, item io.ReaderAt, size int64, sink Sink) error {
	select {
	case <-o.closing:
		return ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if done, err := o.inPlace(name, item, size, sink); done {
		return err
	}
	return o.byChild(ctx, name, item, size, sink)
}

// byChild is Open in a child process.
func (o *Opener) byChild(ctx context.Context, name string, item io.ReaderAt, size int64, sink Sink) error {
	p, err := o.take(ctx)
	if err != nil {
		return err
	}
	defer func() { o.slots <- p }()
	if p == nil {
		if p, err = o.start(); err != nil {
			return fmt.Errorf("start child: %w", err)
		}
	}
	s := &session{p: p, limits: o.limits, item: item, size: size, sink: sink}
	err = s.run(ctx, name)
	if s.retire || p.dead() {
		p.stop()
		p = nil
	}
	return err
}

// take waits for a worker; the process may be nil, which means that it has to be started.
func (o *Opener) take(ctx context.Context) (*process, error) {
	select {
	case <-o.closing:
		return nil, ErrClosed
	default:
	}
	select {
	case p := <-o.slots:
		return p, nil
	case <-o.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tools are the programs that the child may run.
type tools struct {
	pdftotext        string // path, empty where missing
	pdftotextVersion string
	self             string // path of this program, for the pure-Go reader of PDF
	tesseract        string // path, of a process that becomes it and nothing else
}

// pdfReaders names the readers in the order in which they are tried.
func (t tools) pdfReaders() string {
	const pure = "ledongthuc/pdf"
	if t.pdftotext == "" {
		return pure
	}
	return "pdftotext " + t.pdftotextVersion + ", " + pure
}

func findTools() tools {
	var t tools
	t.self = selfPath()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		return t
	}
	// pdftotext -v prints its version to standard error and, depending on its age, exits 0 or 99.
	out, _ := exec.Command(path, "-v").CombinedOutput()
	words := strings.Fields(string(out))
	if len(words) < 3 || words[1] != "version" || !plainWord(words[2]) || len(words[2]) > 20 {
		return t
	}
	t.pdftotext, t.pdftotextVersion = path, words[2]
	return t
}
