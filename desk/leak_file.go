package desk

import (
	"regexp"
	"strings"

	"unmirror/takedown/incident"
)

// fileSection is one part of a leak file as its page shows it.
type fileSection struct {
	Title string
	Parts []filePart // the elements of a list; else one without a number
}

type filePart struct {
	Number string // "2" of a list
	Rows   []fileRow
}

type fileRow struct{ Label, Value string }

// pathParts splits "processors[1].contract.status" into section, number and the rest.
var pathParts = regexp.MustCompile(`^([a-z_]+)(?:\[(\d+)\])?(?:\.(.*))?$`)

// sections puts a leak file into words: what is filled, in the order of the file.
func (l *lang) sections(f incident.File, shown func(string) string) (out []fileSection) {
	last := ""
	for _, leaf := range f.Leaves(l.Lang) {
		m := pathParts.FindStringSubmatch(leaf.Path)
		if m == nil {
			continue
		}
		section, number, rest := m[1], m[2], m[3]
		if len(out) == 0 || section != last {
			out = append(out, fileSection{Title: l.T("leakfile.section." + section)})
			last = section
		}
		s := &out[len(out)-1]
		if number != "" {
			number = l.Number(int64(atoi(number) + 1))
		}
		if n := len(s.Parts); n == 0 || s.Parts[n-1].Number != number {
			s.Parts = append(s.Parts, filePart{Number: number})
		}
		part := &s.Parts[len(s.Parts)-1]
		part.Rows = append(part.Rows, fileRow{Label: l.fileLabel(rest), Value: l.fileValue(leaf, shown)})
	}
	return out
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = min(10*n+int(c-'0'), 1e9)
	}
	return n
}

var listIndex = regexp.MustCompile(`\[(\d+)\]`)

// fileLabel names a field by its last two steps: "DPIA", "contract: status", "works council 1: date".
func (l *lang) fileLabel(path string) string {
	if path == "" {
		return ""
	}
	var words []string
	for _, step := range strings.Split(path, ".") {
		number := ""
		if m := listIndex.FindStringSubmatch(step); m != nil {
			number, step = " "+l.Number(int64(atoi(m[1])+1)), listIndex.ReplaceAllString(step, "")
		}
		words = append(words, l.T("leakfile.field."+step)+number)
	}
	return strings.Join(words, ": ")
}

// clockTime is a moment as the file writes it.
var clockTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)T(\d\d:\d\d.*)$`)

// fileValue gives the file's own words their names, and masks what a text must not show.
func (l *lang) fileValue(leaf incident.Leaf, shown func(string) string) string {
	if !leaf.Words {
		return shown(clockTime.ReplaceAllString(leaf.Value, "$1 $2"))
	}
	var out []string
	for _, w := range strings.Split(leaf.Value, ", ") {
		switch {
		case strings.HasPrefix(leaf.Path, "not_required"):
			out = append(out, l.duty(w))
		case leaf.Path == "languages":
			out = append(out, l.Or("lang.", w))
		case leaf.Path == "data.categories":
			out = append(out, l.category(w))
		default:
			out = append(out, l.T("leakfile.word."+w))
		}
	}
	return strings.Join(out, ", ")
}

// category names a kind of data: those of known files, and those that the leak file has besides.
func (l *lang) category(word string) string {
	if l.Has("category." + word) {
		return l.T("category." + word)
	}
	return l.Or("leakfile.word.", word)
}
