package takedown

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"unmirror/store"
)

// Move is one allowed change of state; docs/lifecycle.md lists them all and a test compares the two.
type Move struct {
	Of       string // case, notice, attempt, reply or dispute
	From, To string // From is empty where the thing is made
	When     string
}

// Moves returns the table of moves: what is not in it cannot happen.
func Moves() []Move {
	return []Move{
		{"case", "", "triage", "first sighting: weak, a single subject, or only generally known categories"},
		{"case", "", "open", "first sighting: a match"},
		{"case", "triage", "open", "counsel says that it is a wrong, or a later sighting needs no triage"},
		{"case", "triage", "noticed", "as to open, where a notice of this round went out before it was dismissed"},
		{"case", "triage", "dismissed", "counsel says that it is no wrong"},
		{"case", "triage", "vanishing", "a look no longer finds it"},
		{"case", "open", "noticed", "a notice went out"},
		{"case", "open", "dismissed", "counsel says that it is no wrong after all"},
		{"case", "open", "vanishing", "a look no longer finds it"},
		{"case", "noticed", "open", "the only notice of this round came back"},
		{"case", "noticed", "vanishing", "a look no longer finds it"},
		{"case", "noticed", "dismissed", "its notices are withdrawn"},
		{"case", "vanishing", "triage", "seen live again, before counsel answered"},
		{"case", "vanishing", "open", "seen live again, nobody told yet"},
		{"case", "vanishing", "noticed", "seen live again after a notice"},
		{"case", "vanishing", "gone", "enough looks apart in time did not find it"},
		{"case", "vanishing", "dismissed", "its notices are withdrawn"},
		{"case", "gone", "open", "seen live again: reopened"},
		{"case", "gone", "triage", "seen live again, before counsel ever answered: reopened"},
		{"case", "gone", "dismissed", "its notices are withdrawn"},
		{"case", "dismissed", "open", "counsel says that it is a wrong after all"},
		{"case", "dismissed", "noticed", "counsel says that it is a wrong after all, and a notice of this round went out"},
		{"case", "dismissed", "triage", "more of the leak is found at the same place"},

		{"notice", "", "draft", "composed for a case, or as a follow-up or withdrawal of what was sent"},
		{"notice", "draft", "approved", "counsel approved exactly these bytes"},
		{"notice", "draft", "rejected", "counsel said no"},
		{"notice", "draft", "void", "all its cases are gone or dismissed, a newer withdrawal takes its place, another draft to the same recipient takes its case up, or whom it reminds refused"},
		{"notice", "approved", "draft", "edited, one of its cases dropped out, its recipient changed, or the guard finds something new before sending: the approval falls"},
		{"notice", "approved", "rejected", "counsel said no after all, before anything left"},
		{"notice", "approved", "void", "all its cases are gone or dismissed, or whom it reminds refused"},
		{"notice", "approved", "sent", "the recipient's server took it, or a person handed it in"},
		{"notice", "approved", "unknown", "an attempt was cut after DATA, or found open after a crash"},
		{"notice", "approved", "failed", "refused for good, or too many tries"},
		{"notice", "sent", "failed", "it came back: a bounce says that it did not arrive"},
		{"notice", "unknown", "sent", "a person found that it arrived, or a late answer said so"},
		{"notice", "unknown", "approved", "a person has it sent again, or a late answer said that it was not taken"},
		{"notice", "unknown", "failed", "a late answer refused it for good"},
		{"notice", "unknown", "void", "a person knows that it did not arrive, and all its cases are gone or dismissed"},
		{"notice", "failed", "draft", "edited, for instance with another recipient"},
		{"notice", "failed", "rejected", "counsel gave it up"},
		{"notice", "failed", "approved", "counsel approved it once more, or a person has the same bytes sent again"},
		{"notice", "rejected", "draft", "edited after all"},

		{"attempt", "", "queued", "a notice was approved"},
		{"attempt", "queued", "open", "due: committed before the first byte leaves"},
		{"attempt", "queued", "sent", "a late answer said so, after a person had it queued again"},
		{"attempt", "queued", "void", "edited, rejected, handed in by a person, gone, dismissed or, of a reminder, refused before it left"},
		{"attempt", "deferred", "open", "due again"},
		{"attempt", "deferred", "void", "edited, rejected, handed in by a person, gone, dismissed or, of a reminder, refused before it left"},
		{"attempt", "open", "sent", "250 after DATA"},
		{"attempt", "open", "deferred", "refused for now, or stopped before DATA"},
		{"attempt", "open", "failed", "refused for good, or too many tries"},
		{"attempt", "open", "unknown", "cut after DATA, or found open after a crash"},
		{"attempt", "sent", "failed", "it came back: a bounce says that it did not arrive"},
		{"attempt", "unknown", "sent", "a person found that it arrived, or a late answer said so"},
		{"attempt", "unknown", "queued", "a person has it sent again"},
		{"attempt", "unknown", "deferred", "a late answer said that it was not taken"},
		{"attempt", "unknown", "failed", "a late answer refused it for good"},
		{"attempt", "unknown", "void", "a person knows that it did not arrive, and the case is gone or dismissed"},
		{"attempt", "failed", "queued", "a person has it sent again"},

		{"reply", "", "unmatched", "it names no notice of ours"},
		{"reply", "", "waiting", "it answers a notice"},
		{"reply", "", "settled", "it says how the notice fared: came back, arrived, nobody is there"},
		{"reply", "unmatched", "waiting", "a person attached it to a case"},
		{"reply", "unmatched", "settled", "attached, and nothing is left to do; set aside; or nobody attached it in time"},
		{"reply", "waiting", "settled", "a person said what it means"},

		{"dispute", "", "open", "somebody says that a notice about the case is wrong"},
		{"dispute", "open", "upheld", "counsel answered: the notice stands"},
		{"dispute", "open", "conceded", "the notices of the case are withdrawn"},
	}
}

func allowed(of, from, to string) bool {
	for _, m := range Moves() {
		if m.Of == of && m.From == from && m.To == to {
			return true
		}
	}
	return false
}

// step is one move with everything that the record keeps of it.
type step struct {
	of, id, from, to string
	actor            Actor
	at               time.Time
	why              string
	digest           string // of the bytes that it is about, for the audit log
}

// moveCase, moveNotice and moveAttempt are the only writers of the three state columns.
func (d *Docket) moveCase(tx *store.Tx, c *caseRec, to CaseState, a Actor, why string) error {
	s := step{of: "case", id: c.id, from: string(c.state), to: string(to), actor: a, at: d.now(), why: why}
	if err := s.record(tx, `UPDATE cases SET state = ?1, updated = ?2, plan_from = ?2,
		follow_at = CASE WHEN ?1 = 'noticed' THEN ?2 ELSE follow_at END WHERE id = ?3 AND state = ?4`); err != nil {
		return err
	}
	c.state, c.updated, c.planFrom = to, s.at, s.at
	if to == CaseDismissed && c.confirmed { // subscribers were told of it; should counsel take it up again, they are told anew
		if err := d.tell(tx, c, "withdrawn", ""); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE cases SET confirmed = 0 WHERE id = ?`, c.id); err != nil {
			return fmt.Errorf("note withdrawal of %s: %w", c.id, err)
		}
		c.confirmed = false
	}
	if to == CaseDismissed || to == CaseGone {
		return d.voidNotices(tx, c.id, a, why)
	}
	return nil
}

func (d *Docket) moveNotice(tx *store.Tx, n *noticeRec, to NoticeState, a Actor, why string) error {
	s := step{of: "notice", id: n.id, from: string(n.state), to: string(to), actor: a, at: d.now(), why: why, digest: n.digest}
	if err := s.record(tx, `UPDATE notices SET state = ?, updated = ? WHERE id = ? AND state = ?`); err != nil {
		return err
	}
	n.state, n.updated = to, s.at
	if err := dropYes(tx, n.id); err != nil {
		return err
	}
	return d.noticeMoved(tx, n)
}

func (d *Docket) moveAttempt(tx *store.Tx, t *attemptRec, to AttemptState, a Actor, why string) error {
	s := step{of: "attempt", id: t.id, from: string(t.state), to: string(to), actor: a, at: d.now(), why: why, digest: t.digest}
	if err := s.record(tx, `UPDATE attempts SET state = ?, updated = ? WHERE id = ? AND state = ?`); err != nil {
		return err
	}
	t.state = to
	return nil
}

// record checks the table of moves and writes column, history and audit row; an empty from only writes the last two.
func (s step) record(tx *store.Tx, update string) error {
	if !allowed(s.of, s.from, s.to) {
		return fmt.Errorf("move %s %s from %q to %q: not in the table of moves", s.of, s.id, s.from, s.to)
	}
	if update != "" {
		res, err := tx.Exec(update, s.to, store.Millis(s.at), s.id, s.from)
		if err != nil {
			return fmt.Errorf("move %s %s: %w", s.of, s.id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return refuse(CodeStale, "This changed in the meantime. Read it again.")
		}
	}
	_, err := tx.Exec(`INSERT INTO moves (object, at, actor, from_state, to_state, why) VALUES (?,?,?,?,?,?)`,
		s.id, store.Millis(s.at), s.actor.ID, s.from, s.to, sealWhy(tx, "moves.why", s.actor, s.why))
	if err != nil {
		return fmt.Errorf("record move of %s %s: %w", s.of, s.id, err)
	}
	detail := s.digest
	if s.of == "attempt" && (s.to == string(AttemptQueued) || s.to == string(AttemptOpen)) {
		detail = "" // the approval before it and the end after it name the bytes
	}
	if s.from != "" {
		detail = strings.TrimSpace("from " + s.from + " " + detail)
	}
	reason := s.why
	if said(reason) != nil || s.actor == System || s.digest != "" && strings.HasSuffix(reason, "digest "+s.digest+".") {
		reason = "" // the program's own words: the history has them, or the row itself does
	}
	return tx.Audit(store.Entry{Actor: s.actor.ID, Act: s.of + "." + s.to, Object: s.id, Detail: detail, Reason: reason})
}

// because is what stands behind a move, sealed: the name of an account is personal too.
type because struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

func sealWhy(tx *store.Tx, column string, a Actor, why string) []byte {
	if n := said(why); n != nil && (a == System || a.Name == "") {
		return n
	}
	b, _ := json.Marshal(because{Name: a.Name, Why: why}) // two strings always marshal
	return tx.Seal(column, b)
}

func openWhy(tx *store.Tx, column string, sealed []byte) (because, error) {
	var w because
	if why, ok := saying(sealed); ok {
		return because{Name: System.Name, Why: why}, nil
	}
	b, err := tx.Open(column, sealed)
	if err == nil {
		err = json.Unmarshal(b, &w)
	}
	if err != nil {
		return w, fmt.Errorf("open reason: %w", err)
	}
	return w, nil
}

// history returns the moves of a thing, oldest first.
func history(tx *store.Tx, id string) ([]HistoryRow, error) {
	rows, err := tx.Query(`SELECT at, actor, from_state, to_state, why FROM moves WHERE object = ? ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []HistoryRow
	for rows.Next() {
		var h HistoryRow
		var at int64
		var why []byte
		if err := rows.Scan(&at, &h.Actor, &h.From, &h.To, &why); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		w, err := openWhy(tx, "moves.why", why)
		if err != nil {
			return nil, err
		}
		if w.Name != "" {
			h.Actor = w.Name
		}
		h.At, h.Why = store.Time(at), w.Why
		out = append(out, h)
	}
	return out, rows.Err()
}
