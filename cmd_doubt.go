package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func doubtCommand(g *globals) *cobra.Command {
	return group("doubt", "Leaks, sources and recipients of which too much was rejected", doubtList(g), doubtClear(g))
}

func doubtList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List leaks, sources and recipients for which no notice is drafted until counsel has looked", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			doubts, err := d.Doubts(c.Context())
			if err != nil {
				return err
			}
			return list(g, doubts, "ENTRY\tOF\tNAME\tREJECTED\tCASES THAT WAIT\tSINCE", func(x takedown.Doubt) []string {
				return []string{x.ID, x.Of, x.Name, fmt.Sprintf("%d of %d", x.Rejected, x.Decided), strconv.Itoa(x.Waiting), stamp(x.Created)}
			})
		})
	}}
}

func doubtClear(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "clear ID", Short: "Let notices be drafted again, after counsel looked why so much was rejected", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				return d.ClearDoubt(c.Context(), by, args[0], reason)
			})
		}}
	who.flags(c)
	c.Flags().StringVar(&reason, "reason", "", "what was found, and why drafts may go on; kept in the record")
	_ = c.MarkFlagRequired("reason")
	return c
}
