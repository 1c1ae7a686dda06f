package open

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// dossier is a text of a few kilobytes with accents, as the leaks hold it.
func dossier() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "Dossier %d: mevrouw Annélies Vandergucht-Crèvecœur werd op %d maart onderzocht; opmerking \"%x\" volgt.\n", i*37, i%28+1, i*i*7919)
	}
	return b.String()
}

func foldAt(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String() + s
}

func zlibOf(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func eachLine(s, prefix string) string {
	return prefix + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+prefix)
}

func numbered(s string) string {
	var b strings.Builder
	for i, l := range strings.Split(s, "\n") {
		fmt.Fprintf(&b, "%4d: %s\n", i+1, l)
	}
	return b.String()
}

// hexDump prints as hexdump -C, or as xxd.
func hexDump(b []byte, xxd bool) string {
	if !xxd {
		return hex.Dump(b)
	}
	var out strings.Builder
	for off := 0; off < len(b); off += 16 {
		line := b[off:min(len(b), off+16)]
		var cells strings.Builder
		for i, c := range line {
			fmt.Fprintf(&cells, "%02x", c)
			if i%2 == 1 {
				cells.WriteByte(' ')
			}
		}
		shown := strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '.'
			}
			return r
		}, string(line))
		fmt.Fprintf(&out, "%08x: %-40s %s\n", off, cells.String(), shown)
	}
	return out.String()
}

func quoted(s string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func spaced(b []byte, format, sep string, perLine int) string {
	var out strings.Builder
	for i, c := range b {
		fmt.Fprintf(&out, format, c)
		out.WriteString(sep)
		if perLine > 0 && i%perLine == perLine-1 {
			out.WriteString("\n")
		}
	}
	return out.String()
}

func jsonOf(s string) string {
	b, _ := json.Marshal(map[string]string{"id": "3", "content": s, "lang": "nl"})
	return string(b)
}

func asciiJSON(s string) string {
	var b strings.Builder
	b.WriteString(`{"text": "`)
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '"':
			b.WriteString(`\"`)
		case r >= 0x80:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"}`
}

func uu(b []byte) string {
	var out strings.Builder
	out.WriteString("begin 644 brief.txt\n")
	code := func(v byte) byte {
		if v == 0 {
			return '`'
		}
		return v + ' '
	}
	for len(b) > 0 {
		n := min(45, len(b))
		line := append(append([]byte(nil), b[:n]...), 0, 0)
		out.WriteByte(code(byte(n)))
		for i := 0; i < n; i += 3 {
			x, y, z := line[i], line[i+1], line[i+2]
			out.Write([]byte{code(x >> 2), code(x&3<<4 | y>>4), code(y&15<<2 | z>>6), code(z & 63)})
		}
		out.WriteByte('\n')
		b = b[n:]
	}
	return out.String() + "`\nend\n"
}

func a85(b []byte, armour bool) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(b)))
	s := string(out[:ascii85.Encode(out, b)])
	if armour {
		return "<~" + foldAt(s, 72) + "~>"
	}
	return s
}

func mojibake(set *charmap.Charmap, s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		r := set.DecodeByte(c)
		if r == '\ufffd' {
			r = rune(c)
		}
		b.WriteRune(r)
	}
	return b.String()
}

const chrome = "Anonymous paste, 3 views, never expires\n\n"

// TestWhatAPasteWrapsIsFoundUnderneath: the text is somewhere below, whole, however it was wrapped.
func TestWhatAPasteWrapsIsFoundUnderneath(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	plain := dossier()
	p := []byte(plain)
	b64 := base64.StdEncoding.EncodeToString(p)
	for name, item := range map[string]string{
		"base64 one line":         b64,
		"base64 wrapped":          foldAt(b64, 76),
		"base64 crlf":             strings.ReplaceAll(foldAt(b64, 64), "\n", "\r\n"),
		"base64 url, unpadded":    base64.RawURLEncoding.EncodeToString(append(p, 0xff, 0xfe, 0xfb)),
		"base64 between text":     chrome + foldAt(b64, 76) + "\n\nKind regards, somebody\n",
		"base64 in json":          `{"name":"x","data":"` + b64 + `","n":1}`,
		"base64 in json, wrapped": jsonOf(foldAt(b64, 76)),
		"base64 in armour":        "-----BEGIN MESSAGE-----\nVersion: 1\n\n" + foldAt(b64, 64) + "\n-----END MESSAGE-----\n",
		"base64 quoted":           eachLine(foldAt(b64, 76), "> "),
		"base64 numbered":         numbered(foldAt(b64, 76)),
		"base64 escaped slashes":  `{"data":"` + strings.ReplaceAll(base64.StdEncoding.EncodeToString(gz(p)), "/", `\/`) + `"}`,
		"data uri":                "see data:text/plain;charset=utf-8;base64," + b64 + " here",
		"data uri in html":        `<html><body><p>x</p><a href="data:text/plain;base64,` + b64 + `">y</a></body></html>`,
		"base64 in html":          "<html><body><pre>" + foldAt(b64, 76) + "</pre></body></html>",
		"base64 as html lines":    "<html><body>" + strings.ReplaceAll(foldAt(b64, 76), "\n", "<br>\n") + "</body></html>",
		"base64 of utf-16":        base64.StdEncoding.EncodeToString([]byte(utf16le(plain[:300]) + utf16le(plain[300:]))),
		"base64 of gzip":          base64.StdEncoding.EncodeToString(gz(p)),
		"base64 of zlib":          base64.StdEncoding.EncodeToString(zlibOf(p)),
		"base64 of zstd":          foldAt(base64.StdEncoding.EncodeToString(zst(t, p)), 76),
		"base64 thrice":           base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(foldAt(b64, 76))))),
		"base64 url-encoded":      "data=" + url.QueryEscape(b64) + "&x=1",
		"base32":                  base32.StdEncoding.EncodeToString(p),
		"base32 wrapped":          foldAt(base32.StdEncoding.EncodeToString(p), 64),
		"hex":                     hex.EncodeToString(p),
		"hex upper, wrapped":      foldAt(strings.ToUpper(hex.EncodeToString(p)), 80),
		"hex 0x":                  "0x" + hex.EncodeToString(p),
		"hex of gzip":             hex.EncodeToString(gz(p)),
		"hex spaced":              spaced(p, "%02x", " ", 0),
		"hex spaced lines":        spaced(p, "%02X", " ", 16),
		"hex colons":              spaced(p, "%02x", ":", 20),
		"hex c array":             "unsigned char a[] = {\n" + spaced(p, "0x%02x", ", ", 12) + "\n};\n",
		"hex python":              `x = b"` + spaced(p, `\x%02x`, "", 0) + `"`,
		"hexdump":                 chrome + hexDump(p, false),
		"xxd":                     hexDump(p, true),
		"quoted-printable":        quoted(plain),
		"url-encoded":             url.QueryEscape(plain),
		"url path-encoded":        url.PathEscape(plain),
		"json":                    jsonOf(plain),
		"json ascii":              asciiJSON(plain),
		"json in json":            jsonOf(jsonOf(plain)),
		"json of base64 of gzip":  jsonOf(foldAt(base64.StdEncoding.EncodeToString(gz(p)), 76)),
		"entities":                html.EscapeString(strings.NewReplacer("é", "&eacute;", "è", "&#232;", "œ", "&#x153;").Replace(plain)),
		"entities in pre":         "<html><body><pre>" + html.EscapeString(strings.NewReplacer("é", "&eacute;", "è", "&#232;", "œ", "&#x153;").Replace(plain)) + "</pre></body></html>",
		"uuencode":                uu(p),
		"uuencode of gzip":        uu(gz(p)),
		"ascii85":                 a85(p, true),
		"ascii85 bare":            a85(p, false),
		"python repr":             fmt.Sprintf("text = %+q", plain),
		"mojibake 1252":           mojibake(charmap.Windows1252, plain),
		"mojibake 850":            mojibake(charmap.CodePage850, plain),
		"mojibake mac":            mojibake(charmap.Macintosh, plain),
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "p", []byte(item))
			want, found := squeezed(plain), false
			for k := range h.text {
				found = found || strings.Contains(squeezed(string(h.text[k])), want)
			}
			if !found {
				t.Errorf("not found: %s\n%.300q", h, item)
			}
		})
	}
}

// squeezed drops what canonical text drops: a test must not ask for more than matching needs.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \r\n\t\"'\\+", r) {
			return -1
		}
		return r
	}, s)
}

func TestADumpOfAPdfIsNoPdf(t *testing.T) {
	head := "00000000: 2550 4446 2d31 2e34 0a31 2030 206f 626a  %PDF-1.4.1 0 obj\n00000010: 0a3c 3c2f 5479 7065 2f43 6174 616c 6f67  .<</Type/Catalog\n"
	if isPDF([]byte(head)) {
		t.Error("the header within a line, beside the bytes of a dump, makes a PDF")
	}
	for _, head := range []string{"%PDF-1.7\n1 0 obj\n", "HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n1 0 obj\n", "\xef\xbb\xbf \n%PDF-1.4\n"} {
		if !isPDF([]byte(head)) {
			t.Errorf("%q is a PDF", head)
		}
	}
}

func TestHtmlSourceInAPasteIsReadAsAPage(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	source := "<p>" + strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(dossier(), `"`, "")), "\n", "</p>\n<p>") + "</p>"
	for name, item := range map[string]string{
		"escaped in a page": "<html><body><textarea>" + html.EscapeString(source) + "</textarea></body></html>",
		"after other text":  chrome + source,
		"in json":           jsonOf(source),
	} {
		h := mustOpen(t, o, "p", []byte(item))
		found := false
		for k := range h.text {
			found = found || strings.Contains(string(h.text[k]), "volgt.\nDossier 37: mevrouw Annélies")
		}
		if !found {
			t.Errorf("%s: %s", name, h)
		}
	}
}

func TestShortEncodedTextsShareOneMember(t *testing.T) {
	var b strings.Builder
	for i, line := range strings.Split(strings.Repeat(strings.TrimSpace(dossier()), 10), "\n") {
		fmt.Fprintf(&b, "{\"id\": %d, \"note\": \"%s\"}\n", i, base64.StdEncoding.EncodeToString([]byte(line)))
	}
	h := mustOpen(t, newOpener(t, Limits{}, 1), "p", []byte(b.String()))
	if len(h.parts) != 2 || strings.Count(h.textOf(1), "mevrouw Annélies") != 400 {
		t.Errorf("%d: %s", strings.Count(h.textOf(1), "mevrouw Annélies"), h)
	}
}

func TestATruncatedOrHeadlessRunIsDecodedAsFarAsItGoes(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	wrapped := foldAt(base64.StdEncoding.EncodeToString([]byte(dossier())), 76)
	for _, cut := range []int{1, 2, 3, 30, 101, 1003} {
		h := mustOpen(t, o, "p", []byte(wrapped[cut:len(wrapped)-cut]))
		if len(h.parts) != 2 || !strings.Contains(h.textOf(1), "werd op 20 maart onderzocht") {
			t.Errorf("%d: %s", cut, h)
		}
	}
}

func TestOrdinaryTextHasNoLayers(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	r := rand.New(rand.NewPCG(1, 2))
	var numbers, log, code, paths strings.Builder
	for i := range 500 {
		fmt.Fprintf(&numbers, "%d;%d;%08d;%d-%02d-%02d;%d\n", i, r.IntN(1e6), r.IntN(1e8), 1950+r.IntN(60), 1+r.IntN(12), 1+r.IntN(28), r.IntN(100))
		fmt.Fprintf(&log, "2026-03-%02d 12:%02d:11 GET /srv/app/releases/current/public/assets/images/%x HTTP/1.1 200 %d\n", i%28, i%60, r.Uint64(), r.IntN(1e5))
		fmt.Fprintf(&code, "\tif x == %d { return someFunctionName(argument%d, 0x%02x) } // 100%% of cases & more\n", i, i, i%256)
		fmt.Fprintf(&paths, "%x  home/user/Documents/Projects/Archive/File%d.txt\n", r.Uint64(), i)
	}
	for name, text := range map[string]string{"prose": dossier(), "numbers": numbers.String(), "log": log.String(), "code": code.String(), "paths": paths.String(),
		"rulers": strings.Repeat("----------------------------------------------------------------\n________________________________\n", 20)} {
		if h := mustOpen(t, o, "p", []byte(text)); len(h.parts) > 1 || h.ends[0] != nil {
			t.Errorf("%s: %s", name, h)
		}
	}
}

func TestEncodingWithoutEndEndsAtTheDepth(t *testing.T) {
	text := []byte(dossier())
	for range 40 {
		text = []byte(base64.StdEncoding.EncodeToString(gz(text)))
	}
	h := mustOpen(t, newOpener(t, Limits{}, 1), "p", text)
	limits := 0
	for _, err := range h.ends {
		if limitOf(err) == "depth" {
			limits++
		}
	}
	if limits != 1 {
		t.Errorf("%s", h)
	}
}

func BenchmarkLayersOfOrdinaryText(b *testing.B) {
	text := []byte(strings.Repeat(dossier(), 16))[:chunk]
	it := newItem(&link{w: newFrameWriter(discard{})}, DefaultLimits(), tools{})
	l := &layers{it: it}
	b.SetBytes(chunk)
	for b.Loop() {
		l.see(text, false)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestAQuestionOfAnAddressIsNoQuotedPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"GET /save?name=Rachid+Zeltmans&town=Bree&zip=9200&job=kok&number=641111+299+16&street=Molenweg+3&height=197&mutuality=CM\n":   "",
		"GET /save?zip=9200&name=Rachid+Zeltmans&mail=rachid.zeltmans%40voorbeeld.example&number=641111%2F299-16&town=Bree&x=25\n":     "urldecoded",
		"Ch=C3=A8re Madame, nous avons re=C3=A7u votre courrier du 3 mars et nous y r=C3=A9pondrons au plus t=C3=B4t. a =3D b\n":       "quoted-printable",
		"Ch=C3=A8re Madame, nous avons re=C3=A7u votre courrier du 3 mars; charset=utf-8 et r=C3=A9pondu au plus t=C3=B4t, a =3D b.\n": "quoted-printable",
	} {
		got := ""
		if e := frequentEscape([]byte(text)); e != nil {
			got = e.name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
