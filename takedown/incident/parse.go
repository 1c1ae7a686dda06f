package incident

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

const (
	maxFile = 1 << 20 // bytes of a leak file
	maxText = 20_000  // bytes of one field
)

// Parse reads a leak file and checks it. Its error is an *Error that names each line and field. Dates of what was done are
// held against now; a zero now leaves that out.
func Parse(raw []byte, now time.Time) (File, error) {
	r := &reader{lines: map[string]int{}}
	var f File
	r.document(raw, &f)
	structure := len(r.problems)
	for _, p := range f.Validate(now) {
		if !r.blamed(p.Field, structure) { // what could not be read is not held against the rest
			p.Line = r.lineOf(p.Field)
			r.problems = append(r.problems, p)
		}
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return File{}, &Error{r.problems}
	}
	return f, nil
}

// YAML is the file as Parse reads it, without what is empty.
func (f File) YAML() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(f), e.Close()); err != nil {
		return nil, fmt.Errorf("write leak file: %w", err)
	}
	return b.Bytes(), nil
}

// reader gathers what is wrong while the tree is applied.
type reader struct {
	lines    map[string]int // by field
	problems []Problem
}

func (r *reader) blame(line int, field, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Field: field, What: fmt.Sprintf(format, args...)})
}

// blamed says whether one of the first n problems is of a field or of one beside it.
func (r *reader) blamed(field string, n int) bool {
	above := field[:max(strings.LastIndexByte(field, '.'), 0)]
	return slices.ContainsFunc(r.problems[:n], func(p Problem) bool {
		return p.Field == field || above != "" && strings.HasPrefix(p.Field, above+".")
	})
}

// lineOf is the line of a field, or of the nearest one above that the file has.
func (r *reader) lineOf(field string) int {
	for field != "" {
		if n, ok := r.lines[field]; ok {
			return n
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 0
}

// yamlLine finds the line in what the YAML library says; the rest may repeat what stands there.
var yamlLine = regexp.MustCompile(`line (\d+)`)

func (r *reader) document(raw []byte, f *File) {
	if len(raw) > maxFile {
		r.blame(0, "", "is larger than %d bytes: a leak file holds what counsel fills in, no lists of people", maxFile)
		return
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, second yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return // nothing is filled in yet
	}
	if err != nil {
		line := 0
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits by the pattern; too many are no line
		}
		r.blame(line, "", "is not YAML: look for a missing colon, quote or indentation")
		return
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		r.blame(second.Line, "", "a second YAML document begins; a leak file is one")
		return
	}
	r.value(doc.Content[0], "", reflect.ValueOf(f).Elem())
}

// value applies one node to a field of the file.
func (r *reader) value(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind == yaml.AliasNode {
		r.blame(n.Line, path, "is an alias, which a leak file does without: write the value out")
		return
	}
	r.lines[path] = n.Line
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if t, ok := v.Addr().Interface().(*Text); ok {
		r.text(n, path, t)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.mapping(n, path, v)
	case reflect.Slice:
		r.list(n, path, v)
	default:
		r.scalar(n, path, v)
	}
}

// mapping applies the keys of a struct.
func (r *reader) mapping(n *yaml.Node, path string, v reflect.Value) {
	names := keys(v.Type())
	if n.Kind != yaml.MappingNode {
		r.blame(n.Line, path, "wants keys with values below it: %s", strings.Join(names, ", "))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		at := join(path, key.Value)
		if first, twice := seen[key.Value]; twice {
			r.blame(key.Line, join(path, plain(key.Value)), "stands here a second time; the first is on line %d", first)
			continue
		}
		seen[key.Value] = key.Line
		j := slices.Index(names, key.Value)
		if j < 0 {
			r.blame(key.Line, join(path, plain(key.Value)), "%s", r.unknown(key.Value, path, names))
			continue
		}
		r.value(val, at, v.Field(j))
		r.lines[at] = key.Line
	}
}

func (r *reader) unknown(written, path string, names []string) string {
	if near := nearest(written, names); near != "" {
		return fmt.Sprintf("is no field; did you mean %s?", join(path, near))
	}
	for _, f := range Fields() {
		if f.Path == written || strings.HasSuffix(f.Path, "."+written) || strings.HasPrefix(f.Path, written+".") {
			return fmt.Sprintf("is no field here; did you mean %s?", f.Path)
		}
	}
	return "is no field; here are known " + strings.Join(names, ", ")
}

// list applies a list; a single element needs no list around it.
func (r *reader) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		one := reflect.New(v.Type().Elem()).Elem()
		r.value(n, path, one)
		v.Set(reflect.Append(v, one))
		return
	}
	for i, item := range n.Content {
		one := reflect.New(v.Type().Elem()).Elem()
		r.value(item, fmt.Sprintf("%s[%d]", path, i), one)
		v.Set(reflect.Append(v, one))
	}
}

// text applies one text, or one by language.
func (r *reader) text(n *yaml.Node, path string, t *Text) {
	switch n.Kind {
	case yaml.ScalarNode:
		if s, ok := r.limited(n, path); ok && s != "" {
			*t = Text{"": s}
		}
	case yaml.MappingNode:
		*t = Text{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, val := n.Content[i], n.Content[i+1]
			at := join(path, plain(key.Value))
			r.lines[at] = key.Line
			if _, twice := (*t)[key.Value]; twice || !slices.Contains(Languages(), key.Value) {
				r.blame(key.Line, at, "wants one text, or one for each of %s", strings.Join(Languages(), ", "))
				continue
			}
			if val.Kind != yaml.ScalarNode {
				r.blame(val.Line, at, "wants a text")
				continue
			}
			if s, ok := r.limited(val, at); ok && val.ShortTag() != "!!null" && s != "" {
				(*t)[key.Value] = s
			}
		}
	default:
		r.blame(n.Line, path, "wants one text, or one for each of %s", strings.Join(Languages(), ", "))
	}
}

// limited is a scalar's text, where it is one that a person typed.
func (r *reader) limited(n *yaml.Node, path string) (string, bool) {
	s := strings.TrimSpace(n.Value)
	if len(s) > maxText {
		r.blame(n.Line, path, "is longer than %d bytes", maxText)
		return "", false
	}
	if strings.ContainsFunc(s, func(c rune) bool {
		return unicode.IsControl(c) && c != '\n' && c != '\t' || c == unicode.ReplacementChar
	}) {
		r.blame(n.Line, path, "holds a character that is no text")
		return "", false
	}
	return s, true
}

func (r *reader) scalar(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		r.blame(n.Line, path, "wants one value, not a list or keys")
		return
	}
	s, ok := r.limited(n, path)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		b, err := yes(s)
		if err != nil {
			r.blame(n.Line, path, "%s", err)
			return
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
		if err != nil || i < 0 {
			r.blame(n.Line, path, "wants a whole number of 0 or more")
			return
		}
		v.SetInt(int64(i))
	default:
		if v.Type() == reflect.TypeFor[Date]() {
			d, err := ParseDate(s)
			if err != nil {
				r.blame(n.Line, path, "%s", err)
				return
			}
			s = string(d)
		}
		v.SetString(s)
	}
}

func yes(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "yes":
		return true, nil
	case "false", "no", "":
		return false, nil
	}
	return false, errors.New("wants true or false")
}

// keys are the names of a struct's fields, in its order.
func keys(t reflect.Type) []string {
	out := make([]string, t.NumField())
	for i := range out {
		out[i], _, _ = strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// plain keeps a key that no table knows from playing with the terminal.
func plain(key string) string {
	if q := quoted(key); q != `"`+key+`"` {
		return "(a key)"
	}
	return key
}
