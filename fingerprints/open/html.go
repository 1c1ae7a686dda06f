package open

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

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
		unseen := it.aside(n)
		tokens := func(t *token) error {
			switch t.kind {
			case tokenStart:
				if out.layers != nil && len(t.attrs) >= runMin {
					t.eachAttr(func(_, value []byte) bool {
						if len(value) >= runMin {
							unseen.add(t.m.plain(value))
						}
						return true
					})
				}
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
		}
		return errors.Join(xmlTokens(r, tokens), unseen.close())
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
