package takedown

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"unmirror/store"
)

// TicketPage is what anybody who holds a ticket's address may know: that it is genuine, of whom, since when and of what kind. Nothing else.
type TicketPage struct {
	Ticket                string
	Kind                  NoticeKind // of the first message under it
	Date                  time.Time  // when that went out
	Organisation, Contact string     // the name; the role that answers
	Email, Telephone      string
}

// Reference is a ticket as it stands in the address of its page: with a code that only this record's keys can tell.
func (d *Docket) Reference(tx *store.Tx, ticket string) string {
	return ticket + "-" + ticketCode(tx, ticket)
}

// ticketCode has 128 bits and outlives a change of keys: a guess is hopeless, whatever is known of other tickets.
func ticketCode(tx *store.Tx, ticket string) string {
	sum := tx.Lookup("ticket.code", []byte(ticket))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)[:26])
}

// statusURL is the public page of a ticket, "" where the desk has no public address.
func (d *Docket) statusURL(tx *store.Tx, ticket string) string {
	if d.o.StatusURL == nil {
		return ""
	}
	return d.o.StatusURL(d.Reference(tx, ticket))
}

// Ticket authenticates a reference. Everything that is not one of a message that left is ErrNotFound alike, after the same work.
func (d *Docket) Ticket(ctx context.Context, reference string) (TicketPage, error) {
	none := refuse(CodeNotFound, "There is no such ticket.")
	if len(reference) > 64 {
		reference = reference[:64]
	}
	ticket, code := reference, ""
	if i := strings.LastIndexByte(reference, '-'); i >= 0 {
		ticket, code = reference[:i], reference[i+1:]
	}
	var page TicketPage
	var genuine, left int
	err := d.read(ctx, "read ticket", func(tx *store.Tx) error {
		genuine = subtle.ConstantTimeCompare([]byte(ticketCode(tx, ticket)), []byte(code))
		var at int64
		err := tx.QueryRow(`SELECT COUNT(*), COALESCE(MIN(CASE WHEN n.sent_at > 0 THEN n.sent_at ELSE n.updated END), 0),
			COALESCE((SELECT m.kind FROM notices m WHERE m.ticket = ?1 ORDER BY m.created, m.id LIMIT 1), '')
			FROM notices n WHERE n.ticket = ?1 AND (n.state IN ('sent', 'unknown')
			OR EXISTS (SELECT 1 FROM attempts t WHERE t.notice_id = n.id AND t.state = 'open'))`, ticket).Scan(&left, &at, &page.Kind)
		if err != nil {
			return fmt.Errorf("read notices of a ticket: %w", err)
		}
		page.Ticket, page.Date = ticket, store.Time(at)
		return nil
	})
	if err != nil {
		return TicketPage{}, err
	}
	p := d.o.Notifier
	page.Organisation, page.Contact, page.Email, page.Telephone = p.Name, p.Contact, p.Email, p.Telephone
	if genuine&subtle.ConstantTimeLessOrEq(1, left) != 1 {
		return TicketPage{}, none
	}
	return page, nil
}
