package desk

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// measure registers what /metrics shows. No label holds anything but states and the names of configured sources.
func (d *desk) measure() error {
	d.logins = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "unmirror_logins_total",
		Help: "Log-ins by how they ended."}, []string{"result"})
	for _, result := range []string{"accepted", "refused", "throttled"} {
		d.logins.WithLabelValues(result)
	}
	for _, c := range []prometheus.Collector{d.logins, &tally{d}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := d.Registry.Register(c); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	return nil
}

// metricsShow answers whoever holds the token; without one, only this machine, and no proxy on it.
func (d *desk) metricsShow(w http.ResponseWriter, r *http.Request) {
	if !d.mayMeasure(r) {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return
	}
	promhttp.HandlerFor(d.Registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(w, r)
}

func (d *desk) mayMeasure(r *http.Request) bool {
	if d.MetricsToken != "" {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		return ok && subtle.ConstantTimeCompare([]byte(token), []byte(d.MetricsToken)) == 1
	}
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// tally counts at each scrape, so that the figures are the record's own and survive a restart.
type tally struct{ d *desk }

// Describe sends nothing: which states occur is the record's to say.
func (t *tally) Describe(chan<- *prometheus.Desc) {}

// Collect reads the counts. What cannot be read is missing, not zero.
func (t *tally) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	counts, err := t.d.Docket.Counts(ctx)
	if err != nil {
		t.d.Log.WarnContext(ctx, "metrics: counts unknown", "err", err)
	}
	for key, n := range counts {
		of, state, ok := strings.Cut(key, ".")
		if !ok {
			out <- prometheus.MustNewConstMetric(prometheus.NewDesc("unmirror_"+of, "How many "+of+" there are.", nil, nil),
				prometheus.GaugeValue, float64(n))
			continue
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("unmirror_"+of, "How many "+of+" are in each state.",
			[]string{"state"}, nil), prometheus.GaugeValue, float64(n), state)
	}
	sources, err := t.d.Sources(ctx)
	if err != nil {
		t.d.Log.WarnContext(ctx, "metrics: sources unknown", "err", err)
	}
	for _, s := range sources {
		for name, v := range map[string]int{"listed": s.Listed, "fetched": s.Fetched, "skipped_robots": s.SkippedRobots, "errors": s.Errors} {
			out <- prometheus.MustNewConstMetric(prometheus.NewDesc("unmirror_sweep_items", "Items of each source's last sweep, by what became of them.",
				[]string{"source", "result"}, nil), prometheus.GaugeValue, float64(v), s.Name, name)
		}
		measureWatch(out, s)
		if !s.LastGood.IsZero() {
			out <- prometheus.MustNewConstMetric(prometheus.NewDesc("unmirror_source_last_good_timestamp_seconds",
				"When each source was last swept without failing.", []string{"source"}, nil), prometheus.GaugeValue,
				float64(s.LastGood.Unix()), s.Name)
		}
	}
}
