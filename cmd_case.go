package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func caseCommand(g *globals) *cobra.Command {
	return group("case", "Cases: one known leak at one place", caseList(g), caseShow(g), caseTriage(g), caseInspect(g), caseDispute(g), caseUphold(g), caseDossier(g))
}

func caseList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List cases", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			rows, err := d.Cases(c.Context(), takedown.CaseFilter{})
			if err != nil {
				return err
			}
			return list(g, rows, "CASE\tSTATE\tLEAK\tPLACE\tGRADE\tBITS\tCREATED", func(r takedown.CaseRow) []string {
				return []string{r.ID, r.Reads(), r.Leak, r.Place, r.Grade, fmt.Sprintf("%.0f", r.Bits), stamp(r.Created)}
			})
		})
	}}
}

func caseShow(g *globals) *cobra.Command {
	return &cobra.Command{Use: "show ID", Short: "Explain one case", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			f, err := d.Case(c.Context(), args[0])
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(f)
			}
			g.tellCase(f)
			return nil
		})
	}}
}

func (g *globals) tellCase(f *takedown.CaseFile) {
	g.printf("%s  %s\n", f.ID, strings.ReplaceAll(f.Reads(), "_", " "))
	g.printf("  leak      %s\n  place     %s\n  url       %s\n", f.Leak, f.Place, f.URL)
	g.printf("  why       %s\n  match     %s, %.0f bits, %.0f %% of %s\n", f.Reason, f.Grade, f.Bits, 100*f.Coverage, strings.Join(f.FileIDs, ", "))
	subjects := "unknown"
	if f.Subjects > 0 {
		subjects = fmt.Sprint(f.Subjects)
	}
	g.printf("  subjects  %s  categories %s\n", subjects, strings.Join(f.Categories, ", "))
	g.printf("  checks    %d of %d said gone, %d of them from a second network; next %s\n", f.GoneChecks, f.GoneNeeded, f.GoneElsewhere, stamp(f.NextCheck))
	for _, c := range f.Contacts {
		g.printf("  contact   %s (%s, %s, %.0f %%) %s\n", c.Email, c.Kind, c.Source, 100*c.Confidence, c.Skipped)
	}
	for _, n := range f.Notices {
		withdrawn := ""
		if n.Withdrawn != "" {
			withdrawn = "  withdrawn"
		}
		g.printf("  notice    %s  %s  %s  %s%s\n", n.ID, n.Kind, n.State, n.Recipient, withdrawn)
	}
	if !f.NextFollowUp.IsZero() {
		g.printf("  follow-up %s\n", stamp(f.NextFollowUp))
	}
	for _, s := range f.Disputes {
		g.printf("  dispute   %s  %s by %s  %s\n", s.ID, s.State, s.Party, s.Answer)
	}
	for _, i := range f.Inspections {
		g.printf("  inspected %s  %s by %s  %s\n", stamp(i.At), i.How, i.By, i.What)
	}
	g.printf("  host      %d cases, %d gone; something came back %d times\n", f.Host.Cases, f.Host.Gone, f.Host.Times)
	for _, h := range f.History {
		g.printf("  %s  %s → %s  %s\n", stamp(h.At), h.From, h.To, h.Why)
	}
}

func caseTriage(g *globals) *cobra.Command {
	var who identity
	var wrong bool
	var exception, reason, inspected, how string
	c := &cobra.Command{Use: "triage ID", Short: "Answer whether a match is a wrong at all (counsel)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if wrong == (exception != "") {
				return &usageError{errors.New("answer either --wrong, or --exception with --reason")}
			}
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				answer := takedown.Triage{Wrong: wrong, Exception: exception, Reason: reason}
				if inspected != "" {
					answer.Inspected = &takedown.Inspection{What: inspected, How: how}
				}
				err := d.AnswerTriage(c.Context(), by, args[0], answer)
				if err != nil || !wrong {
					return err
				}
				_, err = d.Draft(c.Context())
				return err
			})
		}}
	who.flags(c)
	c.Flags().BoolVar(&wrong, "wrong", false, "it is a wrong: a notice may be drafted")
	c.Flags().StringVar(&exception, "exception", "", "why it is none: own_publication, journalism, court, authority, research, other")
	c.Flags().StringVar(&reason, "reason", "", "counsel's reason")
	c.Flags().StringVar(&inspected, "inspected", "", "what counsel personally looked at for this answer; kept sealed")
	c.Flags().StringVar(&how, "how", "explanation", "how: "+strings.Join(takedown.Hows(), ", "))
	return c
}

func sightingCommand(g *globals) *cobra.Command {
	ls := &cobra.Command{Use: "list", Short: "List sightings", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			rows, err := d.Sightings(c.Context())
			if err != nil {
				return err
			}
			return list(g, rows, "SIGHTING\tCASE\tLEAK\tSOURCE\tGRADE\tVERDICT\tURL\tLAST SEEN", func(r takedown.SightingRow) []string {
				return []string{r.ID, r.Case, r.Leak, r.Source, r.Grade, r.Verdict, r.URL, stamp(r.Seen)}
			})
		})
	}}
	return group("sighting", "What sweeps found", ls)
}

func recheckCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "recheck [CASE...]", Short: "Look again at the addresses of cases (none named: those that are due), and draft the follow-up that is due",
		Args: cobra.ArbitraryArgs, RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				checked, err := d.Recheck(c.Context(), args...)
				if err != nil {
					return err
				}
				if _, err := d.Draft(c.Context()); err != nil {
					return err
				}
				return list(g, checked, "CASE\tSAW\tSTATE\tWHY", func(r takedown.Checked) []string {
					return []string{r.Case, string(r.Outcome), string(r.State), r.Reason}
				})
			})
		}}
}

// commandLine is who acts when the operator types a command that needs no account.
var commandLine = takedown.Actor{ID: "operator", Name: "operator at the command line", Role: "operator"}

// withDocket opens an installation with its docket.
func (g *globals) withDocket(ctx context.Context, f func(*app, *takedown.Docket) error) error {
	return g.with(func(a *app) error {
		d, err := a.docket(ctx)
		if err != nil {
			return err
		}
		return f(a, d)
	})
}
