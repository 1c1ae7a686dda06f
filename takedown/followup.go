package takedown

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// further is what follow-up calls for about one case.
type further struct {
	c     *caseRec
	kind  NoticeKind // empty: nothing
	at    time.Time  // when it is due, or is to be asked again
	after *noticeRec // the newest notice, to which it refers
	to    contact.Found
	ask   bool // no next rung is known: the ladder should be asked again
}

// FollowUp drafts what is due after a notice went out and the content is still there: a reminder to the same recipient, a notice to
// the next rung of the ladder, a complaint to the authority. Each rests on a fresh look that found it live; where there is none, it is
// looked at first. It only drafts: counsel approves each. It returns how many notices were drafted.
func (d *Docket) FollowUp(ctx context.Context) (n int, err error) {
	due, err := d.furtherDue(ctx)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var stale []string
	for _, f := range due {
		if !d.fresh(f.c) {
			stale = append(stale, f.c.id)
		}
	}
	if len(stale) > 0 && d.o.Checker != nil {
		if _, err := d.Recheck(ctx, stale...); err != nil {
			return 0, fmt.Errorf("look before follow-up: %w", err)
		}
	}
	if err := d.askFurther(ctx, due); err != nil {
		return 0, err
	}
	for _, group := range sameLetter(due) {
		if ctx.Err() != nil {
			return n, errors.Join(err, ctx.Err())
		}
		wrote := 0
		one := d.write(ctx, "draft follow-up", func(tx *store.Tx) (err error) {
			wrote, err = d.draftFurther(tx, group)
			return err
		})
		if one != nil {
			err = errors.Join(err, fmt.Errorf("case %s: %w", group[0].c.id, one))
		}
		n += wrote
	}
	return n, err
}

// fresh says whether a case was seen live lately enough to act upon.
func (d *Docket) fresh(c *caseRec) bool { return d.now().Sub(c.liveAt) <= d.o.FreshLook }

// mostFollowed is how many cases one run takes up; the others wait for the next.
const mostFollowed = 1000

// furtherDue returns what is due now, and notes when the rest will be.
func (d *Docket) furtherDue(ctx context.Context) (due []further, err error) {
	var cases []*caseRec
	err = d.read(ctx, "read follow-up", func(tx *store.Tx) error {
		cases, err = queryCases(tx, `WHERE c.follow_at > 0 AND c.follow_at <= ? ORDER BY c.follow_at, c.id LIMIT ?`, store.Millis(d.now()), mostFollowed)
		return err
	})
	if err != nil || len(cases) == 0 {
		return nil, err
	}
	err = d.write(ctx, "plan follow-up", func(tx *store.Tx) error {
		due = nil
		for _, c := range cases {
			f, err := d.further(tx, c.id)
			if err != nil {
				return err
			}
			doubt, err := d.inDoubt(tx, f.c, f.to.Email)
			if err != nil {
				return err
			}
			if acts := f.kind != "" && !f.at.After(d.now()) || f.ask; acts && !doubt {
				due = append(due, f)
				continue
			} else if acts {
				f.at = d.now().Add(doubtLater)
			}
			if err := planFurther(tx, c.id, f.at); err != nil {
				return err
			}
		}
		return nil
	})
	return due, err
}

// planFurther notes when follow-up of a case is due; the zero time when nothing is planned.
func planFurther(tx *store.Tx, caseID string, at time.Time) error {
	if _, err := tx.Exec(`UPDATE cases SET follow_at = ? WHERE id = ?`, store.Millis(at), caseID); err != nil {
		return fmt.Errorf("plan follow-up of %s: %w", caseID, err)
	}
	return nil
}

// further says what follow-up calls for next about a case, by what was sent in this round and what was answered.
func (d *Docket) further(tx *store.Tx, caseID string) (further, error) {
	c, err := loadCase(tx, caseID)
	if err != nil {
		return further{}, err
	}
	f := further{c: c}
	if c.state != CaseNoticed || c.disputed {
		return f, nil
	}
	letters, err := queryNotices(tx, `JOIN notice_cases x ON x.notice_id = n.id WHERE x.case_id = ? AND x.round = ? AND x.state = 'in'
		AND n.kind <> 'retraction'`, c.id, c.reopened)
	if err != nil {
		return f, err
	}
	sortNotices(letters)
	t := sortTold(letters)
	if t.pending || len(t.sent) == 0 {
		return f, nil // what waits comes first; when it moves, this is asked again
	}
	found, err := d.contacts(tx, c.id)
	if err != nil {
		return f, err
	}
	file, _, err := d.incident(tx, c.leak)
	if err != nil {
		return f, err
	}
	t.countries = file.Countries
	return d.choose(f, t, found, mandate(file, "").Kind == "power_of_attorney"), nil
}

// told is what was sent about a case in its round.
type told struct {
	sent    []*noticeRec // oldest first, complaints left out
	done    map[string]bool
	pending bool      // something waits for a person or is on its way
	refused time.Time // when a recipient first refused; zero: nobody did
	top     int       // the highest rung that was drafted for, whatever became of it; complaints left out
	no      time.Time // when counsel last rejected one; zero: never

	countries []string // whose law counsel chose
}

func sortTold(letters []*noticeRec) told {
	t := told{done: map[string]bool{}}
	for _, n := range letters {
		t.done[fmt.Sprint(n.kind, n.rung)] = true
		if n.kind != KindComplaint {
			t.top = max(t.top, n.rung)
		}
		if n.state == NoticeRejected {
			t.no = later(t.no, n.updated)
		}
		switch n.state {
		case NoticeSent:
			if n.kind != KindComplaint {
				t.sent = append(t.sent, n)
			}
		case NoticeDraft, NoticeApproved, NoticeUnknown, NoticeFailed:
			t.pending = true
		}
		if n.answer == AnswerRefused && t.refused.IsZero() {
			t.refused = n.answeredAt
		}
	}
	return t
}

// choose picks the earliest of reminder or next rung, and complaint.
func (d *Docket) choose(f further, t told, found []contact.Found, mandated bool) further {
	last, first := t.sent[len(t.sent)-1], t.sent[0]
	f.after = last
	country := d.o.Calendar.Country(last.recipient)
	no := refusedBy(t.sent, last.recipient)
	refused := !no.IsZero()
	reminded := t.done[fmt.Sprint(KindReminder, last.rung)]
	switch {
	case d.o.Reminder > 0 && !reminded && !refused:
		f.kind, f.at, f.to = KindReminder, d.o.Calendar.Add(last.sentAt, d.o.Reminder, country), again(found, last)
	case d.o.Escalation > 0:
		at := d.o.Calendar.Add(last.sentAt, d.o.Escalation, country)
		if refused {
			at = no
		}
		if !t.no.IsZero() { // counsel said no to a step: the next one takes its time again
			at = later(at, d.o.Calendar.Add(t.no, d.o.Escalation, country))
		}
		next, ok := nextRung(d.addressable(found, t.countries), t.top, recipients(t.sent), mandated)
		switch {
		case ok:
			f.kind, f.at, f.to = climbing(next), at, next
		case !at.After(d.now()):
			f.ask = true
		default:
			f.at = at
		}
	}
	whom := authority(found)
	if d.o.Complaint <= 0 || t.done[fmt.Sprint(KindComplaint, rungOf("authority"))] || !d.lawful(KindComplaint, whom, t.countries) {
		return f
	}
	at := first.sentAt.Add(d.o.Complaint)
	if !t.refused.IsZero() && t.refused.Before(at) {
		at = t.refused
	}
	switch {
	case f.ask && at.After(d.now()):
		f.at = at // at the latest then this is asked again
	case f.ask || f.at.IsZero() || at.Before(f.at):
		f.kind, f.at, f.to, f.ask = KindComplaint, at, whom, false
	}
	return f
}

// climbing is the kind of notice that goes to a further rung.
func climbing(to contact.Found) NoticeKind {
	if to.Kind == "search" {
		return KindDelisting
	}
	return KindEscalation
}

// addressable leaves out those for whom no law has a letter: they would keep the ladder from going on.
func (d *Docket) addressable(found []contact.Found, countries []string) []contact.Found {
	return slices.DeleteFunc(slices.Clone(found), func(f contact.Found) bool { return !d.lawful(climbing(f), f, countries) })
}

// again is the contact that a notice went to.
func again(found []contact.Found, n *noticeRec) contact.Found {
	for _, f := range found {
		if strings.EqualFold(f.Email, n.recipient) {
			f.Language = n.language
			return f
		}
	}
	return contact.Found{Email: n.recipient, Kind: n.recipientKind, Language: n.language, Profile: contact.Profile{OffersInEU: true}}
}

func recipients(sent []*noticeRec) []string {
	var out []string
	for _, n := range sent {
		out = append(out, n.recipient)
	}
	return out
}

// askFurther asks the ladder again where no next rung is known, once for each place, and plans the rest anew. What it then knows counts
// from the next run on.
func (d *Docket) askFurther(ctx context.Context, due []further) error {
	asked := map[contact.Place][]contact.Found{}
	for i, f := range due {
		if !f.ask {
			continue
		}
		p := placeOf(f.c)
		p.URL = ""
		found, ok := asked[p]
		if !ok && d.o.Ladder != nil {
			found = d.find(ctx, placeOf(f.c))
			asked[p] = found
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ask for the next rung: %w", ctx.Err())
		}
		err := d.write(ctx, "note contacts", func(tx *store.Tx) error {
			if err := d.saveContacts(tx, f.c.id, found); err != nil {
				return err
			}
			next, err := d.further(tx, f.c.id)
			if err != nil {
				return err
			}
			if later := d.now().Add(askLater); next.ask && (next.at.IsZero() || next.at.After(later)) {
				next.at = later // nobody else is known: tomorrow perhaps
			}
			due[i] = next
			return planFurther(tx, f.c.id, next.at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// askLater is when a place is asked again that knew nobody further.
const askLater = 24 * time.Hour

// sameLetter gathers what goes into one notice: the same step after the same notice to the same recipient.
func sameLetter(due []further) [][]further {
	var out [][]further
	at := map[string]int{}
	for _, f := range due {
		if f.kind == "" || f.ask {
			continue
		}
		key := fmt.Sprint(f.kind, " ", f.after.id, " ", strings.ToLower(f.to.Email))
		if i, ok := at[key]; ok && !f.to.Profile.OneURL && len(out[i]) < mostLocations {
			out[i] = append(out[i], f)
			continue
		}
		at[key] = len(out)
		out = append(out, []further{f})
	}
	return out
}

// draftFurther writes one follow-up about those of the cases for which it is still due; the others are planned anew.
func (d *Docket) draftFurther(tx *store.Tx, group []further) (int, error) {
	var cases []*caseRec
	for _, was := range group {
		f, err := d.further(tx, was.c.id)
		if err != nil {
			return 0, err
		}
		doubt, err := d.inDoubt(tx, f.c, f.to.Email)
		if err != nil {
			return 0, err
		}
		switch {
		case doubt:
			err = planFurther(tx, was.c.id, d.now().Add(doubtLater))
		case f.kind != was.kind || f.after.id != was.after.id || !strings.EqualFold(f.to.Email, was.to.Email) || f.at.After(d.now()):
			err = planFurther(tx, was.c.id, f.at)
		case !d.fresh(f.c): // the look said nothing: a wall, an outage
			err = planFurther(tx, was.c.id, d.now().Add(d.soon()))
		default:
			cases = append(cases, f.c)
			err = planFurther(tx, was.c.id, time.Time{}) // its draft waits; when that moves, this is asked again
		}
		if err != nil {
			return 0, err
		}
	}
	if len(cases) == 0 {
		return 0, nil
	}
	f := group[0]
	last, err := loadVersion(tx, f.after.id, f.after.version)
	if err != nil {
		return 0, err
	}
	why := map[NoticeKind]string{
		KindReminder:   "Still live, and the time for a reminder has come.",
		KindEscalation: "Still live, and the time for the next rung has come.",
		KindDelisting:  "Still live, and the time for the next rung has come.",
		KindComplaint:  "Still live, and the time for a complaint has come.",
	}[f.kind]
	_, err = d.begin(tx, opening{kind: f.kind, cases: cases, to: f.to, follows: f.after, why: why, words: func(to *notice.Facts) {
		to.Action, to.Optional = last.Facts.Action, slices.Clone(last.Facts.Optional)
		to.Respondent = notice.Respondent{Name: last.Facts.RecipientName, Address: f.after.recipient}
	}})
	return 1, err
}

// lawful says whether the table has a letter of that kind to such a recipient, where counsel chose the law of these countries.
func (d *Docket) lawful(kind NoticeKind, to contact.Found, countries []string) bool {
	k := to.Kind
	if k == "" {
		k = contact.KindHost
	}
	_, ok := d.regime(notice.Facts{Act: kind.act(), RecipientKind: k, Countries: countries}, to.Profile.OffersInEU || to.Email == "")
	return ok
}

// Answered records what a recipient answered to a notice. That something was removed is never believed: its cases are looked at soon.
// A confirmation of receipt does not take the place of an answer.
func (d *Docket) Answered(ctx context.Context, a Actor, noticeID string, answer Answer, at time.Time) error {
	if a.Role != System.Role {
		if err := person(a); err != nil {
			return err
		}
	}
	if !slices.Contains([]Answer{AnswerReceipt, AnswerRemoved, AnswerRefused, AnswerQuestion, AnswerOther}, answer) {
		return refuse(CodeInvalid, "An answer is receipt, removed, refused, question or other.")
	}
	return d.write(ctx, "note answer", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		if n.state != NoticeSent && n.state != NoticeUnknown {
			return refuse(CodeState, "It did not go out: nobody can have answered it.")
		}
		return d.noteAnswer(tx, a, n, answer, at)
	})
}

// noteAnswer is Answered inside a transaction. The zero time is now.
func (d *Docket) noteAnswer(tx *store.Tx, a Actor, n *noticeRec, answer Answer, at time.Time) error {
	if answer == AnswerReceipt && n.answer != "" {
		return nil
	}
	if at.IsZero() {
		at = d.now()
	}
	if err := d.heard(tx, n, answer); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE notices SET answer = ?, answered_at = ? WHERE id = ?`, answer, store.Millis(at), n.id); err != nil {
		return fmt.Errorf("note answer to %s: %w", n.id, err)
	}
	n.answer, n.answeredAt = answer, at
	if err := tx.Audit(store.Entry{Actor: a.ID, Act: "notice.answered", Object: n.id, Detail: string(answer)}); err != nil {
		return err
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	switch answer {
	case AnswerRemoved:
		return d.lookSoon(tx, ids(cases)...)
	case AnswerRefused:
		if err := d.voidReminders(tx, n); err != nil {
			return err
		}
		for _, c := range cases {
			if err := planFurther(tx, c.id, d.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// RecheckSoon has cases looked at with the next run; those that nobody looks at any more stay so.
func (d *Docket) RecheckSoon(ctx context.Context, caseIDs ...string) error {
	return d.write(ctx, "plan recheck", func(tx *store.Tx) error { return d.lookSoon(tx, caseIDs...) })
}

func (d *Docket) lookSoon(tx *store.Tx, caseIDs ...string) error {
	for _, id := range caseIDs {
		if _, err := tx.Exec(`UPDATE cases SET next_check = ? WHERE id = ? AND next_check > 0`, store.Millis(d.now()), id); err != nil {
			return fmt.Errorf("plan recheck of %s: %w", id, err)
		}
	}
	return nil
}
