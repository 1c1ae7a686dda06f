package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"unmirror/internal/mailbox"
	"unmirror/internal/post"
	"unmirror/takedown"
)

// dkim is nil when outgoing mail is not signed here.
func (a *app) dkim() (*post.DKIM, error) {
	c := a.cfg.Mail.DKIM
	if c.Selector == "" {
		return nil, nil
	}
	key, err := c.Key.Reveal()
	if err != nil {
		return nil, err
	}
	domain := c.Domain
	if domain == "" {
		_, domain, _ = strings.Cut(a.cfg.Mail.From, "@")
	}
	return post.NewDKIM(domain, c.Selector, []byte(key+"\n"))
}

// mailbox is nil when no answers are read.
func (a *app) mailbox() (*mailbox.Box, error) {
	raw := a.cfg.Mail.IMAP
	if !raw.IsSet() {
		return nil, nil
	}
	password, err := a.cfg.Mail.IMAPPassword.Reveal()
	if err != nil {
		return nil, fmt.Errorf("mail.imap_password: %w", err)
	}
	in, inErr := url.Parse(raw.Reveal())
	out, outErr := url.Parse(a.cfg.Mail.SMTP.Reveal())
	if inErr != nil || outErr != nil {
		return nil, fmt.Errorf("mail.imap: no usable address")
	}
	if _, written := in.User.Password(); password == "" && !written && in.User.Username() == out.User.Username() {
		if password, err = a.cfg.Mail.Password.Reveal(); err != nil {
			return nil, fmt.Errorf("mail.password: %w", err)
		}
		if p, ok := out.User.Password(); ok && password == "" {
			password = p
		}
	}
	tls := a.cfg.Mail.TLS
	if in.Scheme == "imaps" && tls == "none" {
		tls = "auto" // that key speaks of SMTP; imaps has TLS by its name
	}
	box, err := mailbox.New(mailbox.Config{URL: raw.Reveal(), Password: password, TLS: tls, MaxBytes: 4 << 20})
	if err != nil {
		return nil, fmt.Errorf("mail.imap: %w", err)
	}
	return box, nil
}

// fetchReplies reads the mailbox of answers from where the last reading ended. It returns how many mails there were.
func (a *app) fetchReplies(ctx context.Context, d *takedown.Docket) (int, error) {
	box, err := a.mailbox()
	if err != nil || box == nil {
		return 0, err
	}
	name := box.Name()
	validity, uid, err := d.MailboxMark(ctx, name)
	if err != nil {
		return 0, err
	}
	if validity == 0 {
		if box.From, err = d.FirstSent(ctx); err != nil {
			return 0, err
		}
	}
	return box.Read(ctx, mailbox.Mark{Validity: validity, UID: uid}, func(ctx context.Context, m mailbox.Mail) error {
		_, err := d.Receive(ctx, takedown.Incoming{Raw: m.Raw, Received: m.Received, Cut: m.Cut, Mailbox: name, Validity: m.Mark.Validity, UID: m.Mark.UID})
		return err
	})
}

// answers reads what came in; what is said to be removed is looked at soon, and drafts that a bounce left are seen to.
func (d *daemon) answers(ctx context.Context) error {
	n, err := d.fetchReplies(ctx, d.docket)
	if n > 0 {
		d.log.InfoContext(ctx, "answers came in", "count", n)
		select {
		case d.look <- struct{}{}:
		default:
		}
		d.poke()
	}
	return err
}

// lookOnDemand looks at what is due soon after answers came in. A thousand looks at places that do not answer take an hour, in which
// further mail must be read.
func (d *daemon) lookOnDemand(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.look:
		}
		d.try(ctx, "recheck", d.recheck)
	}
}
