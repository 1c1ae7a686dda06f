package takedown

import (
	"context"
	"errors"
	"fmt"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// renew writes a new version of each draft into which another notifier, sender or leak title was frozen than the
// configuration now has: it could never be approved. It returns how many there were.
func (d *Docket) renew(ctx context.Context) (n int, err error) {
	var stale []string
	err = d.read(ctx, "find drafts to renew", func(tx *store.Tx) error {
		ids, err := queryIDs(tx, `SELECT n.id FROM notices n JOIN cases c ON c.id = n.case_id
			WHERE n.state = 'draft' AND c.state IN ('open', 'noticed', 'vanishing') ORDER BY n.id`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			_, v, leak, err := loadDraft(tx, id)
			if err != nil {
				return err
			}
			old, err := d.outdated(tx, v, leak)
			if err != nil {
				return err
			}
			if old {
				stale = append(stale, id)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range stale {
		if ctx.Err() != nil {
			return n, errors.Join(err, ctx.Err())
		}
		one := d.write(ctx, "renew notice", func(tx *store.Tx) error { return d.renewOne(tx, id) })
		if one != nil {
			err = errors.Join(err, fmt.Errorf("notice %s: %w", id, one))
		} else {
			n++
		}
	}
	return n, err
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
	return v.Envelope.ReplyTo != d.replyTo(tx, v.Facts.Ticket) || v.Facts.Notifier != d.o.Notifier || v.Envelope.From != d.o.From || v.Envelope.FromName != d.o.FromName ||
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
func (d *Docket) renewOne(tx *store.Tx, id string) error {
	n, v, leak, err := loadDraft(tx, id)
	if err != nil || n.state != NoticeDraft {
		return err
	}
	if old, err := d.outdated(tx, v, leak); err != nil || !old {
		return err
	}
	v.Facts.Notifier, v.Facts.LeakTitle = d.o.Notifier, d.title(leak, v)
	if err := d.draw(tx, &v, leak); err != nil {
		return err
	}
	if !n.byPerson {
		if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
			return fmt.Errorf("compose notice: %w", err)
		}
	}
	return d.writeVersion(tx, n, v, System)
}
