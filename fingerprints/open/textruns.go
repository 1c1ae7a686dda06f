package open

import (
	"bufio"
	"io"
)

// textRunMin is the length from which bytes that could be characters count as text.
const textRunMin = 6

// textRuns writes what looks like text in a file of which no more is understood: runs of windows-1252, and of its
// characters as UTF-16.
func textRuns(out *textOut, r io.Reader) error {
	in := bufio.NewReaderSize(r, 16<<10)
	var run []byte
	wide := false
	end := func() {
		if len(run) >= textRunMin && mostlyWords(run) {
			writeLatin(out, run)
			out.newline()
		}
		run, wide = run[:0], false
	}
	for {
		b, err := in.ReadByte()
		if err != nil {
			end()
			if err == io.EOF {
				err = nil
			}
			return err
		}
		next, _ := in.Peek(1)
		zero := len(next) == 1 && next[0] == 0
		switch {
		case !charByte(b) || len(run) > 0 && wide != zero:
			end()
			if !charByte(b) {
				continue
			}
		case len(run) == chunk:
			writeLatin(out, run)
			run = run[:0]
		}
		if wide = zero; wide {
			in.Discard(1)
		}
		run = append(run, b)
		if out.it.fatal != nil {
			return out.it.fatal
		}
	}
}

// mostlyWords tells text from numbers that happen to look like characters.
func mostlyWords(run []byte) bool {
	words := 0
	for _, c := range run {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == ' ' {
			words++
		}
	}
	return words*10 >= 7*len(run)
}

// charByte tells letters, digits and punctuation of windows-1252.
func charByte(b byte) bool {
	return b >= ' ' && b < 0x7f || b >= 0xc0 && b < 0xff || b == '\t' || b >= 0x91 && b <= 0x97 || b == 0x80 || b == 0x9c || b == 0x8c || b >= 0xa0
}
