package takedown

import (
	"crypto/hmac"
	"encoding/base32"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"unmirror/store"
	"unmirror/takedown/reply"
)

// tied is the notice that a mail answers, and how that is known.
type tied struct {
	notice  *noticeRec
	version int    // that it answers; 0 when that cannot be told
	by      string // thread, address, ticket, theirs, person
	// sure says that nobody could have written it who had not seen our mail: a number in a subject can be guessed.
	sure bool
}

// tie finds the notice that a mail answers: by the mails that it refers to, by the signed address that it was sent to, by our number in
// its subject or text, by the other side's ticket id from an earlier answer. The zero tied when there is none.
func (d *Docket) tie(tx *store.Tx, m reply.Message) (tied, error) {
	for _, f := range []func(*store.Tx, reply.Message) (tied, error){d.byThread, d.byAddress, d.byTicket, d.byTheirs} {
		if t, err := f(tx, m); err != nil || t.notice != nil {
			return t, err
		}
	}
	return tied{}, nil
}

func (d *Docket) byThread(tx *store.Tx, m reply.Message) (t tied, err error) {
	for _, id := range m.Answers {
		ids, err := queryIDs(tx, `SELECT notice_id FROM sent_ids WHERE message_id = ?`, id)
		if err != nil {
			return t, err
		}
		if len(ids) > 0 {
			t.by, t.sure = "thread", true
			if err := tx.QueryRow(`SELECT version FROM sent_ids WHERE message_id = ?`, id).Scan(&t.version); err != nil {
				return t, fmt.Errorf("read version of mail: %w", err)
			}
			t.notice, err = loadNotice(tx, ids[0])
			return t, err
		}
		earlier, err := queryReplies(tx, `WHERE r.message_key = ? AND r.notice_id <> '' LIMIT 1`, messageKey(tx, id))
		if err != nil {
			return t, err
		}
		if len(earlier) > 0 { // they answer their own answer
			t.by = "thread"
			t.notice, err = loadNotice(tx, earlier[0].noticeID)
			return t, err
		}
	}
	return t, nil
}

// plusAddress is our own address with ticket and signature in it.
var plusAddress = regexp.MustCompile(`\+(um-\d{4}-\d{6,9})\.([a-z2-7]{16})@`)

func (d *Docket) byAddress(tx *store.Tx, m reply.Message) (tied, error) {
	for _, a := range m.To {
		p := plusAddress.FindStringSubmatch(a)
		if p == nil {
			continue
		}
		ticket := strings.ToUpper(p[1])
		if hmac.Equal([]byte(signature(tx, ticket)), []byte(p[2])) {
			return d.newestTold(tx, ticket, m, "address", true)
		}
	}
	return tied{}, nil
}

func (d *Docket) byTicket(tx *store.Tx, m reply.Message) (tied, error) {
	for _, ticket := range m.Tickets {
		if t, err := d.newestTold(tx, ticket, m, "ticket", false); err != nil || t.notice != nil {
			return t, err
		}
	}
	return tied{}, nil
}

// newestTold picks, of the notices that went out under a ticket, the newest one to whoever now writes, or else the newest.
func (d *Docket) newestTold(tx *store.Tx, ticket string, m reply.Message, by string, sure bool) (tied, error) {
	found, err := queryNotices(tx, `WHERE n.ticket = ? AND EXISTS (SELECT 1 FROM sent_ids s WHERE s.notice_id = n.id)
		ORDER BY n.state IN ('sent', 'unknown') DESC, n.sent_at DESC, n.created DESC, n.id LIMIT 50`, ticket)
	if err != nil || len(found) == 0 {
		return tied{}, err
	}
	for _, n := range found {
		if side(n.recipient) != "" && side(n.recipient) == side(m.From) {
			return tied{notice: n, by: by, sure: sure}, nil
		}
	}
	return tied{notice: found[0], by: by, sure: sure}, nil
}

func (d *Docket) byTheirs(tx *store.Tx, m reply.Message) (tied, error) {
	if side(m.From) == "" {
		return tied{}, nil
	}
	for _, id := range m.Theirs {
		found, err := queryNotices(tx, `JOIN reply_tickets k ON k.notice_id = n.id WHERE k.key = ? ORDER BY n.sent_at DESC, n.id LIMIT 1`, theirKey(tx, m.From, id))
		if err != nil {
			return tied{}, err
		}
		if len(found) > 0 {
			return tied{notice: found[0], by: "theirs"}, nil
		}
	}
	return tied{}, nil
}

// rememberTheirs keeps the other side's ticket ids, so that a later answer that names nothing else still finds its notice.
func rememberTheirs(tx *store.Tx, m reply.Message, noticeID string) error {
	if side(m.From) == "" {
		return nil
	}
	for _, id := range m.Theirs {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO reply_tickets (key, notice_id) VALUES (?,?)`, theirKey(tx, m.From, id), noticeID); err != nil {
			return fmt.Errorf("keep their ticket: %w", err)
		}
	}
	return nil
}

func theirKey(tx *store.Tx, from, id string) []byte {
	return tx.Lookup("reply_tickets.key", []byte(side(from)+"\n"+strings.ToLower(id)))
}

// side is the registrable domain of an address: desks and ticket systems of one house differ before it.
func side(address string) string {
	_, domain, ok := strings.Cut(address, "@")
	if !ok {
		return ""
	}
	domain = strings.ToLower(strings.TrimRight(domain, "."))
	if _, err := netip.ParseAddr(strings.Trim(domain, "[]")); err == nil {
		return domain
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return d
	}
	return domain
}

// signature proves that an answer's address was given by us: nobody else can make one for a ticket.
func signature(tx *store.Tx, ticket string) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(tx.Lookup("replies.address", []byte(ticket))[:10]))
}

// replyTo is the address that answers about a ticket go to; empty where the sender's own will do.
func (d *Docket) replyTo(tx *store.Tx, ticket string) string {
	local, domain, ok := strings.Cut(d.o.From, "@")
	if !d.o.PlusAddress || !ok || ticket == "" {
		return ""
	}
	plus := local + "+" + strings.ToLower(ticket) + "." + signature(tx, ticket)
	if len(plus) > 64 { // RFC 5321, 4.5.3.1.1
		return ""
	}
	return plus + "@" + domain
}
