package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
	"unmirror/takedown/incident"
)

func leakRecord(g *globals) *cobra.Command {
	var language string
	c := &cobra.Command{Use: "record SLUG", Short: "Print the record of processing (GDPR art. 30) of the search for a leak's copies", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error { return a.printRecord(c.Context(), d, args[0], language) })
		}}
	c.Flags().StringVar(&language, "language", "", "nl, fr, de or en (default the first of organisation.languages, else en)")
	_ = c.RegisterFlagCompletionFunc("language", cobra.FixedCompletions(incident.Languages(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) printRecord(ctx context.Context, d *takedown.Docket, slug, language string) error {
	if language == "" {
		language = append(slices.Clone(a.cfg.Organisation.Languages), "en")[0]
	}
	if !slices.Contains(incident.Languages(), language) {
		return &usageError{fmt.Errorf("--language %s: it is one of %s", language, strings.Join(incident.Languages(), ", "))}
	}
	r, ok, err := a.processing(ctx, d, slug, language)
	if err != nil {
		return err
	}
	if !ok && !a.registered(slug) {
		return fmt.Errorf("no leak is registered as %q (unmirror leak list)", slug)
	}
	if a.json {
		return a.printJSON(recordRow{ID: slug, State: map[bool]string{true: "complete", false: "lacking"}[r.Complete], Created: a.store.Now().Format("2006-01-02T15:04:05Z"), Record: r})
	}
	a.printf("%s", r.Text())
	if !ok {
		a.note("%q has no leak file yet: unmirror leak file %s --set FILE (docs/leak-file.md)", slug, slug)
	}
	return nil
}

// recordText is the record for the desk; "" where there is neither leak nor file.
func (a *app) recordText(ctx context.Context, slug, language string) (string, error) {
	d, err := a.docket(ctx)
	if err != nil {
		return "", err
	}
	r, ok, err := a.processing(ctx, d, slug, language)
	if err != nil || !ok && !a.registered(slug) {
		return "", err
	}
	return r.Text(), nil
}

// processing makes the record of one leak; false where it has no leak file, so that everything is still to be filled in.
func (a *app) processing(ctx context.Context, d *takedown.Docket, slug, language string) (incident.Record, bool, error) {
	f, ok, err := d.Incident(ctx, slug)
	if err != nil {
		return incident.Record{}, false, err
	}
	sent, err := d.SentTo(ctx, slug)
	if err != nil {
		return incident.Record{}, false, err
	}
	r, err := f.ProcessingRecord(a.around(slug, sent), language)
	return r, ok, err
}

// recordRow is a record of processing as JSON.
type recordRow struct {
	ID      string `json:"id"`
	State   string `json:"state"` // complete, or lacking: sections wait for counsel
	Created string `json:"created"`
	incident.Record
}

// around is what the record tells besides the leak file.
func (a *app) around(slug string, sent []incident.Sent) incident.Around {
	o := a.cfg.Organisation
	out := incident.Around{Leak: slug, Role: o.Role, Categories: a.categories(slug), Sent: sent, Made: a.store.Now(),
		Operator: incident.Party{Name: o.Name, Contact: o.Contact, Email: o.Email, Telephone: o.Telephone, Address: o.Address}}
	for _, s := range a.cfg.Sources {
		out.Sources = append(out.Sources, s.Name)
	}
	return out
}
