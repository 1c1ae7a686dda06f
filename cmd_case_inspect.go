package main

import (
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func caseInspect(g *globals) *cobra.Command {
	var who identity
	var i takedown.Inspection
	var date string
	c := &cobra.Command{Use: "inspect ID", Short: "Record what counsel personally looked at in a case, and how (counsel)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if i.Date, err = dateFlag(date); err != nil {
				return err
			}
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				return d.Inspect(c.Context(), by, args[0], i)
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&i.What, "what", "", "what was looked at; kept sealed")
	c.Flags().StringVar(&i.How, "how", "", "how: "+strings.Join(takedown.Hows(), ", "))
	c.Flags().StringVar(&date, "date", "", "when, such as 2026-03-14 (empty: now)")
	_ = c.MarkFlagRequired("what")
	_ = c.MarkFlagRequired("how")
	return c
}
