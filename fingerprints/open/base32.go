package open

import "strings"

// base32Codes are the alphabets of RFC 4648 (6 and 7), of which each is written in lower case, too.
var base32Codes = [...]string{
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV", "0123456789abcdefghijklmnopqrstuv",
}

// judgeBase32 reads a run, of which all is of one alphabet and something is a digit or a capital.
func judgeBase32(packed []byte, width int, whole bool) blob {
	upper, lower, digit := mixture(packed)
	if upper > 0 && lower > 0 || upper == 0 && digit == 0 {
		return nil
	}
	for _, code := range base32Codes {
		if strings.Trim(string(packed), code) != "" {
			continue
		}
		step := func(dst, src []byte, last bool) ([]byte, int) { return decodeBase32(dst, src, last, code) }
		if got, _ := step(nil, packed, true); makesSense(got, whole) != nonsense {
			alphabet := func(c byte) bool { return strings.IndexByte(code, c) >= 0 }
			return &armour{label: "base32", width: width, unit: 8, step: step, alphabet: alphabet}
		}
	}
	return nil
}

func decodeBase32(dst, src []byte, last bool, code string) ([]byte, int) {
	n := len(src) &^ 7
	if last {
		n = len(src)
	}
	var acc uint64
	have := 0
	for _, c := range src[:n] {
		acc = acc<<5 | uint64(max(strings.IndexByte(code, c), 0))
		if have += 5; have >= 8 {
			have -= 8
			dst = append(dst, byte(acc>>have))
		}
	}
	return dst, n
}
