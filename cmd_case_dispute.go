package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func caseDispute(g *globals) *cobra.Command {
	var who identity
	var said takedown.Dispute
	var received string
	c := &cobra.Command{Use: "dispute ID", Short: "Record that somebody says a notice about the case is wrong: nothing goes out for it until it is answered (counsel)",
		Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(takedown.Parties(), said.Party) {
				return &usageError{fmt.Errorf("--by %q: it is one of %s", said.Party, strings.Join(takedown.Parties(), ", "))}
			}
			var err error
			if said.Received, err = dateFlag(received); err != nil {
				return err
			}
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				id, err := d.OpenDispute(c.Context(), by, args[0], said)
				if err == nil {
					g.note("%s is disputed (%s): answer with `unmirror case uphold`, or withdraw with `unmirror notice retract`", args[0], id)
				}
				return err
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&said.Party, "by", "", "who says so: uploader, recipient, subject (a person whom the data are about), other")
	c.Flags().StringVar(&said.Who, "who", "", "how they call themselves; kept sealed")
	c.Flags().StringVar(&said.What, "what", "", "what they say; kept sealed")
	c.Flags().StringVar(&received, "received", "", "when, such as 2026-03-14 (empty: now)")
	_ = c.MarkFlagRequired("by")
	_ = c.MarkFlagRequired("what")
	return c
}

func caseUphold(g *globals) *cobra.Command {
	var who identity
	var answer string
	c := &cobra.Command{Use: "uphold ID", Short: "Answer a dispute: the notice stands, and what waited goes on (counsel)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				return d.Uphold(c.Context(), by, args[0], answer)
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&answer, "answer", "", "what was answered, and why; kept sealed")
	_ = c.MarkFlagRequired("answer")
	return c
}
