package open

import (
	"bytes"
	"unicode/utf8"
)

// numberList is a text whose characters stand as numbers in a row: bytes or code points in decimal, bytes of three octal
// digits or of eight binary ones, parted in any way, or binary ones not at all.
type numberList struct {
	base  int // 10, 8 or 2
	wide  int // digits that every number has; 0: any
	dense bool
}

func (l *numberList) name() string { return "numbers" }

const (
	// numbersJudged is how much of a list is read to see what it is.
	numbersJudged = 512
	// numberGap is what may stand between two numbers, in bytes.
	numberGap = 16
)

// judgeNumbers tells what list of numbers a run begins with, at its first bytes; nil: none that makes sense.
func judgeNumbers(sample []byte, whole bool) (blob, int) {
	at := 0
	for at < len(sample) && !isDigit(sample[at]) {
		at++
	}
	cut := len(sample) > numbersJudged+at
	if cut {
		sample = sample[:numbersJudged+at]
	}
	for _, l := range []numberList{{base: 2, wide: 8}, {base: 2, wide: 8, dense: true}, {base: 8, wide: 3}, {base: 10}} {
		got, used, _ := l.decode(nil, sample[at:], whole && !cut)
		if used >= runMin/2 && len(got) >= 8 && manyLetters(got) && makesSense(got, whole && !cut) == sensibleText {
			return &l, at
		}
	}
	return nil, 0
}

// manyLetters tells a text from a list of numbers that are numbers.
func manyLetters(b []byte) bool {
	letters := 0
	for _, c := range b {
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			letters++
		}
	}
	return letters*2 >= len(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *numberList) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	i := 0
	for {
		if len(src)-i < 2*numberGap && !last {
			return dst, i, false
		}
		at := i + numbersApart(src[i:])
		v, end := l.number(src, at)
		if end == at || at-i > numberGap || !l.dense && i > 0 && at == i {
			return dst, i, true
		}
		if l.base == 10 && v > 0xff {
			dst = utf8.AppendRune(dst, rune(v))
		} else {
			dst = append(dst, byte(v))
		}
		i = end
	}
}

// number reads one; end is at where there is none.
func (l *numberList) number(b []byte, at int) (v, end int) {
	for end = at; end < len(b) && b[end] >= '0' && int(b[end]-'0') < l.base && (end-at < l.wide || l.wide == 0 && end-at < 6); end++ {
		v = v*l.base + int(b[end]-'0')
	}
	whole := l.dense || end == len(b) || !isDigit(b[end])
	if l.wide > 0 && end-at != l.wide || !whole || l.base != 10 && v > 0xff || v > 0x2ffff {
		return 0, at
	}
	return v, end
}

// numbersApart returns the length of what may stand between two numbers.
func numbersApart(b []byte) int {
	i := 0
	for i < len(b) && i <= numberGap && (isSpace(b[i]) || bytes.IndexByte([]byte(",;:\\|-\"'"), b[i]) >= 0) {
		i++
	}
	return i
}
