package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func noticeRetract(g *globals) *cobra.Command {
	var who identity
	var w takedown.Withdrawal
	var show bool
	c := &cobra.Command{Use: "retract ID", Short: "Withdraw a notice from everybody who was told of its cases, in one act (counsel)", Args: cobra.ExactArgs(1),
		Long: `Withdraw a notice that turned out to be wrong. Everybody who got a notice about its cases, of whatever kind, is told. The texts are
printed, approved together and queued; the cases are dismissed. With --show they are only drafted and printed with their digest; with
--digest exactly those that were shown are approved.`,
		RunE: func(c *cobra.Command, args []string) error {
			if !show && strings.TrimSpace(w.Reason) == "" {
				return &usageError{errors.New("--reason: say why it is withdrawn")}
			}
			if w.Wrong != "" && !slices.Contains(takedown.Wrongs(), w.Wrong) {
				return &usageError{fmt.Errorf("--wrong %s: it is one of %s", w.Wrong, strings.Join(takedown.Wrongs(), ", "))}
			}
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				var f *takedown.RetractionFile
				var err error
				if w.Digest != "" {
					f, err = d.Retraction(c.Context(), args[0])
				} else {
					f, err = d.PrepareRetraction(c.Context(), by, args[0], w)
				}
				if err != nil {
					return err
				}
				if err := g.tellRetraction(f); err != nil || show {
					return err
				}
				if w.Digest == "" {
					w.Digest = f.Digest // of the texts that were just printed
				}
				if err := d.Retract(c.Context(), by, args[0], w); err != nil {
					return explain(err)
				}
				g.note("withdrawn from %d recipients (digest %s)", len(f.Notices), f.Digest)
				return nil
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&w.Reason, "reason", "", "why it is withdrawn; kept in the record")
	c.Flags().StringVar(&w.Wrong, "wrong", "", "what recipients are told was wrong: not_leak, exception, wrong_location, wrong_recipient, other")
	c.Flags().StringVar(&w.Words, "words", "", "a sentence for the recipients, in place of the reason where --wrong is other")
	c.Flags().StringVar(&w.Digest, "digest", "", "the digest that --show printed: nothing else is approved")
	c.Flags().StringVar(&w.AcceptLocation, "accept-location", "", "reason for naming the exact address although it holds an identifier")
	c.Flags().StringSliceVar(&w.Cases, "case", nil, "withdraw it for this case alone, of several that it is about (repeatable)")
	c.Flags().BoolVar(&show, "show", false, "only draft and print the texts")
	return c
}

// tellRetraction prints every text of a withdrawal, and the digest over all of them.
func (g *globals) tellRetraction(f *takedown.RetractionFile) error {
	if g.json {
		return g.printJSON(f)
	}
	for _, n := range f.Notices {
		g.tellNotice(n)
	}
	g.printf("%d texts about %d cases, digest %s\n", len(f.Notices), len(f.Cases), f.Digest)
	return nil
}

func noticeAnswered(g *globals) *cobra.Command {
	var on string
	c := &cobra.Command{Use: "answered ID receipt|removed|refused|question|other", Short: "Note what a recipient answered, where the answer did not come by mail",
		Long: `Note what a recipient answered, for instance by telephone or in a form. That something was removed is never believed: its address is
looked at with the next recheck. A refusal has the next rung and the complaint drafted at once.`,
		Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
			answers := []string{"receipt", "removed", "refused", "question", "other"}
			if !slices.Contains(answers, args[1]) {
				return &usageError{fmt.Errorf("%q: it is one of %s", args[1], strings.Join(answers, ", "))}
			}
			at, err := dateFlag(on)
			if err != nil {
				return err
			}
			return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
				return d.Answered(c.Context(), commandLine, args[0], takedown.Answer(args[1]), at)
			})
		}}
	c.Flags().StringVar(&on, "on", "", "when, such as 2026-03-14 (empty: now)")
	return c
}

// dateFlag reads a day, or a day with a time in UTC; empty gives the zero time.
func dateFlag(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &usageError{fmt.Errorf("%q is no date such as 2026-03-14 or 2026-03-14T09:30", s)}
}
