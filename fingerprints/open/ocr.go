package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"unmirror/fingerprints/page"
)

// OCR reads the text of pages with tesseract, as a process of its own with limits on time and memory, no network and a
// view of nothing but the program and its data. It is safe for concurrent use; each page takes a processor for seconds, so
// as many are read at a time as there are processors, and the others wait.
type OCR struct {
	program, version string
	languages        []string
	self             string
	limits           Limits
	turns            chan struct{}
}

// ErrNoOCR says that tesseract, or a language of ours for it, is not installed.
var ErrNoOCR = errors.New("tesseract is not installed (packages tesseract-ocr, tesseract-ocr-nld, -fra, -deu, -eng)")

// ocrLanguages are those of the documents that are looked for, as tesseract calls them.
var ocrLanguages = []string{"nld", "fra", "deu", "eng"}

const (
	ocrWall = 90 * time.Second // beside others, a page may get a part of a processor only
	ocrCPU  = 45 * time.Second
	ocrMost = 1 << 20 // bytes of text of one page
)

// NewOCR finds tesseract in PATH. The error is ErrNoOCR, or says why this system cannot run it with limits.
func NewOCR() (*OCR, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	path, err := exec.LookPath("tesseract")
	if err != nil {
		return nil, ErrNoOCR
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	words := strings.Fields(string(said))
	if err != nil || len(words) < 2 || words[0] != "tesseract" || !plainWord(words[1]) || len(words[1]) > 20 {
		return nil, ErrNoOCR
	}
	list, err := exec.CommandContext(ctx, path, "--list-langs").CombinedOutput()
	if err != nil {
		return nil, ErrNoOCR
	}
	return newOCR(path, words[1], strings.Fields(string(list)))
}

func newOCR(path, version string, installed []string) (*OCR, error) {
	o := &OCR{program: path, version: version, self: selfPath(), limits: Limits{Memory: 768 << 20, CPU: ocrCPU, Wall: ocrWall}.withDefaults(), turns: make(chan struct{}, runtime.GOMAXPROCS(0))}
	for _, l := range ocrLanguages {
		if slices.Contains(installed, l) {
			o.languages = append(o.languages, l)
		}
	}
	if len(o.languages) == 0 || o.self == "" {
		return nil, ErrNoOCR
	}
	return o, nil
}

// String names the program, its version and its languages: "tesseract 5.3.0 (nld, fra)".
func (o *OCR) String() string {
	return fmt.Sprintf("tesseract %s (%s)", o.version, strings.Join(o.languages, ", "))
}

// Text returns what stands on a page, UTF-8 of at most 1 MiB, and how long reading it took, which is at most most and does
// not count until its turn came. The error is the context's, a *LimitError (wall, cpu or memory), or ErrCrashed; none of
// them carries content.
func (o *OCR) Text(ctx context.Context, r page.Raster, most time.Duration) (text string, took time.Duration, err error) {
	select {
	case o.turns <- struct{}{}:
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	defer func() { <-o.turns }()
	start := time.Now()
	text, err = o.read(ctx, r, most)
	return text, time.Since(start), err
}

func (o *OCR) read(ctx context.Context, r page.Raster, most time.Duration) (string, error) {
	within, cancel := context.WithTimeout(ctx, min(o.limits.Wall, most))
	defer cancel()
	cmd := exec.CommandContext(within, reexecPath(o.self))
	cmd.Args = append([]string{"unmirror-ocr", o.program}, o.arguments(r)...)
	cmd.Env, cmd.Dir = []string{childMark + "=ocr", "GOMAXPROCS=1", "GOTRACEBACK=none"}, "/"
	cmd.SysProcAttr, cmd.WaitDelay = childAttr(), time.Second
	cmd.Cancel = func() error { killGroup(cmd.Process); return nil }
	text, said := &atMost{left: ocrMost}, &tail{}
	head := fmt.Appendf(nil, "P5\n%d %d\n255\n", r.W, r.H)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = io.MultiReader(bytes.NewReader(head), bytes.NewReader(r.Pix[:r.W*r.H])), text, said
	// The kernel ends the program when the thread does that started it, which therefore waits for it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	switch {
	case err == nil, text.over:
		return strings.ToValidUTF8(text.b.String(), "\ufffd"), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case within.Err() != nil:
		return "", &LimitError{Limit: "wall"}
	case said.outOfMemory() || said.lacksMemory():
		return "", &LimitError{Limit: "memory"}
	case cmd.ProcessState != nil && cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime() >= o.limits.CPU*9/10:
		return "", &LimitError{Limit: "cpu"}
	}
	return "", ErrCrashed
}

// arguments tell tesseract what it reads. The resolution is that of a sheet of A4, since an image of a page seldom
// knows its own.
func (o *OCR) arguments(r page.Raster) []string {
	const long = 11.69 // inches
	dpi := min(max(int(math.Round(float64(max(r.W, r.H))/long)), 70), 300)
	return []string{"stdin", "stdout", "-l", strings.Join(o.languages, "+"), "--dpi", strconv.Itoa(dpi)}
}

// lacksMemory knows how C++ programs say it.
func (t *tail) lacksMemory() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.b, []byte("bad_alloc"))
}

// atMost keeps the first bytes.
type atMost struct {
	b    bytes.Buffer
	left int
	over bool
}

func (a *atMost) Write(p []byte) (int, error) {
	n := min(len(p), a.left)
	a.b.Write(p[:n])
	a.left -= n
	if n < len(p) {
		a.over = true
		return n, io.ErrShortWrite
	}
	return n, nil
}

// ocrMain confines this process and then becomes the program that its arguments name.
func ocrMain(args []string) int {
	if len(args) < 2 {
		return 3
	}
	l := Limits{Memory: 768 << 20, CPU: ocrCPU}.withDefaults()
	if err := confine(l, tools{tesseract: args[1]}); err != nil {
		fmt.Fprintln(os.Stderr, "confine:", err)
		return 4
	}
	env := []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"}
	if syscall.Exec(args[1], append([]string{"tesseract"}, args[2:]...), env) != nil {
		return 5
	}
	return 0
}

// OCRSupport tells, for an operator, whether the text of images is read.
func OCRSupport() string {
	o, err := NewOCR()
	if err != nil {
		return "OCR: " + err.Error()
	}
	return "OCR: " + o.String()
}
