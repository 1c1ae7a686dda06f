// Package texts holds every text that a person reads on the pages: one catalogue file per language, and the ways
// in which that language writes dates, numbers and sizes.
// It never decides which language somebody gets, and knows no page.
package texts

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var files embed.FS

// placeholder is a {name} in a text.
var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// Catalogue is one language's texts, by dotted key.
type Catalogue struct {
	Lang  string
	texts map[string]string
}

// Load reads the embedded catalogues; the file name is the language. It fails when two catalogues do not hold the same keys with
// the same placeholders, so that a half translated language is never shown.
func Load() (map[string]*Catalogue, error) { return load(files) }

func load(from fs.FS) (map[string]*Catalogue, error) {
	names, err := fs.Glob(from, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	out := make(map[string]*Catalogue, len(names))
	for _, name := range names {
		raw, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", name, err)
		}
		var tree map[string]any
		if err := yaml.Unmarshal(raw, &tree); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", name, err)
		}
		c := &Catalogue{Lang: strings.TrimSuffix(path.Base(name), ".yaml"), texts: map[string]string{}}
		if err := flatten("", tree, c.texts); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", name, err)
		}
		out[c.Lang] = c
	}
	return out, same(out)
}

// flatten turns the nested mapping into dotted keys.
func flatten(prefix string, tree map[string]any, into map[string]string) error {
	for k, v := range tree {
		switch v := v.(type) {
		case string:
			into[prefix+k] = strings.TrimSpace(v)
		case map[string]any:
			if err := flatten(prefix+k+".", v, into); err != nil {
				return err
			}
		default:
			return fmt.Errorf("key %s%s is %T: quote it, every text is a string", prefix, k, v)
		}
	}
	return nil
}

// same reports every key or placeholder that one catalogue has and another lacks.
func same(all map[string]*Catalogue) error {
	var errs []error
	for _, a := range all {
		for _, b := range all {
			for key, text := range a.texts {
				other, ok := b.texts[key]
				switch {
				case !ok:
					errs = append(errs, fmt.Errorf("catalogue %s lacks %q, which %s has", b.Lang, key, a.Lang))
				case !slices.Equal(names(text), names(other)):
					errs = append(errs, fmt.Errorf("%q has other placeholders in %s than in %s", key, a.Lang, b.Lang))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// names lists a text's placeholders, each once, sorted.
func names(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Has tells whether the catalogue knows key.
func (c *Catalogue) Has(key string) bool { _, ok := c.texts[key]; return ok }

// Keys lists all keys, sorted.
func (c *Catalogue) Keys() []string {
	out := make([]string, 0, len(c.texts))
	for k := range c.texts {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// T returns the text of key, with its placeholders filled from pairs of name and value. An unknown key is returned
// as it is: a page with an odd word is better than no page, and a test finds it.
func (c *Catalogue) T(key string, pairs ...any) string {
	text, ok := c.texts[key]
	if !ok {
		return key
	}
	if len(pairs) == 0 {
		return text
	}
	args := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		args = append(args, "{"+fmt.Sprint(pairs[i])+"}", c.value(pairs[i+1]))
	}
	return strings.NewReplacer(args...).Replace(text)
}

// N is T for a counted thing: the text under key.one or key.other, with {n} filled.
func (c *Catalogue) N(key string, n int, pairs ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return c.T(key+form, append([]any{"n", n}, pairs...)...)
}

// Or is T for a word that comes from data: the text of prefix+word where the catalogue has it, otherwise the word.
func (c *Catalogue) Or(prefix, word string) string {
	if text, ok := c.texts[prefix+word]; ok {
		return text
	}
	return word
}

func (c *Catalogue) value(v any) string {
	switch v := v.(type) {
	case int:
		return c.Number(int64(v))
	case int64:
		return c.Number(v)
	}
	return fmt.Sprint(v)
}
