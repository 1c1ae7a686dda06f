package open

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// looksMbox asks for the line that parts mails in a box (RFC 4155), and a mail behind it.
func looksMbox(text []byte) bool {
	if !isFromLine(text) {
		return false
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return looksMail(rest)
}

// isFromLine tells "From sender date" from a sentence that begins so: the date has the time and the year.
func isFromLine(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) {
		return false
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	return len(line) < 300 && bytes.Count(line, []byte(":")) >= 2 && len(bytes.Fields(line)) >= 6 &&
		(bytes.Contains(line, []byte(" 19")) || bytes.Contains(line, []byte(" 20")))
}

// mbox yields the mails of a box.
func (it *item) mbox(n node, c content) error {
	in := bufio.NewReaderSize(sequential(c), chunk)
	if _, err := in.ReadSlice('\n'); err != nil {
		return err
	}
	for i := 1; ; i++ {
		m := &mboxMail{in: in}
		if err := it.memberAs(n, fmt.Sprintf("%05d.eml", i), -1, kindEML, m); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, m); err != nil { // what the limit of one member left
			return err
		}
		if m.last {
			return nil
		}
	}
}

// mboxMail reads one mail, up to the line that begins the next.
type mboxMail struct {
	in   *bufio.Reader
	line []byte
	done bool
	last bool
	mid  bool // within a line longer than the buffer
	text bool // the line before this one was not empty
}

func (m *mboxMail) Read(p []byte) (int, error) {
	for len(m.line) == 0 {
		if m.done {
			return 0, io.EOF
		}
		line, err := m.in.ReadSlice('\n')
		switch {
		case !m.mid && !m.text && isFromLine(line):
			m.done = true
			continue
		case err == io.EOF:
			m.done, m.last = true, true
		case err != nil && err != bufio.ErrBufferFull:
			return 0, err
		}
		m.mid = err == bufio.ErrBufferFull
		m.text = m.mid || len(bytes.TrimRight(line, "\r\n")) > 0
		m.line = line
	}
	n := copy(p, m.line)
	m.line = m.line[n:]
	return n, nil
}
