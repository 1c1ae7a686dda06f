package takedown

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// askFirst looks the recipient of an approved notice up again when the last look-up is not fresh. An address that changed takes the
// approval with it: counsel reads a version to the new one. A look-up that fails changes nothing, and neither does one of an address that
// a person chose, or of a withdrawal, which goes to whoever was told.
func (d *Docket) askFirst(ctx context.Context, t *attemptRec, v version) (ok bool, err error) {
	if d.o.Ladder == nil {
		return true, nil
	}
	var n *noticeRec
	var place contact.Place
	var was contact.Found
	err = d.read(ctx, "read outbox", func(tx *store.Tx) error {
		if n, err = loadNotice(tx, t.noticeID); err != nil {
			return err
		}
		c, err := loadCase(tx, n.caseID)
		if err != nil {
			return err
		}
		place = placeOf(c)
		old, at, err := d.contactsSince(tx, c.id)
		if err != nil || d.now().Sub(at) < d.o.FreshContact {
			return err
		}
		was, _ = reading(old, v.Envelope.To)
		return nil
	})
	if err != nil || was.Email == "" || n.kind == KindRetraction {
		return err == nil, err
	}
	found := d.find(ctx, place)
	if ctx.Err() != nil {
		return false, nil
	}
	to, why := changed(was, found)
	if why == "" {
		return true, d.keepFound(ctx, n.caseID, v.Envelope.To, found)
	}
	return false, d.write(ctx, "note changed contact", func(tx *store.Tx) error { return d.aimAnew(tx, t, found, to, why) })
}

// contactsSince is contacts with the time of the look-up.
func (d *Docket) contactsSince(tx *store.Tx, caseID string) (found []contact.Found, at time.Time, err error) {
	if found, err = d.contacts(tx, caseID); err != nil || len(found) == 0 {
		return nil, at, err
	}
	var ms int64
	if err := tx.QueryRow(`SELECT fetched FROM contacts WHERE case_id = ?`, caseID).Scan(&ms); err != nil {
		return nil, at, fmt.Errorf("read contacts: %w", err)
	}
	return found, store.Time(ms), nil
}

// reading returns the usable contact of that address.
func reading(found []contact.Found, email string) (contact.Found, bool) {
	i := slices.IndexFunc(found, func(f contact.Found) bool { return usable(f) && strings.EqualFold(f.Email, email) })
	if i < 0 {
		return contact.Found{}, false
	}
	return found[i], true
}

// changed says why an address no longer holds, and which takes its place (none: its address is empty). It holds as long as it is found,
// and as long as nothing better is known than that the look-up failed.
func changed(was contact.Found, found []contact.Found) (to contact.Found, why string) {
	if _, ok := reading(found, was.Email); ok {
		return to, ""
	}
	best, _ := pick(found)
	if i := slices.IndexFunc(found, func(f contact.Found) bool { return strings.EqualFold(f.Email, was.Email) && f.Skipped != "" }); i >= 0 {
		return best, "The recipient may not be written to any more (" + found[i].Skipped + "): it must be approved again."
	}
	for _, f := range found {
		if usable(f) && f.Source == was.Source && f.Kind == was.Kind {
			return f, "The recipient's contact changed since it was approved: it must be approved again."
		}
	}
	return to, ""
}

// keepFound keeps a look-up that confirmed an address; one that failed leaves what was known.
func (d *Docket) keepFound(ctx context.Context, caseID, email string, found []contact.Found) error {
	if _, ok := reading(found, email); !ok {
		return nil
	}
	return d.write(ctx, "keep contacts", func(tx *store.Tx) error { return d.saveContacts(tx, caseID, found) })
}

// aimAnew takes an approval back and writes a version to the recipient that was found instead.
func (d *Docket) aimAnew(tx *store.Tx, t *attemptRec, found []contact.Found, to contact.Found, why string) error {
	n, err := loadNotice(tx, t.noticeID)
	if err != nil {
		return err
	}
	now, err := loadAttempt(tx, t.id)
	if err != nil || n.state != NoticeApproved || n.version != t.version || now.state != t.state {
		return err
	}
	if err := d.saveContacts(tx, n.caseID, found); err != nil {
		return err
	}
	if err := d.takeBack(tx, n, NoticeDraft, System, why); err != nil {
		return err
	}
	v, err := loadVersion(tx, n.id, n.version)
	if err != nil {
		return err
	}
	c, err := loadCase(tx, n.caseID)
	if err != nil {
		return err
	}
	language := v.Facts.Language
	if err := d.drawAndAim(tx, &v, c.leak, to); err != nil {
		return err
	}
	if err := d.thread(tx, v.Cases, &v.Envelope); err != nil {
		return err
	}
	if n.byPerson {
		v.Facts.Language = language
	} else if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return fmt.Errorf("compose notice: %w", err)
	}
	return d.writeVersion(tx, n, v, System)
}

// unwanted says why the recipient of a notice is not to be written to; "" where it may be. A withdrawal goes to whoever was told.
func (d *Docket) unwanted(tx *store.Tx, n *noticeRec) (why string, err error) {
	if n.kind == KindRetraction {
		return "", nil
	}
	c, err := loadCase(tx, n.caseID)
	if err != nil {
		return "", err
	}
	as := contact.Found{Email: n.recipient, Kind: n.recipientKind}
	known, err := loadContacts(tx, n.caseID)
	if err != nil {
		return "", err
	}
	if f, ok := reading(known, n.recipient); ok {
		as = f
	}
	list, err := d.forbid(tx, placeOf(c), []contact.Found{as})
	if err != nil || list[0].Skipped == "" || list[0].Skipped == as.Skipped {
		return "", err
	}
	return "The recipient may not be written to (" + list[0].Skipped + "): it must be approved again.", nil
}
