package canonical

import (
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// alike maps letters to the Latin ones that they stand for. It is the same for known files and for items, so that
// nothing is lost by it, whatever the language: a text of another script is only written in other letters.
//
// Above are letters with a stroke, a hook or no dot, ligatures and the like, which Unicode does not decompose and keyboards
// and transliterations write plainly: æ as ae, ø as o, ł as l, ß (by case folding) as ss. Letters with a mark lose it, so
// that ä is a and not ae.
//
// Below are letters of other scripts that look like a Latin one (after confusables.txt of Unicode Technical Standard 39),
// by which one hides a text from a search. Each is read as what it looks like, which for the Greek letters η, ν, υ and μ
// depends on the case: a Greek text in capitals differs there from one in small letters.
var alike = func() map[rune]string {
	m := map[rune]string{}
	for _, e := range []struct{ to, from string }{
		{"ae", "æ"}, {"oe", "œɶ"}, {"th", "þ"}, {"a", "ⱥɐ"}, {"b", "ƀɓƃ"}, {"c", "ȼƈↄ"}, {"d", "đðɖɗƌ"}, {"e", "ɇǝə"}, {"f", "ƒ"}, {"g", "ǥɠɡ"},
		{"h", "ħɦⱨ"}, {"i", "ıɨɩ"}, {"j", "ȷɉɟ"}, {"k", "ĸƙⱪ"}, {"l", "łƚɫɬⱡ"}, {"m", "ɱ"}, {"n", "ŋɲƞɳ"}, {"o", "øɵ"}, {"p", "ƥᵽ"}, {"q", "ɋʠ"},
		{"r", "ɍɽɼ"}, {"s", "ʂȿ"}, {"t", "ŧƭʈⱦ"}, {"u", "ʉ"}, {"v", "ʋⱱ"}, {"w", "ⱳ"}, {"y", "ɏƴ"}, {"z", "ƶȥʐⱬ"},

		{"a", "аɑαᴀӕꓮᎪ"}, {"b", "вβʙьꓐᏏᏴ"}, {"c", "сϲᴄꓚᏟցⅽ"}, {"d", "ԁᴅꓓᎠᏧ"}, {"e", "еєεᴇҽꓰᎬ"}, {"f", "ꜰꓝϝ"}, {"g", "ɢԍꓖᏀᏳ"},
		{"h", "нһʜհꓧᎻΗ"}, {"i", "іιɪӏꓲᎥ"}, {"j", "јϳᴊꓙᎫ"}, {"k", "кκᴋꓗᏦ"}, {"l", "ʟꓡᏞ"}, {"m", "мᴍꓟᎷΜ"}, {"n", "пηɴոꓠΝ"},
		{"o", "оοᴏօꓳ"}, {"p", "рρᴘꓑᏢ"}, {"q", "ԛզ"}, {"r", "гʀꓣᎡᏒ"}, {"s", "ѕꜱꓢᏚ"}, {"t", "тτᴛꓔᎢ"}, {"u", "υμᴜսꓴ"}, {"v", "ѵνᴠꓦᏙ"},
		{"w", "ԝωᴡꓪᎳ"}, {"x", "хχꓫ"}, {"y", "уүγʏꓬᎩΥ"}, {"z", "ᴢζꓜᏃ"},
	} {
		for _, r := range e.from {
			m[r] = e.to
		}
	}
	for i := range 26 { // white letters in black circles and squares
		m[rune(0x1F150+i)], m[rune(0x1F170+i)] = string(rune('a'+i)), string(rune('a'+i))
	}
	return m
}()

// hidden tells of letters that show nothing, or no more than an accent or an apostrophe.
func hidden(r rune) bool {
	switch {
	case r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0: // fillers
		return true
	case r >= 0x02B9 && r <= 0x02DF || r == 0x02EC || r == 0x02EE || r == 0x0374 || r == 0x037A || r == 0xA788 || r == 0xA78B || r == 0xA78C:
		return true
	}
	return false
}

// mapRune is the mapping itself. Decomposing a single character and dropping its marks gives what NFKC and stripping
// marks would give for the whole text, because everything that composing could join is dropped or kept apart alike.
func (f *Folder) mapRune(r rune) []byte {
	if !f.ready {
		f.fold, f.ready = cases.Fold(), true
	}
	out := make([]byte, 0, 16)
	for _, c := range norm.NFKD.String(string(r)) {
		if to, ok := alike[c]; ok { // a capital may look like another letter than the small one
			out = append(out, to...)
			continue
		}
		f.scratch = f.fold.Bytes([]byte(string(c)))
		for _, d := range norm.NFKD.String(string(f.scratch)) { // folding can yield characters that decompose again
			out = appendLetter(out, cherokee(d))
		}
	}
	return out
}

func appendLetter(out []byte, c rune) []byte {
	to, ok := alike[c]
	switch {
	case ok:
		return append(out, to...)
	case unicode.Is(unicode.Nd, c):
		return append(out, digit(c))
	case unicode.IsLetter(c) && !hidden(c):
		return append(out, string(c)...)
	}
	return out
}

// digit is the Latin digit of any script's. Scripts have theirs in a row, from zero to nine; NFKD has settled the one
// block of several rows.
func digit(c rune) byte {
	n := byte(0)
	for n < 9 && unicode.Is(unicode.Nd, c-rune(n)-1) {
		n++
	}
	return '0' + n
}

// cherokee settles the one script whose folding the library swaps instead of joins: its capitals are the canonical ones
// (Unicode, CaseFolding.txt).
func cherokee(c rune) rune {
	switch {
	case c >= 0xAB70 && c <= 0xABBF:
		return c - 0xAB70 + 0x13A0
	case c >= 0x13F8 && c <= 0x13FD:
		return c - 8
	}
	return c
}
