package main

import (
	"context"
	"strings"
	"sync"

	"unmirror/crawler"
	"unmirror/desk"
)

// shown is stand for lists, pages and metrics, which must not wait for a resolver each time. An exempt source lacks nothing.
func (g *gate) shown(ctx context.Context, s crawler.Source) (standing, error) {
	st, err := g.stand(ctx, s, g.lately)
	if st.exempt {
		st.lacking = nil
	}
	return st, err
}

// lately is isPrivate, remembered for a minute.
func (g *gate) lately(ctx context.Context, s crawler.Source) (bool, error) {
	g.mu.Lock()
	e, ok := g.exempt[s.Name]
	g.mu.Unlock()
	if ok && g.now().Sub(e.at) < resolvedFor {
		return e.yes, nil
	}
	yes, err := g.isPrivate(ctx, s)
	if err == nil {
		g.mu.Lock()
		g.exempt[s.Name] = exemption{yes, g.now()}
		g.mu.Unlock()
	}
	return yes, err
}

// heldSources is what was last logged of each source's standing.
type heldSources struct {
	mu   sync.Mutex
	last map[string]string
}

// changed notes how a source stands and says whether that is news.
func (h *heldSources) changed(source, fields string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil {
		h.last = map[string]string{}
	}
	news := h.last[source] != fields
	h.last[source] = fields
	return news
}

// stands logs once per change on behalf of which leaks a source is not swept: slugs and fields, nothing that stands in a file.
func (d *daemon) stands(st standing) {
	if st.exempt {
		st.lacking = nil
	}
	if !d.held.changed(st.source, st.fields()) {
		return
	}
	ctx := context.Background()
	switch {
	case len(st.lacking) == 0:
		d.log.InfoContext(ctx, "no leak file keeps this source from being swept any more", "source", st.source)
	case st.held():
		d.log.WarnContext(ctx, "source is not swept: leak files lack fields", "source", st.source, "lacks", st.fields())
	default:
		d.log.WarnContext(ctx, "source is swept for some leaks only: leak files lack fields", "source", st.source, "lacks", st.fields())
	}
}

// waitRow is a leak on whose behalf a source is not swept, as lists show it.
type waitRow struct {
	Leak  string   `json:"leak"`
	Lacks []string `json:"lacks"` // fields of its leak file
}

// waits lists the leaks on whose behalf a source is not swept; held: no leak's file allows it, so that it is not swept at all.
func (a *app) waits(ctx context.Context, name string) (rows []waitRow, held bool) {
	s, ok := a.source(name)
	if !ok || a.gate == nil {
		return nil, false
	}
	st, err := a.gate.shown(ctx, s)
	if err != nil {
		return nil, false // what is wrong with the source itself is told where it is swept, and by the doctor
	}
	for _, l := range st.lacking {
		rows = append(rows, waitRow{l.leak, l.fields()})
	}
	return rows, st.held()
}

// deskWaits is waits for the desk.
func deskWaits(rows []waitRow) (out []desk.Wait) {
	for _, r := range rows {
		out = append(out, desk.Wait{Leak: r.Leak, Fields: r.Lacks})
	}
	return out
}

// examineGate says which sources wait for which fields of leak files.
func (a *app) examineGate(ctx context.Context) (out []finding) {
	if a.gate == nil {
		return nil
	}
	for _, s := range a.cfg.Sources {
		src, _ := a.source(s.Name)
		st, err := a.gate.shown(ctx, src)
		if err != nil {
			continue // told as a source that cannot be used
		}
		for _, l := range st.lacking {
			f := finding{"leak file", "note", "source " + s.Name + " is not swept on behalf of " + l.leak + ": its leak file lacks " + strings.Join(l.fields(), ", "),
				"unmirror leak file " + l.leak + " --set FILE (docs/leak-file.md)"}
			if st.held() {
				f.State = "wrong"
			}
			out = append(out, f)
		}
	}
	return out
}

// examineDuties says which duties are overdue.
func (a *app) examineDuties(ctx context.Context) (out []finding) {
	d, err := a.docket(ctx)
	if err != nil {
		return nil // the record's own finding says why
	}
	rows, err := d.OverdueDuties(ctx)
	if err != nil {
		return []finding{{"duties", "wrong", err.Error(), ""}}
	}
	for _, r := range rows {
		out = append(out, finding{"duties", "note", "overdue since " + stamp(r.Due) + ": " + r.Leak + ": " + r.What,
			"do it, then: unmirror leak duties " + r.Leak + " --done " + r.ID + " --on DATE --proof TEXT"})
	}
	return out
}
