package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown"
	"unmirror/takedown/incident"
)

// readLeakFile reads a leak file; its errors name file, line and field.
func readLeakFile(path string, now time.Time) (incident.File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return incident.File{}, fmt.Errorf("read leak file: %w", err)
	}
	f, err := incident.Parse(raw, now)
	if err != nil {
		return f, fmt.Errorf("leak file %s: %w", path, err)
	}
	return f, nil
}

// addWithFile registers a leak, with its file where one is given. What permits national numbers may stand in the file too, or in
// the one that the leak has already.
func (a *app) addWithFile(ctx context.Context, d *takedown.Docket, add leakToAdd) error {
	f, known, err := d.Incident(ctx, add.slug)
	if err != nil {
		return err
	}
	if add.leakFile != "" {
		if known {
			if _, err := a.keeper(ctx, identity{}); err != nil {
				return &usageError{fmt.Errorf("%s has a leak file already, and there are accounts: change it with `unmirror leak file %s --set FILE --as USER --password-file FILE`", add.slug, add.slug)}
			}
		}
		if f, err = readLeakFile(add.leakFile, a.store.Now()); err != nil {
			return err
		}
	}
	if add.authority == nil && len(f.Needs(incident.Numbers())) == 0 {
		text := strings.TrimSpace(f.NationalNumbers.Authority + " " + f.NationalNumbers.Reference)
		add.authority = &text
	}
	if l := a.cfg.Organisation.Languages; add.title == "" && !f.Title.Empty() {
		add.title = f.Title.In(append(l, "")[0])
	}
	if err := a.addLeak(ctx, add); err != nil || add.leakFile == "" {
		return err
	}
	// The guard knows what must not stand in the file only once the leak is registered.
	if err := d.SetIncident(ctx, commandLine, add.slug, f); err != nil {
		return fmt.Errorf("%s is registered, but its leak file is not taken: %w Correct it, then: unmirror leak file %s --set FILE", add.slug, err, add.slug)
	}
	if !a.json {
		a.tellMissing(add.slug, f)
	}
	return nil
}

func leakFile(g *globals) *cobra.Command {
	var who identity
	var set string
	var blank bool
	c := &cobra.Command{Use: "file SLUG", Short: "Print a leak's file as YAML, or set a new version of it (docs/leak-file.md)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if blank {
				g.printf("%s", incident.Blank())
				return nil
			}
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				if set != "" {
					return a.setLeakFile(c.Context(), d, who, args[0], set)
				}
				return a.printLeakFile(c.Context(), d, args[0])
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&set, "set", "", "file whose content becomes the leak's file")
	c.Flags().BoolVar(&blank, "blank", false, "print an empty one to fill in, which says of each field what to write there")
	return c
}

// leakFileRow is a leak file as JSON.
type leakFileRow struct {
	ID       string                     `json:"id"`
	State    string                     `json:"state"` // complete, or lacking: what sweeps need
	Created  *time.Time                 `json:"created"`
	Version  int                        `json:"version"`
	Digest   string                     `json:"digest"`
	File     incident.File              `json:"file"`
	Sweeps   []incident.Missing         `json:"missing_for_sweeps"`
	Numbers  []incident.Missing         `json:"missing_for_numbers"`
	Notices  []incident.Missing         `json:"missing_for_notices"`
	Versions []takedown.IncidentVersion `json:"versions"`
}

func (a *app) printLeakFile(ctx context.Context, d *takedown.Docket, slug string) error {
	f, ok, err := d.Incident(ctx, slug)
	if err != nil {
		return err
	}
	if !ok {
		if !a.registered(slug) {
			return fmt.Errorf("no leak is registered as %q (unmirror leak list)", slug)
		}
		return fmt.Errorf("%q has no leak file yet: unmirror leak file %s --set FILE (docs/leak-file.md)", slug, slug)
	}
	if !a.json {
		text, err := f.YAML()
		if err != nil {
			return err
		}
		a.printf("%s", text)
		return nil
	}
	versions, err := d.IncidentVersions(ctx, slug)
	if err != nil {
		return err
	}
	row := leakFileRow{ID: slug, State: "complete", File: f, Sweeps: f.Needs(incident.Sweep("", a.categories(slug))),
		Numbers: f.Needs(incident.Numbers()), Notices: f.Needs(incident.Notice()), Versions: versions}
	if len(row.Sweeps) > 0 {
		row.State = "lacking"
	}
	if len(versions) > 0 {
		row.Version, row.Digest, row.Created = versions[0].Version, versions[0].Digest, &versions[0].Created
	}
	return a.printJSON(row)
}

// categories are those that the known files of a leak are said to hold.
func (a *app) categories(slug string) []string {
	for _, k := range a.leaks() {
		if k.Slug == slug {
			return k.Categories
		}
	}
	return nil
}

// keeper is who sets a leak file or ticks a duty at the command line: an account as soon as there are any.
func (a *app) keeper(ctx context.Context, who identity) (takedown.Actor, error) {
	if who.name != "" || who.passwordFile != "" {
		if who.name == "" || who.passwordFile == "" {
			return takedown.Actor{}, &usageError{errors.New("--as and --password-file go together")}
		}
		return a.actor(ctx, who)
	}
	accounts, err := a.accounts(ctx)
	if err != nil {
		return takedown.Actor{}, err
	}
	users, err := accounts.List(ctx)
	if err != nil {
		return takedown.Actor{}, err
	}
	if len(users) > 0 {
		return takedown.Actor{}, &usageError{errors.New("there are accounts: say who acts, with --as USER --password-file FILE")}
	}
	return commandLine, nil
}

func (a *app) setLeakFile(ctx context.Context, d *takedown.Docket, who identity, slug, path string) error {
	by, err := a.keeper(ctx, who)
	if err != nil {
		return err
	}
	f, err := readLeakFile(path, a.store.Now())
	if err != nil {
		return err
	}
	if err := d.SetIncident(ctx, by, slug, f); err != nil {
		return fmt.Errorf("set leak file of %s: %w", slug, err)
	}
	a.tellNumbers(slug, f)
	if a.json {
		return a.printLeakFile(ctx, d, slug)
	}
	a.printf("the leak file of %s is set\n", slug)
	a.tellMissing(slug, f)
	return nil
}

// tellMissing says what still waits.
func (a *app) tellMissing(slug string, f incident.File) {
	for _, w := range []struct {
		what string
		p    incident.Purpose
	}{{"sweeps of public sources wait for", incident.Sweep("", a.categories(slug))}, {"notices lack", incident.Notice()}} {
		for _, m := range f.Needs(w.p) {
			a.printf("  %s %s\n", w.what, m)
		}
	}
}

// tellNumbers says where the index was made under another word on national numbers than the file's.
func (a *app) tellNumbers(slug string, f incident.File) {
	for _, k := range a.leaks() {
		if k.Slug != slug {
			continue
		}
		if may := f.NationalNumbers.Authority != ""; may != (k.NumberAuthority != "") {
			word := map[bool]string{true: "permits national numbers, which the index leaves out", false: "permits no national numbers, which the index holds"}[may]
			a.note("the file %s: register the leak again for that to hold (unmirror leak remove %s, then leak add)", word, slug)
		}
	}
}

func leakDuties(g *globals) *cobra.Command {
	var who identity
	var done, on, proof string
	c := &cobra.Command{Use: "duties SLUG", Short: "List a leak's duties with their clocks and the five steps, or tick one off", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				if done != "" {
					by, err := a.keeper(c.Context(), who)
					if err != nil {
						return err
					}
					if err := d.DutyDone(c.Context(), by, args[0], done, incident.Date(on), proof); err != nil {
						return fmt.Errorf("tick duty: %w", err)
					}
				} else if on != "" || proof != "" {
					return &usageError{errors.New("--on and --proof say when and how a duty was done: name it with --done")}
				}
				rows, err := d.Duties(c.Context(), args[0])
				if err != nil {
					return err
				}
				return a.tellDuties(rows)
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&done, "done", "", "duty that was done, by its name in the list")
	c.Flags().StringVar(&on, "on", "", "when, as 2026-03-14 or 2026-03-14T09:30+01:00")
	c.Flags().StringVar(&proof, "proof", "", "what shows it: a reference, a letter, a receipt; kept sealed")
	return c
}

// dutyRow is a duty as `leak duties --json` prints it.
type dutyRow struct {
	takedown.DutyRow
	Created *time.Time `json:"created"` // since when its clock runs
}

func (a *app) tellDuties(rows []takedown.DutyRow) error {
	var out []dutyRow
	for _, r := range rows {
		out = append(out, dutyRow{r, zeroNil(r.From)})
	}
	if err := list(a.globals, out, "DUTY\tSTATE\tDUE\tDONE\tWHO\tWHAT", func(r dutyRow) []string {
		return []string{r.ID, strings.ReplaceAll(r.State, "_", " "), stamp(r.Due), orDash(r.Done.Day()), orDash(r.By), r.What + because(r.Why)}
	}); err != nil || a.json {
		return err
	}
	var all []incident.Duty
	for _, r := range rows {
		all = append(all, r.Duty)
	}
	if n := incident.Overdue(all); n > 0 {
		a.printf("\n%d overdue\n", n)
	}
	return nil
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}
