package takedown_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/fingerprints/match"
	"unmirror/internal/keyring"
	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/store/storetest"
	"unmirror/takedown"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// crash is what a mail server's connection throws when the model lets the process die in the middle.
type crash struct{}

// model walks a docket at random and remembers, by itself, what it may do.
type model struct {
	d     *takedown.Docket
	clock *clock
	eyes  *eyes
	guard *secrets

	next     post.Outcome // how the next sending ends; "crash" dies after the bytes left
	approved map[string]bool
	maybe    map[string]bool // Message-IDs that may have arrived, and that no person had sent again
	held     bool
	sending  fataler
	misses   map[string][]time.Time // looks by address that did not find it, since one found it live
	live     map[string]time.Time   // when each case was last seen live
	broken   []string
}

func (m *model) fail(format string, args ...any) {
	m.broken = append(m.broken, fmt.Sprintf(format, args...))
}

func (m *model) send(ctx context.Context, _ string, to []string, msg []byte) post.Result {
	_, body, _ := bytes.Cut(msg, []byte("\r\n"))
	_, _, h, _, err := notice.Text(body)
	id := h.Get("Message-Id")
	switch {
	case err != nil || len(to) != 1:
		m.fail("an unreadable message or envelope left: %v", err)
	case !m.approved[id]:
		m.fail("%s was sent without an approval that stands", id)
	case m.maybe[id]:
		m.fail("%s was sent a second time without a person", id)
	case m.held:
		m.fail("%s was sent under a hold", id)
	case len(m.guard.guard(string(body))) > 0:
		m.fail("%s was sent although the guard objects", id)
	}
	m.judge(ctx, id)
	out := m.next
	if out == post.Sent || out == post.Unknown || out == "crash" {
		m.maybe[id] = true
	}
	if out == "crash" {
		panic(crash{})
	}
	return post.Result{Outcome: out, Code: 250, Text: string(out)}
}

// judge looks at what a message is about while it leaves.
func (m *model) judge(ctx context.Context, messageID string) {
	all, err := m.d.Notices(ctx, takedown.NoticeFilter{})
	if err != nil {
		m.fail("list notices: %v", err)
	}
	m.seen(m.sending)
	for _, n := range all {
		if m.messageID(n.ID) != messageID || n.Kind == takedown.KindRetraction {
			continue
		}
		for _, id := range n.Cases {
			c, err := m.d.Case(ctx, id)
			switch {
			case err != nil:
				m.fail("read case: %v", err)
			case c.Disputed || c.State != takedown.CaseOpen && c.State != takedown.CaseNoticed:
				m.fail("a %s left about a case that is %s, disputed %v", n.Kind, c.State, c.Disputed)
			case n.Kind != takedown.KindNotice && m.clock.now().Sub(m.live[id]) > day:
				m.fail("a %s left about a case last seen live at %s", n.Kind, m.live[id])
			}
		}
	}
}

const day = 24 * time.Hour

func TestRandomWalksKeepThePromises(t *testing.T) {
	// Each walk opens a record of its own: fewer and longer ones get further in the same time.
	checks := "14"
	if raceDetector {
		checks = "5"
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.steps": "160"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() == f.DefValue {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	ring := storetest.Ring(t)
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) { walk(rt, ring, table, reached) })
	var missed []string
	for _, v := range takedown.Moves() {
		if !reached[v.Of+" "+v.From+" "+v.To] {
			missed = append(missed, v.Of+" "+v.From+" → "+v.To)
		}
	}
	t.Logf("%d of %d moves were reached; not: %v", len(reached), len(takedown.Moves()), missed)
	if len(missed) > len(takedown.Moves())*5/6 && !testing.Short() && !raceDetector {
		t.Error("the walks do not get around")
	}
}

func walk(t *rapid.T, ring *keyring.Ring, table law.Table, reached map[string]bool) {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	m := &model{clock: &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, guard: &secrets{}, next: post.Sent,
		approved: map[string]bool{}, maybe: map[string]bool{}, misses: map[string][]time.Time{}, live: map[string]time.Time{}}
	m.eyes = &eyes{see: map[string]takedown.LookOutcome{}, at: m.clock.now, each: m.looked}
	found := ladder()
	for i := range found {
		found[i].Profile.OneURL = false
	}
	ctx := context.Background()
	if err := storetest.Fill(dir); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, store.Options{Dir: dir, Seal: ring, Sign: ring.Sign(), Now: m.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	m.d, err = takedown.New(takedown.Options{Store: st, Law: table, Notifier: party(), Ladder: &rungs{found: found}, Reminder: day, Escalation: day, Complaint: 10 * day, FreshLook: day,
		Checker: m.eyes, Guard: m.guard.guard, Send: m.send, From: "takedown@fictitious.example", GoneChecks: 3, GoneApart: 30 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Repeat(map[string]func(*rapid.T){
		"observe": m.observe, "pass": m.pass, "recheck": m.recheck, "triage": m.triage, "edit": m.edit, "approve": m.approve,
		"approve too": m.approve, "deliver too": m.deliver, // what carries a walk on comes more often
		"reject": m.reject, "deliver": m.deliver, "resolve": m.resolve, "hold": m.hold,
		"draft": m.draft, "draft too": m.draft, "answer": m.answer, "retract": m.retract, "dispute": m.dispute, "uphold": m.uphold,
		"": m.check,
	})
	if err := st.Read(ctx, func(tx *store.Tx) error { return note(tx, reached) }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := st.VerifyAudit(ctx, ring.Public()); err != nil {
		t.Fatal(err)
	}
}

// note collects the moves that a walk made.
func note(tx *store.Tx, reached map[string]bool) error {
	rows, err := tx.Query(`SELECT DISTINCT object, from_state, to_state FROM moves`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var object, from, to string
		if err := rows.Scan(&object, &from, &to); err != nil {
			return err
		}
		of, _, _ := strings.Cut(object, "_")
		reached[of+" "+from+" "+to] = true
	}
	return rows.Err()
}

func (m *model) observe(t *rapid.T) {
	url := fmt.Sprintf("https://files.host.example/%d", rapid.IntRange(0, 3).Draw(t, "item"))
	s := takedown.Sighting{Source: "s", Kind: "directory", URL: url, Found: m.clock.now()}
	s.Report = report(rapid.SampledFrom([]int{5, 5, 0, 1}).Draw(t, "subjects"), rapid.SampledFrom([]string{"health", "health", "contact"}).Draw(t, "category"))
	s.Report.Digest = rapid.SampledFrom([]string{"aa", "bb"}).Draw(t, "digest")
	if rapid.IntRange(0, 4).Draw(t, "weak") == 0 {
		s.Report.Verdict = match.Weak
	}
	must(m.d.Observe(context.Background(), s))(t)
	m.seen(t)
}

// seen notes when the record saw each case live: what a look of the docket's own found is seen by its history of looks alone.
func (m *model) seen(t fataler) {
	for _, c := range must(m.d.Cases(context.Background(), takedown.CaseFilter{}))(t) {
		f := must(m.d.Case(context.Background(), c.ID))(t)
		for _, s := range f.Sightings {
			m.live[c.ID] = latest(m.live[c.ID], s.Seen)
		}
		for _, k := range f.Checks {
			if k.Outcome == takedown.LookLive {
				m.live[c.ID] = latest(m.live[c.ID], k.At)
			}
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (m *model) draft(t *rapid.T) { must(m.d.Draft(context.Background()))(t) }

func (m *model) answer(t *rapid.T) {
	if n, ok := m.someNotice(t); ok {
		a := rapid.SampledFrom([]takedown.Answer{takedown.AnswerReceipt, takedown.AnswerRemoved, takedown.AnswerRefused, takedown.AnswerQuestion}).Draw(t, "answer")
		m.refusedOrDone(m.d.Answered(context.Background(), m.who(t), n.ID, a, m.clock.now()))
	}
}

func (m *model) retract(t *rapid.T) {
	n, ok := m.someNotice(t)
	if !ok || rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		return
	}
	who := m.who(t)
	f, err := m.d.PrepareRetraction(context.Background(), who, n.ID, takedown.Withdrawal{Wrong: "exception"})
	if !m.refusedOrDone(err) {
		return
	}
	digest := f.Digest
	if rapid.IntRange(0, 3).Draw(t, "wrong digest") == 0 {
		digest = "00" + digest[2:]
	}
	if !m.refusedOrDone(m.d.Retract(context.Background(), who, n.ID, takedown.Withdrawal{Digest: digest, Reason: "So."})) {
		return
	}
	if digest != f.Digest || who.Role != "counsel" {
		m.fail("withdrawn by %s, digest right: %v", who.Role, digest == f.Digest)
	}
	for _, r := range f.Notices {
		m.approved[m.messageID(r.ID)] = true
	}
	for _, id := range f.Cases {
		if c := must(m.d.Case(context.Background(), id))(t); c.State != takedown.CaseDismissed || c.Disputed {
			m.fail("a withdrawn case is %s, disputed %v", c.State, c.Disputed)
		}
	}
}

func (m *model) dispute(t *rapid.T) {
	if c, ok := m.someCase(t); ok && rapid.IntRange(0, 2).Draw(t, "really") == 0 {
		_, err := m.d.OpenDispute(context.Background(), m.who(t), c.ID, takedown.Dispute{Party: "uploader", What: "Mine."})
		m.refusedOrDone(err)
	}
}

func (m *model) uphold(t *rapid.T) {
	if c, ok := m.someCase(t); ok {
		m.refusedOrDone(m.d.Uphold(context.Background(), m.who(t), c.ID, "No."))
	}
}

func (m *model) pass(t *rapid.T) {
	m.clock.pass(time.Duration(rapid.SampledFrom([]int{1, 10, 29, 30, 61, 2000}).Draw(t, "minutes")) * time.Minute)
}

func (m *model) recheck(t *rapid.T) {
	m.eyes.sees(rapid.SampledFrom([]takedown.LookOutcome{takedown.LookLive, takedown.LookGone, takedown.LookGone, takedown.LookGone, takedown.LookChanged,
		takedown.LookUnclear, takedown.LookUnreachable, takedown.LookRobots}).Draw(t, "sees"))
	var ids []string
	if c, ok := m.someCase(t); ok && rapid.Bool().Draw(t, "one") {
		ids = []string{c.ID}
	}
	for _, d := range must(m.d.Recheck(context.Background(), ids...))(t) {
		if d.State == takedown.CaseGone && d.Before != takedown.CaseGone && !apart(m.misses[d.URL], 3, 30*time.Minute) {
			m.fail("case called gone after looks at %v", m.misses[d.URL])
		}
	}
}

// looked remembers a look, whether the walk asked for it or a delivery did.
func (m *model) looked(url string, o takedown.LookOutcome, at time.Time) {
	switch o {
	case takedown.LookLive:
		m.misses[url] = nil
	case takedown.LookGone, takedown.LookChanged:
		m.misses[url] = append(m.misses[url], at)
	}
}

// apart says whether so many of the looks lie so far apart.
func apart(at []time.Time, n int, gap time.Duration) bool {
	var last time.Time
	for _, t := range at {
		if last.IsZero() || t.Sub(last) >= gap {
			last = t
			n--
		}
	}
	return n <= 0
}

func (m *model) triage(t *rapid.T) {
	if c, ok := m.someCase(t); ok {
		answer := takedown.Triage{Wrong: rapid.Bool().Draw(t, "wrong"), Exception: "other", Reason: "So."}
		m.refusedOrDone(m.d.AnswerTriage(context.Background(), m.who(t), c.ID, answer))
	}
}

func (m *model) who(t *rapid.T) takedown.Actor {
	return rapid.SampledFrom([]takedown.Actor{anna, anna, anna, anna, anna, anna, operator, auditor}).Draw(t, "who")
}

func (m *model) edit(t *rapid.T) {
	n, ok := m.someNotice(t)
	if !ok {
		return
	}
	id := m.messageID(n.ID)
	subject := n.Subject + "!"
	if rapid.IntRange(0, 4).Draw(t, "plant") == 0 {
		m.guard.learn("zerelda")
		subject += " Zerelda"
	}
	version := n.Version - rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "stale")
	if m.refusedOrDone(m.d.Edit(context.Background(), m.who(t), n.ID, version, takedown.Edit{Subject: &subject})) {
		delete(m.approved, id)
		if version != n.Version {
			m.fail("an edit of version %d was taken at version %d", version, n.Version)
		}
	}
}

func (m *model) approve(t *rapid.T) {
	n, ok := m.someNotice(t)
	if !ok {
		return
	}
	who, digest := m.who(t), n.Digest
	if rapid.IntRange(0, 5).Draw(t, "wrong digest") == 0 {
		digest = "00" + digest[2:]
	}
	if m.refusedOrDone(m.d.Approve(context.Background(), who, n.ID, takedown.Approval{Digest: digest})) {
		m.approved[m.messageID(n.ID)] = true
		if who.Role != "counsel" || digest != n.Digest || len(n.Blocked)+len(n.Missing) > 0 {
			m.fail("approved by %s, digest right: %v, blocked %v, missing %v", who.Role, digest == n.Digest, n.Blocked, n.Missing)
		}
	}
}

func (m *model) reject(t *rapid.T) {
	if n, ok := m.someNotice(t); ok && m.refusedOrDone(m.d.Reject(context.Background(), m.who(t), n.ID, "No.")) {
		delete(m.approved, m.messageID(n.ID))
	}
}

func (m *model) deliver(t *rapid.T) {
	m.next = rapid.SampledFrom([]post.Outcome{post.Sent, post.Deferred, post.Refused, post.Unknown, "crash"}).Draw(t, "outcome")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case crash:
			must(m.d.Recover(context.Background()))(t) // the daemon starts again
		default:
			panic(r)
		}
	}()
	m.seen(t)
	m.sending = t
	must(m.d.Deliver(ctx))(t)
}

func (m *model) resolve(t *rapid.T) {
	all := must(m.d.Attempts(context.Background()))(t)
	if len(all) == 0 {
		return
	}
	a := rapid.SampledFrom(all).Draw(t, "attempt")
	answer := rapid.SampledFrom([]string{"sent", "retry"}).Draw(t, "answer")
	if m.refusedOrDone(m.d.Resolve(context.Background(), m.who(t), a.ID, answer)) && answer == "retry" {
		delete(m.maybe, m.messageID(a.Notice))
	}
}

func (m *model) hold(t *rapid.T) {
	on := rapid.IntRange(0, 3).Draw(t, "on") == 0
	if m.refusedOrDone(m.d.SetHold(context.Background(), m.who(t), on, "So.")) {
		m.held = on
	}
}

// check is what must hold after every step.
func (m *model) check(t *rapid.T) {
	for _, f := range m.broken {
		t.Fatal(f)
	}
	ctx := context.Background()
	cases := map[string]takedown.CaseRow{}
	for _, c := range must(m.d.Cases(ctx, takedown.CaseFilter{}))(t) {
		cases[c.ID] = c
	}
	for _, n := range must(m.d.Notices(ctx, takedown.NoticeFilter{}))(t) {
		if n.Kind == takedown.KindRetraction {
			continue
		}
		c := cases[n.Case]
		if (c.State == takedown.CaseGone || c.State == takedown.CaseDismissed) && (n.State == takedown.NoticeDraft || n.State == takedown.NoticeApproved) {
			t.Fatalf("the case is %s, its notice %s", c.State, n.State)
		}
		if c.State == takedown.CaseTriage && (n.State == takedown.NoticeDraft || n.State == takedown.NoticeApproved) {
			t.Fatalf("a notice is %s while the case is in triage", n.State)
		}
	}
	for _, a := range must(m.d.Attempts(ctx))(t) {
		if a.State == takedown.AttemptOpen {
			t.Fatal("an attempt is open although nothing runs")
		}
	}
}

// refusedOrDone says whether it was done; anything but a refusal breaks the walk.
func (m *model) refusedOrDone(err error) bool {
	if _, _, refused := takedown.Refused(err); err != nil && !refused {
		m.fail("internal error: %v", err)
	}
	return err == nil
}

func (m *model) messageID(id string) string {
	raw, err := m.d.NoticeEML(context.Background(), id)
	if err != nil {
		return ""
	}
	_, _, h, _, _ := notice.Text(raw)
	return h.Get("Message-Id")
}

func (m *model) someCase(t *rapid.T) (takedown.CaseRow, bool) {
	all := must(m.d.Cases(context.Background(), takedown.CaseFilter{}))(t)
	if len(all) == 0 {
		return takedown.CaseRow{}, false
	}
	slices.SortFunc(all, func(a, b takedown.CaseRow) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "case")], true
}

func (m *model) someNotice(t *rapid.T) (*takedown.NoticeFile, bool) {
	all := must(m.d.Notices(context.Background(), takedown.NoticeFilter{}))(t)
	if len(all) == 0 {
		return nil, false
	}
	slices.SortFunc(all, func(a, b takedown.NoticeRow) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	i := rapid.IntRange(0, len(all)-1).Draw(t, "notice")
	return must(m.d.Notice(context.Background(), all[i].ID))(t), true
}
