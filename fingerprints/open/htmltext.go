package open

import (
	"bytes"
	"errors"
	"io"
	"net/url"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// pageText writes the visible text of a page as its tokens come.
type pageText struct {
	out    *textOut
	z      *html.Tokenizer
	within atom.Atom // the hidden element that we are in
	unseen atom.Atom // the element within a line that we are in and that is not shown
	deep   int       // how many of the kind
	pre    bool
	aside  *aside // nil: a rival decoding, or a text of which nothing is opened
}

// htmlText writes the visible text of a page. It ends without error where the page does, wherever that is: pages have no end to miss.
func htmlText(out *textOut, r io.Reader) error {
	p := &pageText{out: out, z: html.NewTokenizer(r)}
	p.z.SetMaxBuf(64 << 20) // a page that is one long text
	if out.layers != nil {
		p.aside = out.it.aside(out.layers.n)
		return errors.Join(p.read(), p.aside.close())
	}
	return p.read()
}

func (p *pageText) read() error {
	for {
		switch p.z.Next() {
		case html.ErrorToken:
			if err := p.z.Err(); err != io.EOF {
				return err
			}
			return nil
		case html.TextToken:
			p.text()
		case html.StartTagToken:
			p.start(true)
		case html.SelfClosingTagToken:
			p.start(false)
		case html.EndTagToken:
			p.end()
		case html.CommentToken:
			p.hide(p.z.Text())
		}
		if p.out.it.fatal != nil {
			return p.out.it.fatal
		}
	}
}

func (p *pageText) hide(b []byte) {
	if p.aside != nil {
		p.aside.add(b)
	}
}

func (p *pageText) text() {
	switch {
	case p.within == 0 && p.unseen == 0:
		writeText(p.out, p.z.Text(), p.pre)
	case p.within == atom.Script:
		p.hide(p.z.Raw())
	default:
		p.hide(p.z.Text())
	}
}

// attributesMin is the length from which a tag's attributes are looked at, besides those that may hide an element.
const attributesMin = 24

func (p *pageText) start(opens bool) {
	raw := p.z.Raw()
	name, more := p.z.TagName()
	a := atom.Lookup(name)
	hides := false
	if more && (len(raw) >= attributesMin || inLine[a]) {
		hides = p.attributes()
	}
	switch {
	case p.within != 0:
	case p.unseen != 0:
		if a == p.unseen && opens {
			p.deep++
		}
	case hides && inLine[a] && opens:
		p.unseen, p.deep = a, 1
	case hidden[a]:
		p.within = a
	case a == atom.Td || a == atom.Th:
		p.out.string("\t")
	case breaks[a]:
		p.out.newline()
	}
	p.pre = p.pre || a == atom.Pre || a == atom.Textarea
}

func (p *pageText) end() {
	name, _ := p.z.TagName()
	a := atom.Lookup(name)
	if a == p.within {
		p.within = 0
	}
	if p.unseen != 0 {
		if a == p.unseen {
			p.deep--
		}
		if p.deep == 0 || breaks[a] { // what is never closed hides no more than its block
			p.unseen = 0
		}
	}
	if p.within == 0 && breaks[a] {
		p.out.newline()
	}
	if a == atom.Pre || a == atom.Textarea {
		p.pre = false
	}
}

// inLine are the elements that stand within words, where what is not shown is there to part them.
var inLine = map[atom.Atom]bool{
	atom.Span: true, atom.Font: true, atom.I: true, atom.B: true, atom.Em: true, atom.Strong: true, atom.Small: true, atom.S: true, atom.U: true,
	atom.Sup: true, atom.Sub: true, atom.Del: true, atom.Ins: true,
}

// attributes opens what a tag's attributes carry within themselves, puts aside what is written there, and tells whether the
// element is not shown.
func (p *pageText) attributes() (hides bool) {
	for more := true; more; {
		var key, value []byte
		key, value, more = p.z.TagAttr()
		switch string(key) {
		case "hidden":
			hides = true
		case "style":
			hides = hides || invisible(value)
		case "class", "d", "points", "transform", "srcset", "sizes":
			continue
		}
		switch head, data, found := bytes.Cut(value, []byte(";base64,")); {
		case found && len(data) >= runMin && bytes.Contains(head, []byte("data:")):
			p.packed(data)
		case bytes.ContainsAny(value, " \n") || bytes.HasPrefix(value, []byte("data:")) || len(value) > 4*runMin:
			p.hide(value)
		}
	}
	return hides
}

// invisible reads a style.
func invisible(style []byte) bool {
	s := bytes.ToLower(bytes.ReplaceAll(style, []byte(" "), nil))
	return bytes.Contains(s, []byte("display:none")) || bytes.Contains(s, []byte("visibility:hidden")) ||
		bytes.Contains(s, []byte("font-size:0;")) || bytes.HasSuffix(s, []byte("font-size:0")) || bytes.Contains(s, []byte("font-size:0p"))
}

// packed opens a data-URI.
func (p *pageText) packed(data []byte) {
	if p.out.layers == nil {
		return
	}
	n := p.out.layers.n
	if n.depth >= p.out.it.limits.Depth {
		p.out.layers.err = &LimitError{Limit: "depth"}
		return
	}
	if plain, err := url.PathUnescape(string(data)); err == nil {
		data = []byte(plain)
	}
	p.out.it.member(n, "data", -1, newBase64(bytes.NewReader(data)))
}
