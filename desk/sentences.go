package desk

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed sentences.yaml
var sentencesFile []byte

// hole is a {name} in a sentence.
var hole = regexp.MustCompile(`\{([a-z]+)\}`)

// sentence is one that the docket says in English, by language.
type sentence struct {
	texts   map[string]string
	pattern *regexp.Regexp // nil: nothing in it changes
	holes   []string
}

// sentences are those that the desk can say in another language.
type sentences struct {
	exact    map[string]*sentence
	patterns []*sentence
}

// knownSentences gives the table. The file is part of the program and read once; nobody writes to what it gives.
var knownSentences = sync.OnceValues(loadSentences)

// loadSentences reads the table; each entry needs both languages of the desk, with the same holes.
func loadSentences() (*sentences, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(sentencesFile, &doc); err != nil {
		return nil, fmt.Errorf("read sentences: %w", err)
	}
	out := &sentences{exact: map[string]*sentence{}}
	if len(doc.Content) == 0 {
		return out, nil
	}
	entries := doc.Content[0].Content
	for i := 0; i+1 < len(entries); i += 2 { // in the order of the file: the more exact sentence stands first
		s := &sentence{}
		if err := entries[i+1].Decode(&s.texts); err != nil {
			return nil, fmt.Errorf("read sentence %s: %w", entries[i].Value, err)
		}
		for _, l := range []string{"en", "nl"} {
			if strings.TrimSpace(s.texts[l]) == "" {
				return nil, fmt.Errorf("read sentence %s: nothing in %s", entries[i].Value, l)
			}
			for _, m := range hole.FindAllString(s.texts[l], -1) {
				if !strings.Contains(s.texts["en"], m) {
					return nil, fmt.Errorf("read sentence %s: %s has %s, which the English one has not", entries[i].Value, l, m)
				}
			}
		}
		if err := out.add(s); err != nil {
			return nil, fmt.Errorf("read sentence %s: %w", entries[i].Value, err)
		}
	}
	return out, nil
}

func (all *sentences) add(s *sentence) error {
	en := s.texts["en"]
	at := hole.FindAllStringSubmatchIndex(en, -1)
	if len(at) == 0 {
		all.exact[en] = s
		return nil
	}
	var b strings.Builder
	b.WriteString(`\A`)
	done := 0
	for _, m := range at {
		some := `((?s:.+?))`
		switch en[m[2]:m[3]] {
		case "n":
			some = `(\d+)`
		case "d", "t", "case", "notice", "attempt":
			some = `(\S+)`
		}
		b.WriteString(regexp.QuoteMeta(en[done:m[0]]) + some)
		s.holes = append(s.holes, en[m[2]:m[3]])
		done = m[1]
	}
	b.WriteString(regexp.QuoteMeta(en[done:]) + `\z`)
	var err error
	s.pattern, err = regexp.Compile(b.String())
	all.patterns = append(all.patterns, s)
	return err
}

// says is a sentence of the docket in the page's language; one that nobody knows, such as a person's own, stays as it is.
func (l *lang) says(text string) string {
	all, err := knownSentences()
	if l.Lang == "en" || text == "" || err != nil { // New has told of the error
		return text
	}
	if s := all.exact[text]; s != nil {
		return s.texts[l.Lang]
	}
	for _, s := range all.patterns {
		m := s.pattern.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		out := s.texts[l.Lang]
		for i, name := range s.holes {
			value := m[i+1]
			if name == "case" || name == "notice" || name == "attempt" {
				value = strings.ToLower(l.Or("state."+name+".", value))
			}
			if name == "why" { // a sentence in the sentence
				value = l.says(value)
			}
			out = strings.ReplaceAll(out, "{"+name+"}", value)
		}
		return out
	}
	return text
}

// saysAll does says for a list.
func (l *lang) saysAll(texts []string) []string {
	out := make([]string, 0, len(texts))
	for _, t := range texts {
		out = append(out, l.says(t))
	}
	return out
}
