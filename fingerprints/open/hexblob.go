package open

import "bytes"

// judgedHexAt is how far into a run its bytes may begin.
const judgedHexAt = 64

// judgeHex reads a run as bytes written in hexadecimal: plain, spaced, with prefixes, or as a dump with offsets.
func judgeHex(text []byte, line, start int, whole bool) (blob, int) {
	if d := newDump(text[line:]); d != nil {
		sample := text[line:min(len(text), line+judged)]
		try := *d
		got, _, _ := try.decode(nil, sample, whole)
		if makesSense(got, whole) != nonsense || len(got) >= 64 && d.base == 16 {
			return d, line
		}
	}
	sample := text[start:min(len(text), start+judged)]
	for at := 0; at < min(len(sample), judgedHexAt); {
		try := &hexRun{}
		got, used, _ := try.decode(nil, sample[at:], whole)
		if s := makesSense(got, whole); s != nonsense || evenHex(got, try) {
			return &hexRun{}, start + at
		}
		if used >= runMin || used == 0 && len(got) == 0 && !isSpace(sample[at]) {
			if i := bytes.Index(sample[at:min(len(sample), judgedHexAt)], []byte("0x")); used == 0 && i > 0 {
				at += i
				continue
			}
			break
		}
		at += max(used, 1)
		for at < len(sample) && !isSpace(sample[at]) && sample[at] != ',' {
			at++
		}
	}
	if b, at := judgeNumbers(sample, whole); b != nil {
		return b, start + at
	}
	return nil, 0
}

// evenHex takes long runs of digits without sense for bytes that are no text, if all sorts of them come.
func evenHex(got []byte, h *hexRun) bool {
	if len(got) < 200 || !h.letters {
		return false
	}
	var seen [256]bool
	kinds := 0
	for _, b := range got[:200] {
		if !seen[b] {
			seen[b] = true
			kinds++
		}
	}
	return kinds > 60
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// hexRun is pairs of digits, parted in any way or not at all.
type hexRun struct {
	letters bool // a digit above nine was seen
	any     bool
}

func (h *hexRun) name() string { return "hex" }

// hexTail is how much may have to be in sight to tell where a pair ends.
const hexTail = 24

func (h *hexRun) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	i := 0
	for {
		if len(src)-i < hexTail && !last {
			return dst, i, false
		}
		skip := hexGap(src[i:])
		if len(src)-i-skip < 2 || h.any && skip > 12 {
			return dst, i, true
		}
		a, b := src[i+skip], src[i+skip+1]
		if !isHex(a) || !isHex(b) {
			return dst, i, true
		}
		// A pair of odd length is a number or a word; nothing of the kind is part of a run.
		if i+skip+2 < len(src) && isHex(src[i+skip+2]) && (i+skip+3 >= len(src) || !isHex(src[i+skip+3])) {
			return dst, i, true
		}
		h.letters = h.letters || a > '9' || b > '9'
		h.any = true
		dst = append(dst, unhex(a)<<4|unhex(b))
		i += skip + 2
	}
}

// hexGap returns the length of what may stand between two pairs.
func hexGap(b []byte) int {
	i := 0
	for i < len(b) && i < hexTail-2 {
		switch c := b[i]; {
		case isSpace(c) || c == ',' || c == ':' || c == ';' || c == '-' || c == '"' || c == '\'':
			i++
		case (c == '\\' || c == '0') && i+1 < len(b) && b[i+1]|0x20 == 'x':
			return i + 2
		case c == '\\' && i+2 < len(b) && b[i+1] == '\\' && b[i+2]|0x20 == 'x':
			return i + 3
		case i > 0 && bytes.IndexByte([]byte(">|#*/+"), c) >= 0: // of quotes and comments
			i++
		case c == '\\' && i+1 < len(b) && (b[i+1] == '\n' || b[i+1] == 'n' || b[i+1] == '\r'):
			i += 2
		default:
			return i
		}
	}
	return i
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
