package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"unmirror/alerts"
)

// subscriptions are the enrolment of people in a leak: *alerts.Alerts.
type subscriptions interface {
	Subscribe(ctx context.Context, email, leak, language, mode, remote string) error
	Confirm(ctx context.Context, token string) error
	News(ctx context.Context, token string) (alerts.NewsPage, error)
	Unsubscribe(ctx context.Context, token string) error
	Erase(ctx context.Context, token string) error
	Mails(ctx context.Context) ([]alerts.MailRow, error)
	Resolve(ctx context.Context, actor, mailID, decision string) error
}

func (d *desk) alertsSubscribe(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	f := r.PostForm
	err := d.Alerts.Subscribe(r.Context(), f.Get("email"), f.Get("leak"), f.Get("language"), f.Get("mode"), peer(r).String())
	if err == nil {
		d.said(w, r, http.StatusOK, saidView{Key: "alerts.sent", More: "alerts.sent.what"})
		return nil
	}
	code, key := http.StatusUnprocessableEntity, ""
	switch {
	case errors.Is(err, alerts.ErrAddress):
		key = "alerts.invalid_email"
	case errors.Is(err, alerts.ErrLeak):
		key = "alerts.unknown_leak"
	case errors.Is(err, alerts.ErrSlowDown):
		code, key = http.StatusTooManyRequests, "alerts.slow"
	case errors.Is(err, alerts.ErrLanguage), errors.Is(err, alerts.ErrMode):
		return status(http.StatusBadRequest)
	default:
		return fmt.Errorf("subscribe: %w", err)
	}
	view, err := d.alertsView(r.Context(), f.Get("language"))
	if err != nil {
		return err
	}
	l := visitOf(r).lang
	view.Leak, view.Email, view.Mode, view.Error = f.Get("leak"), f.Get("email"), f.Get("mode"), l.T(key)
	d.page(w, r, code, "alerts", view)
	return nil
}

// saidView is a page that only says something: key.title, key.lede, and where to go on.
type saidView struct {
	Key       string
	More      string // key of a paragraph
	Href, Act string // a link, and the key of its words
}

func (d *desk) said(w http.ResponseWriter, r *http.Request, code int, view saidView) {
	d.page(w, r, code, "said", view)
}

// tokenFailed says the same about each link that does not work.
func (d *desk) tokenFailed(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, alerts.ErrToken) {
		return err
	}
	d.said(w, r, http.StatusGone, saidView{Key: "alerts.token", Href: "/alerts", Act: "alerts.token.again"})
	return nil
}
