package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/ledongthuc/pdf"
)

// pdf yields the text of a PDF: by pdftotext where it is installed, else, or when that finds nothing, by the pure-Go
// reader. Both run as processes of their own under the limits of this one, so that a hanging reader costs one part.
func (it *item) pdf(n node, c content) error {
	out := it.textOut(n, 0)
	var wrong error
	var drawn lineForms
	if it.tools.pdftotext != "" {
		wrong = it.poppler(out, c, &drawn)
		if out.length() == 0 && wrong != ErrEncrypted && !isLimit(wrong) && it.fatal == nil {
			if tail := mendPDF(c); tail != nil {
				if it.poppler(out, &mended{c, tail}, nil); out.length() > 0 {
					wrong = ErrTruncated
				}
			}
		}
	}
	if out.length() == 0 && wrong != ErrEncrypted && !isLimit(wrong) && it.fatal == nil && it.tools.self != "" {
		args := []string{"unmirror-pdf"}
		err := it.program(out, c, reexecPath(it.tools.self), args, childMark+"=pdf", "GOMAXPROCS=1", "GOTRACEBACK=none")
		if wrong == nil || out.length() > 0 || isLimit(err) {
			wrong = err
		}
	}
	if out.length() == 0 && it.fatal == nil && wrong != nil && wrong != ErrEncrypted {
		all := salvagePDF(out, c)
		switch {
		case !all && !isLimit(wrong):
			wrong = &LimitError{Limit: "member"}
		case out.length() > 0 && wrong == ErrDamaged:
			wrong = ErrTruncated
		}
	}
	wrong = errors.Join(wrong, out.close())
	if drawn.found && wrong == nil && it.fatal == nil && !out.layers.columns.told && n.depth < it.limits.Depth {
		wrong = it.layout(n, c)
	}
	if it.fatal == nil && n.depth < it.limits.Depth && !errors.Is(wrong, ErrEncrypted) {
		it.attachments(n, c) // what is wrong with a file in it is told with the file
		it.appended(n, c)
	}
	if it.draw != nil && it.fatal == nil && !errors.Is(wrong, ErrEncrypted) {
		wrong = errors.Join(wrong, it.pdfPages(n, c))
	}
	return wrong
}

// patience is how much processor time a reader may take: honest files take it less than two seconds a megabyte, and
// large ones, which are pictures for the most part, far less.
func (it *item) patience(size int64) time.Duration {
	perByte := time.Duration(size)
	honest := min(3*time.Second+2*time.Microsecond*perByte, 8*time.Second+150*time.Nanosecond*perByte, 40*time.Second)
	return max(min(honest, it.limits.Wall/4, it.limits.CPU/3), 100*time.Millisecond)
}

// readerMemory is how many bytes a reader may take: what it holds of the document, and as much as honest pages need.
func (it *item) readerMemory(size int64) uint64 {
	return uint64(min(readerMemory+3*size, it.limits.Memory))
}

const readerMemory = 192 << 20

// mended is content with another end.
type mended struct {
	content
	tail []byte
}

func (m *mended) Size() int64 { return m.content.Size() + int64(len(m.tail)) }

func (m *mended) ReadAt(p []byte, off int64) (int, error) {
	n, size := 0, m.content.Size()
	if off < size {
		var err error
		if n, err = m.content.ReadAt(p[:min(int64(len(p)), size-off)], off); err != nil && err != io.EOF {
			return n, err
		}
	}
	if at := off + int64(n) - size; at >= 0 && at < int64(len(m.tail)) {
		n += copy(p[n:], m.tail[at:])
	}
	return n, eofIfShort(n, len(p))
}

func isLimit(err error) bool {
	var limit *LimitError
	return errors.As(err, &limit)
}

func (it *item) poppler(out *textOut, c content, drawn *lineForms) error {
	return it.prints(&nonBlank{it: it, out: out, most: it.mostPrinted(c), drawn: drawn}, c, it.tools.pdftotext, []string{"pdftotext", "-enc", "UTF-8", "-nopgbrk", "-q", "-", "-"})
}

// mostPrinted bounds the text of a document.
func (it *item) mostPrinted(c content) int64 {
	return max(ratioFree/4, int64(it.limits.Ratio/documentRatio)*c.Size())
}

// program runs a reader that takes a document on its standard input and prints text. The process inherits every limit
// and prohibition of this one.
func (it *item) program(out *textOut, c content, path string, args []string, env ...string) error {
	return it.prints(&nonBlank{it: it, out: out, most: it.mostPrinted(c)}, c, path, args, env...)
}

// prints does so for whoever keeps what is printed.
func (it *item) prints(printed *nonBlank, c content, path string, args []string, env ...string) error {
	patience := it.patience(c.Size())
	// Beside others, a reader may get a part of a processor only.
	ctx, cancel := context.WithTimeout(context.Background(), min(3*patience, max(it.limits.Wall/4, patience)))
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.Args, cmd.Env, cmd.Dir = args, append(env, "LC_ALL=C.UTF-8"), "/"
	var said tail
	cmd.Stdin, cmd.Stdout, cmd.Stderr = onlyReader{sequential(c)}, printed, &said
	cmd.WaitDelay = time.Second
	err := cmd.Start()
	if err != nil {
		return ErrUnsupported
	}
	// The kernel counts even where our own clock does not come to its turn beside a process that takes all there is.
	capProcess(cmd.Process.Pid, patience, it.readerMemory(c.Size()))
	err = cmd.Wait()
	switch {
	case it.fatal != nil:
		return it.fatal
	case printed.over:
		return &LimitError{Limit: "ratio"}
	case ctx.Err() != nil, err != nil && cmd.ProcessState != nil && cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime() >= patience*9/10:
		return &LimitError{Limit: "wall"}
	case err == nil:
		return nil
	case strings.Contains(string(said.b), "Incorrect password"), exitCode(err) == pdfEncrypted:
		return ErrEncrypted
	case said.outOfMemory():
		return errTooLarge
	}
	return ErrDamaged
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// onlyReader hides other methods, so that the copy goes in modest pieces.
type onlyReader struct{ io.Reader }

// nonBlank holds back leading white space: a scan without text gives nothing but page ends. What prints more than most
// bytes is stopped.
type nonBlank struct {
	it  *item
	out interface {
		io.Writer
		length() int64
	}
	most  int64
	drawn *lineForms // nil: nobody asks
	begun bool
	over  bool
}

func (n *nonBlank) Write(p []byte) (int, error) {
	if !n.begun && len(bytes.TrimSpace(p)) == 0 {
		return len(p), n.it.fatal
	}
	n.begun = true
	if n.drawn != nil {
		n.drawn.see(p)
	}
	if n.over = n.out.length()+int64(len(p)) > n.most; n.over {
		return 0, &LimitError{Limit: "ratio"}
	}
	if _, err := n.out.Write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pdfEncrypted is how the pure-Go reader's process says that a password is needed.
const pdfEncrypted = 9

// pdfMain is the pure-Go reader as a process of its own.
func pdfMain(in io.Reader, out io.Writer) (code int) {
	defer func() {
		if recover() != nil {
			code = 1
		}
	}()
	b, err := io.ReadAll(in)
	if err != nil {
		return 1
	}
	r, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
	if errors.Is(err, pdf.ErrInvalidPassword) {
		return pdfEncrypted
	}
	if err != nil {
		return 1
	}
	for i := 1; i <= r.NumPage(); i++ {
		if !pdfPage(r, i, out) {
			code = 1
		}
	}
	return code
}

// pdfPage prints one page; a page on which the reader stumbles does not cost the others.
func pdfPage(r *pdf.Reader, i int, out io.Writer) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	page := r.Page(i)
	if page.V.IsNull() {
		return true
	}
	text, err := page.GetPlainText(nil)
	fmt.Fprintln(out, text)
	return err == nil
}
