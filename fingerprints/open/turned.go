package open

import (
	"bytes"
	"unicode/utf8"
)

// turnedText watches a text for one in which every letter stands for another, as in rot13 and rot47, or whose lines are written
// from their end. What it says becomes a member.
type turnedText struct {
	turn func(dst, line []byte) []byte
	line bool // turn takes whole lines
	held []byte
	out  []byte
	into *pushed
}

const (
	// turnedLine is how long a line may be that is turned round.
	turnedLine = 64 << 10
	// turnedLetters is how many letters it takes to tell.
	turnedLetters = 60
)

// judgeTurned looks at a text's beginning; nil: it says what it says.
func judgeTurned(sample []byte) *turnedText {
	var n letterCount
	sample = sample[:min(len(sample), judged)]
	n.count(sample)
	switch {
	case n.letters >= turnedLetters && n.turnedVowels*10 >= 3*n.letters && n.turnedVowels*10 > 11*n.vowels:
		return &turnedText{turn: rot13}
	case n.ends >= 6 && n.ends > 4*n.begins:
		return &turnedText{turn: backwards, line: true}
	case n.letters*2 < n.shown && n.spaces*20 >= len(sample):
		var back letterCount
		back.count(rot47(nil, sample))
		if back.letters >= turnedLetters && back.letters*10 >= 6*back.shown && back.vowels*10 >= 3*back.letters {
			return &turnedText{turn: rot47}
		}
	}
	return nil
}

// letterCount says what tells a text from one that was turned: how many letters are vowels, or become vowels, and at which end of
// words capitals stand.
type letterCount struct {
	letters, vowels, turnedVowels, shown, spaces int
	begins, ends                                 int
}

func (n *letterCount) count(b []byte) {
	var before, last uint8
	for _, c := range b {
		class := turnedClass[c]
		n.letters += int(class & asciiLetter)
		n.vowels += int(class >> 1 & 1)
		n.turnedVowels += int(class >> 2 & 1)
		n.spaces += int(class >> 3 & 1)
		if last&capital != 0 {
			if before&smallLetter != 0 && class&anyLetter == 0 {
				n.ends++
			}
			if class&smallLetter != 0 && before&anyLetter == 0 {
				n.begins++
			}
		}
		before, last = last, class
	}
	n.shown += len(b) - n.spaces
}

// What is counted of a byte.
const (
	asciiLetter = 1 << iota
	vowel
	turnedVowel
	blank
	capital
	smallLetter
	anyLetter
)

var turnedClass = func() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		switch lower := c | 0x20; {
		case c <= ' ':
			t[i] = blank
		case c >= utf8.RuneSelf:
			t[i] = anyLetter
		case isLower(lower):
			if t[i] = asciiLetter | anyLetter | capital; c == lower {
				t[i] = asciiLetter | anyLetter | smallLetter
			}
			if bytes.IndexByte([]byte("aeiou"), lower) >= 0 {
				t[i] |= vowel
			}
			if bytes.IndexByte([]byte("nrvbh"), lower) >= 0 {
				t[i] |= turnedVowel
			}
		}
	}
	return t
}()

func isLower(c byte) bool      { return c >= 'a' && c <= 'z' }
func isLetterByte(c byte) bool { return isLower(c|0x20) || c >= utf8.RuneSelf }

func rot13(dst, b []byte) []byte {
	for _, c := range b {
		if lower := c | 0x20; isLower(lower) {
			if lower < 'n' {
				c += 13
			} else {
				c -= 13
			}
		}
		dst = append(dst, c)
	}
	return dst
}

func rot47(dst, b []byte) []byte {
	for _, c := range b {
		if c > ' ' && c <= '~' {
			c = '!' + (c-'!'+47)%94
		}
		dst = append(dst, c)
	}
	return dst
}

func backwards(dst, line []byte) []byte {
	for len(line) > 0 {
		_, n := utf8.DecodeLastRune(line)
		dst = append(dst, line[len(line)-n:]...)
		line = line[:len(line)-n]
	}
	return dst
}

// feed takes the next piece.
func (t *turnedText) feed(b []byte, last bool) error {
	t.out = t.out[:0]
	if !t.line {
		t.out = t.turn(t.out, b)
	} else {
		t.held = append(t.held, b...)
		rest := t.held
		for {
			line, behind, found := bytes.Cut(rest, []byte{'\n'})
			if !found && !last && len(rest) < turnedLine || len(rest) == 0 {
				break
			}
			t.out = append(t.turn(t.out, line), '\n')
			rest = behind
		}
		t.held = append(t.held[:0], rest...)
	}
	_, err := t.into.Write(t.out)
	return err
}
