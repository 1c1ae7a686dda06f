package open

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// declaredCharset finds what a page or an XML document says about its own encoding.
var declaredCharset = regexp.MustCompile(`(?i)(?:charset\s*=|encoding\s*=)\s*["']?\s*([a-z0-9_:.-]+)`)

// html yields the visible text of a page, in each plausible encoding. Tokens are enough for that, and unlike the tree
// they have no bound on open elements.
func (it *item) html(n node, c content) error {
	return it.marked(n, c, htmlText)
}

// maxField is up to how many bytes an element without elements is a field of what it lies in, and no paragraph.
const maxField = 400

// xml yields the character data of an XML document. What an element holds without elements of its own,
// as a record its fields, stands in one line between tabs.
func (it *item) xml(n node, c content) error {
	return it.marked(n, c, func(out *textOut, r io.Reader) error {
		leaf, row, size := false, false, 0
		return xmlTokens(r, func(t *token) error {
			switch t.kind {
			case tokenStart:
				leaf, size = true, 0
				row = t.fields(func(value []byte) {
					out.Write(value)
					out.string("\t")
				})
			case tokenText:
				if len(bytes.TrimSpace(t.text)) == 0 {
					break // the lines that elements stand on
				}
				size += len(t.text)
				_, err := out.Write(t.text)
				return err
			case tokenEnd:
				if leaf && !row && size <= maxField {
					out.string("\t")
				} else {
					out.newline()
				}
				leaf = false
			}
			return out.it.fatal
		})
	})
}

func (it *item) marked(n node, c content, text func(*textOut, io.Reader) error) error {
	head := it.room(min(c.Size(), chunk))
	defer it.free(head)
	got, err := c.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:got]
	declared := ""
	if m := declaredCharset.FindSubmatch(head[:min(len(head), 2048)]); m != nil {
		declared = string(m[1])
	}
	var wrong error
	for alt, e := range decodings(head, int64(got) == c.Size(), declared) {
		out := it.textOut(n, alt)
		wrong = errors.Join(wrong, text(out, decoded(sequential(c), e)), out.close())
	}
	return wrong
}

// decoded reads r as UTF-8; a nil encoding means that it is already.
func decoded(r io.Reader, e encoding.Encoding) io.Reader {
	if e == nil {
		return transform.NewReader(r, utf.UTF8BOM.NewDecoder())
	}
	return transform.NewReader(r, e.NewDecoder())
}

// breaks are the elements that begin and end a line.
var breaks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Hr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Dl: true, atom.Dt: true,
	atom.Dd: true, atom.Tr: true, atom.Table: true, atom.Thead: true, atom.Tbody: true, atom.Tfoot: true, atom.Caption: true, atom.Pre: true, atom.Blockquote: true,
	atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Nav: true, atom.Aside: true, atom.Main: true, atom.Address: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Form: true, atom.Fieldset: true, atom.Legend: true,
	atom.Option: true, atom.Textarea: true, atom.Title: true, atom.Figure: true, atom.Figcaption: true, atom.Details: true, atom.Summary: true, atom.Body: true,
}

// hidden are the elements whose content is not shown.
var hidden = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Template: true, atom.Noframes: true, atom.Iframe: true, atom.Object: true}

// htmlText writes the visible text of a page. It ends without error where the page does, wherever that is: pages have no end to miss.
func htmlText(out *textOut, r io.Reader) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(64 << 20) // a page that is one long text
	var within atom.Atom  // the hidden element that we are in
	pre := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF {
				return err
			}
			return nil
		case html.TextToken:
			if within == 0 {
				writeText(out, z.Text(), pre)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			packed := bytes.Contains(z.Raw(), []byte(";base64,"))
			name, more := z.TagName()
			a := atom.Lookup(name)
			if packed && more {
				dataURIs(out, z)
			}
			switch {
			case within != 0:
			case hidden[a]:
				within = a
			case a == atom.Td || a == atom.Th:
				out.string("\t")
			case breaks[a]:
				out.newline()
			}
			pre = pre || a == atom.Pre || a == atom.Textarea
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if a == within {
				within = 0
			}
			if within == 0 && breaks[a] {
				out.newline()
			}
			if a == atom.Pre || a == atom.Textarea {
				pre = false
			}
		}
		if out.it.fatal != nil {
			return out.it.fatal
		}
	}
}

// dataURIs opens what the attributes of a tag carry within themselves.
func dataURIs(out *textOut, z *html.Tokenizer) {
	for more := true; more && out.layers != nil; {
		var value []byte
		_, value, more = z.TagAttr()
		head, data, found := bytes.Cut(value, []byte(";base64,"))
		if !found || !bytes.Contains(head, []byte("data:")) || len(data) < runMin {
			continue
		}
		if out.layers.n.depth >= out.it.limits.Depth {
			out.layers.err = &LimitError{Limit: "depth"}
			return
		}
		if plain, err := url.PathUnescape(string(data)); err == nil {
			data = []byte(plain)
		}
		out.it.member(out.layers.n, "data", -1, newBase64(bytes.NewReader(data)))
	}
}

// writeText writes a run of text as a browser would: white space collapses outside preformatted elements.
func writeText(out *textOut, text []byte, pre bool) {
	if pre {
		out.Write(text)
		return
	}
	if len(bytes.TrimSpace(text)) == 0 {
		if len(text) > 0 && !out.lastNewline {
			out.string(" ")
		}
		return
	}
	s := strings.Join(strings.Fields(string(text)), " ")
	if strings.ContainsRune(" \t\r\n", rune(text[0])) && !out.lastNewline {
		s = " " + s
	}
	if strings.ContainsRune(" \t\r\n", rune(text[len(text)-1])) {
		s += " "
	}
	out.string(s)
}
