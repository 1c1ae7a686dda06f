package desk

import (
	"fmt"
	"net/http"
	"time"

	"unmirror/takedown"
)

// statsRow is a place with its bar: how long its 90th percentile takes, against the slowest.
type statsRow struct {
	takedown.PlaceStats
	Share float64
}

type statsView struct {
	All   takedown.PlaceStats
	Rows  []statsRow
	Pager pager
}

func (d *desk) statsShow(w http.ResponseWriter, r *http.Request) error {
	s, err := d.Docket.Statistics(r.Context(), time.Time{})
	if err != nil {
		return fmt.Errorf("read statistics: %w", err)
	}
	slowest := int64(1)
	for _, h := range s.Hosts {
		if h.RemovalP90 != nil {
			slowest = max(slowest, *h.RemovalP90)
		}
	}
	view := statsView{All: s.All, Pager: pagerOf(r)}
	from := min(view.Pager.offset(), len(s.Hosts))
	for _, h := range cut(&view.Pager, s.Hosts[from:min(from+lookAhead, len(s.Hosts))]) {
		row := statsRow{PlaceStats: h}
		if h.RemovalP90 != nil {
			row.Share = float64(*h.RemovalP90) / float64(slowest)
		}
		view.Rows = append(view.Rows, row)
	}
	d.page(w, r, http.StatusOK, "stats", view)
	return nil
}
