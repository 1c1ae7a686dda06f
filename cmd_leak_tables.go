package main

import (
	"fmt"
	"strings"

	"unmirror/fingerprints"
)

// tableRow is a table as `leak add` prints it: its form, never a cell of it.
type tableRow struct {
	File    string      `json:"file"`
	Table   string      `json:"table,omitempty"`
	Format  string      `json:"format"`
	Rows    int         `json:"rows"`
	Columns []columnRow `json:"columns"`
}

type columnRow struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Category string `json:"category"`
	Subject  bool   `json:"subject,omitempty"`
	LeftOut  bool   `json:"left_out,omitempty"`
}

func tableRows(tables []fingerprints.TableInfo) []tableRow {
	rows := []tableRow{}
	for _, t := range tables {
		r := tableRow{File: t.File, Table: t.Table, Format: t.Format, Rows: t.Rows, Columns: []columnRow{}}
		for _, c := range t.Columns {
			r.Columns = append(r.Columns, columnRow(c))
		}
		rows = append(rows, r)
	}
	return rows
}

// maxTold is how many tables are printed one by one.
const maxTold = 50

// tellTables prints how tables were understood; letters about one person are counted.
func (a *app) tellTables(tables []fingerprints.TableInfo) {
	told, more, forms, leftOut := 0, 0, 0, false
	for _, t := range tables {
		for _, c := range t.Columns {
			leftOut = leftOut || c.LeftOut
		}
		switch {
		case t.Format == "form" && t.Rows == 1:
			forms++
		case told == maxTold:
			more++
		default:
			told++
			a.printf("%s\n", tableLine(t))
		}
	}
	if more > 0 {
		a.printf("and %d tables more\n", more)
	}
	if forms > 0 {
		a.printf("%d letters or forms about one person each\n", forms)
	}
	if leftOut {
		a.printf("columns marked - hold national numbers and were left out of records: --number-authority TEXT takes them in\n")
	}
}

func tableLine(t fingerprints.TableInfo) string {
	var columns []string
	for i, c := range t.Columns {
		name := c.Name
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		line := name + "=" + c.Kind
		if c.Subject {
			line += "*"
		}
		if c.LeftOut {
			line += "-"
		}
		columns = append(columns, line)
	}
	name := t.File
	if t.Table != "" {
		name += " " + t.Table
	}
	return fmt.Sprintf("table %s (%s, %d rows): %s", name, t.Format, t.Rows, strings.Join(columns, ", "))
}
