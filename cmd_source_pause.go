package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// pauseCommand is `source pause` and, with paused false, `source resume`. Both work beside a running daemon, and in a fleet
// for all of its workers at once.
func pauseCommand(g *globals, use, short, done string, paused bool) *cobra.Command {
	return &cobra.Command{Use: use + " NAME...", Short: short, Args: cobra.MinimumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return g.with(func(a *app) error {
			sources, err := a.sources(args)
			if err != nil {
				return err
			}
			p, err := a.crawlPlane(c.Context())
			if err != nil {
				return err
			}
			for _, s := range sources {
				if err := p.Pause(c.Context(), s.Name, paused); err != nil {
					return fmt.Errorf("%s %s: %w", use, s.Name, err)
				}
				g.note("%s %s", s.Name, done)
			}
			return nil
		})
	}}
}
