package takedown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// renewed is how many drafts are read at once: what is read holds up the folding back of what was written.
const renewed = 100

// renew writes a new version of each draft into which another notifier, sender, leak title or address of the desk was frozen than the
// configuration now has: it could never be approved, or would lead nowhere. It returns how many there were. A draft that was found to be current is read again
// only after the settings changed.
func (d *Docket) renew(ctx context.Context) (n int, err error) {
	last := seenDraft{under: []byte{}}
	for ctx.Err() == nil {
		var some []seenDraft
		one := d.read(ctx, "find drafts to renew", func(tx *store.Tx) (err error) {
			some, err = d.unread(tx, last)
			return err
		})
		if one != nil || len(some) == 0 {
			return n, errors.Join(err, one)
		}
		last = some[len(some)-1]
		wrote, one := d.renewSome(ctx, some)
		n, err = n+wrote, errors.Join(err, one)
	}
	return n, errors.Join(err, ctx.Err())
}

// seenDraft is a draft that was read, and what was found.
type seenDraft struct {
	id       string
	version  int
	under    []byte // the settings under which it was last found current
	settings []byte // those that now hold
	old      bool
	err      error
}

// unread reads the next drafts after one that were not yet found current under the settings that now hold.
func (d *Docket) unread(tx *store.Tx, after seenDraft) (out []seenDraft, err error) {
	now, err := d.settings(tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(`SELECT n.id, n.version, n.under FROM notices n INDEXED BY notices_under CROSS JOIN cases c ON c.id = n.case_id
		WHERE n.state = 'draft' AND (n.under, n.id) > (?, ?) AND n.under <> ? AND c.state IN ('open', 'noticed', 'vanishing') ORDER BY n.under, n.id LIMIT ?`,
		after.under, after.id, now, renewed)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r := seenDraft{settings: now}
		if err := rows.Scan(&r.id, &r.version, &r.under); err != nil {
			return nil, fmt.Errorf("read drafts: %w", err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	for i := range out {
		_, v, leak, err := loadDraft(tx, out[i].id)
		if err == nil {
			out[i].old, err = d.outdated(tx, v, leak)
		}
		out[i].err = err
	}
	return out, nil
}

// renewSome writes anew what is old, and notes of the rest that it is current. What ails one draft holds up no other.
func (d *Docket) renewSome(ctx context.Context, some []seenDraft) (n int, err error) {
	for _, r := range some {
		if ctx.Err() != nil {
			return n, err
		}
		one := r.err
		if one == nil && r.old {
			one = d.write(ctx, "renew notice", func(tx *store.Tx) error { return d.renewOne(tx, r) })
		}
		if one != nil {
			err = errors.Join(err, fmt.Errorf("notice %s: %w", r.id, one))
		} else if r.old {
			n++
		}
	}
	failed := d.write(ctx, "note drafts", func(tx *store.Tx) error {
		for _, r := range some {
			if r.err != nil || r.old {
				continue
			}
			if err := current(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	return n, errors.Join(err, failed)
}

// current notes that a version was found current, unless another was written meanwhile.
func current(tx *store.Tx, r seenDraft) error {
	if _, err := tx.Exec(`UPDATE notices SET under = ? WHERE id = ? AND version = ?`, r.settings, r.id, r.version); err != nil {
		return fmt.Errorf("note draft %s: %w", r.id, err)
	}
	return nil
}

// settings is a keyed hash of all that outdated looks at besides the draft itself.
func (d *Docket) settings(tx *store.Tx) ([]byte, error) {
	// The leaks are found one after the other in an index that begins with them.
	leaks, err := queryIDs(tx, `WITH RECURSIVE l (leak) AS (SELECT MIN(leak) FROM cases UNION ALL
		SELECT (SELECT MIN(leak) FROM cases WHERE leak > l.leak) FROM l WHERE l.leak IS NOT NULL) SELECT leak FROM l WHERE leak IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	all := []any{d.o.Notifier, d.o.From, d.o.FromName, d.o.PlusAddress, d.statusURL(tx, "")}
	for _, leak := range leaks {
		file, err := incidentVersion(tx, leak)
		if err != nil {
			return nil, err
		}
		registered, title := d.o.Registered(leak), ""
		if registered {
			title = d.o.LeakTitle(leak)
		}
		all = append(all, leak, file, registered, title)
	}
	b, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return tx.Lookup("notices.under", b)[:8], nil
}

// loadDraft returns a notice, its current version and the leak that it is about.
func loadDraft(tx *store.Tx, id string) (n *noticeRec, v version, leak string, err error) {
	if n, err = loadNotice(tx, id); err != nil {
		return nil, v, "", err
	}
	if err = tx.QueryRow(`SELECT leak FROM cases WHERE id = ?`, n.caseID).Scan(&leak); err != nil {
		return nil, v, "", fmt.Errorf("read case of %s: %w", id, err)
	}
	v, err = loadVersion(tx, id, n.version)
	return n, v, leak, err
}

// outdated says whether a version was written under another configuration or another leak file.
func (d *Docket) outdated(tx *store.Tx, v version, leak string) (bool, error) {
	file, err := incidentVersion(tx, leak)
	if err != nil {
		return false, err
	}
	return v.Envelope.ReplyTo != d.replyTo(tx, v.Facts.Ticket) || v.Facts.StatusURL != d.statusURL(tx, v.Facts.Ticket) || v.Facts.Notifier != d.o.Notifier || v.Envelope.From != d.o.From || v.Envelope.FromName != d.o.FromName ||
		v.Incident != file || file == 0 && v.Facts.LeakTitle != d.title(leak, v), nil
}

// title is what a leak is called now; what is no longer registered keeps the title that it had.
func (d *Docket) title(leak string, v version) string {
	if !d.o.Registered(leak) {
		return v.Facts.LeakTitle
	}
	return d.o.LeakTitle(leak)
}

// renewOne does renew for one draft. Words that a person wrote stay; the check then says what they lack.
func (d *Docket) renewOne(tx *store.Tx, r seenDraft) error {
	n, v, leak, err := loadDraft(tx, r.id)
	if err != nil || n.state != NoticeDraft {
		return err
	}
	if old, err := d.outdated(tx, v, leak); err != nil || !old {
		return err
	}
	v.Facts.Notifier, v.Facts.LeakTitle, v.Facts.StatusURL = d.o.Notifier, d.title(leak, v), d.statusURL(tx, v.Facts.Ticket)
	if err := d.draw(tx, &v, leak); err != nil {
		return err
	}
	if !n.byPerson {
		if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
			return fmt.Errorf("compose notice: %w", err)
		}
	}
	if err := d.writeVersion(tx, n, v, System); err != nil {
		return err
	}
	r.version = n.version
	return current(tx, r)
}
