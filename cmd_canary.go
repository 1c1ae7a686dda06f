package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unmirror/crawler"
	"unmirror/crawler/canary"
	"unmirror/fingerprints"
	"unmirror/takedown"
)

func canaryCommand(g *globals) *cobra.Command {
	return group("canary", "Marked synthetic files that show whether sweeps find what is there", canaryMake(g), canaryList(g), canaryRetire(g))
}

func canaryMake(g *globals) *cobra.Command {
	o := canary.Order{N: 1, Kind: "txt"}
	c := &cobra.Command{Use: "make DIR", Short: "Write canaries into a folder and register them; you plant them where sweeps look", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.Dir = args[0]
			return g.with(func(a *app) error { return a.makeCanaries(c.Context(), o) })
		}}
	c.Flags().StringVar(&o.Source, "source", "", "source at which they will be planted, to measure its detection rate")
	c.Flags().IntVarP(&o.N, "n", "n", o.N, fmt.Sprintf("how many, up to %d", canary.Most))
	c.Flags().StringVar(&o.Kind, "kind", o.Kind, "sort of file: "+strings.Join(canary.Kinds(), ", "))
	return c
}

func (a *app) makeCanaries(ctx context.Context, order canary.Order) error {
	if order.Source != "" {
		if _, err := a.sources([]string{order.Source}); err != nil {
			return err
		}
	}
	l, err := a.index()
	if err != nil {
		return err
	}
	o, err := a.contentOpener()
	if err != nil {
		return err
	}
	st, err := a.record(ctx)
	if err != nil {
		return err
	}
	if order.Contact = a.cfg.Crawler.UserAgentContact; order.Contact == "" {
		if order.Contact = a.cfg.Organisation.Email; order.Contact == "" {
			a.note("warning: no contact stands in the canaries: set crawler.user_agent_contact, so that whoever finds one can ask")
		}
	}
	order.Register = func(ctx context.Context, paths []string) error {
		_, err := l.AddLeak(ctx, o, fingerprints.AddLeak{Slug: canary.Slug, Title: "Canaries", Paths: paths})
		return err
	}
	made, err := canary.New(st).Make(ctx, order)
	if err != nil {
		return err
	}
	for _, m := range made {
		if a.json {
			if err := a.printJSON(map[string]any{"id": m.ID, "state": "new", "created": st.Now().Format(time.RFC3339), "path": m.Path, "source": order.Source, "kind": order.Kind}); err != nil {
				return err
			}
			continue
		}
		a.printf("%s  %s\n", m.ID, m.Path)
	}
	if !a.json {
		a.printf("plant each at a place that is swept, then see `unmirror canary list`\n")
	}
	return nil
}

func canaryList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List canaries: where they belong, when they were found, and each source's detection rate", RunE: func(c *cobra.Command, _ []string) error {
		return g.with(func(a *app) error {
			st, err := a.record(c.Context())
			if err != nil {
				return err
			}
			rows, err := canary.New(st).List(c.Context())
			if err != nil {
				return err
			}
			return list(g, rows, "CANARY\tSTATE\tKIND\tSOURCE\tMADE\tFIRST SEEN\tDELAY\tLAST SEEN\tMISSED\tSOURCE'S RATE", func(r canary.Row) []string {
				delay := "-"
				if r.Delay != nil {
					delay = time.Duration(*r.Delay * float64(time.Second)).Round(time.Second).String()
				}
				return []string{r.ID, string(r.State), r.Kind, orDash(r.Source), stamp(r.Created), stamp(orZero(r.FirstSeen)), delay, stamp(orZero(r.LastSeen)), fmt.Sprint(r.Missed), share(r.Rate)}
			})
		})
	}}
}

func canaryRetire(g *globals) *cobra.Command {
	return &cobra.Command{Use: "retire ID...", Short: "Forget canaries that are no longer planted, such as expired pastes", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error {
				st, err := a.record(c.Context())
				if err != nil {
					return err
				}
				if err := canary.New(st).Retire(c.Context(), args); err != nil {
					return err
				}
				for _, id := range args {
					if a.json {
						if err := a.printJSON(map[string]any{"id": id, "state": "retired"}); err != nil {
							return err
						}
					}
				}
				return nil
			})
		}}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// share is a rate as lists show it.
func share(rate *float64) string {
	if rate == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100**rate)
}

// apart keeps canaries from the docket: they are recorded, and only what else an item holds is a sighting.
func (a *app) apart(d *takedown.Docket, c *canary.Canaries) crawler.Sink {
	next := sink(d)
	return func(ctx context.Context, s crawler.Sighting) (bool, error) {
		names, rest := canary.Split(s.Report, a.cfg.Matching.NoticeBits)
		known := true
		if len(names) > 0 {
			var err error
			if known, err = c.Observe(ctx, s.Source, s.Found, names); err != nil {
				return false, err
			}
		}
		if len(rest.Matches) == 0 {
			return known, nil
		}
		s.Report = rest
		return next(ctx, s)
	}
}

// withoutCanaries tells of sightings what is in them besides canaries, and nothing when there is nothing.
func (a *app) withoutCanaries(tell func(crawler.Sighting, bool)) func(crawler.Sighting, bool) {
	if tell == nil {
		return nil
	}
	return func(s crawler.Sighting, known bool) {
		if _, s.Report = canary.Split(s.Report, a.cfg.Matching.NoticeBits); len(s.Report.Matches) > 0 {
			tell(s, known)
		}
	}
}
