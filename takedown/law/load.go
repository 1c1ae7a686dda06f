package law

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var embedded embed.FS

// The files of a law folder. Templates lie under templates/ and are texts of the package that composes.
const (
	fileRegimes = "regimes.yaml"
	fileActs    = "acts.yaml"
	fileGrounds = "grounds.yaml"
	fileDates   = "dates.yaml"
	fileTerms   = "terms.yaml"
)

// Files gives what the program carries, for an operator who begins from it.
func Files() (fs.FS, error) { return fs.Sub(embedded, "data") }

// Load reads the table that the program carries.
func Load() (Table, error) { return LoadFS(nil) }

// LoadDir reads the table that the program carries, with what an operator's folder replaces or adds. An empty name is no folder.
func LoadDir(dir string) (Table, error) {
	if dir == "" {
		return Load()
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return Table{}, fmt.Errorf("read law: %s is no folder", dir)
	}
	return LoadFS(os.DirFS(dir))
}

// LoadFS reads the table that the program carries, and over it any of regimes.yaml, acts.yaml, grounds.yaml, dates.yaml, terms.yaml
// templates/*.txt and templates/words.yaml of a folder: an entry with a known id replaces that entry, any other is added; a template replaces the one of
// its name. The error names file and line of every entry that is incomplete or contradicts itself.
func LoadFS(over fs.FS) (Table, error) {
	own, err := Files()
	if err != nil {
		return Table{}, fmt.Errorf("open law: %w", err)
	}
	t := Table{dates: map[string]Date{}, terms: map[string]map[string]string{}, texts: map[string]string{}, lines: map[string]string{}, made: &sync.Map{}}
	if err := t.read(own, true); err != nil {
		return Table{}, err
	}
	if over != nil {
		if err := t.read(over, false); err != nil {
			return Table{}, err
		}
		if err := t.readTexts(over); err != nil {
			return Table{}, err
		}
	}
	errs := []error{t.resolve(), t.validate()}
	if err := errors.Join(errs...); err != nil {
		return Table{}, fmt.Errorf("check law: %w", err)
	}
	return t, nil
}

// read takes a folder's files in; whole says that each must be there.
func (t *Table) read(dir fs.FS, whole bool) error {
	var regimes []Regime
	var acts []Act
	var grounds []Ground
	var dates map[string]Date
	var terms map[string]map[string]string
	known := map[string]any{fileRegimes: &regimes, fileActs: &acts, fileGrounds: &grounds, fileDates: &dates, fileTerms: &terms}
	if err := onlyKnown(dir, known); err != nil {
		return err
	}
	for _, name := range []string{fileRegimes, fileActs, fileGrounds, fileDates, fileTerms} {
		b, err := fs.ReadFile(dir, name)
		if errors.Is(err, fs.ErrNotExist) && !whole {
			continue
		}
		if err != nil {
			return fmt.Errorf("read law: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		if err := d.Decode(known[name]); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read law %s: %w", name, lined{name, err})
		}
		t.note(name, b)
	}
	t.regimes = merge(t.regimes, regimes, func(r Regime) string { return r.ID })
	t.acts = merge(t.acts, acts, func(a Act) string { return a.ID })
	t.grounds = merge(t.grounds, grounds, func(g Ground) string { return g.ID })
	for k, v := range dates {
		t.dates[k] = v
	}
	for k, v := range terms {
		t.terms[k] = v
	}
	return nil
}

// merge replaces entries of the same id and adds the others. One that is given twice in one file stays twice, for validate to name.
func merge[T any](old, new []T, id func(T) string) []T {
	had := len(old)
	for _, n := range new {
		at := -1
		for i := range old[:had] {
			if id(old[i]) == id(n) {
				at = i
			}
		}
		if at < 0 {
			old = append(old, n)
			continue
		}
		old[at] = n
	}
	return old
}

// onlyKnown refuses a file that nothing would read: a misspelt name would silently change nothing.
func onlyKnown(dir fs.FS, known map[string]any) error {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return fmt.Errorf("read law: %w", err)
	}
	for _, e := range entries {
		_, ok := known[e.Name()]
		if !ok && e.Name() != "templates" && strings.HasSuffix(e.Name(), ".yaml") {
			return fmt.Errorf("read law: %s is none of the files of a law folder (%s, %s, %s, %s, %s, templates)", e.Name(),
				fileRegimes, fileActs, fileGrounds, fileDates, fileTerms)
		}
	}
	return nil
}

func (t *Table) readTexts(dir fs.FS) error {
	entries, err := fs.ReadDir(dir, "templates")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read law templates: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".txt") && e.Name() != "words.yaml" {
			continue
		}
		b, err := fs.ReadFile(dir, path.Join("templates", e.Name()))
		if err != nil {
			return fmt.Errorf("read law templates: %w", err)
		}
		t.texts[e.Name()] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	return nil
}

var lineOfYAML = regexp.MustCompile(`line (\d+):`)

// lined is an error of the YAML reader that says "grounds.yaml:7:" for its "line 7:".
type lined struct {
	name string
	err  error
}

func (l lined) Error() string {
	return lineOfYAML.ReplaceAllString(strings.TrimPrefix(l.err.Error(), "yaml: "), l.name+":$1:")
}

func (l lined) Unwrap() error { return l.err }

// note remembers on which line each entry stands, for what validate has to say.
func (t *Table) note(name string, b []byte) {
	var doc yaml.Node
	if yaml.Unmarshal(b, &doc) != nil || len(doc.Content) == 0 {
		return
	}
	what := strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), "s")
	top := doc.Content[0]
	if top.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(top.Content); i += 2 {
			t.lines[what+" "+top.Content[i].Value] = fmt.Sprintf("%s:%d", name, top.Content[i].Line)
		}
		return
	}
	for _, entry := range top.Content {
		if id := valueOf(entry, "id"); id != nil {
			key := what + " " + id.Value
			t.lines[key] = fmt.Sprintf("%s:%d", name, id.Line)
			if elements := valueOf(entry, "elements"); elements != nil {
				for _, e := range elements.Content {
					if eid := valueOf(e, "id"); eid != nil {
						t.lines[key+" element "+eid.Value] = fmt.Sprintf("%s:%d", name, eid.Line)
					}
				}
			}
		}
	}
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// resolve turns the dates of grounds into days. Where a named date is disputed, the old law ends at its earliest and the new one begins
// at its latest: in between neither applies.
func (t *Table) resolve() error {
	var errs []error
	for i := range t.grounds {
		g := &t.grounds[i]
		var err error
		if g.From, err = t.resolveDay(g.FromText, false); err != nil {
			errs = append(errs, fmt.Errorf("%s: from: %w", t.at("ground "+g.ID), err))
		}
		if g.Until, err = t.resolveDay(g.UntilText, true); err != nil {
			errs = append(errs, fmt.Errorf("%s: until: %w", t.at("ground "+g.ID), err))
		}
	}
	return errors.Join(errs...)
}

func (t *Table) resolveDay(text string, early bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, ok := t.dates[text]; ok {
		switch {
		case !d.Date.IsZero():
			return d.Date, nil
		case early:
			return d.Earliest, nil
		}
		return d.Latest, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a day such as 2018-05-25 nor an entry of %s", text, fileDates)
	}
	return day, nil
}

// at is an entry with the place where it stands.
func (t Table) at(what string) string {
	if at, ok := t.lines[what]; ok {
		return at + ": " + what
	}
	return what
}
