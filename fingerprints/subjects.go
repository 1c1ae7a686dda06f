package fingerprints

import (
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"
	"go.yaml.in/yaml/v3"

	"unmirror/fingerprints/index"
)

// Categories are the words for kinds of data that a manifest may use.
var Categories = [...]string{"identity", "contact", "health", "family", "conduct", "finance", "location", "credentials", "other"}

// rules are a manifest as docs/manifest.md describes it.
type rules struct {
	files  []fileRule
	tables []index.Table
	globs  []glob.Glob // of the tables
	uses   []ruleUse   // of the tables
}

type fileRule struct {
	match      string
	glob       glob.Glob
	used       bool     // it names a file that was read
	subjects   []string // with placeholders
	categories []string
}

// maxManifest bounds a manifest, in bytes.
const maxManifest = 64 << 20

// readRules parses a manifest: YAML, or CSV when its first line says so. nil gives no rules.
func readRules(r io.Reader) (*rules, error) {
	if r == nil {
		return &rules{}, nil
	}
	b, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	if len(b) > maxManifest {
		return nil, fmt.Errorf("read manifest: longer than %d MiB", maxManifest>>20)
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	first, _, _ := strings.Cut(text, "\n")
	if columns := strings.Split(strings.TrimSpace(strings.ToLower(first)), ","); len(columns) > 1 && !strings.Contains(first, ":") {
		if !slices.Contains(columns, "match") {
			return nil, fmt.Errorf("read manifest: line 1: a CSV manifest needs a column called match, beside subject, categories or column")
		}
		return readCSV(text)
	}
	return readYAML(text)
}

type yamlManifest struct {
	Files []struct {
		Match      yaml.Node `yaml:"match"`
		Subject    string    `yaml:"subject"`
		Subjects   []string  `yaml:"subjects"`
		Categories yaml.Node `yaml:"categories"`
	} `yaml:"files"`
	Tables []struct {
		Match      yaml.Node `yaml:"match"`
		Column     string    `yaml:"column"`
		Categories yaml.Node `yaml:"categories"`
	} `yaml:"tables"`
}

func readYAML(text string) (*rules, error) {
	var m yamlManifest
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	out := &rules{}
	for _, f := range m.Files {
		subjects := f.Subjects
		if f.Subject != "" {
			subjects = append([]string{f.Subject}, subjects...)
		}
		var words []string
		if f.Categories.Kind != 0 {
			if err := f.Categories.Decode(&words); err != nil {
				return nil, fmt.Errorf("read manifest: line %d: %w", f.Categories.Line, err)
			}
		}
		if err := out.file(f.Match.Line, f.Match.Value, subjects, words); err != nil {
			return nil, err
		}
	}
	for _, t := range m.Tables {
		words := map[string][]string{}
		if t.Categories.Kind != 0 {
			if err := t.Categories.Decode(&words); err != nil {
				return nil, fmt.Errorf("read manifest: line %d: %w", t.Categories.Line, err)
			}
		}
		if err := out.table(t.Match.Line, t.Match.Value, t.Column, words); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readCSV(text string) (*rules, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	at := map[string]int{}
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		if !slices.Contains([]string{"match", "subject", "categories", "column"}, h) {
			return nil, fmt.Errorf("read manifest: line 1: column %q is not one of match, subject, categories, column", h)
		}
		at[h] = i
	}
	out := &rules{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifest: %w", err)
		}
		line, _ := r.FieldPos(0)
		get := func(name string) string {
			if i, ok := at[name]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		words := strings.Fields(get("categories"))
		if col := get("column"); col != "" {
			err = out.table(line, get("match"), col, map[string][]string{"*": words})
		} else if get("match") != "" {
			var subjects []string
			if s := get("subject"); s != "" {
				subjects = []string{s}
			}
			err = out.file(line, get("match"), subjects, words)
		}
		if err != nil {
			return nil, err
		}
	}
}

func compileGlob(line int, pattern string) (glob.Glob, error) {
	if pattern == "" {
		return nil, fmt.Errorf("read manifest: line %d: a rule needs a match", line)
	}
	if len(pattern) > 4096 || strings.Count(pattern, "{") > 16 {
		return nil, fmt.Errorf("read manifest: line %d: match is too long", line)
	}
	var all anyGlob
	for _, p := range foldersOrNone(strings.TrimPrefix(pattern, "./")) {
		g, err := glob.Compile(p, '/')
		if err != nil {
			return nil, fmt.Errorf("read manifest: line %d: match: %w", line, err)
		}
		all = append(all, g)
	}
	return all, nil
}

// anyGlob matches what one of its globs does.
type anyGlob []glob.Glob

func (a anyGlob) Match(name string) bool {
	return slices.ContainsFunc(a, func(g glob.Glob) bool { return g.Match(name) })
}

// foldersOrNone writes a pattern out so that "**/" also stands for no folder at all, as people expect it to.
func foldersOrNone(pattern string) []string {
	all := []string{pattern, strings.TrimPrefix(pattern, "**/"), strings.ReplaceAll(pattern, "/**/", "/")}
	all = append(all, strings.ReplaceAll(all[1], "/**/", "/"))
	slices.Sort(all)
	return slices.Compact(all)
}

func (r *rules) file(line int, match string, subjects, categories []string) error {
	g, err := compileGlob(line, match)
	if err != nil {
		return err
	}
	if err := checkCategories(line, categories); err != nil {
		return err
	}
	r.files = append(r.files, fileRule{match: match, glob: g, subjects: subjects, categories: categories})
	return nil
}

func (r *rules) table(line int, match, column string, categories map[string][]string) error {
	g, err := compileGlob(line, match)
	if err != nil {
		return err
	}
	if column == "" {
		return fmt.Errorf("read manifest: line %d: a table needs the column that tells whose a row is", line)
	}
	for _, words := range categories {
		if err := checkCategories(line, words); err != nil {
			return err
		}
	}
	r.tables = append(r.tables, index.Table{Files: match, Column: column, Categories: categories})
	r.globs = append(r.globs, g)
	return nil
}

func checkCategories(line int, words []string) error {
	for _, w := range words {
		if slices.Contains(Categories[:], w) {
			continue
		}
		return fmt.Errorf("read manifest: line %d: %q is no category; nearest is %q of %s", line, w, nearest(w), strings.Join(Categories[:], ", "))
	}
	return nil
}

// nearest is the category with the least edit distance.
func nearest(w string) string {
	best, least := "", 1<<30
	for _, c := range Categories {
		if d := editDistance(w, c); d < least {
			best, least = c, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}

// of returns the opaque subjects and the categories of a file, by its path below the folder registered.
func (r *rules) of(s *secrets, slug, name string) (subjects, categories []string) {
	r.each(name, func(value string, _ bool) {
		id := prf(s.subject, slug, value)
		subjects = append(subjects, "s_"+hex.EncodeToString(id[:6]))
	})
	for _, f := range r.files {
		if f.glob.Match(name) {
			categories = append(categories, f.categories...)
		}
	}
	for i, g := range r.globs {
		if g.Match(name) {
			for _, words := range r.tables[i].Categories {
				categories = append(categories, words...)
			}
		}
	}
	slices.Sort(subjects)
	return slices.Compact(subjects), inOrder(categories)
}

// use notes which rules name a file. Unlike the rest it is not safe for concurrent use.
func (r *rules) use(name string) {
	for i := range r.files {
		r.files[i].used = r.files[i].used || r.files[i].glob.Match(name)
	}
}

// each calls see for each subject of a file, as the manifest has it; filled tells that a placeholder made it.
func (r *rules) each(name string, see func(value string, filled bool)) {
	fill := strings.NewReplacer("{stem}", stem(name), "{name}", path.Base(name), "{dir}", path.Base(path.Dir(name)))
	for _, f := range r.files {
		if !f.glob.Match(name) {
			continue
		}
		for _, subject := range f.subjects {
			value := fill.Replace(subject)
			see(value, value != subject)
		}
	}
}

// inOrder returns each category once, in the order of the list.
func inOrder(words []string) []string {
	var out []string
	for _, c := range Categories {
		if slices.Contains(words, c) {
			out = append(out, c)
		}
	}
	return out
}

func stem(name string) string {
	base := path.Base(name)
	return strings.TrimSuffix(base, path.Ext(base))
}
