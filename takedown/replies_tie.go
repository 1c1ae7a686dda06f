package takedown

import (
	"crypto/hmac"
	"database/sql"
	"encoding/base32"
	"errors"
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
	// named says that it names our mail itself and came as mail servers send: of a bounce that is asked besides.
	named bool
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
		told, number, err := sentUnder(tx, id)
		if err != nil {
			return t, err
		}
		if told != "" {
			t.by, t.sure, t.named, t.version = "thread", true, !m.Pathed, number
			t.notice, err = loadNotice(tx, told)
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

// ours is a Message-ID as messageID writes it: notice, version, and the rest that only those know who have the mail.
var ours = regexp.MustCompile(`^<(notice_[0-9a-z]+)\.([0-9]{1,9})\.(.*)$`)

// rememberSent keeps the Message-ID under which the current version of a notice goes out.
func rememberSent(tx *store.Tx, n *noticeRec) error {
	p := ours.FindStringSubmatch(n.messageID)
	if p == nil {
		return nil // no mail: it was never rendered
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO sent_ids (notice_id, version, rest) VALUES (?,?,?)`, n.id, n.version, p[3])
	return err
}

// sentUnder returns the notice and the version that went out under a Message-ID; "" when none did.
func sentUnder(tx *store.Tx, id string) (notice string, number int, err error) {
	p := ours.FindStringSubmatch(id)
	if p == nil {
		return "", 0, nil
	}
	err = tx.QueryRow(`SELECT notice_id, version FROM sent_ids WHERE notice_id = ? AND version = ? AND rest = ?`, p[1], p[2], p[3]).Scan(&notice, &number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", 0, fmt.Errorf("look for a mail of ours: %w", err)
	}
	return notice, number, nil
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
