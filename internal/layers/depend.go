package layers

import (
	"bufio"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// required is a line of go.mod that names a module and a version.
var required = regexp.MustCompile(`^\s*(?:require\s+)?([^\s()]+\.[^\s()]+)\s+(v\S+)`)

// Required reads the modules that go.mod requires, with their versions.
func Required(gomod io.Reader) (map[string]string, error) {
	out := map[string]string{}
	lines := bufio.NewScanner(gomod)
	for lines.Scan() {
		if m := required.FindStringSubmatch(lines.Text()); m != nil {
			out[m[1]] = m[2]
		}
	}
	return out, lines.Err()
}

// Direct are the modules of which our files import a package, sorted. Marks in go.mod are not asked: they say what somebody's
// command once wrote, the imports what is so.
func Direct(files []*File, modules map[string]string) []string {
	found := map[string]bool{}
	for _, f := range files {
		for _, imported := range f.Imports {
			if m := moduleOf(imported, modules); m != "" {
				found[m] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// moduleOf is the longest required module that a package lies in.
func moduleOf(imported string, modules map[string]string) string {
	best := ""
	for m := range modules {
		if (imported == m || strings.HasPrefix(imported, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// listed is a row of the table in docs/dependencies.md.
var listed = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|([^|]*)\\|")

// Listed reads the modules of docs/dependencies.md with the reason for each.
func Listed(document string) map[string]string {
	out := map[string]string{}
	for _, m := range listed.FindAllStringSubmatch(document, -1) {
		out[m[1]] = strings.TrimSpace(m[3])
	}
	return out
}
