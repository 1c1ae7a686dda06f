package fleet

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"unmirror/crawler/plane"
)

// gauge makes a description; labels are names of sources, workers and ways out, never addresses.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("unmirror_"+name, help, labels, nil)
}

// measure reads the plane at each scrape, so that the figures are the fleet's own.
type measure struct {
	p   *plane.Redis
	log *slog.Logger
	waiting, leases, results, workers,
	hosts, fetched, bytes, rate *prometheus.Desc
}

// Measure gives the figures of a fleet: queues, leases, workers and their rates.
func Measure(p *plane.Redis, log *slog.Logger) prometheus.Collector {
	return &measure{p: p, log: log,
		waiting: gauge("queue_waiting", "Addresses that wait in a running sweep.", "source"),
		leases:  gauge("queue_leases", "Hosts of a running sweep in workers' hands.", "source"),
		results: gauge("queue_results", "Sightings that wait for the coordinator."),
		workers: gauge("workers", "Workers that showed a sign of life."),
		hosts:   gauge("worker_hosts", "Hosts in a worker's hands.", "worker", "exit"),
		fetched: gauge("worker_items_total", "Items that a worker fetched since it started.", "worker", "exit"),
		bytes:   gauge("worker_bytes_total", "Bytes that a worker fetched since it started.", "worker", "exit"),
		rate:    gauge("worker_items_per_second", "Items that a worker fetched a second, lately.", "worker", "exit"),
	}
}

// Describe implements prometheus.Collector.
func (m *measure) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.waiting, m.leases, m.results, m.workers, m.hosts, m.fetched, m.bytes, m.rate} {
		out <- d
	}
}

// Collect implements prometheus.Collector. What cannot be read is missing, not zero.
func (m *measure) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	send := func(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, t, v, labels...)
	}
	if l, err := m.p.Load(ctx); err != nil {
		m.log.WarnContext(ctx, "metrics: load of the plane unknown", "err", err)
	} else {
		for source, n := range l.Waiting {
			send(m.waiting, prometheus.GaugeValue, float64(n), source)
			send(m.leases, prometheus.GaugeValue, float64(l.Leases[source]), source)
		}
		send(m.results, prometheus.GaugeValue, float64(l.Results))
	}
	workers, err := m.p.Workers(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "metrics: workers unknown", "err", err)
		return
	}
	send(m.workers, prometheus.GaugeValue, float64(len(workers)))
	for _, w := range workers {
		send(m.hosts, prometheus.GaugeValue, float64(w.Hosts), w.Name, w.Exit)
		send(m.fetched, prometheus.CounterValue, float64(w.Fetched), w.Name, w.Exit)
		send(m.bytes, prometheus.CounterValue, float64(w.Bytes), w.Name, w.Exit)
		send(m.rate, prometheus.GaugeValue, w.Rate, w.Name, w.Exit)
	}
}
