package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func replyCommand(g *globals) *cobra.Command {
	return group("reply", "Mails that came in: bounces, automatic answers, answers of people", replyList(g), replyShow(g), replyFetch(g), replyAttach(g), replyConfirm(g))
}

func replyList(g *globals) *cobra.Command {
	var f takedown.ReplyFilter
	var state string
	c := &cobra.Command{Use: "list", Short: "List mails that came in, those that wait for a person first", RunE: func(c *cobra.Command, _ []string) error {
		states := []string{"", string(takedown.ReplyUnmatched), string(takedown.ReplyWaiting), string(takedown.ReplySettled)}
		if !slices.Contains(states, state) {
			return &usageError{fmt.Errorf("--state %q: it is one of %s", state, strings.Join(states[1:], ", "))}
		}
		f.State = takedown.ReplyState(state)
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			rows, err := d.Replies(c.Context(), f)
			if err != nil {
				return err
			}
			return list(g, rows, "REPLY\tSTATE\tKIND\tSAYS\tCASE\tNOTICE\tRECEIVED", func(r takedown.ReplyRow) []string {
				says := strings.Join(r.Says, " ")
				if r.Meaning != "" {
					says = r.Meaning
				}
				return []string{r.ID, string(r.State), r.Kind, says, r.Case, r.Notice, stamp(r.Received)}
			})
		})
	}}
	c.Flags().StringVar(&state, "state", "", "only those that are unmatched, waiting or settled")
	c.Flags().StringVar(&f.Case, "case", "", "only those about this case")
	c.Flags().StringVar(&f.Notice, "notice", "", "only those to this notice")
	return c
}

func replyShow(g *globals) *cobra.Command {
	var who identity
	var raw bool
	c := &cobra.Command{Use: "show ID", Short: "Show a mail that came in; what it says is for counsel (--as)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				by, err := a.actorOr(c.Context(), who)
				if err != nil {
					return err
				}
				if raw {
					b, err := d.ReplyRaw(c.Context(), by, args[0])
					if err == nil {
						g.printf("%s", b)
					}
					return err
				}
				f, err := d.Reply(c.Context(), by, args[0])
				if err != nil {
					return err
				}
				if g.json {
					return g.printJSON(f)
				}
				g.tellReply(f)
				return nil
			})
		}}
	who.optional(c)
	c.Flags().BoolVar(&raw, "raw", false, "the mail as it came, nothing masked (counsel)")
	return c
}

func (g *globals) tellReply(f *takedown.ReplyFile) {
	g.printf("%s  %s  %s\n  says      %s\n", f.ID, f.State, f.Kind, strings.Join(f.Says, ", "))
	if f.Meaning != "" {
		g.printf("  means     %s\n", f.Meaning)
	}
	g.printf("  case      %s\n  notice    %s  %s\n  received  %s\n", f.Case, f.Notice, f.TiedBy, stamp(f.Received))
	for _, s := range f.Failed {
		g.printf("  failed    %s\n", s)
	}
	switch {
	case f.Forgotten:
		g.printf("  It is past its keeping time: what it says was forgotten.\n")
	case f.Withheld:
		g.printf("  What it says is for counsel: give --as and --password-file.\n")
	default:
		g.printf("  from      %s %s\n  subject   %s\n", f.FromName, f.From, f.Subject)
		if len(f.Theirs) > 0 {
			g.printf("  tickets   %s\n", strings.Join(f.Theirs, ", "))
		}
		g.printf("\n%s\n", f.Text)
	}
}

func replyFetch(g *globals) *cobra.Command {
	return &cobra.Command{Use: "fetch", Short: "Read the mailbox of answers now", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			if !a.cfg.Mail.IMAP.IsSet() {
				return fmt.Errorf("mail.imap is not configured: there is no mailbox to read")
			}
			n, err := a.fetchReplies(c.Context(), d)
			if err != nil {
				return err
			}
			g.note("%d mails read: see `unmirror reply list`", n)
			return nil
		})
	}}
}

func replyAttach(g *globals) *cobra.Command {
	var who identity
	c := &cobra.Command{Use: "attach ID CASE", Short: "Tie a mail that names no notice to a case", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			by, err := a.actorOr(c.Context(), who)
			if err != nil {
				return err
			}
			return d.AttachReply(c.Context(), by, args[0], args[1])
		})
	}}
	who.optional(c)
	return c
}

func replyConfirm(g *globals) *cobra.Command {
	var who identity
	c := &cobra.Command{Use: "confirm ID MEANING", Short: "Say what a mail means: " + strings.Join(takedown.Confirmable(), ", "), Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(takedown.Confirmable(), args[1]) {
				return &usageError{fmt.Errorf("%q: it is one of %s", args[1], strings.Join(takedown.Confirmable(), ", "))}
			}
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				by, err := a.actorOr(c.Context(), who)
				if err != nil {
					return err
				}
				return d.ConfirmReply(c.Context(), by, args[0], args[1])
			})
		}}
	who.optional(c)
	return c
}

// actorOr is the account that acts, or the operator at the machine where none is named: nothing is approved by it.
func (a *app) actorOr(ctx context.Context, who identity) (takedown.Actor, error) {
	if who.name == "" {
		return commandLine, nil
	}
	return a.actor(ctx, who)
}

func outboxSuppressed(g *globals) *cobra.Command {
	ls := &cobra.Command{Use: "list", Short: "List the addresses that are not written to again", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			rows, err := d.Suppressed(c.Context())
			if err != nil {
				return err
			}
			return list(g, rows, "ENTRY\tWHY\tADDRESS\tREPLY\tSINCE", func(r takedown.SuppressedRow) []string {
				return []string{r.ID, r.State, r.Address, r.Reply, stamp(r.Created)}
			})
		})
	}}
	var who identity
	var reason string
	rm := &cobra.Command{Use: "remove ID", Short: "Let an address be written to again", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			by, err := a.actorOr(c.Context(), who)
			if err != nil {
				return err
			}
			return d.Unsuppress(c.Context(), by, args[0], reason)
		})
	}}
	who.optional(rm)
	rm.Flags().StringVar(&reason, "reason", "", "why; kept in the record")
	return group("suppressed", "Addresses that are not written to: mail came back for good, or they asked for it", ls, rm)
}
