package open

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// flat writes tokens as lines, with pieces of one text joined.
type flat struct {
	b    strings.Builder
	text bool
}

func (f *flat) tag(kind, name string, attrs ...string) {
	if f.text {
		f.b.WriteString("|\n")
	}
	f.text = false
	fmt.Fprintln(&f.b, kind, name, attrs)
}

func (f *flat) chars(s []byte) {
	if len(s) > 0 && !f.text {
		f.b.WriteString("|")
	}
	f.text = f.text || len(s) > 0
	f.b.Write(s)
}

func flatOf(r io.Reader, attrs ...string) (string, error) {
	var f flat
	err := xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			var values []string
			for _, a := range attrs {
				values = append(values, string(t.attr(a)))
			}
			f.tag("<", t.name, values...)
		case tokenEnd:
			f.tag(">", t.name)
		case tokenText:
			f.chars(t.text)
		}
		return nil
	})
	return f.b.String(), err
}

// flatStandard is what the standard library makes of the same.
func flatStandard(t *rapid.T, doc string, attrs ...string) string {
	d := xml.NewDecoder(strings.NewReader(doc))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var f flat
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return f.b.String()
		}
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			var values []string
			for _, name := range attrs {
				value := ""
				for _, a := range tok.Attr {
					if a.Name.Local == name {
						value = a.Value
						break
					}
				}
				values = append(values, value)
			}
			f.tag("<", tok.Name.Local, values...)
		case xml.EndElement:
			f.tag(">", tok.Name.Local)
		case xml.CharData:
			f.chars(tok)
		}
	}
}

func drawXML(t *rapid.T) string {
	var b strings.Builder
	name := rapid.SampledFrom([]string{"a", "w:t", "w:tab", "x-y", "é", "_z", "xl:c1"})
	space := rapid.SampledFrom([]string{"", " ", "\n ", "\t"})
	text := func(quote string) string {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("ab é€𝄞\n\t;#x-]?'\"=/>")), 0, 12, -1).Draw(t, "text")
		s = strings.ReplaceAll(s, "]]>", "")
		if quote != "" {
			s = strings.ReplaceAll(s, quote, "")
		}
		return s + rapid.SampledFrom([]string{"", "", "&amp;", "&lt;&gt;", "&eacute;", "&#233;", "&#x1d11e;", "&unknown;", "& ", "\r\n", "\r"}).Draw(t, "reference")
	}
	if rapid.Bool().Draw(t, "head") {
		b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ELEMENT a (b)><!-- \" > --> <!ATTLIST a b CDATA '>'>]>")
	}
	for range rapid.IntRange(1, 20).Draw(t, "tokens") {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			b.WriteString("</" + name.Draw(t, "name") + space.Draw(t, "space") + ">")
		case 1:
			b.WriteString("<!--" + strings.ReplaceAll(text(""), "--", "") + " -->")
		case 2:
			b.WriteString("<![CDATA[" + text("") + "]]>")
		case 3:
			b.WriteString("<?pi " + strings.ReplaceAll(text(""), "?>", "") + " ?>")
		case 4:
			b.WriteString(strings.ReplaceAll(text(""), "]", ""))
		default:
			b.WriteString("<" + name.Draw(t, "name"))
			for range rapid.IntRange(0, 3).Draw(t, "attributes") {
				q := rapid.SampledFrom([]string{`"`, "'"}).Draw(t, "quote")
				b.WriteString(" " + space.Draw(t, "space") + name.Draw(t, "key") + space.Draw(t, "space") + "=" + space.Draw(t, "space") + q + text(q) + q)
			}
			b.WriteString(space.Draw(t, "space") + rapid.SampledFrom([]string{">", "/>"}).Draw(t, "end"))
		}
	}
	return b.String()
}

func TestXMLIsReadAsTheStandardLibraryReadsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawXML(t)
		attrs := []string{"a", "t", "é"}
		want := flatStandard(t, doc, attrs...)
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(doc), "by bytes": iotest.OneByteReader(strings.NewReader(doc))} {
			if got, err := flatOf(r, attrs...); err != nil || got != want {
				t.Fatalf("%s: %q gives\n%s\nwant\n%s (%v)", name, doc, got, want, err)
			}
		}
	})
}

func TestXMLLongerThanTheBufferIsTheSame(t *testing.T) {
	long := strings.Repeat("é&amp;<b/>\r\n", 20_000)
	picture := strings.Repeat("iVBORw0KGgo=", 200_000)
	for name, c := range map[string]struct{ doc, want string }{
		"text":            {"<a>" + strings.Repeat("één &amp; ", 20_000) + "</a>", "< a []\n|" + strings.Repeat("één & ", 20_000) + "|\n> a []\n"},
		"tags":            {"<a>" + long + "</a>", "< a []\n" + strings.Repeat("|é&|\n< b []\n> b []\n|\n", 1) + strings.Repeat("é&|\n< b []\n> b []\n|\n", 19_999) + "|\n> a []\n"},
		"CDATA":           {"<a><![CDATA[" + strings.Repeat("x]]é ", 20_000) + "]]></a>", "< a []\n|" + strings.Repeat("x]]é ", 20_000) + "|\n> a []\n"},
		"comment":         {"<a><!--" + strings.Repeat("-> <b>", 20_000) + "-->x</a>", "< a []\n|x|\n> a []\n"},
		"attribute":       {`<a b="` + strings.Repeat("<>x", 20_000) + `"/>x`, "< a []\n> a []\n|x"},
		"picture":         {`<svg><image href="` + picture + `"/>x</svg>`, "< svg []\n< image []\n> image []\n|x|\n> svg []\n"},
		"picture, opened": {`<image href='` + picture + `'>x`, "< image []\n|x"},
		"unclosed quote":  {`<a b="c>x<d>y</d>`, "< a []\n|x|\n< d []\n|y|\n> d []\n"},
		"stray bracket":   {"1 < 2 <3 <> <b>x", "|1 < 2 <3 <> |\n< b []\n|x"},
	} {
		got, err := flatOf(strings.NewReader(c.doc))
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %d bytes, want %d; begins %.200q", name, err, len(got), len(c.want), got)
		}
	}
}

func TestXMLThatBreaksOffIsTruncatedAndWhatCameBeforeCounts(t *testing.T) {
	for _, doc := range []string{"<a>x<", "<a>x<b", `<a>x<b c="d`, "<a>x<!-- y", "<a>x<?pi", "<a>x<!DOCTYPE z [", "<a>x</a"} {
		got, err := flatOf(strings.NewReader(doc))
		if !errors.Is(err, ErrTruncated) || !strings.HasPrefix(got, "< a []\n|x") {
			t.Errorf("%s: %v %q", doc, err, got)
		}
	}
	if got, err := flatOf(strings.NewReader("<a><![CDATA[xyz")); !errors.Is(err, ErrTruncated) || got != "< a []\n|xyz" {
		t.Errorf("%v %q", err, got)
	}
	if got, err := flatOf(io.MultiReader(strings.NewReader("<a>x"), iotest.ErrReader(io.ErrUnexpectedEOF))); err != io.ErrUnexpectedEOF || got != "< a []\n|x" {
		t.Errorf("%v %q", err, got)
	}
}

func TestDeclaredEntitiesAreResolvedUnlessTheyAreABomb(t *testing.T) {
	declared := func(entities, body string) string { return "<!DOCTYPE a [" + entities + "]>" + body }
	for name, c := range map[string]struct{ doc, want string }{
		"a name":            {declared(`<!ENTITY n "Vander&#103;ucht"><!ENTITY c '&n; &amp; zonen'>`, "&c;!"), "|Vandergucht & zonen!"},
		"the first holds":   {declared(`<!ENTITY n "a"><!ENTITY n "b">`, "&n;"), "|a"},
		"of another file":   {declared(`<!ENTITY % x SYSTEM "x.ent"> %x; <!ENTITY n "a 100% b;">`, "&n;"), "|a 100% b;"},
		"not the known":     {declared(`<!ENTITY amp "and">`, "&amp;"), "|&"},
		"in a comment":      {declared(`<!-- <!ENTITY n "`+strings.Repeat("x", 100)+`"> -->`, "z"), "|z"},
		"an unknown":        {declared(`<!ENTITY n "a">`, "&m;"), "|&m;"},
		"as Illustrator is": {declared(`<!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY ns_x "http://www.w3.org/1999/xlink">`, `<svg xmlns="&ns_svg;">x`), "< svg []\n|x"},
	} {
		if got, err := flatOf(strings.NewReader(c.doc)); err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", name, got, err, c.want)
		}
	}
	for name, doc := range map[string]string{
		"laughs":     entities("<l>INNER</l>", ""),
		"parameters": declared(`<!ENTITY % a "`+strings.Repeat("%b;", 100)+`"><!ENTITY % b "`+strings.Repeat("x", 100)+`">`, ""),
		"itself":     declared(`<!ENTITY a "&a;">`, ""),
		"each other": declared(`<!ENTITY a "&b;"><!ENTITY b "&a;">`, ""),
		"a long one": declared(`<!ENTITY a "`+strings.Repeat("x", 50_000)+`">`, strings.Repeat("&a;", 50_000)),
		"often":      declared(`<!ENTITY a "`+strings.Repeat("x", 4000)+`">`, strings.Repeat("&a;", 50_000)),
		"many":       declared(strings.Repeat(`<!ENTITY a "b">`, 20_000), "x"),
		"very many":  declared(strings.Repeat(`<!ENTITY a "b">`, 200_000), "x"),
	} {
		if _, err := flatOf(strings.NewReader(doc)); limitOf(err) != "entities" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzMarkup checks that any XML is read in time, to the same end however it arrives, and gives UTF-8.
func FuzzMarkup(f *testing.F) {
	f.Add([]byte(entities("<l a='b'>INNER</l>", "x")))
	f.Add([]byte("<a b=\"c\">x&amp;\r\n<![CDATA[y]]><!-- z --><d/></a>\xff"))
	f.Add([]byte("<a b='<c \"><!<![<?</ "))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, err := flatOf(bytes.NewReader(b), "b")
		pieces, err2 := flatOf(iotest.HalfReader(bytes.NewReader(b)), "b")
		if whole != pieces || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("%q in pieces gives\n%q, not\n%q (%v, %v)", b, pieces, whole, err2, err)
		}
	})
}

func BenchmarkMarkup(b *testing.B) {
	doc := "<sst>" + strings.Repeat(`<row r="12" spans="1:8"><c r="A12" s="3" t="s"><v>1234</v></c><c r="B12"><v>Vandergucht &amp; zonen</v></c></row>`, 10_000) + "</sst>"
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		n := 0
		xmlTokens(strings.NewReader(doc), func(t *token) error {
			if t.kind == tokenStart && t.name == "c" {
				n += len(t.attr("r")) + len(t.attr("t")) + len(t.attr("s"))
			}
			return nil
		})
	}
}
