package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document applies the file.
func (r *reader) document(raw []byte, c *Config) {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		r.syntax(err)
		return
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		r.blame(second.Line, "", "a second YAML document begins here; a configuration is one")
		return
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return
	}
	keys := globalKeys()
	fill(r, doc.Content[0], "", "", keys, c, map[string]func(*yaml.Node){
		"sources":    func(n *yaml.Node) { c.Sources = fillList(r, n, "sources", sourceKeys()) },
		"recipients": func(n *yaml.Node) { c.Recipients = fillList(r, n, "recipients", recipientKeys()) },
	})
}

// yamlLine finds the line in what the YAML library says.
var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

func (r *reader) syntax(err error) {
	text, line := err.Error(), 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits by the pattern; one too long for an int is no line
		text = text[len(m[0]):]
	}
	r.blame(line, "", "is not YAML: %s", strings.TrimPrefix(text, "yaml: "))
}

// follow resolves aliases; one that leads back to itself ends after a few steps, because every level of the table is finite.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// fill applies a mapping. shown is the dotted path up to here as the operator knows it ("sources[1]."), within the one in the
// table ("profile.").
func fill[T any](r *reader, n *yaml.Node, shown, within string, keys []key[T], into *T, lists map[string]func(*yaml.Node)) {
	n = follow(n)
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.blame(n.Line, strings.TrimSuffix(shown, "."), "wants keys with values below it, such as %s: …", names(keys, within)[0])
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := follow(n.Content[i]), n.Content[i+1]
		if first, twice := seen[name.Value]; twice {
			r.blame(name.Line, shown+printable(name.Value), "stands here a second time; the first is on line %d", first)
			continue
		}
		seen[name.Value] = name.Line
		fillOne(r, name, value, shown, within, keys, into, lists)
	}
}

func fillOne[T any](r *reader, name, value *yaml.Node, shown, within string, keys []key[T], into *T, lists map[string]func(*yaml.Node)) {
	full := within + name.Value
	if list, ok := lists[full]; ok {
		list(value)
		return
	}
	if i := slices.IndexFunc(keys, func(k key[T]) bool { return k.name == full }); i >= 0 {
		r.set(name.Line, shown+name.Value, value, keys[i].field(into), keys[i].check)
		return
	}
	if name.Value != "" && slices.ContainsFunc(keys, func(k key[T]) bool { return strings.HasPrefix(k.name, full+".") }) {
		fill(r, value, shown+name.Value+".", full+".", keys, into, lists)
		return
	}
	known := names(keys, within)
	for list := range lists {
		if within == "" {
			known = append(known, list)
		}
	}
	r.blame(name.Line, shown+printable(name.Value), "%s", unknown(name.Value, shown, known, keys))
}

// printable keeps a key that no table knows from playing with the terminal.
func printable(name string) string {
	if len(name) > maxWord {
		name = name[:maxWord] + "…"
	}
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) || c == utf8.RuneError }) {
		return strconv.QuoteToASCII(name)
	}
	return name
}

// unknown says that a key is unknown and which is meant: one nearby, or one of the same name elsewhere.
func unknown[T any](written, shown string, known []string, keys []key[T]) string {
	slices.Sort(known)
	if near := nearest(written, known); near != "" {
		return fmt.Sprintf("is no key; did you mean %s%s?", shown, near)
	}
	for _, k := range keys {
		if strings.HasSuffix(k.name, "."+written) {
			return fmt.Sprintf("is no key here; did you mean %s?", k.name)
		}
	}
	return "is no key; known here are " + strings.Join(known, ", ")
}

// names are the keys one level below within, without repetitions.
func names[T any](keys []key[T], within string) []string {
	var out []string
	for _, k := range keys {
		rest, ok := strings.CutPrefix(k.name, within)
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(out, first) {
			out = append(out, first)
		}
	}
	return out
}

// set applies one value of the file.
func (r *reader) set(line int, shown string, n *yaml.Node, target any, check func(string) error) {
	n = follow(n)
	if isNull(n) {
		return
	}
	r.places[shown] = place{file: r.file, line: line}
	if list, ok := target.(*[]string); ok {
		*list = r.list(shown, n, check)
		return
	}
	if n.Kind != yaml.ScalarNode {
		r.blame(n.Line, shown, "wants one value (%s), not a list or keys", typeName(target))
		return
	}
	if what := assign(target, n.Value, r.env, check); what != nil {
		r.blame(n.Line, shown, "%s", what)
	}
}

// assign parses and checks one value. An empty number, duration or size is the zero value: "takedown.gone_apart: ”".
func assign(target any, raw string, env []string, check func(string) error) error {
	switch target.(type) {
	case *string, *ServerURL, *Secret:
	default:
		if raw == "" {
			raw = "0"
			if _, ok := target.(*bool); ok {
				raw = "false"
			}
		}
	}
	if err := setScalar(target, raw, env); err != nil {
		return err
	}
	if check != nil {
		return check(raw)
	}
	return nil
}

func (r *reader) list(shown string, n *yaml.Node, check func(string) error) []string {
	if n.Kind != yaml.SequenceNode {
		r.blame(n.Line, shown, "wants a list; write [a, b] or one \"- a\" a line")
		return nil
	}
	out := make([]string, 0, len(n.Content))
	for i, item := range n.Content {
		item = follow(item)
		at := fmt.Sprintf("%s[%d]", shown, i)
		if item.Kind != yaml.ScalarNode || isNull(item) {
			r.blame(item.Line, at, "wants one value")
			continue
		}
		if check != nil {
			if err := check(item.Value); err != nil {
				r.blame(item.Line, at, "%s", err)
			}
		}
		out = append(out, item.Value)
	}
	return out
}

// fillList applies a list of mappings.
func fillList[T any](r *reader, n *yaml.Node, shown string, keys []key[T]) []T {
	n = follow(n)
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.blame(n.Line, shown, "wants a list: each element begins with \"- %s: …\"", keys[0].name)
		return nil
	}
	out := make([]T, len(n.Content))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", shown, i)
		r.places[at] = place{file: r.file, line: item.Line}
		fillDefaults(keys, &out[i])
		fill(r, item, at+".", "", keys, &out[i], nil)
		for _, k := range keys {
			if _, given := r.places[at+"."+k.name]; k.required && !given {
				r.blame(item.Line, at, "has no %s", k.name)
			}
		}
	}
	return out
}

// fillDefaults writes the table's defaults.
func fillDefaults[T any](keys []key[T], into *T) {
	for _, k := range keys {
		if k.def == "" {
			continue
		}
		target := k.field(into)
		if list, ok := target.(*[]string); ok {
			*list = splitList(k.def)
			continue
		}
		if err := setScalar(target, k.def, nil); err != nil {
			panic(fmt.Sprintf("config: the key table's default of %s: %v", k.name, err))
		}
	}
}
