package canonical

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// ErrSpan is what Locate returns for a span that does not lie in the text.
var ErrSpan = errors.New("span does not lie in the text")

// locateBytes is how much of a text Locate holds.
const locateBytes = 16 << 10

// Locate translates spans of canonical text, in bytes from the first one to the one after the last, to spans of the text
// that it was made of, which r reads from its beginning, in bytes of its UTF-8: from the character that gave the first byte
// to the end of that which gave the last. Spans may come in any order and overlap; the result has theirs. It reads no
// further than the last span goes, in bounded memory. Errors are those of r, and ErrSpan.
func Locate(r io.Reader, spans [][2]int64) ([][2]int64, error) {
	l := &locator{out: make([][2]int64, len(spans))}
	for i, s := range spans {
		if s[0] < 0 || s[1] <= s[0] {
			return nil, fmt.Errorf("canonical bytes %d to %d: %w", s[0], s[1], ErrSpan)
		}
		l.wanted = append(l.wanted, wanted{s[0], i, 0}, wanted{s[1] - 1, i, 1})
	}
	slices.SortFunc(l.wanted, func(a, b wanted) int { return cmp.Compare(a.at, b.at) })
	buf := make([]byte, locateBytes)
	held := 0
	for len(l.wanted) > 0 {
		n, err := r.Read(buf[held:])
		whole := held + n
		if err == nil {
			whole = wholeRunes(buf[:whole])
		}
		l.block(buf[:whole])
		held = copy(buf, buf[whole:held+n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the text: %w", err)
		}
	}
	if len(l.wanted) > 0 {
		return nil, fmt.Errorf("canonical byte %d: %w", l.wanted[0].at, ErrSpan)
	}
	return l.out, nil
}

// wholeRunes is the length of b without a character that its end cuts.
func wholeRunes(b []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if i := len(b) - back; utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// wanted is a canonical byte whose character is looked for: the beginning of a span, or its last one.
type wanted struct {
	at   int64
	span int
	end  int // 0 or 1
}

type locator struct {
	fold      Folder
	scratch   []byte
	canonical int64 // bytes before the block
	original  int64
	wanted    []wanted // ascending
	out       [][2]int64
}

// block takes whole characters. Where nothing is wanted they are only counted, otherwise looked at more closely.
func (l *locator) block(b []byte) {
	l.scratch = l.fold.Append(l.scratch[:0], b)
	l.fold.Reset()
	if len(l.wanted) == 0 || l.wanted[0].at >= l.canonical+int64(len(l.scratch)) {
		l.canonical, l.original = l.canonical+int64(len(l.scratch)), l.original+int64(len(b))
		return
	}
	const few = 256
	if len(b) > few {
		cut := wholeRunes(b[:len(b)/2])
		l.block(b[:cut])
		l.block(b[cut:])
		return
	}
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		l.character(b[:n])
		b = b[n:]
	}
}

func (l *locator) character(b []byte) {
	l.scratch = l.fold.Append(l.scratch[:0], b)
	l.fold.Reset()
	l.canonical += int64(len(l.scratch))
	for len(l.wanted) > 0 && l.wanted[0].at < l.canonical {
		w := l.wanted[0]
		l.out[w.span][w.end] = l.original + int64(w.end*len(b))
		l.wanted = l.wanted[1:]
	}
	l.original += int64(len(b))
}
