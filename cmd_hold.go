package main

import (
	"errors"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

// holdState is the brake as `hold show --json` prints it.
type holdState struct {
	On           bool   `json:"on"`
	Since        string `json:"since"`
	By           string `json:"by"`
	Reason       string `json:"reason"`
	ReleaseAsked string `json:"release_asked"` // when whoever stopped it asked to let it go on; empty: not
}

func holdCommand(g *globals) *cobra.Command {
	return group("hold", "The brake on everything outgoing", holdOn(g), holdOff(g), holdShow(g))
}

func holdOn(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "on", Short: "Stop everything outgoing at once", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
			by := commandLine // whoever is at the machine may always stop it
			if who.name != "" {
				var err error
				if by, err = a.actor(c.Context(), who); err != nil {
					return err
				}
			}
			return d.SetHold(c.Context(), by, true, reason)
		})
	}}
	who.optional(c)
	c.Flags().StringVar(&reason, "reason", "", "why; kept in the record")
	return c
}

func holdOff(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "off", Short: "Let everything outgoing go on (another person than the one who stopped it; that one asks for it)",
		RunE: func(c *cobra.Command, _ []string) error {
			if who.name == "" {
				return &usageError{errors.New("a release needs a second person: name the account with --as and --password-file")}
			}
			return g.asActor(c.Context(), who, func(d *takedown.Docket, by takedown.Actor) error {
				return d.SetHold(c.Context(), by, false, reason)
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&reason, "reason", "", "why; kept in the record")
	return c
}

func holdShow(g *globals) *cobra.Command {
	return &cobra.Command{Use: "show", Short: "Tell whether everything outgoing is stopped, since when and by whom", RunE: func(c *cobra.Command, _ []string) error {
		return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
			h, err := d.Hold(c.Context())
			if err != nil {
				return err
			}
			if g.json {
				s := holdState{On: h.On, By: h.By, Reason: h.Reason}
				if !h.Since.IsZero() {
					s.Since = stamp(h.Since)
				}
				if !h.Asked.IsZero() {
					s.ReleaseAsked = stamp(h.Asked)
				}
				return g.printJSON(s)
			}
			switch {
			case !h.On:
				g.printf("nothing is stopped\n")
			case h.Asked.IsZero():
				g.printf("stopped since %s by %s  %s\n", stamp(h.Since), h.By, h.Reason)
			default:
				g.printf("stopped since %s by %s  %s\n  release asked %s  %s\n", stamp(h.Since), h.By, h.Reason, stamp(h.Asked), h.AskedWhy)
			}
			return nil
		})
	}}
}
