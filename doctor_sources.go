package main

import (
	"context"
	"fmt"

	"unmirror/crawler/kind"
)

// examineEachSource says what is wrong with each source before a sweep would: its settings, a secret that cannot be read,
// an authority's file, words that the index knows; and which kinds were never tried against the real thing.
func (a *app) examineEachSource(ctx context.Context) (out []finding) {
	for _, what := range a.cfg.Missing() {
		out = append(out, finding{"files", "wrong", what, "write the file, or correct its path"})
	}
	check := func(name string) error {
		s, _ := a.source(name)
		return s.Check()
	}
	if used(a.cfg.DataDir()) {
		c, err := a.crawler(ctx, watching{})
		if err != nil {
			return []finding{{"sources", "wrong", "cannot be checked: " + err.Error(), "see above"}}
		}
		check = func(name string) error {
			s, _ := a.source(name)
			return c.Check(s)
		}
	}
	for _, s := range a.cfg.Sources {
		if err := check(s.Name); err != nil {
			out = append(out, finding{"sources", "wrong", err.Error(), "correct it under `sources:`; until then it is not swept"})
			continue
		}
		if k, err := kind.Find(s.Kind); err == nil && k.Untried != "" {
			out = append(out, finding{"sources", "note", fmt.Sprintf("source %s: kind %s is untried: %s", s.Name, s.Kind, k.Untried), "compare what a sweep of it lists with what you see there"})
		}
	}
	return out
}
