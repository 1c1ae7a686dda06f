package notice

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"unmirror/takedown/law"
)

//go:embed templates
var embedded embed.FS

// words is one language's part of templates/words.yaml.
type words struct {
	Months     []string          `yaml:"date"`
	Day        string            `yaml:"day"`
	First      string            `yaml:"first"` // how the first of a month is written, when otherwise than 1
	UTC        string            `yaml:"utc"`   // a day with its time
	Percent    string            `yaml:"percent"`
	Thousands  string            `yaml:"thousands"` // what stands between groups of three digits
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
	Special    map[string]string `yaml:"special"`   // how a text calls the special category: health, other
	Inspected  map[string]string `yaml:"inspected"` // by how a person inspected it
	To         map[string]string `yaml:"to"`        // by kind of recipient, when no name is known
	As         map[string]string `yaml:"as"`        // in what capacity a recipient is written to
	Rungs      map[string]string `yaml:"rungs"`     // how a third party calls a recipient
	Acts       map[string]string `yaml:"acts"`
	Answers    map[string]string `yaml:"answers"` // in a chronology
	Since      map[string]string `yaml:"since"`   // to the recipient itself
	Elapsed    map[string]string `yaml:"elapsed"` // none, one, many
	Lines      map[string]string `yaml:"lines"`   // one, many
	Incidents  map[string]string `yaml:"incidents"`
	Persons    map[string]string `yaml:"persons"`
	Count      map[string]string `yaml:"count"`
	Concerned  string            `yaml:"concerned"`
	Among      string            `yaml:"among"`
	Mandates   map[string]string `yaml:"mandates"`
	Reference  string            `yaml:"reference"`
	Uploader   map[string]string `yaml:"uploader"` // attempted, not
	Channels   map[string]string `yaml:"channels"`
	WhyNot     map[string]string `yaml:"why_not"`
	Wrong      map[string]string `yaml:"wrong"`
	Events     map[string]string `yaml:"events"` // of a complaint's chronology
}

// wordsFile is the catalogue of what the templates of every regime share. An operator's own holds only what it changes.
const wordsFile = "words.yaml"

// loadWords gives the catalogue of every language, with what the operator's folder changes in it. Nobody writes to what it gives.
func loadWords(t law.Table) (map[string]words, error) {
	return law.Once(t, "words", func() (map[string]words, error) { return readWords(t) })
}

// carriedWords gives the catalogue of the program itself, for reports, which are the same whatever the operator changed. The file is
// part of the program and read once.
var carriedWords = sync.OnceValues(readCarried)

func readCarried() (map[string]words, error) {
	b, err := fs.ReadFile(embedded, "templates/"+wordsFile)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	all, err := decodeCatalogue(b)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	return all, nil
}

func readWords(t law.Table) (map[string]words, error) {
	all, err := readCarried()
	if err != nil {
		return nil, err
	}
	own, ok := t.Text(wordsFile)
	if !ok {
		return all, nil
	}
	if _, err := decodeCatalogue([]byte(own)); err != nil {
		return nil, fmt.Errorf("read templates/%s: %w", wordsFile, err)
	}
	var nodes map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(own), &nodes); err != nil {
		return nil, fmt.Errorf("read templates/%s: %w", wordsFile, err)
	}
	for lang, n := range nodes {
		w, known := all[lang]
		if !known {
			return nil, fmt.Errorf("read templates/%s: line %d: no language %q", wordsFile, n.Line, lang)
		}
		if err := n.Decode(&w); err != nil { // over what is there, map by map
			return nil, fmt.Errorf("read templates/%s: %w", wordsFile, err)
		}
		all[lang] = w
	}
	return all, nil
}

func decodeCatalogue(b []byte) (map[string]words, error) {
	var all map[string]words
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
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
	partial := slices.Contains([]string{"passages", "records", "chunks", "image"}, f.Grade)
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
func (w words) categories(ids []string) string { return w.names(w.Categories, ids) }
