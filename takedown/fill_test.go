package takedown_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/contact"
)

// grown is a record that began with sixty cases, played through the docket, and was multiplied.
type grown struct {
	*world
	cases, notices int
	sent           string // a sent notice, and its case
	noticed        string
	draft          string
	triage         string
}

// plainEyes gives reasons in the words of the real checker.
type plainEyes struct{ *eyes }

func (p plainEyes) Look(ctx context.Context, source, url string) (takedown.Look, error) {
	l, err := p.eyes.Look(ctx, source, url)
	l.Reason = "the place says that it is not there"
	if l.Outcome == takedown.LookLive {
		l.Reason = "known content is still there"
	}
	return l, err
}

const played = 60 // cases that one turn of grow adds

// grow plays sixty cases: some wait for triage, some for a review; the others were told of, reminded of, brought to two further rungs,
// answered, looked at again and again, and a third of them is gone.
func grow(t *testing.T) *grown {
	t.Helper()
	aside.Store(t, true)
	w := &grown{world: newWorld(t, func(o *takedown.Options) {
		day := 24 * time.Hour
		o.Reminder, o.Escalation = 2*day, 4*day
		o.Checker = plainEyes{o.Checker.(*eyes)}
		o.Send = func(context.Context, string, []string, []byte) post.Result {
			return post.Result{Outcome: post.Sent, Code: 250}
		}
	})}
	w.rungs.found = nil
	for i, kind := range []string{"host", "network", "registrar"} {
		w.rungs.found = append(w.rungs.found, contact.Found{Email: "abuse@" + kind + ".example", Name: "The " + kind, Kind: kind, Language: "en",
			Source: contact.SourceRDAP, Confidence: 1 - float64(i)/4, Profile: contact.Profile{Attachments: true, OneURL: true, OffersInEU: true}})
	}
	urls := make([]string, played)
	for i := range played {
		s := w.sighting(fmt.Sprintf("https://files%d.host%d.example/share/archive-%d.zip", i, i%12, i))
		if urls[i] = s.URL; i < 9 {
			s.Report = report(1, "health")
		}
		must(w.d.Observe(t.Context(), s))(t)
	}
	waits := map[string]bool{} // for counsel
	for round := range 6 {
		must(w.d.Draft(t.Context()))(t)
		for i, n := range must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t) {
			if round == 0 && i < 8 {
				waits[n.ID] = true
			}
			if waits[n.ID] {
				continue
			}
			if err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}); err != nil && round == 0 {
				t.Fatal(err)
			}
		}
		w.deliver()
		w.answers(round)
		for range 3 {
			w.clock.pass(24 * time.Hour)
			must(w.d.Recheck(t.Context()))(t)
		}
	}
	for _, url := range urls[40:] {
		w.eyes.see[url] = takedown.LookGone
	}
	for range 4 {
		w.clock.pass(8 * 24 * time.Hour)
		must(w.d.Recheck(t.Context()))(t)
	}
	w.pick()
	return w
}

// answers has a quarter of what went out answered.
func (w *grown) answers(round int) {
	w.t.Helper()
	var ids []string
	for _, n := range must(w.d.Notices(w.t.Context(), takedown.NoticeFilter{State: takedown.NoticeSent, Limit: 7}))(w.t) {
		ids = append(ids, n.Ticket)
	}
	for i, ticket := range ids {
		raw := fmt.Sprintf("From: Abuse <abuse@host.example>\r\nTo: takedown@fictitious.example\r\nMessage-ID: <%d.%d@host.example>\r\n"+
			"Subject: Re: [%s] your report\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n\r\nHello,\r\nwe received your report and look into it. %s\r\nAbuse team\r\n",
			round, i, ticket, strings.Repeat("Please keep this number in the subject. ", 6))
		must(w.d.Receive(w.t.Context(), takedown.Incoming{Raw: []byte(raw), Received: w.clock.now()}))(w.t)
	}
}

func (w *grown) pick() {
	w.t.Helper()
	first := func(query string) (id string) {
		err := w.st.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query).Scan(&id) })
		if err != nil {
			w.t.Fatalf("%s: %v", query, err)
		}
		return id
	}
	w.sent = first(`SELECT id FROM notices WHERE state = 'sent' AND kind = 'escalation' LIMIT 1`)
	w.noticed = first(`SELECT case_id FROM notices WHERE id = '` + w.sent + `'`)
	w.draft = first(`SELECT id FROM notices WHERE state = 'draft' LIMIT 1`)
	w.triage = first(`SELECT id FROM cases WHERE state = 'triage' LIMIT 1`)
	w.count()
}

func (w *grown) count() {
	w.t.Helper()
	err := w.st.Read(w.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT (SELECT COUNT(*) FROM cases), (SELECT COUNT(*) FROM notices)`).Scan(&w.cases, &w.notices)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// multiply copies every row of the played cases so many times, under new ids: sealed columns are bound to their column, not to their
// row, so that what lies in the record is as many bytes as if each had been played.
func (w *grown) multiply(times int) {
	w.t.Helper()
	tables := []string{"cases", "sightings", "contacts", "notices", "notice_cases", "notice_versions", "attempts", "sent_ids", "moves", "checks", "case_times",
		"evidence", "replies", "audit"}
	copies, last := map[string]string{}, map[string]int64{}
	for _, table := range tables {
		var n int64
		if table != "notice_cases" && table != "sent_ids" && table != "case_times" {
			w.scan(`SELECT MAX(rowid) FROM `+table, &n)
		}
		copies[table], last[table] = w.copying(table), n
	}
	for k := 0; k < times; k += 50 {
		err := w.st.Write(w.t.Context(), func(tx *store.Tx) error {
			for i := k; i < min(k+50, times); i++ {
				for _, table := range tables {
					if _, err := tx.Exec(copies[table], fmt.Sprintf("%05x", i+0x10000), int64(i+1)*last[table], last[table], int64(i+1)*last["cases"]); err != nil {
						return fmt.Errorf("copy %s: %w", table, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	w.count()
}

func (w *grown) scan(query string, to ...any) {
	w.t.Helper()
	if err := w.st.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query).Scan(to...) }); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// copying is the statement that copies the played rows of a table: ?1 takes the place of the first five characters of each id, ?2 is
// added to a row's number, ?3 is the last played one, ?4 is added to a case's number.
func (w *grown) copying(table string) string {
	w.t.Helper()
	var names []string
	err := w.st.Read(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT name FROM pragma_table_info(?)`, table)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		return rows.Err()
	})
	if err != nil || len(names) == 0 {
		w.t.Fatal(table, err)
	}
	renamed := func(c string) string {
		return fmt.Sprintf("CASE WHEN %[1]s LIKE '%%\\_%%' ESCAPE '\\' THEN substr(%[1]s, 1, instr(%[1]s, '_')) || ?1 || substr(%[1]s, instr(%[1]s, '_') + 6) ELSE %[1]s END", c)
	}
	var into, from []string
	own := "rowid <= ?3"
	switch table { // those without numbers: copies sort before what was played
	case "notice_cases", "sent_ids":
		own = "notice_id >= 'notice_2' AND ?2 = ?3"
	case "case_times":
		own = "case_id >= 'case_2' AND ?2 = ?3"
	}
	for _, c := range names {
		value := c
		switch {
		case c == "id" && (table == "moves" || table == "checks"):
			continue
		case c == "updated", c == "seen", c == "next_attempt" && table == "attempts", c == "next_check", c == "created" && table == "replies":
			value = "CASE WHEN " + c + " > 0 THEN " + c + " + abs(random() % 86400000) ELSE " + c + " END" // not all in one instant
		case c == "seq":
			value = "seq + ?2"
		case c == "no", c == "case_no":
			value = c + " + ?4"
		case c == "id", c == "case_id", c == "notice_id", c == "object", c == "best", c == "follows" && table == "notices":
			value = renamed(c)
		case c == "key" && table != "audit":
			value = "randomblob(16)"
		case c == "ticket" && table == "cases":
			value = "ticket || '-' || ?1"
		}
		into, from = append(into, c), append(from, value)
	}
	return `INSERT INTO ` + table + ` (` + strings.Join(into, ", ") + `) SELECT ` + strings.Join(from, ", ") + ` FROM ` + table + ` WHERE ` + own + ` AND ?2 >= 0 AND ?1 <> '' AND ?4 >= 0`
}
