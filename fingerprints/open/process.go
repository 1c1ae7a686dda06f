package open

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// childMark is the environment variable that turns this program into a child.
const childMark = "UNMIRROR_OPEN_CHILD"

// process is the parent's end of one child.
type process struct {
	cmd    *exec.Cmd
	in     *os.File // frames to the child
	out    *os.File // frames from the child
	w      *frameWriter
	r      *frameReader
	stderr tail
	killed atomic.Bool
	reap   sync.Once
}

// start runs a child with nothing in its environment but the mark: no secret of ours can leak from there.
func (o *Opener) start() (*process, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		inR.Close()
		inW.Close()
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	p := &process{in: inW, out: outR, w: newFrameWriter(inW), r: newFrameReader(outR)}
	p.cmd = &exec.Cmd{
		Path: reexecPath(o.tools.self), Args: []string{"unmirror-open"}, Dir: "/",
		Env:   []string{childMark + "=content", "GOMAXPROCS=1", "GOTRACEBACK=none"},
		Stdin: inR, Stdout: outW, Stderr: &p.stderr,
		SysProcAttr: childAttr(), WaitDelay: time.Second,
	}
	err = o.spawn(p.cmd)
	inR.Close()
	outW.Close()
	if err != nil {
		inW.Close()
		outR.Close()
		return nil, err
	}
	if err := p.hello(o.limits, o.tools); err != nil {
		p.stop()
		return nil, fmt.Errorf("greet child (does main call open.Child first?): %w", err)
	}
	return p, nil
}

func (o *Opener) spawn(cmd *exec.Cmd) error {
	s := spawn{cmd: cmd, done: make(chan error, 1)}
	select {
	case o.spawns <- s:
		return <-s.done
	case <-o.closed:
		return ErrClosed
	}
}

// helloWord begins the greeting and names the version of the protocol.
const helloWord = "unmirror-open/1"

// hello tells the child its limits and waits until it has confined itself.
func (p *process) hello(l Limits, t tools) error {
	// A program that forgot to call Child would sit there as a second daemon.
	timer := time.AfterFunc(20*time.Second, p.kill)
	defer timer.Stop()
	b := appendString(nil, helloWord)
	for _, v := range []int64{l.Memory, l.Output, l.MemberBytes, int64(l.CPU), int64(l.Wall), int64(l.Depth), int64(l.Parts), int64(l.Ratio * 1000), int64(l.Pages)} {
		b = appendInt(b, v)
	}
	for _, s := range []string{t.pdftotext, t.pdftotextVersion, t.self} {
		b = appendString(b, s)
	}
	if err := p.w.send(frameHello, b, nil); err != nil {
		return err
	}
	if err := p.w.flush(); err != nil {
		return err
	}
	kind, answer, err := p.r.next()
	if err != nil {
		return err
	}
	f := fields{b: answer}
	if kind != frameHello || f.string(maxWord) != helloWord || f.bad {
		return errFrame
	}
	return nil
}

// kill ends the child and whatever it started, without waiting.
func (p *process) kill() {
	p.killed.Store(true)
	killGroup(p.cmd.Process)
}

func (p *process) dead() bool { return p.killed.Load() }

// stop kills the child if it still lives, reaps it and frees the pipes.
func (p *process) stop() {
	p.reap.Do(func() {
		p.kill()
		p.in.Close()
		p.cmd.Wait() // its error is the kill
		p.out.Close()
	})
}

// autopsy says why a child died that nobody killed.
func (p *process) autopsy(l Limits) error {
	p.killed.Store(true)
	var err error
	p.reap.Do(func() {
		p.in.Close()
		timer := time.AfterFunc(2*time.Second, func() { killGroup(p.cmd.Process) })
		err = p.cmd.Wait()
		timer.Stop()
		killGroup(p.cmd.Process) // a program that it ran may be left
		p.out.Close()
	})
	state := p.cmd.ProcessState
	if state == nil {
		return ErrCrashed
	}
	if used := state.UserTime() + state.SystemTime(); used >= l.CPU*9/10 {
		return &LimitError{Limit: "cpu"}
	}
	var exit *exec.ExitError
	// A runtime without memory does not always find the words, but it ends by itself and does not die of a SIGKILL.
	if errors.As(err, &exit) && (p.stderr.outOfMemory() || (!wasKilled(state) && peakMemory(state) >= l.Memory/2)) {
		return &LimitError{Limit: "memory"}
	}
	return ErrCrashed
}

// wasKilled reports whether somebody else ended the process.
func wasKilled(s *os.ProcessState) bool { return strings.Contains(s.String(), "killed") }

// tail keeps the first bytes of a child's last words, to tell a lack of memory from a crash. They may quote content,
// so nobody else ever sees them.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), 4096-len(t.b))]...)
	return len(p), nil
}

func (t *tail) outOfMemory() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, words := range []string{"out of memory", "cannot allocate memory", "failed to allocate", "failed to reserve", "failed to create new OS thread", "pthread_create failed"} {
		if bytes.Contains(t.b, []byte(words)) {
			return true
		}
	}
	return false
}

var _ io.Writer = (*tail)(nil)
