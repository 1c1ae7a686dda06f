package crawler

import (
	"bytes"

	"golang.org/x/net/html"
)

const (
	// deepest is how far elements may be nested before a page is flattened: the tree builder gives up past 512 open ones,
	// and a page that it gives up on shows no link at all.
	deepest = 256
	// tagsKept bounds how many tags are looked at.
	tagsKept = 1 << 20
)

// flatten takes out of a page what would only nest too deeply: elements that are never closed, and elements inside too
// many others. Links, and what they hold, stay. A page of ordinary depth comes back as it is.
func flatten(page []byte) []byte {
	if bytes.Count(page, []byte("<")) <= deepest {
		return page
	}
	drop, deep := tooDeep(page)
	if !deep {
		return page
	}
	out := make([]byte, 0, len(page))
	z := html.NewTokenizer(bytes.NewReader(page))
	for i := 0; ; i++ {
		t := z.Next()
		if t == html.ErrorToken {
			return out
		}
		if i >= len(drop) || !drop[i] {
			out = append(out, z.Raw()...)
		}
	}
}

// opened is a start tag that waits for its end.
type opened struct {
	at   int
	name string
}

// tooDeep tells which tokens of a page to leave out, by their number, and whether any must be.
func tooDeep(page []byte) (drop []bool, deep bool) {
	z := html.NewTokenizer(bytes.NewReader(page))
	var stack []opened
	for i := 0; i < tagsKept; i++ {
		t := z.Next()
		if t == html.ErrorToken {
			break
		}
		drop = append(drop, false)
		switch t {
		case html.StartTagToken:
			name, _ := z.TagName()
			if !alone[string(name)] {
				stack = append(stack, opened{i, string(name)})
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			stack = closing(stack, string(name), i, drop)
		}
		deep = deep || len(stack) > deepest
	}
	for _, o := range stack { // never closed
		drop[o.at] = o.name != "a" && o.name != "html" && o.name != "body" && o.name != "head"
	}
	return drop, deep
}

// closing takes the element that an end tag closes off the stack, with those inside it that were never closed. An element
// inside too many others is left out with its end.
func closing(stack []opened, name string, end int, drop []bool) []opened {
	at := len(stack) - 1
	for least := max(0, len(stack)-4*deepest); at >= least && stack[at].name != name; at-- {
	}
	if at < 0 || stack[at].name != name {
		drop[end] = name != "a"
		return stack
	}
	for _, o := range stack[at+1:] {
		drop[o.at] = o.name != "a" && len(stack) > deepest
	}
	if at > deepest && name != "a" {
		drop[stack[at].at], drop[end] = true, true
	}
	return stack[:at]
}

// alone are elements without an end tag, and those whose text the tokenizer reads itself.
var alone = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true, "link": true,
	"meta": true, "param": true, "source": true, "track": true, "wbr": true, "p": true, "li": true, "dt": true, "dd": true,
	"option": true, "tr": true, "td": true, "th": true, "thead": true, "tbody": true, "tfoot": true,
}
