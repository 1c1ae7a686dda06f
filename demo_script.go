package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"unmirror/takedown"
)

const subscriber = "lezer@abonnee.example"

// script plays counsel, the hosts and a subscriber.
func (s *stage) script(ctx context.Context) error {
	d, err := s.docket(ctx)
	if err != nil {
		return err
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	u, err := accounts.Verify(ctx, s.app.demo.name, s.app.demo.password)
	if err != nil {
		return fmt.Errorf("log in as counsel: %w", err)
	}
	counsel := takedown.Actor{ID: u.ID, Name: u.Name, Role: u.Role}
	for _, act := range []func() error{
		func() error { return s.subscribe(ctx) },
		func() error { return s.decide(ctx, d, counsel) },
		func() error { return s.awaitSent(ctx, d) },
		func() error { return s.takeDown(ctx, d) },
		func() error { return s.awaitAlerts(ctx) },
		func() error { return s.conclude(ctx, d) },
	} {
		if err := act(); err != nil {
			return err
		}
	}
	s.played = true
	return nil
}

// subscribe enrols an invented reader through the public pages, as a visitor would.
func (s *stage) subscribe(ctx context.Context) error {
	s.say("Somebody asks to be told of news about the leak, and confirms by mail")
	desk := s.cfg.PublicURL()
	if err := submit(ctx, desk+"/alerts", url.Values{"email": {subscriber}, "leak": {demoLeak}, "language": {"nl"}, "mode": {"at_once"}}); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	var link string
	err := until(ctx, "the confirmation mail", 30*time.Second, func() (bool, error) {
		link = s.linkTo("/alerts/confirm")
		return link != "", nil
	})
	if err != nil {
		return err
	}
	u, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("read confirmation link: %w", err)
	}
	if err := submit(ctx, desk+"/alerts/confirm", url.Values{"t": {u.Query().Get("t")}}); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	s.tell("confirmed; the address is stored encrypted, and no mail will say where anything lies")
	return nil
}

// linkTo finds the newest link of a kind in the subscriber's mails.
func (s *stage) linkTo(path string) (link string) {
	for _, m := range s.mailbox.Mails() {
		for _, l := range m.Links() {
			if strings.Contains(l, path) {
				link = l
			}
		}
	}
	return link
}

func submit(ctx context.Context, to string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode >= 400 {
		return fmt.Errorf("the page answered %s", res.Status)
	}
	return nil
}

// decide answers triage and approves, as counsel would after reading.
func (s *stage) decide(ctx context.Context, d *takedown.Docket, counsel takedown.Actor) error {
	s.say("Counsel reads and decides")
	cases, err := d.Cases(ctx, takedown.CaseFilter{})
	if err != nil {
		return err
	}
	for _, c := range cases {
		s.tell("case %s  %-7s %-10s %5.0f bits  %-2d subjects  at %s", c.ID, c.State, c.Grade, c.Bits, c.Subjects, c.Place)
		if c.State != takedown.CaseTriage {
			continue
		}
		err := d.AnswerTriage(ctx, counsel, c.ID, takedown.Triage{Wrong: true, Reason: "no own publication, no journalism: a letter of the service"})
		if err != nil {
			return fmt.Errorf("triage: %w", err)
		}
		s.tell("  it waited in triage because it could be the person's own publication; counsel answers that it is a wrong")
	}
	if _, err := d.Draft(ctx); err != nil {
		return err
	}
	notices, err := d.Notices(ctx, takedown.NoticeFilter{State: takedown.NoticeDraft})
	if err != nil {
		return err
	}
	places := 0
	for _, n := range notices {
		places += len(n.Cases)
		if err := d.Approve(ctx, counsel, n.ID, takedown.Approval{Digest: n.Digest}); err != nil {
			return fmt.Errorf("approve %s: %w", n.ID, err)
		}
		s.tell("approved %s to %s in %s, about %s (digest %.12s…)", n.Ticket, n.Recipient, n.Language, plural(len(n.Cases), "place"), n.Digest)
	}
	if places != len(s.planted) {
		return fmt.Errorf("notices about %d of %d re-uploads", places, len(s.planted))
	}
	return nil
}

func (s *stage) awaitSent(ctx context.Context, d *takedown.Docket) error {
	s.say("Exactly the approved bytes go out by SMTP")
	var sent []takedown.NoticeRow
	err := until(ctx, "all notices to be sent", time.Minute, func() (bool, error) {
		var err error
		sent, err = d.Notices(ctx, takedown.NoticeFilter{State: takedown.NoticeSent})
		places := 0
		for _, n := range sent {
			places += len(n.Cases)
		}
		return places == len(s.planted), err
	})
	if err != nil {
		return err
	}
	s.tell("%s sent and taken by the recipients' mail server", plural(len(sent), "notice"))
	return nil
}

func (s *stage) takeDown(ctx context.Context, d *takedown.Docket) error {
	s.say("The hosts take everything down; rechecks, apart in time, prove it gone")
	for _, p := range s.planted {
		if !s.mirror.TakeDown(p.URL) && !s.pastes.TakeDown(p.URL) {
			return errors.New("a planted re-upload is at neither site")
		}
	}
	gone := 0
	err := until(ctx, "all cases to be gone", 2*time.Minute, func() (bool, error) {
		cases, err := d.Cases(ctx, takedown.CaseFilter{State: takedown.CaseGone})
		if len(cases) > gone {
			gone = len(cases)
			s.tell("gone: %d of %d", gone, len(s.planted))
		}
		return gone == len(s.planted), err
	})
	if err != nil {
		return err
	}
	return nil
}

func (s *stage) awaitAlerts(ctx context.Context) error {
	s.say("The subscriber is told, neutrally, with a fresh link to the news")
	err := until(ctx, "the alerts", time.Minute, func() (bool, error) { return s.alertMails() >= 2, nil })
	if err != nil {
		return err
	}
	for _, m := range s.mailbox.Mails() {
		if m.To[0] == subscriber {
			s.tell("to %s: %q", subscriber, m.Subject())
		}
	}
	res, err := http.Get(s.linkTo("/alerts/news"))
	if err != nil {
		return fmt.Errorf("open the news: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the news page answered %s", res.Status)
	}
	s.tell("the news page opens")
	return nil
}

// alertMails counts the mails with a link to the news.
func (s *stage) alertMails() (n int) {
	for _, m := range s.mailbox.Mails() {
		for _, l := range m.Links() {
			if strings.Contains(l, "/alerts/news") {
				n++
				break
			}
		}
	}
	return n
}

func (s *stage) conclude(ctx context.Context, d *takedown.Docket) error {
	s.say("What remains")
	keys, err := s.publicKeys()
	if err != nil {
		return err
	}
	rows, head, err := s.store.VerifyAudit(ctx, keys)
	if err != nil {
		return fmt.Errorf("verify audit log: %w", err)
	}
	s.tell("an audit log of %d rows, each chained to the one before and signed (head %.12s…)", rows, head)
	waiting, err := d.Queue(ctx)
	if err != nil {
		return err
	}
	s.tell("%s for a person; a watch that reopens a case when its content comes back", map[bool]string{true: "nothing waits", false: plural(len(waiting), "thing") + " wait"}[len(waiting) == 0])
	return nil
}
