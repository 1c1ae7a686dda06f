package open

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode/utf32"
)

// foundIn tells whether a text stands in what an item yields, whatever of it is seen.
func (h *heard) foundIn(want string) bool {
	want = squeezed(want)
	for k := range h.text {
		if strings.Contains(squeezed(string(h.text[k])), want) {
			return true
		}
	}
	return false
}

func encoded(t testing.TB, e encoding.Encoding, s string) string {
	t.Helper()
	b, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bareDeflate(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 6)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func backwardsOf(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// code58 is the other way round from what is read.
func code58(b []byte) string {
	digits := []byte{0}
	for _, c := range b {
		carry := int(c)
		for i := range digits {
			carry += int(digits[i]) << 8
			digits[i] = byte(carry % 58)
			carry /= 58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	slices.Reverse(digits)
	for i, d := range digits {
		digits[i] = base58Code[d]
	}
	return string(digits)
}

func yencOf(b []byte) string {
	var out strings.Builder
	fmt.Fprintf(&out, "=ybegin line=128 size=%d name=brief met naam.txt\r\n", len(b))
	for i, c := range b {
		switch c += 42; c {
		case 0, '\n', '\r', '=':
			out.WriteByte('=')
			c += 64
		}
		out.WriteByte(c)
		if i%128 == 127 {
			out.WriteString("\r\n")
		}
	}
	return out.String() + "\r\n=yend size=1\r\n"
}

// words prints as od and hexdump do, by words whose bytes come the other way round.
func words(b []byte, format string, size int) string {
	var out strings.Builder
	for off := 0; off+16 <= len(b); off += 16 {
		fmt.Fprintf(&out, "%07o", off)
		for i := 0; i < 16; i += size {
			v := 0
			for j := size - 1; j >= 0; j-- {
				v = v<<8 | int(b[off+i+j])
			}
			fmt.Fprintf(&out, format, v)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func TestWhatAPasteWrapsOddlyIsFoundUnderneath(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	plain := strings.ReplaceAll(dossier(), `"`, "")
	p := []byte(plain)
	b64 := base64.StdEncoding.EncodeToString(p)
	ascii := strings.NewReplacer("é", "e", "è", "e", "œ", "oe").Replace(plain)
	a := []byte(ascii[:len(ascii)&^15])
	long := strings.Repeat("x", 20)
	var groups, chars, bits, marked strings.Builder
	for i := 0; i < len(b64); i += 10 {
		fmt.Fprintf(&groups, "%s%c", b64[i:min(i+10, len(b64))], " \n"[i/10%6/5])
	}
	for off := 0; off < len(a); off += 16 {
		fmt.Fprintf(&chars, "%07o", off)
		for _, c := range a[off : off+16] {
			if c == '\n' {
				chars.WriteString(`  \n`)
			} else {
				fmt.Fprintf(&chars, "%4c", c)
			}
		}
		chars.WriteByte('\n')
	}
	for off := 0; off+6 <= len(a); off += 6 {
		fmt.Fprintf(&bits, "%08x: ", off)
		for _, c := range a[off : off+6] {
			fmt.Fprintf(&bits, "%08b ", c)
		}
		fmt.Fprintf(&bits, " %s\n", strings.ReplaceAll(string(a[off:off+6]), "\n", "."))
	}
	for line := range strings.Lines(foldAt(b64, 60)) {
		marked.WriteString("+" + line)
	}
	state, _ := json.Marshal(map[string]any{"paste": map[string]string{"body": plain, "id": "x"}})
	for name, c := range map[string]struct{ item, want string }{
		"base64 in groups":         {groups.String(), plain},
		"base64 in short lines":    {foldAt(b64, 33), plain},
		"base64 of a diff":         {marked.String(), plain},
		"base64 from its end":      {backwardsOf(b64), plain},
		"base64 of bare deflate":   {foldAt(base64.StdEncoding.EncodeToString(bareDeflate(t, p)), 76), plain},
		"base32, small":            {strings.ToLower(base32.StdEncoding.EncodeToString(p)), plain},
		"base32, hex":              {base32.HexEncoding.EncodeToString(p), plain},
		"base58":                   {"see " + code58(p[:2000]) + "\n", plain[:1900]},
		"ascii85 between text":     {chrome + "here:\n\n" + a85(p, true) + "\nthanks\n", plain},
		"uuencode between text":    {chrome + uu(p) + "\nthanks\n", plain},
		"uuencode, quoted":         {chrome + eachLine(uu(p), "> ") + "\n", plain},
		"yenc":                     {yencOf(p), plain},
		"yenc in an article":       {"From: a@b.example\r\nSubject: x\r\nNewsgroups: a\r\n\r\n" + yencOf(p), plain},
		"hex in sql":               {"INSERT INTO f VALUES (1, 0x" + strings.ToUpper(hex.EncodeToString(p)) + ");", plain},
		"hex in postgres":          {"COPY f FROM stdin;\n1\t\\\\x" + hex.EncodeToString(p) + "\n\\.\n", plain},
		"hex, quoted":              {eachLine(foldAt(hex.EncodeToString(p), 64), "> "), plain},
		"decimal":                  {spaced(p, "%d", ", ", 0), plain},
		"decimal lines":            {spaced(p, "%d", "\n", 0), plain},
		"octal":                    {spaced(p, `\%03o`, "", 0), plain},
		"binary":                   {spaced(p, "%08b", " ", 0), plain},
		"binary, dense":            {spaced(p, "%08b", "", 0), plain},
		"from code points":         {"<html><script>x(String.fromCharCode(" + strings.TrimSuffix(spaced(a, "%d", ",", 0), ",") + "))</script></html>", string(a)},
		"hexdump by words":         {words(a, " %04x", 2), string(a)},
		"od":                       {words(a, " %06o", 2), string(a)},
		"od by long words":         {words(a, " %08x", 4), string(a)},
		"od as characters":         {chars.String(), string(a)},
		"xxd in bits":              {bits.String(), string(a[:len(a)/6*6])},
		"xxd, quoted":              {eachLine(hexDump(p, true), "> "), plain},
		"code points":              {strings.Join(strings.Split(fmt.Sprintf("%U", []rune(plain)), ","), " "), plain},
		"entities left open":       {strings.Join(each(plain, func(r rune) string { return fmt.Sprintf("&#%d", r) }), ""), plain},
		"rot13":                    {string(rot13(nil, p)), plain},
		"rot47":                    {string(rot47(nil, p)), plain},
		"lines from their end":     {string(backwardsLines(plain)), plain},
		"coloured":                 {strings.Join(each(plain, func(r rune) string { return "\x1b[38;5;12m" + string(r) + "\x1b[0m" }), ""), plain},
		"coloured, cut":            {strings.ReplaceAll(plain, " ", "[0m [1;32m"), plain},
		"coloured chat":            {strings.ReplaceAll(plain, " ", "\x0f \x0304"), plain},
		"struck over":              {strings.Join(each(plain, func(r rune) string { return strings.TrimSuffix(string(r)+"\b", "\n\b") + string(r) }), ""), plain},
		"board":                    {strings.ReplaceAll(plain, " ", "[/b] [color=#ff0000]"), plain},
		"game":                     {strings.ReplaceAll(plain, " ", " §c"), plain},
		"mainframe":                {encoded(t, charmap.CodePage037, strings.ReplaceAll(plain, "œ", "oe")), strings.ReplaceAll(plain, "œ", "oe")},
		"utf-32":                   {encoded(t, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), plain), plain},
		"utf-32, big":              {encoded(t, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), plain), plain},
		"a page's state":           {"<html><body><div id=app></div><script>window.__STATE__=" + string(state) + "</script></body></html>", plain},
		"a page's template":        {"<html><body><template>" + html.EscapeString(plain) + "</template></body></html>", plain},
		"a page's comment":         {"<html><body>x<!-- " + plain + " --></body></html>", plain},
		"an attribute":             {`<html><body><div data-clipboard-text="` + html.EscapeString(plain) + `">copy</div></body></html>`, plain},
		"a style":                  {"<html><style>.a{background:url(data:text/plain;base64," + b64 + ")}</style><body>x</body></html>", plain},
		"parted by what is unseen": {"<html><body><pre>" + strings.ReplaceAll(html.EscapeString(plain), "mevrouw", `mev<span style="display: none">`+long+`</span>rouw`) + "</pre></body></html>", plain},
		"xml attribute":            {`<svg xmlns="http://www.w3.org/2000/svg"><image href="data:text/plain;base64,` + b64 + `"/></svg>`, plain},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "p", []byte(c.item))
			if !h.foundIn(c.want) {
				t.Errorf("not found: %s\n%.300q", h, c.item)
			}
		})
	}
}

func each(s string, f func(rune) string) (out []string) {
	for _, r := range s {
		out = append(out, f(r))
	}
	return out
}

func backwardsLines(s string) (out []byte) {
	for line := range strings.Lines(s) {
		out = append(backwards(out, []byte(strings.TrimSuffix(line, "\n"))), '\n')
	}
	return out
}

func TestUnixsCompressIsUndone(t *testing.T) {
	// "compress" of "naam,naam,naam,naam,naam\n" with codes of nine bits: n a a m , na am ,n aa m, naa m,n aam \n
	var out []byte
	bits, have := uint32(0), uint(0)
	for _, code := range []uint32{'n', 'a', 'a', 'm', ',', 257, 259, 261, 263, 265, '\n'} {
		bits |= code << have
		for have += 9; have >= 8; have -= 8 {
			out = append(out, byte(bits))
			bits >>= 8
		}
	}
	b := append([]byte(compressMagic+"\x90"), append(out, byte(bits))...)
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.Z", b)
	if len(h.parts) != 2 || !strings.HasPrefix(h.textOf(1), "naam,naam") {
		t.Error(h)
	}
}

func TestWhatNobodySeesIsHidden(t *testing.T) {
	page := "<html><head><script>var library = 'this is a text of a library that stands in every page';</script></head><body><p>Shown.</p></body></html>"
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.html", []byte(page))
	if len(h.parts) != 2 || h.parts[0].Hidden || !h.parts[1].Hidden || strings.Contains(h.textOf(0), "library") || !strings.Contains(h.textOf(1), "library") {
		t.Error(h)
	}
}

// TestOrdinaryTextIsNotTurned holds what looks a little like something that was written otherwise, and is not.
func TestOrdinaryTextIsNotTurned(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	var scores, board strings.Builder
	for i := range 400 {
		fmt.Fprintf(&scores, "%d %d %d %d\n", i%90+300, i*7%90+130, i*11%90, i*13%256)
		fmt.Fprintf(&board, "a[%d] = b[i] + c[%d]; // see [1] and [note]\n", i, i)
	}
	for name, text := range map[string]string{
		"scores": scores.String(), "code": board.String(),
		"begin": strings.Repeat("We begin with 644 things, and begin 12 again.\nbegin 644\n", 30),
		"upper": strings.ToUpper(dossier()), "camel": strings.Repeat("someName otherThing iPhone eBay anyOneElse; ", 60),
	} {
		if h := mustOpen(t, o, "p", []byte(text)); len(h.parts) > 1 || h.ends[0] != nil || h.textOf(0) != text {
			t.Errorf("%s: %s", name, h)
		}
	}
}

// FuzzOddDress runs the readers of what is written otherwise on hostile text.
func FuzzOddDress(f *testing.F) {
	p := []byte(dossier()[:600])
	for _, s := range []string{
		uu(p), yencOf(p), words(p, " %06o", 2), words(p, " %04x", 2), code58(p[:60]), string(rot13(nil, p)), spaced(p, "%d", " ", 0), spaced(p, "%08b", "", 0),
		"\x1b[1mx\x1b[0m\x1b[3", "a\bb\b\b", "[b]x[/b][0m", "<~87cUR~>", compressMagic + "\x90abcdefgh", "begin 644 x\n#8F%R\n`\nend\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := Limits{Output: 8 << 20, MemberBytes: 1 << 20, Memory: 64 << 20, Parts: 200, Depth: 4}.withDefaults()
		it := newItem(&link{w: newFrameWriter(discard{})}, l, tools{})
		it.next, it.in = 1, int64(len(b))
		for _, k := range []kind{kindText, kindHTML, kindYenc, kindZ, kindFlate, sniff(b, true)} {
			it.dispatch(node{path: "x"}, k, memory(b))
		}
		odd := newItem(&link{w: newFrameWriter(discard{})}, l, tools{})
		out := odd.textOut(node{}, 0)
		for at := 0; at < len(b); at += 7 {
			out.Write(b[at:min(at+7, len(b))])
			out.flush()
		}
		out.close()
	})
}
