package open

import (
	"bufio"
	"bytes"
	"io"
)

// yencMark begins a file in the code of newsgroups (yEnc 1.3), at the beginning of a line.
const yencMark = "=ybegin "

// isYenc looks for a file in that code, behind the head of an article or not.
func isYenc(head []byte) bool {
	i := bytes.Index(head[:min(len(head), 8<<10)], []byte(yencMark))
	if i < 0 || i > 0 && head[i-1] != '\n' {
		return false
	}
	line, _, _ := bytes.Cut(head[i:], []byte{'\n'})
	return bytes.Contains(line, []byte("line=")) && bytes.Contains(line, []byte("size="))
}

// yenc yields the files of an article.
func (it *item) yenc(n node, c content) error {
	in := bufio.NewReaderSize(sequential(c), chunk)
	for it.fatal == nil {
		line, err := in.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte(yencMark)) {
			y := &yencFile{in: in}
			if err := it.member(n, yencName(line), -1, y); err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, y); err != nil { // what a limit left
				return err
			}
			continue
		}
		if err == io.EOF {
			return nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
	}
	return it.fatal
}

// yencName is what the first line calls the file: all that follows "name=".
func yencName(line []byte) string {
	_, name, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(" name="))
	if !found || len(name) == 0 {
		return "yenc"
	}
	return string(name)
}

// yencFile decodes up to the line that ends a file.
type yencFile struct {
	in    *bufio.Reader
	out   []byte
	piece []byte
	mid   bool // within a line longer than the buffer
	done  bool
	held  bool // the next character was changed
}

// Read implements io.Reader.
func (y *yencFile) Read(p []byte) (int, error) {
	for len(y.out) == 0 {
		if y.done {
			return 0, io.EOF
		}
		line, err := y.in.ReadSlice('\n')
		begins := !y.mid
		y.mid = err == bufio.ErrBufferFull
		switch {
		case begins && bytes.HasPrefix(line, []byte("=yend")):
			y.done = true
			return 0, io.EOF
		case begins && bytes.HasPrefix(line, []byte("=ypart ")):
			continue
		case err == io.EOF:
			y.done = true
		case err != nil && !y.mid:
			return 0, err
		}
		y.decode(bytes.TrimRight(line, "\r\n"))
	}
	n := copy(p, y.out)
	y.out = y.out[n:]
	return n, nil
}

func (y *yencFile) decode(line []byte) {
	y.piece = y.piece[:0]
	for _, c := range line {
		switch {
		case y.held:
			y.held = false
			y.piece = append(y.piece, c-64-42)
		case c == '=':
			y.held = true
		default:
			y.piece = append(y.piece, c-42)
		}
	}
	y.out = y.piece
}
