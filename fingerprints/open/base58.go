package open

import "bytes"

// base58Code is the alphabet without letters that look alike, which addresses of coins and some paste sites use.
const base58Code = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58Most bounds a run: what its characters stand for is one number, which costs the square of its length.
const base58Most = 8 << 10

// base58 is a run that stands for one large number.
type base58 struct{}

func (base58) name() string { return "base58" }

func (base58) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	n := 0
	for n < len(src) && bytes.IndexByte([]byte(base58Code), src[n]) >= 0 {
		n++
	}
	switch {
	case n > base58Most:
		return dst, n, true
	case n == len(src) && !last:
		return dst, 0, false
	}
	return append(dst, base58Bytes(src[:n])...), n, true
}

// base58Bytes returns what a run stands for. Zeros in front are ones there, and no text begins with them.
func base58Bytes(code []byte) []byte {
	out := make([]byte, 0, len(code))
	for _, c := range code {
		carry := uint32(bytes.IndexByte([]byte(base58Code), c))
		for i := range out { // the last byte first
			carry += uint32(out[i]) * 58
			out[i] = byte(carry)
			carry >>= 8
		}
		for ; carry > 0; carry >>= 8 {
			out = append(out, byte(carry))
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// judgeBase58 asks whether the beginning of a run makes sense, which is known of all of it only: of a run in sight.
func judgeBase58(sample []byte, whole bool) blob {
	n := 0
	for n < len(sample) && bytes.IndexByte([]byte(base58Code), sample[n]) >= 0 {
		n++
	}
	if n < runMin || n == len(sample) && !whole {
		// The first digits tell the first bytes, but for the size of the number: a text of so many bytes begins with a letter.
		if n < runMin || n < judged {
			return nil
		}
		return judgeLong58(sample[:n])
	}
	if makesSense(base58Bytes(sample[:n]), true) == sensibleText {
		return base58{}
	}
	return nil
}

// judgeLong58 takes a run whose end is not in sight for one if all of the alphabet is in it, evenly: what a longer one stands for
// cannot be told from its beginning.
func judgeLong58(sample []byte) blob {
	var seen [256]int
	for _, c := range sample {
		seen[c]++
	}
	for i := range len(base58Code) {
		if n := seen[base58Code[i]] * len(base58Code); n < len(sample)/3 || n > 3*len(sample) {
			return nil
		}
	}
	return base58{}
}
