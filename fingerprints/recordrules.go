package fingerprints

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gobwas/glob"

	"unmirror/fingerprints/table"
)

// recordRule overrides what is guessed of the tables of some files: FILE:subject=COL,key=COL,…
type recordRule struct {
	text    string
	match   string // glob on the path below the folder registered
	glob    glob.Glob
	columns []ruledColumn
	header  *bool

	mu      sync.Mutex
	files   int      // that it matched
	tables  int      // in them
	fitting int      // of these, those that have its columns
	exist   []string // columns of a table that has not, for the message
	missing string
}

// ruledColumn is what an operator says of one column.
type ruledColumn struct {
	role   string
	column string // header name, or number from 1
}

// columnRoles are what --records may say of a column.
var columnRoles = map[string]table.Kind{
	"subject": table.Key, "key": table.Key, "name": table.Name, "given": table.Given, "family": table.Family, "birth": table.Birth, "email": table.Email,
	"phone": table.Phone, "iban": table.IBAN, "national": table.National, "bsn": table.BSN, "enterprise": table.Enterprise, "ignore": table.Ignored,
}

const rolesHelp = "subject, key, name, given, family, birth, email, phone, iban, national, bsn, enterprise, ignore, header"

// parseRecordRule reads FILE:subject=COL,key=COL,…; the error says what is wrong with it.
func parseRecordRule(text string) (*recordRule, error) {
	eq := strings.IndexByte(text, '=')
	colon := -1
	if eq >= 0 {
		colon = strings.LastIndexByte(text[:eq], ':')
	}
	if colon <= 0 {
		return nil, fmt.Errorf("records rule %q: want FILE:subject=COLUMN,key=COLUMN,…", text)
	}
	r := &recordRule{text: text, match: strings.TrimPrefix(text[:colon], "./")}
	var err error
	if r.glob, err = compileGlob(1, r.match); err != nil {
		return nil, fmt.Errorf("records rule %q: %q is no path or glob", text, r.match)
	}
	for _, part := range strings.Split(text[colon+1:], ",") {
		role, column, ok := strings.Cut(part, "=")
		role, column = strings.ToLower(strings.TrimSpace(role)), strings.TrimSpace(column)
		if !ok || column == "" {
			return nil, fmt.Errorf("records rule %q: %q is not of the form %s=COLUMN", text, part, "subject")
		}
		if role == "header" {
			yes := column == "yes" || column == "true"
			if !yes && column != "no" && column != "false" {
				return nil, fmt.Errorf("records rule %q: header is yes or no, not %q", text, column)
			}
			r.header = &yes
			continue
		}
		if _, ok := columnRoles[role]; !ok {
			return nil, fmt.Errorf("records rule %q: %q is not one of %s", text, role, rolesHelp)
		}
		if err := r.column(role, column); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// column adds what the rule says of one column: a row has one subject, and a column one role.
func (r *recordRule) column(role, column string) error {
	for _, c := range r.columns {
		switch {
		case c.role == "subject" && role == "subject":
			return fmt.Errorf("records rule %q: a row has one subject, and both %q and %q are named: make the other one key", r.text, c.column, column)
		case c.column == column && c.role != role && c.role != "subject" && role != "subject":
			return fmt.Errorf("records rule %q: column %q is both %s and %s", r.text, column, c.role, role)
		}
	}
	r.columns = append(r.columns, ruledColumn{role, column})
	return nil
}

// columnAt finds a column by its header name, in any case, or by its number from 1; -1 when there is none.
func columnAt(s *table.Schema, column string) int {
	for i, c := range s.Columns {
		if c.Name == column {
			return i
		}
	}
	for i, c := range s.Columns {
		if c.Name != "" && strings.EqualFold(strings.TrimSpace(c.Name), strings.TrimSpace(column)) {
			return i
		}
	}
	if n, err := strconv.Atoi(column); err == nil && n >= 1 && n <= len(s.Columns) {
		return n - 1
	}
	return -1
}

// columnNames lists the columns of a table for a message.
func columnNames(s *table.Schema) []string {
	var names []string
	for i, c := range s.Columns {
		name := shownName(c.Name)
		if name == "" {
			name = strconv.Itoa(i + 1)
		}
		names = append(names, name)
	}
	return names
}

// apply lets the rule settle a schema; it returns the column that tells whose a row is, or -1. A table that lacks a column
// is left as it is: a file may hold several.
func (r *recordRule) apply(s *table.Schema) (subject int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tables++
	subject = -1
	at := make([]int, len(r.columns))
	for i, c := range r.columns {
		if at[i] = columnAt(s, c.column); at[i] < 0 {
			if r.exist == nil {
				r.missing, r.exist = c.column, columnNames(s)
			}
			return -1
		}
	}
	r.fitting++
	for i, c := range r.columns {
		kind := columnRoles[c.role]
		if c.role == "subject" {
			subject = at[i]
			if k := s.Columns[at[i]].Kind; k != table.Other && k != table.Constant && k != table.FreeText {
				continue // what it is called to be, it stays
			}
		}
		s.Columns[at[i]].Kind = kind
	}
	return subject
}

// checkFiles tells of rules that match none of the files, before any of them is read. What lies in archives shows later.
func checkFiles(rules []*recordRule, files []source) error {
	for _, r := range rules {
		if strings.Contains(r.match, "!/") || slices.ContainsFunc(files, func(f source) bool { return r.glob.Match(f.name) }) {
			continue
		}
		archived := slices.ContainsFunc(files, func(f source) bool { return isArchiveName(f.name) })
		if archived && strings.Contains(r.match, "**") {
			continue
		}
		var names []string
		for _, f := range files[:min(len(files), shownNames)] {
			names = append(names, f.name)
		}
		if len(files) > shownNames {
			names = append(names, fmt.Sprintf("and %d more", len(files)-shownNames))
		}
		return fmt.Errorf("records rule %q: no file matches %q; there are: %s", r.text, r.match, strings.Join(names, ", "))
	}
	return nil
}

// shownNames is how many names a message lists.
const shownNames = 20

func isArchiveName(name string) bool {
	for _, ext := range []string{".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"} {
		if strings.HasSuffix(strings.ToLower(name), ext) {
			return true
		}
	}
	return false
}

// checkUsed tells of rules that found no table or no such column in what was read.
func checkUsed(rules []*recordRule) error {
	for _, r := range rules {
		switch {
		case r.files == 0:
			// all that it matches is registered already, or lies in no archive that was read
		case r.tables == 0:
			return fmt.Errorf("records rule %q: no table was found in what %q matches", r.text, r.match)
		case r.fitting == 0:
			return fmt.Errorf("records rule %q: there is no column %q; the columns are: %s", r.text, r.missing, strings.Join(r.exist, ", "))
		}
	}
	return nil
}
