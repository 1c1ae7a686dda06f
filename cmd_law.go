package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

func lawCommand(g *globals) *cobra.Command {
	return group("law", "The law that notices rest on: list, check, export", lawList(g), lawCheck(g), lawExport(g))
}

// law is the table with the operator's folder over it.
func (a *app) law() (law.Table, error) {
	table, err := law.LoadDir(a.cfg.Takedown.Law)
	if err == nil && a.cfg.Takedown.Law != "" {
		err = notice.Parse(table)
	}
	if err != nil {
		return law.Table{}, fmt.Errorf("takedown.law: %w", err)
	}
	return table, nil
}

// lawRow is one entry of the law, as lists show it.
type lawRow struct {
	ID         string     `json:"id"`
	State      law.Status `json:"state"`
	Created    *time.Time `json:"created"` // first day to which it applies
	Kind       string     `json:"kind"`    // regime, ground, date
	Name       string     `json:"name"`
	Citation   string     `json:"citation"`
	Acts       []string   `json:"acts,omitempty"`
	Recipients []string   `json:"recipients,omitempty"`
	Senders    []string   `json:"senders,omitempty"`
	Languages  []string   `json:"languages,omitempty"`
	Elements   []string   `json:"elements,omitempty"`
	Needs      []string   `json:"needs,omitempty"`
	Countries  []string   `json:"countries,omitempty"`
	ByCounsel  bool       `json:"by_counsel,omitempty"` // never chosen by itself
	Source     string     `json:"source"`
}

func lawList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List regimes, provisions and disputed dates, with how far each is confirmed", RunE: func(*cobra.Command, []string) error {
		return g.with(func(a *app) error {
			table, err := a.law()
			if err != nil {
				return err
			}
			return list(g, lawRows(table), "KIND\tID\tSTATE\tRECIPIENTS\tACTS\tCITATION", func(r lawRow) []string {
				return []string{r.Kind, r.ID, string(r.State), strings.Join(r.Recipients, " "), strings.Join(r.Acts, " "), r.Citation}
			})
		})
	}}
}

func lawRows(table law.Table) []lawRow {
	day := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	var rows []lawRow
	for _, r := range table.Regimes() {
		row := lawRow{ID: r.ID, State: r.Status, Created: day(r.From), Kind: "regime", Name: r.Name["en"], Citation: r.Citation["en"], Acts: r.Acts,
			Recipients: r.Recipients, Senders: r.Senders, Languages: r.Written(), Countries: r.Countries, ByCounsel: r.ByCounsel, Source: r.Source}
		for _, e := range r.Elements {
			row.Elements = append(row.Elements, e.ID)
			row.Needs = append(row.Needs, e.Needs...)
		}
		rows = append(rows, row)
	}
	for _, x := range table.AllGrounds() {
		rows = append(rows, lawRow{ID: x.ID, State: x.Status, Created: day(x.From), Kind: "ground", Name: x.Name["en"], Citation: x.Citation["en"],
			Countries: x.Countries, Source: x.Source})
	}
	for id, d := range table.Dates() {
		row := lawRow{ID: id, State: law.Confirmed, Created: day(d.Date), Kind: "date", Citation: d.Date.Format(time.DateOnly), Source: d.Source}
		if d.Date.IsZero() {
			row.State = law.Open
			row.Citation = fmt.Sprintf("between %s and %s", d.Earliest.Format(time.DateOnly), d.Latest.Format(time.DateOnly))
		}
		rows = append(rows, row)
	}
	return rows
}

func lawCheck(g *globals) *cobra.Command {
	return &cobra.Command{Use: "check DIR", Short: "Check a law folder: read it, and compose and check every letter with it", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			table, err := law.LoadDir(args[0])
			if err != nil {
				return err
			}
			if err := notice.Proof(table); err != nil {
				return fmt.Errorf("check law: %w", err)
			}
			g.note("%s is in order: %d regimes, %d provisions, %d templates of its own", args[0], len(table.Regimes()), len(table.AllGrounds()), len(table.TextNames()))
			return nil
		}}
}

func lawExport(g *globals) *cobra.Command {
	return &cobra.Command{Use: "export DIR", Short: "Write the law and the letters that the program carries into a folder, to change them there", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := exportLaw(args[0])
			if err != nil {
				return err
			}
			g.note("%d files written to %s; keep those that you change, delete the others, and name the folder under takedown.law", n, args[0])
			return nil
		}}
}

// exportLaw writes every file, and none over one that is there.
func exportLaw(dir string) (n int, err error) {
	data, err := law.Files()
	if err != nil {
		return 0, fmt.Errorf("export law: %w", err)
	}
	texts, err := notice.Templates()
	if err != nil {
		return 0, fmt.Errorf("export law: %w", err)
	}
	for _, part := range []struct {
		from  fs.FS
		under string
		only  string
	}{{data, ".", "*.yaml"}, {texts, "templates", "*"}} {
		names, err := fs.Glob(part.from, part.only)
		if err != nil {
			return n, fmt.Errorf("export law: %w", err)
		}
		if err := os.MkdirAll(filepath.Join(dir, part.under), 0o755); err != nil {
			return n, fmt.Errorf("export law: %w", err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(part.from, name)
			if err != nil {
				return n, fmt.Errorf("export law: %w", err)
			}
			if err := writeNew(filepath.Join(dir, part.under, name), b); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("export law: %s is there already; choose an empty folder", path)
	}
	if err != nil {
		return fmt.Errorf("export law: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("export law: %w", err)
	}
	return nil
}
