package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func noticeCommand(g *globals) *cobra.Command {
	return group("notice", "Notices: list, read, approve, reject, withdraw", noticeList(g), noticeShow(g), noticeApprove(g), noticeReject(g),
		noticeRetract(g), noticeAnswered(g), noticeSent(g))
}

func noticeList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List notices", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			rows, err := d.Notices(c.Context(), takedown.NoticeFilter{})
			if err != nil {
				return err
			}
			return list(g, rows, "NOTICE\tKIND\tSTATE\tCASE\tPLACES\tTICKET\tRECIPIENT\tREGIME\tLANGUAGE\tVERSION\tCREATED", func(r takedown.NoticeRow) []string {
				return []string{r.ID, string(r.Kind), string(r.State), r.Case, fmt.Sprint(len(r.Cases)), r.Ticket, r.Recipient, r.Regime, r.Language,
					fmt.Sprint(r.Version), stamp(r.Created)}
			})
		})
	}}
}

func noticeShow(g *globals) *cobra.Command {
	var format, webForm string
	var diff bool
	var from, to int
	c := &cobra.Command{Use: "show ID", Short: "Print a notice as it would be sent, or what changed between two versions", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			if diff {
				return g.showDiff(c.Context(), d, args[0], from, to)
			}
			if format == "form" {
				return g.showForm(c.Context(), d, args[0], webForm)
			}
			return g.showNotice(c.Context(), d, args[0], format)
		})
	}}
	c.Flags().BoolVar(&diff, "diff", false, "what changed from one version to another, line by line")
	c.Flags().IntVar(&from, "from", 0, "with --diff: the older version (0: the one before)")
	c.Flags().IntVar(&to, "to", 0, "with --diff: the newer version (0: the current one)")
	c.Flags().StringVar(&format, "format", "txt", "txt, eml (the exact bytes to approve), pdf, form (field sheet of a web form), xarf or json")
	c.Flags().StringVar(&webForm, "form", "", "with --format form: which form (default by the recipient)")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"txt", "eml", "pdf", "form", "xarf", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (g *globals) showNotice(ctx context.Context, d *takedown.Docket, id, format string) error {
	if g.json {
		format = "json"
	}
	switch format {
	case "eml":
		b, err := d.NoticeEML(ctx, id)
		if err != nil {
			return err
		}
		_, err = g.stdout.Write(b)
		return err
	case "xarf":
		reports, err := d.NoticeXARF(ctx, id)
		if err != nil {
			return err
		}
		for _, r := range reports {
			g.printf("%s\n", r)
		}
		return nil
	case "pdf":
		b, err := d.NoticePDF(ctx, id)
		if err != nil {
			return err
		}
		_, err = g.stdout.Write(b)
		return err
	case "txt", "json":
		n, err := d.Notice(ctx, id)
		if err != nil {
			return err
		}
		if format == "json" {
			return g.printJSON(n)
		}
		g.tellNotice(n)
		return nil
	default:
		return &usageError{fmt.Errorf("--format %s: it is one of txt, eml, pdf, form, xarf, json", format)}
	}
}

// noticeDiff is what `notice show --diff --json` prints.
type noticeDiff struct {
	ID    string              `json:"id"`
	From  int                 `json:"from"`
	To    int                 `json:"to"`
	Lines []takedown.DiffLine `json:"lines"`
}

func (g *globals) showDiff(ctx context.Context, d *takedown.Docket, id string, from, to int) error {
	from, to, lines, err := d.NoticeDiff(ctx, id, from, to)
	if err != nil {
		return err
	}
	if g.json {
		return g.printJSON(noticeDiff{ID: id, From: from, To: to, Lines: lines})
	}
	g.printf("--- version %d\n+++ version %d\n", from, to)
	for _, l := range lines {
		g.printf("%s%s\n", l.Op, l.Text)
	}
	return nil
}

func (g *globals) tellNotice(n *takedown.NoticeFile) {
	g.printf("%s  %s  %s  version %d  digest %s\n", n.ID, n.Kind, n.State, n.Version, n.Digest)
	for _, m := range n.Missing {
		g.printf("missing: %s\n", m)
	}
	for _, b := range n.Blocked {
		g.printf("blocked: %s\n", b)
	}
	if n.Unwritable != "" {
		g.printf("not written to: %s It waits until the address is taken off the list (unmirror outbox suppressed remove).\n", n.Unwritable)
	}
	for _, u := range n.Unsure {
		g.printf("unconfirmed: %s\n", u)
	}
	g.printf("\nFrom: %s\nTo: %s\nSubject: %s\n\n%s\n", n.From, n.Recipient, n.Subject, n.Body)
}

func noticeApprove(g *globals) *cobra.Command {
	var who identity
	var digest, accept string
	c := &cobra.Command{Use: "approve ID", Short: "Approve exactly these bytes and this envelope (counsel)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				if digest == "" {
					n, err := d.Notice(c.Context(), args[0])
					if err != nil {
						return err
					}
					digest = n.Digest
				}
				err := d.Approve(c.Context(), by, args[0], takedown.Approval{Digest: digest, AcceptLocation: accept})
				if err != nil {
					return explain(err)
				}
				g.note("approved %s (digest %s)", args[0], digest)
				return nil
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&digest, "digest", "", "the digest that was read; the approval fails when the notice has changed since")
	c.Flags().StringVar(&accept, "accept-location", "", "reason for sending this exact address although it holds an identifier")
	return c
}

func noticeReject(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "reject ID", Short: "Reject a notice, with the reason (counsel)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				return explain(d.Reject(c.Context(), by, args[0], reason))
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&reason, "reason", "", "why; kept in the record")
	return c
}

// explain adds what the person at the command line can do next.
func explain(err error) error {
	var incomplete *takedown.IncompleteError
	var blocked *takedown.BlockedError
	switch {
	case errors.As(err, &incomplete):
		return fmt.Errorf("not approved, this is missing:\n  - %s", strings.Join(incomplete.Missing, "\n  - "))
	case errors.As(err, &blocked):
		return fmt.Errorf("not approved: %w\n  edit the notice on the desk; when only the exact address holds it, approve with --accept-location REASON", err)
	}
	return err
}
