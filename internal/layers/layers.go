// Package layers reads the project's own source and says where it breaks the house's rules: the direction of imports, the size of
// functions and files, chains of errors, package comments, package state. It never runs or changes what it reads, and only its
// tests use it.
//
// It parses the files itself, because an answer of `go list` can come from a cache that is older than the violation.
package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// module is the project's path in import declarations.
const module = "unmirror"

// File is one parsed Go file.
type File struct {
	Path    string // slash-separated, relative to the project
	Folder  string // of the package, "." for the program itself
	Test    bool   // compiled by go test only
	Lines   int
	Imports []string
	Syntax  *ast.File
	Set     *token.FileSet
}

// Finding is one broken rule at one place.
type Finding struct {
	File string
	Line int
	What string
}

// String is "file:line: what".
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What) }

// at makes a finding at a position of the file.
func (f *File) at(pos token.Pos, format string, args ...any) Finding {
	return Finding{File: f.Path, Line: f.Set.Position(pos).Line, What: fmt.Sprintf(format, args...)}
}

// Parse reads every Go file below the root, in the order of the paths. Folders that the go command ignores are skipped.
func Parse(root fs.FS) ([]*File, error) {
	var files []*File
	set := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if ignored(entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" || strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") {
			return nil
		}
		f, err := parseFile(root, set, name)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("parse the project: %w", err)
	}
	return files, nil
}

func ignored(folder string) bool {
	return folder != "." && (folder == "testdata" || folder == "vendor" || strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_"))
}

func parseFile(root fs.FS, set *token.FileSet, name string) (*File, error) {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(set, name, raw, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	f := &File{Path: name, Folder: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"), Syntax: syntax, Set: set}
	f.Lines = set.File(syntax.FileStart).LineCount()
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.Imports = append(f.Imports, imported)
	}
	return f, nil
}

// own is the folder of an import of ours; "" for a foreign one.
func own(imported string) string {
	if imported == module {
		return "."
	}
	rest, ok := strings.CutPrefix(imported, module+"/")
	if !ok {
		return ""
	}
	return rest
}

// rule says what a folder, and every folder below it that has no rule of its own, may import of ours besides its own tree.
type rule struct {
	folder string
	may    []string // "x" is the package x alone, "x/..." also those below
	why    string
}

// rules hold DESIGN's "imports run one way". The longest folder that fits decides.
func rules() []rule {
	return []rule{
		{".", []string{"..."}, "the program wires everything"},
		{"config", nil, "the configuration knows nothing of who uses it; main hands each stage the small struct that it needs"},
		{"store", nil, "the record knows none of the stages: each owns its SQL"},
		{"store/storetest", []string{"store", "internal/..."}, "a fixture wires the store with throw-away keys"},
		{"fingerprints", []string{"internal/..."}, "fingerprints know neither the web nor the record"},
		{"fingerprints/match", nil, "the words of a match are what later stages may import, so they carry nothing with them"},
		{"crawler", []string{"fingerprints/...", "store", "internal/..."}, "the crawler never sees takedown: main hands it a func(ctx, Sighting) error"},
		{"takedown", []string{"fingerprints/match", "store", "internal/..."}, "takedown knows the types of a match and nothing else of fingerprints"},
		{"alerts", []string{"store", "internal/..."}, "alerts learn of news from the record, never of cases or leaks"},
		{"desk", []string{"alerts/...", "takedown/...", "fingerprints/match", "store", "internal/..."}, "the desk shows what the stages say"},
		{"internal", []string{"store", "internal/..."}, "the edges of the world know no stage"},
		{"internal/demo", []string{"..."}, "the demonstration is a world of its own around the stages"},
		{"internal/gendocs", []string{"..."}, "what makes documents reads the tables wherever they are"},
	}
}

func ruleFor(folder string) (rule, bool) {
	var best rule
	found := false
	for _, r := range rules() {
		fits := r.folder == folder || r.folder != "." && strings.HasPrefix(folder, r.folder+"/")
		if fits && (!found || len(r.folder) > len(best.folder)) {
			best, found = r, true
		}
	}
	return best, found
}

// allows says whether the rule lets its folder import another.
func (r rule) allows(from, to string) bool {
	if r.tree(from, to) {
		return true
	}
	return slices.ContainsFunc(r.may, func(m string) bool {
		below, isTree := strings.CutSuffix(m, "...")
		return m == to || isTree && (strings.HasPrefix(to+"/", below))
	})
}

// tree says whether both lie in the rule's own tree; one that has a rule of its own, as fingerprints/match, may be imported by
// its neighbours but not import them.
func (r rule) tree(from, to string) bool {
	inside := func(f string) bool { return f == r.folder || strings.HasPrefix(f, r.folder+"/") }
	return r.folder != "internal" && r.folder != "." && inside(from) && inside(to)
}

// Directions finds imports that run the wrong way. Test files may cross, because they put real things together; the compiler
// itself refuses circles.
func Directions(files []*File) []Finding {
	var out []Finding
	for _, f := range files {
		if f.Test {
			continue
		}
		r, found := ruleFor(f.Folder)
		if !found {
			out = append(out, f.at(f.Syntax.Package, "folder %s has no rule in internal/layers: say what it may import", f.Folder))
			continue
		}
		for i, imported := range f.Imports {
			to := own(imported)
			if to == "" {
				continue
			}
			if !r.allows(f.Folder, to) {
				out = append(out, f.at(f.Syntax.Imports[i].Pos(), "%s imports %s: %s", f.Folder, to, r.why))
			}
			if forTests(to) && !forTests(f.Folder) {
				out = append(out, f.at(f.Syntax.Imports[i].Pos(), "%s imports %s, which is for tests only", f.Folder, to))
			}
		}
	}
	return out
}

// forTests says whether a package exists for tests only, by its name.
func forTests(folder string) bool {
	name := path.Base(folder)
	return name != "test" && strings.HasSuffix(name, "test") || name == "testneeds"
}

// Depth is the longest chain of our imports, as the folders on it; the first one imports the second, and so on.
func Depth(files []*File) []string {
	imports := map[string][]string{}
	for _, f := range files {
		if f.Test {
			continue
		}
		for _, imported := range f.Imports {
			if to := own(imported); to != "" && !slices.Contains(imports[f.Folder], to) {
				imports[f.Folder] = append(imports[f.Folder], to)
			}
		}
	}
	known := map[string][]string{}
	var chain func(folder string, above int) []string
	chain = func(folder string, above int) []string {
		if c, ok := known[folder]; ok {
			return c
		}
		var longest []string
		if above < len(files) { // a circle, which the compiler refuses, must not hang the test
			for _, to := range imports[folder] {
				if c := chain(to, above+1); len(c) > len(longest) {
					longest = c
				}
			}
		}
		known[folder] = append([]string{folder}, longest...)
		return known[folder]
	}
	var longest []string
	for _, f := range files {
		if c := chain(f.Folder, 0); len(c) > len(longest) {
			longest = c
		}
	}
	return longest
}
