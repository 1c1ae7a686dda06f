package fingerprints

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"unmirror/fingerprints/table"
)

// ruleUse is what became of a manifest's rule for tables: a column that is misspelt must not pass for one that tells of
// nobody.
type ruleUse struct {
	tables, fitting int
	lacking         []lackingTable // some of them
}

// lackingTable is a table that a rule names and that has not its columns.
type lackingTable struct {
	file, column string
	exist        []string
}

// maxUnused is how many rules that match no file are told one by one.
const maxUnused = 10

// maxLacking is of how many tables a rule tells that they lack its columns.
const maxLacking = 5

// usage guards the uses of all rules.
type usage struct{ mu sync.Mutex }

// use notes that a rule names a table.
func (u *usage) use(r *rules, rule int, file string, s *table.Schema) {
	if s.Format == "form" {
		return // a letter that happens to lie where tables do
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(r.uses) < len(r.tables) {
		r.uses = append(r.uses, ruleUse{})
	}
	use, t := &r.uses[rule], r.tables[rule]
	use.tables++
	missing := ""
	if columnAt(s, t.Column) < 0 {
		missing = t.Column
	}
	for name := range t.Categories {
		if name != "*" && columnAt(s, name) < 0 && (missing == "" || missing != t.Column && name < missing) {
			missing = name
		}
	}
	if missing == "" {
		use.fitting++
	} else if len(use.lacking) < maxLacking {
		use.lacking = append(use.lacking, lackingTable{file, missing, columnNames(s)})
	}
}

// notes tells of rules whose columns no table that they name has, and of those that name no file or no table at all
// although all files were read.
func (r *rules) notes(all bool) (notes []string) {
	unused := 0
	for _, f := range r.files {
		if f.used || !all {
			continue
		}
		if unused++; unused <= maxUnused {
			notes = append(notes, fmt.Sprintf("manifest: files: %q matches no file", f.match))
		}
	}
	if unused > maxUnused {
		notes = append(notes, fmt.Sprintf("manifest: files: and %d rules more that match no file", unused-maxUnused))
	}
	for i, t := range r.tables {
		var use ruleUse
		if i < len(r.uses) {
			use = r.uses[i]
		}
		if use.tables == 0 && all {
			notes = append(notes, fmt.Sprintf("manifest: tables: no table was found in what %q matches", t.Files))
		}
		if use.fitting > 0 {
			continue
		}
		slices.SortFunc(use.lacking, func(a, b lackingTable) int { return strings.Compare(a.file, b.file) })
		for _, l := range use.lacking {
			notes = append(notes, fmt.Sprintf("manifest: tables: %s has no column %q; its columns are: %s", l.file, l.column, strings.Join(l.exist, ", ")))
		}
	}
	return notes
}
