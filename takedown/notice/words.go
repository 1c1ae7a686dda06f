package notice

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed templates
var embedded embed.FS

// words is one language's part of templates/words.yaml.
type words struct {
	Months     []string          `yaml:"date"`
	Day        string            `yaml:"day"`
	First      string            `yaml:"first"` // how the first of a month is written, when otherwise than 1
	Percent    string            `yaml:"percent"`
	And        string            `yaml:"and"`
	Follows    string            `yaml:"follows"`
	Heading    string            `yaml:"heading"`
	Roles      map[string]string `yaml:"roles"`
	Files      map[string]string `yaml:"files"`
	Grades     map[string]string `yaml:"grades"`
	Cover      string            `yaml:"cover"`
	InArchive  string            `yaml:"in_archive"`
	Rare       string            `yaml:"rare"`
	Categories map[string]string `yaml:"categories"`
}

// loadWords gives the catalogue of every language. The file is part of the program and read once; nobody writes to what it gives.
var loadWords = sync.OnceValues(readWords)

func readWords() (map[string]words, error) {
	b, err := fs.ReadFile(embedded, "templates/words.yaml")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var all map[string]words
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	return all, nil
}

// language reduces a tag to one of the four languages; whoever reads none of them reads English.
func language(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if slices.Contains([]string{"nl", "fr", "de"}, base) {
		return base
	}
	return "en"
}

func (w words) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && w.First != "" {
		day = w.First
	}
	return strings.NewReplacer("{d}", day, "{month}", w.Months[t.Month()-1], "{y}", strconv.Itoa(t.Year())).Replace(w.Day)
}

// rareBits is the weight above which the text calls a coincidence ruled out: one in 2^64 unrelated documents.
const rareBits = 64

// recognised tells in plain words on which level the content was recognised, "" for a grade without words.
func (w words) recognised(f Facts) string {
	grade := f.Grade
	if grade == "passages" && f.Passages <= 1 {
		grade = "passage"
	}
	s := w.Grades[grade]
	if s == "" {
		return ""
	}
	s = strings.NewReplacer("{n}", strconv.Itoa(f.Passages), "{file}", w.Files[fileKind(f.FileType)]).Replace(s)
	partial := slices.Contains([]string{"passages", "records", "chunks"}, f.Grade)
	if share := int(f.Coverage * 100); partial && share >= 1 && share <= 100 {
		s += " " + strings.ReplaceAll(w.Cover, "{share}", strings.ReplaceAll(w.Percent, "{n}", strconv.Itoa(share)))
	}
	if f.InArchive {
		s += " " + w.InArchive
	}
	if partial && f.Bits >= rareBits {
		s += " " + w.Rare
	}
	return s
}

// fileKind names the sort of file by its extension, so that no notice repeats a name.
func fileKind(ext string) string {
	switch strings.ToLower(strings.TrimPrefix(ext, ".")) {
	case "doc", "docx", "odt", "rtf":
		return "document"
	case "csv", "tsv", "xls", "xlsx", "ods":
		return "table"
	case "pdf":
		return "pdf"
	case "eml", "msg", "mbox":
		return "mail"
	case "jpg", "jpeg", "png", "tif", "tiff", "gif", "bmp":
		return "image"
	case "zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst":
		return "archive"
	case "txt", "md", "htm", "html", "xml", "json", "sql", "log":
		return "text"
	}
	return "other"
}

// categories lists the kinds of data by their plain names; what the catalogue does not know is left out, because a category is
// whatever an operator typed into a manifest.
func (w words) categories(ids []string) string {
	var names []string
	for _, id := range ids {
		if n := w.Categories[id]; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + w.And + names[last]
}
