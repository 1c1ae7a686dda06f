package cell

import (
	"slices"
	"strings"
)

// Cell appends to dst the tokens by which a cell can be found whose column's kind is known. A typed cell gives the tokens
// of that kind alone, none when its check digits are wrong; a Word gives its words and numbers, without those that lie in
// a valid national number; a Number its number. A value that is written ambiguously, such as 01/02/1980, gives the first
// reading of Europe: items that write it plainly must find it. Offsets are within text.
func (k *Key) Cell(dst []Token, kind Kind, text string) []Token {
	text = restore(kind, strings.TrimSpace(text))
	s := k.Scanner()
	all := s.Append(nil, []byte(text))
	all = s.End(all)
	from := len(dst)
	for _, t := range all {
		switch {
		case kind == Word && (t.Kind == Word || t.Kind == Number) && !within(all, t), kind != Word && t.Kind == kind:
			dst = append(dst, t)
		}
	}
	if kind == Word {
		return dst
	}
	return longest(dst[:from], dst[from:])
}

// restore undoes what spreadsheets do to identifiers: leading zeros are dropped.
func restore(kind Kind, text string) string {
	digits := 0
	for i := range len(text) {
		if !isDigit(text[i]) {
			return text
		}
		digits++
	}
	want := map[Kind]int{National: 11, BSN: 9, Enterprise: 10}[kind]
	if digits >= want-2 && digits < want && digits > 0 {
		return strings.Repeat("0", want-digits) + text
	}
	if kind == Phone && text != "" && text[0] != '0' && digits >= 8 && digits <= 9 {
		return "0" + text
	}
	return text
}

// within tells whether a token lies in a valid national number.
func within(all []Token, t Token) bool {
	return slices.ContainsFunc(all, func(n Token) bool { return n.Kind == National && n.At <= t.At && t.End <= n.End })
}

// longest keeps of one cell's readings the longest one, the first of those of equal length.
func longest(dst, found []Token) []Token {
	if len(found) == 0 {
		return dst
	}
	best := found[0]
	for _, t := range found[1:] {
		if t.End-t.At > best.End-best.At {
			best = t
		}
	}
	return append(dst, best)
}
