package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown"
	"unmirror/takedown/contact"
)

func contactCommand(g *globals) *cobra.Command {
	return group("contact", "Whom notices go to: look up, record, block", contactList(g), contactSet(g), contactBlock(g), contactEnd(g))
}

// contactRow is one contact as `contact list PLACE` prints it.
type contactRow struct {
	ID          string    `json:"id"`      // kind and address
	State       string    `json:"state"`   // usable, form or skipped
	Created     time.Time `json:"created"` // when it was looked up, or recorded
	Place       string    `json:"place"`
	Email       string    `json:"email"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	Language    string    `json:"language"`
	Source      string    `json:"source"`
	Confidence  float64   `json:"confidence"`
	Skipped     string    `json:"skipped"`
	Form        string    `json:"form"`
	Wants       string    `json:"wants"`
	TellsOwner  bool      `json:"tells_owner"`
	Unconfirmed bool      `json:"unconfirmed"`
}

func contactList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list [PLACE]", Short: "Look up whom to write to about a place (a URL, domain or address), or list what was recorded",
		Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
				if len(args) == 0 {
					rows, err := d.ContactEntries(c.Context())
					if err != nil {
						return err
					}
					return list(g, rows, "ENTRY\tSTATE\tPLACE\tEMAIL\tKIND\tLANGUAGE\tCREATED\tREASON", func(r takedown.EntryRow) []string {
						return []string{r.ID, r.State, r.Place, r.Email, r.Kind, r.Language, stamp(r.Created), r.Reason}
					})
				}
				found, err := d.ContactsOf(c.Context(), args[0])
				if err != nil {
					return err
				}
				return list(g, contactRows(args[0], found), "KIND\tEMAIL\tSOURCE\tDATE\tCONFIDENCE\tNOT USED BECAUSE", func(r contactRow) []string {
					to := r.Email
					if to == "" && r.Form != "" {
						to = "form " + r.Form
					}
					return []string{r.Kind, to, r.Source, stamp(r.Created), fmt.Sprintf("%.0f%%", 100*r.Confidence), r.Skipped}
				})
			})
		}}
}

func contactRows(place string, found []takedown.ContactRow) (rows []contactRow) {
	for _, f := range found {
		r := contactRow{ID: f.Kind + ":" + f.Email, State: "usable", Created: f.Fetched, Place: place, Email: f.Email, Name: f.Name, Kind: f.Kind,
			Language: f.Language, Source: f.Source, Confidence: f.Confidence, Skipped: f.Skipped, Form: f.Form, Wants: f.Wants, TellsOwner: f.TellsOwner, Unconfirmed: f.Unconfirmed}
		switch {
		case f.Skipped != "":
			r.State = "skipped"
		case f.Form != "":
			r.State = "form"
		}
		rows = append(rows, r)
	}
	return rows
}

// commandActor is the account that was named, or the operator at the machine: nothing is approved by a contact.
func (g *globals) commandActor(c *cobra.Command, who identity, f func(*takedown.Docket, takedown.Actor) error) error {
	if who.name != "" || who.passwordFile != "" {
		return g.asActor(c.Context(), who, f)
	}
	return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error { return f(d, commandLine) })
}

// entered is what the commands that record something print.
type entered struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Place string `json:"place"`
}

func (g *globals) entered(id, state, place, say string) error {
	if g.json {
		return g.printJSON(entered{ID: id, State: state, Place: place})
	}
	g.note("%s: %s", id, say)
	return nil
}

func contactSet(g *globals) *cobra.Command {
	var who identity
	var e contact.Entry
	c := &cobra.Command{Use: "set PLACE", Aliases: []string{"correct"}, Args: cobra.ExactArgs(1),
		Short: "Record whom to write to about a place, or correct it; goes before what is configured or found",
		RunE: func(c *cobra.Command, args []string) error {
			return g.commandActor(c, who, func(d *takedown.Docket, by takedown.Actor) error {
				e.Place = args[0]
				id, err := d.SetContact(c.Context(), by, e)
				if err != nil {
					return err
				}
				return g.entered(id, "contact", e.Place, "recorded; notices drafted from now on go there")
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&e.Email, "email", "", "where its abuse desk reads mail; none for the kinds that are never written to")
	c.Flags().StringVar(&e.Name, "name", "", "the recipient's name")
	c.Flags().StringVar(&e.Kind, "kind", "host", "platform, host, cdn, network, upstream, registrar, search, authority; never written to: reverse_search, link_list, uptime, hostile")
	c.Flags().StringVar(&e.Language, "language", "", "of its notices: nl, fr, de or en")
	return c
}

func contactBlock(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "block ADDRESS|PLACE", Args: cobra.ExactArgs(1), Short: "Never write to an address, or to what a place says of itself; also holds for what is approved and not yet sent",
		RunE: func(c *cobra.Command, args []string) error {
			return g.commandActor(c, who, func(d *takedown.Docket, by takedown.Actor) error {
				id, err := d.BlockContact(c.Context(), by, args[0], reason)
				if err != nil {
					return err
				}
				return g.entered(id, "blocked", args[0], "blocked; `unmirror contact end` takes it back")
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&reason, "reason", "", "why; kept sealed and shown with the contact")
	_ = c.MarkFlagRequired("reason")
	return c
}

func contactEnd(g *globals) *cobra.Command {
	var who identity
	c := &cobra.Command{Use: "end ENTRY", Args: cobra.ExactArgs(1), Short: "Take back a recorded contact or a block",
		RunE: func(c *cobra.Command, args []string) error {
			return g.commandActor(c, who, func(d *takedown.Docket, by takedown.Actor) error {
				if err := d.EndContact(c.Context(), by, args[0]); err != nil {
					return err
				}
				return g.entered(args[0], "ended", "", "ended")
			})
		}}
	who.optional(c)
	return c
}

func noticeSent(g *globals) *cobra.Command {
	var who identity
	var on, reference string
	c := &cobra.Command{Use: "sent ID", Args: cobra.ExactArgs(1), Short: "Note that a person handed an approved notice in, by a form or a mail of their own; nothing is sent a second time",
		RunE: func(c *cobra.Command, args []string) error {
			at, err := dateFlag(on)
			if err != nil {
				return err
			}
			return g.commandActor(c, who, func(d *takedown.Docket, by takedown.Actor) error {
				return d.SentByHand(c.Context(), by, args[0], at, reference)
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&on, "on", "", "when, such as 2026-03-14 (empty: now)")
	c.Flags().StringVar(&reference, "reference", "", "the provider's reference; kept sealed")
	return c
}
