package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

// outboxRow is one delivery as `outbox list` prints it: a notice's attempt, or a mail to a subscriber, whose notice is
// empty and whose address is never shown.
type outboxRow struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	Created     time.Time  `json:"created"`
	Kind        string     `json:"kind"` // notice, alert or operator
	Notice      string     `json:"notice"`
	Attempt     int        `json:"attempt"`
	NextAttempt *time.Time `json:"next_attempt"` // null when none is due
	Recipient   string     `json:"recipient"`
	Reason      string     `json:"reason"`
}

func outboxCommand(g *globals) *cobra.Command {
	ls := &cobra.Command{Use: "list", Short: "List deliveries: of notices, and mails to subscribers that did not simply arrive", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			rows, err := a.outboxRows(c.Context(), d)
			if err != nil {
				return err
			}
			return list(g, rows, "ATTEMPT\tSTATE\tKIND\tNOTICE\tTRY\tNEXT\tRECIPIENT\tREASON", func(r outboxRow) []string {
				return []string{r.ID, r.State, r.Kind, r.Notice, fmt.Sprint(r.Attempt), stamp(orZero(r.NextAttempt)), r.Recipient, r.Reason}
			})
		})
	}}
	send := &cobra.Command{Use: "run", Short: "Deliver what is approved and due, now", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			al, err := a.alerts(c.Context(), d)
			if err != nil {
				return err
			}
			n, err := d.Deliver(c.Context())
			if err != nil {
				return err
			}
			m, err := al.Deliver(c.Context())
			if err != nil {
				return err
			}
			box, err := a.operatorMail(c.Context(), d)
			if err != nil {
				return err
			}
			k, err := box.Deliver(c.Context())
			if err != nil {
				return err
			}
			g.note("%d deliveries tried: see `unmirror outbox list`", n+m+k)
			return nil
		})
	}}
	return group("outbox", "Approved notices on their way", ls, send, outboxResolve(g), outboxSuppressed(g))
}

// outboxRows lists notices' attempts, and those mails to subscribers that still matter.
func (a *app) outboxRows(ctx context.Context, d *takedown.Docket) ([]outboxRow, error) {
	attempts, err := d.Attempts(ctx)
	if err != nil {
		return nil, err
	}
	var rows []outboxRow
	for _, t := range attempts {
		rows = append(rows, outboxRow{t.ID, string(t.State), t.Created, "notice", t.Notice, t.Attempt, zeroNil(t.NextAttempt), t.Recipient, t.Reason})
	}
	al, err := a.alerts(ctx, d)
	if err != nil {
		return nil, err
	}
	mails, err := al.Mails(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range mails {
		if m.State != "sent" && m.State != "void" {
			rows = append(rows, outboxRow{m.ID, m.State, m.Created, "alert", "", m.Attempt, zeroNil(m.NextAttempt), "", m.Reason})
		}
	}
	box, err := a.operatorMail(ctx, d)
	if err != nil {
		return nil, err
	}
	told, err := box.Mails(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range told {
		rows = append(rows, outboxRow{m.ID, m.State, m.Created, "operator", "", m.Attempt, zeroNil(m.NextAttempt), a.cfg.Organisation.Email, m.Reason})
	}
	return rows, nil
}

func outboxResolve(g *globals) *cobra.Command {
	var who identity
	c := &cobra.Command{Use: "resolve ID sent|retry", Short: "Decide a delivery of which nobody knows whether it arrived", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] != "sent" && args[1] != "retry" {
				return &usageError{fmt.Errorf("%q: it is sent or retry", args[1])}
			}
			return g.with(func(a *app) error {
				by := commandLine // no account is needed: nothing new is approved, and the log names the operator at the machine
				if who.name != "" {
					var err error
					if by, err = a.actor(c.Context(), who); err != nil {
						return err
					}
				}
				return a.resolve(c.Context(), by, args[0], args[1])
			})
		}}
	who.optional(c)
	return c
}

// resolve takes a person's answer to a notice's attempt or to a mail to a subscriber.
func (a *app) resolve(ctx context.Context, by takedown.Actor, id, answer string) error {
	d, err := a.docket(ctx)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(id, "mail_") {
		return d.Resolve(ctx, by, id, answer)
	}
	box, err := a.operatorMail(ctx, d)
	if err != nil {
		return err
	}
	switch mine, err := box.Has(ctx, id); {
	case err != nil:
		return err
	case mine:
		return box.Resolve(ctx, by.ID, id, answer)
	}
	al, err := a.alerts(ctx, d)
	if err != nil {
		return err
	}
	return al.Resolve(ctx, by.ID, id, answer)
}
