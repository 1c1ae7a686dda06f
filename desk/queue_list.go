package desk

import (
	"fmt"
	"net/http"

	"unmirror/takedown"
)

type queueView struct {
	Total   int
	Figures []figure
	Groups  []queueGroup
}

type figure struct {
	N          int
	Text, Href string
}

type queueGroup struct {
	Kind string
	N    int // all that wait
	Rows []queueRow
	More int    // that are not shown
	All  string // the list that shows them
}

type queueRow struct {
	takedown.QueueRow
	Href string
	Pill pill
}

func (d *desk) queueList(w http.ResponseWriter, r *http.Request) error {
	rows, all, err := d.Docket.QueuePage(r.Context(), pageSize)
	if err != nil {
		return fmt.Errorf("read queue: %w", err)
	}
	due, err := d.Docket.OverdueDuties(r.Context())
	if err != nil {
		return fmt.Errorf("read duties: %w", err)
	}
	for _, duty := range due {
		rows = append(rows, takedown.QueueRow{Kind: "duty", ID: duty.ID, Leak: duty.Leak, Place: visitOf(r).lang.duty(duty.ID), Since: duty.Due})
	}
	counts, err := d.Docket.Counts(r.Context())
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	l := visitOf(r).lang
	stray, err := d.Docket.Replies(r.Context(), takedown.ReplyFilter{State: takedown.ReplyUnmatched, Limit: pageSize})
	if err != nil {
		return fmt.Errorf("read replies: %w", err)
	}
	for _, s := range stray {
		rows = append(rows, takedown.QueueRow{Kind: "reply", ID: s.ID, Place: l.T("reply.tied.nothing"), Leak: l.T("reply.kind." + s.Kind), Since: s.Received})
	}
	all["reply"] += counts["replies."+string(takedown.ReplyUnmatched)]
	all["duty"] = len(due)
	doubts, err := d.Docket.OpenDoubts(r.Context())
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	for _, x := range doubts {
		rows = append(rows, takedown.QueueRow{Kind: "doubt", ID: x.ID, Place: x.Name, Leak: l.T("doubt.of." + x.Of), Since: x.Created})
	}
	view := queueView{Groups: groupQueue(l, rows, all)}
	for _, g := range view.Groups {
		view.Total += g.N
	}
	for _, s := range []takedown.CaseState{takedown.CaseTriage, takedown.CaseOpen, takedown.CaseNoticed, takedown.CaseVanishing, takedown.CaseGone} {
		view.Figures = append(view.Figures, figure{N: counts["cases."+string(s)], Text: l.T("figure." + string(s)), Href: "/cases?state=" + string(s)})
	}
	d.page(w, r, http.StatusOK, "queue", view)
	return nil
}

// groupQueue sorts what waits by what somebody has to do, the most pressing first; of each, all says how many there are.
func groupQueue(l *lang, rows []takedown.QueueRow, all map[string]int) []queueGroup {
	var out []queueGroup
	for _, kind := range []string{"duty", "doubt", "dispute", "unknown", "failed", "reply", "review", "recipient", "triage"} {
		g := queueGroup{Kind: kind}
		for _, row := range rows {
			if queueKind(row) != kind {
				continue
			}
			if len(g.Rows) < pageSize {
				text := l.T("queue.pill." + kind)
				if row.Letter != "" && row.Letter != takedown.KindNotice {
					text = l.T("notice.kind." + string(row.Letter))
				}
				g.Rows = append(g.Rows, queueRow{QueueRow: row, Href: queueHref(row), Pill: pill{queueClass(kind), text}})
			}
		}
		g.N = max(all[kind], len(g.Rows))
		g.More = g.N - len(g.Rows)
		g.All = map[string]string{"reply": "/replies", "duty": "/leaks", "doubt": "/stopped", "dispute": "/cases", "unknown": "/outbox", "failed": "/notices?state=failed", "triage": "/cases?state=triage"}[kind]
		if g.All == "" {
			g.All = "/notices?state=draft"
		}
		if g.N > 0 {
			out = append(out, g)
		}
	}
	return out
}

// queueKind sets drafts apart that lack something.
func queueKind(row takedown.QueueRow) string {
	if row.Kind == "review" && row.Missing > 0 {
		return "recipient"
	}
	return row.Kind
}

func queueHref(row takedown.QueueRow) string {
	switch row.Kind {
	case "triage":
		return "/cases/" + row.ID + "#triage"
	case "dispute":
		return "/cases/" + row.ID + "#disputes"
	case "doubt":
		return "/stopped"
	case "duty":
		return "/leaks/" + row.Leak + "#duties"
	case "reply":
		return "/replies/" + row.ID
	case "unknown":
		return "/outbox#unknown"
	default:
		return "/notices/" + row.ID
	}
}

func queueClass(kind string) string {
	switch kind {
	case "duty", "doubt", "dispute", "unknown", "failed":
		return "red"
	case "triage":
		return "violet"
	case "review", "reply":
		return "blue"
	default:
		return "amber"
	}
}
