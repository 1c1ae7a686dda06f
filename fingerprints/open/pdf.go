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
	if it.tools.pdftotext != "" {
		wrong = it.poppler(out, sequential(c))
		if out.length() == 0 && wrong != ErrEncrypted && it.fatal == nil {
			if tail := mendPDF(c); tail != nil {
				if it.poppler(out, io.MultiReader(sequential(c), bytes.NewReader(tail))); out.length() > 0 {
					wrong = ErrTruncated
				}
			}
		}
	}
	if out.length() == 0 && wrong != ErrEncrypted && it.fatal == nil && it.tools.self != "" {
		args := []string{"unmirror-pdf"}
		err := it.program(out, sequential(c), reexecPath(it.tools.self), args, childMark+"=pdf", "GOMAXPROCS=1", "GOTRACEBACK=none")
		if wrong == nil || out.length() > 0 {
			wrong = err
		}
	}
	if out.length() == 0 && it.fatal == nil && wrong != nil && wrong != ErrEncrypted {
		if salvagePDF(out, c) && wrong == ErrDamaged {
			wrong = ErrTruncated
		}
	}
	return errors.Join(wrong, out.close())
}

func (it *item) poppler(out *textOut, r io.Reader) error {
	return it.program(out, r, it.tools.pdftotext, []string{"pdftotext", "-enc", "UTF-8", "-nopgbrk", "-q", "-", "-"})
}

// program runs a reader that takes a document on its standard input and prints text. The process inherits every limit
// and prohibition of this one.
func (it *item) program(out *textOut, r io.Reader, path string, args []string, env ...string) error {
	patience := max(min(30*time.Second, it.limits.Wall/4, it.limits.CPU/3), 100*time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.Args, cmd.Env, cmd.Dir = args, append(env, "LC_ALL=C.UTF-8"), "/"
	printed := &nonBlank{out: out}
	var said tail
	cmd.Stdin, cmd.Stdout, cmd.Stderr = onlyReader{r}, printed, &said
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case it.fatal != nil:
		return it.fatal
	case ctx.Err() != nil:
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

// nonBlank holds back leading white space: a scan without text gives nothing but page ends.
type nonBlank struct {
	out   *textOut
	begun bool
}

func (n *nonBlank) Write(p []byte) (int, error) {
	if !n.begun && len(bytes.TrimSpace(p)) == 0 {
		return len(p), n.out.it.fatal
	}
	n.begun = true
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
