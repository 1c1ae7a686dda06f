package desk

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

func (d *desk) sourceList(w http.ResponseWriter, r *http.Request) error {
	rows, err := d.Sources(r.Context())
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	d.page(w, r, http.StatusOK, "sources", struct{ Rows []Source }{rows})
	return nil
}

// CanaryRate is the share of its canaries that the last good pass found; 0 when it has none.
func (s Source) CanaryRate() float64 {
	if s.Canaries == 0 {
		return 0
	}
	return float64(s.CanariesFound) / float64(s.Canaries)
}

// measureWatch sends what tells how far a source's sweeps can be believed. Without canaries nothing is known, which is
// not a rate of 0.
func measureWatch(out chan<- prometheus.Metric, s Source) {
	gauge := func(name, help string, v float64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, []string{"source"}, nil), prometheus.GaugeValue, v, s.Name)
	}
	silent := 0.0
	if s.Silent != "" {
		silent = 1
	}
	gauge("unmirror_source_silent", "1 while a source's sweeps are not believed.", silent)
	if s.Canaries == 0 {
		return
	}
	gauge("unmirror_source_canaries", "Canaries of each source that a good pass could have found.", float64(s.Canaries))
	gauge("unmirror_source_canaries_found", "Canaries of each source that its last good pass found.", float64(s.CanariesFound))
	gauge("unmirror_source_detection_rate", "Share of each source's canaries that its last good pass found.", s.CanaryRate())
	if s.CanaryDelay > 0 {
		gauge("unmirror_source_detection_delay_seconds", "Median time from making a canary to its first sighting.", s.CanaryDelay.Seconds())
	}
}
