package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"unmirror/takedown"
)

func statsCommand(g *globals) *cobra.Command {
	var since string
	var public, asCSV bool
	c := &cobra.Command{Use: "stats", Short: "How places answered: times to answer and to removal, re-appearance, refusals", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			from, err := dateFlag(since)
			if err != nil {
				return err
			}
			return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
				s, err := d.Statistics(c.Context(), from)
				if err != nil {
					return err
				}
				if public {
					s = s.Public()
				}
				switch {
				case asCSV:
					return g.statsCSV(s)
				case g.json:
					return g.printJSON(s)
				}
				g.tellStats(s)
				return nil
			})
		}}
	c.Flags().StringVar(&since, "since", "", "cases opened from this date on, such as 2026-03-14 (empty: all)")
	c.Flags().BoolVar(&public, "public", false, "only what may be published: no place where something may still lie, no addresses, no place with fewer than five cases")
	c.Flags().BoolVar(&asCSV, "csv", false, "print comma-separated values, times in seconds")
	return c
}

func (g *globals) tellStats(s takedown.Statistics) {
	took := func(t *int64) string {
		if t == nil {
			return "-"
		}
		return (time.Duration(*t) * time.Second).String()
	}
	var rows [][]string
	for _, p := range withAll(s) {
		rows = append(rows, []string{p.Place, fmt.Sprint(p.Cases), fmt.Sprint(p.Open), fmt.Sprint(p.Gone), fmt.Sprintf("%d of %d", p.Returned, p.EverGone),
			fmt.Sprint(p.Told), took(p.AnswerMedian), took(p.AnswerP90), took(p.RemovalMedian), took(p.RemovalP90), fmt.Sprint(p.Refused)})
	}
	g.table("PLACE\tCASES\tOPEN\tGONE\tRETURNED\tTOLD\tANSWER P50\tP90\tREMOVAL P50\tP90\tREFUSED", rows)
}

// withAll puts the sums before the places.
func withAll(s takedown.Statistics) []takedown.PlaceStats {
	s.All.Place = "(all)"
	return append([]takedown.PlaceStats{s.All}, s.Hosts...)
}

func (g *globals) statsCSV(s takedown.Statistics) error {
	w := csv.NewWriter(g.stdout)
	_ = w.Write([]string{"place", "cases", "open", "gone", "returned", "ever_gone", "told", "answered", "answer_median_s", "answer_p90_s", "removed",
		"removal_median_s", "removal_p90_s", "refused"}) // what went wrong is told by Error below
	seconds := func(t *int64) string {
		if t == nil {
			return ""
		}
		return strconv.FormatInt(*t, 10)
	}
	for _, p := range withAll(s) {
		n := strconv.Itoa
		_ = w.Write([]string{p.Place, n(p.Cases), n(p.Open), n(p.Gone), n(p.Returned), n(p.EverGone), n(p.Told), n(p.Answered), seconds(p.AnswerMedian),
			seconds(p.AnswerP90), n(p.Removed), seconds(p.RemovalMedian), seconds(p.RemovalP90), n(p.Refused)})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
