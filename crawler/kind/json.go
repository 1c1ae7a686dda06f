package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// jsonKind reads an interface that answers in JSON by paths that the operator wrote: a paste site without code.
func jsonKind() Kind {
	return Kind{
		Name:    "json",
		Depth:   20, // pages reached through next
		Accept:  "application/json, */*;q=0.5",
		Untried: "as good as the paths of its source: source test shows what they find",
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that the answer gives for reports",
		Never:   "links that log out, delete, report, post or vote; one-use links",
		never:   neverInPages,
		check: func(s Spec) error {
			if s.paths == nil || len(s.paths.item) == 0 {
				return errors.New("item: kind json needs a path to the items, such as \"results.url\"")
			}
			return nil
		},
		seeds: listingSeeds,
		read:  readJSON,
		within: func(s Spec, to *url.URL) bool {
			return sameHost(s.Root, to) || s.Raw != "" && sameHost(s.jsonHost(), to)
		},
	}
}

// jsonPaths are where an answer holds its items: names with dots between them; an array is entered by itself, "*" stands for
// every member of an object, a number for one element of an array.
type jsonPaths struct {
	item []string
	raw  *pattern // an item's address, from its own members; nil: the item is the address or the object has one
	next *pattern // the next page's address, from the whole answer; nil: as the answer's Link header has it
}

// pattern is an address with paths in braces, or one path alone.
type pattern struct {
	text  []string   // before, between and after the paths
	paths [][]string // one fewer than text
	bare  bool       // a path alone: its value is the address
}

const pathName = `[\pL\pN_$@:-]+`

var (
	pathForm = regexp.MustCompile(`^(\*|` + pathName + `)(\.(\*|` + pathName + `))*$`)
	brackets = regexp.MustCompile(`\[(\d*)\]`) // "data[].url" and "data[0].url" mean "data.url" and "data.0.url"
	braces   = regexp.MustCompile(`\{([^{}]*)\}`)
)

func compilePaths(s Settings) (*jsonPaths, error) {
	p := &jsonPaths{}
	var err error
	if p.item, err = compilePath(s.Item); err != nil {
		return nil, fmt.Errorf("item: %w", err)
	}
	if p.raw, err = compilePattern(s.Raw); err != nil {
		return nil, fmt.Errorf("raw: %w", err)
	}
	if p.next, err = compilePattern(s.Next); err != nil {
		return nil, fmt.Errorf("next: %w", err)
	}
	return p, nil
}

func compilePath(s string) ([]string, error) {
	s = strings.TrimSpace(s)
	names := strings.FieldsFunc(brackets.ReplaceAllString(s, ".$1."), func(r rune) bool { return r == '.' })
	if s == "" || len(names) == 0 && strings.Trim(s, ".[]") == "" {
		return nil, nil
	}
	if !pathForm.MatchString(strings.Join(names, ".")) {
		return nil, errors.New("is no path such as \"results.url\"")
	}
	return names, nil
}

func compilePattern(s string) (*pattern, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	if path, err := compilePath(s); err == nil {
		return &pattern{bare: true, paths: [][]string{path}}, nil
	}
	p, from := &pattern{}, 0
	for _, at := range braces.FindAllStringSubmatchIndex(s, -1) {
		inner, err := compilePath(s[at[2]:at[3]])
		if err != nil || inner == nil {
			return nil, errors.New("has braces without a path such as {id} in them")
		}
		p.text, p.paths = append(p.text, s[from:at[0]]), append(p.paths, inner)
		from = at[1]
	}
	if len(p.paths) == 0 {
		return nil, errors.New("is neither a path such as \"links.raw\" nor an address with one in braces, such as \"/raw/{id}\"")
	}
	p.text = append(p.text, s[from:])
	return p, nil
}

// jsonHost is where the raw template leads; the root when it is relative or a path alone.
func (s Spec) jsonHost() *url.URL {
	if s.paths == nil || s.paths.raw == nil || s.paths.raw.bare {
		return s.Root
	}
	u, err := s.Root.Parse(strings.Join(s.paths.raw.text, "x"))
	if err != nil {
		return s.Root
	}
	return u
}

// walkJSON visits the values at a path, in the answer's order where it has one.
func walkJSON(v any, path []string, see func(any) bool) bool {
	if list, ok := v.([]any); ok {
		if len(path) > 0 {
			if n, err := strconv.Atoi(path[0]); err == nil {
				return n < 0 || n >= len(list) || walkJSON(list[n], path[1:], see)
			}
		}
		for _, e := range list {
			if len(path) > 0 && path[0] == "*" {
				if !walkJSON(e, path[1:], see) {
					return false
				}
			} else if !walkJSON(e, path, see) {
				return false
			}
		}
		return true
	}
	if len(path) == 0 {
		return see(v)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return true
	}
	if path[0] != "*" {
		inner, ok := m[path[0]]
		return !ok || walkJSON(inner, path[1:], see)
	}
	for _, inner := range m {
		if !walkJSON(inner, path[1:], see) {
			return false
		}
	}
	return true
}

// scalarAt is the first text or number at a path.
func scalarAt(v any, path []string) string {
	out := ""
	walkJSON(v, path, func(v any) bool {
		out = scalar(v)
		return out == ""
	})
	return out
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// fill makes an address of a value; empty when a part of it is missing.
func (p *pattern) fill(v any) string {
	if p.bare {
		return scalarAt(v, p.paths[0])
	}
	var b strings.Builder
	for i, at := range p.paths {
		val := scalarAt(v, at)
		if val == "" {
			return ""
		}
		b.WriteString(p.text[i])
		if b.Len() > 0 {
			val = url.PathEscape(val)
			if strings.Contains(b.String(), "?") {
				val = url.QueryEscape(scalarAt(v, at))
			}
		}
		b.WriteString(val)
	}
	return b.String() + p.text[len(p.text)-1]
}

// memberNames are what interfaces call an item's address, best first, for items that are objects and a source without raw.
var memberNames = []string{"raw_url", "rawUrl", "raw", "download_url", "url", "link", "href", "web_url", "html_url"}

func readJSON(s Spec, p Page) (Found, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(p.Body, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		// encoding/json quotes the input in its messages, and the input may name files.
		return Found{}, errors.New("the answer is no JSON that can be read")
	}
	f := Found{}
	walkJSON(doc, s.paths.item, func(v any) bool {
		f.Recognised = true
		if u := s.jsonItem(p.URL, v); u != nil && !s.Forbidden(u) {
			l := Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: !sameHost(p.URL, u)}
			if m, ok := v.(map[string]any); ok {
				l.Name = path.Base(scalar(m["name"]) + scalar(m["filename"]) + scalar(m["file_name"]))
				if l.Name == "." || l.Name == "/" {
					l.Name = ""
				}
			}
			f.Links = append(f.Links, l)
		}
		return len(f.Links) < maxAnchors
	})
	f.Recognised = f.Recognised || emptyAt(doc, s.paths.item)
	if next := s.jsonNext(p, doc); next != nil && len(f.Links) > 0 && p.Depth < s.Depth {
		f.Links = append(f.Links, Link{URL: next.String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}

// jsonNext is the page that an answer says is the next, nil when there is none. The depth ends numbers that never do.
func (s Spec) jsonNext(p Page, doc any) *url.URL {
	if s.paths.next == nil {
		return linkNext(p)
	}
	next := s.paths.next.fill(doc)
	if next == "" {
		return nil
	}
	u, err := p.URL.Parse(next)
	if err != nil {
		return nil
	}
	return Canonical(u)
}

// emptyAt tells whether the items' path leads to an empty list, which some write as null: a place without items is not one
// whose form changed.
func emptyAt(doc any, at []string) bool {
	if doc == nil {
		return true
	}
	for i, name := range at {
		if list, ok := doc.([]any); ok {
			return len(list) == 0
		}
		if doc == nil {
			return i == len(at)-1 // "items.url" where there are no items; null further up is rather a failure
		}
		m, ok := doc.(map[string]any)
		if !ok {
			return false
		}
		if doc, ok = m[name]; !ok {
			return name == "*" && len(m) == 0
		}
	}
	list, ok := doc.([]any)
	return doc == nil || ok && len(list) == 0
}

// jsonItem gives an item's address; nil when it has none.
func (s Spec) jsonItem(base *url.URL, v any) *url.URL {
	text := scalar(v)
	switch m, object := v.(map[string]any); {
	case s.paths.raw != nil && object:
		text = s.paths.raw.fill(v)
	case s.paths.raw != nil && text == "":
		return nil
	case s.paths.raw != nil:
		u, err := base.Parse(text)
		if err != nil {
			u = &url.URL{}
		}
		id, _ := idOf(u)
		text = s.paths.raw.fill(map[string]any{"id": id, "href": u.String(), "value": text})
	case object:
		for _, name := range memberNames {
			if text = scalar(m[name]); text != "" {
				break
			}
		}
	}
	if text == "" {
		return nil
	}
	u, err := base.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return Canonical(u)
}
