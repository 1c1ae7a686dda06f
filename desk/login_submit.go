package desk

import (
	"errors"
	"fmt"
	"net/http"

	"unmirror/internal/account"
)

func (d *desk) loginSubmit(w http.ResponseWriter, r *http.Request) error {
	l := visitOf(r).lang
	view := loginView{Name: r.PostForm.Get("username"), Next: local(r.PostForm.Get("next"))}
	u, err := d.Accounts.VerifyFrom(r.Context(), view.Name, r.PostForm.Get("password"), network(r))
	var slow *account.Throttled
	switch {
	case errors.As(err, &slow):
		d.logins.WithLabelValues("throttled").Inc()
		view.Error = l.T("login.throttled", "span", l.Span(slow.Wait))
		d.page(w, r, http.StatusTooManyRequests, "login", view)
		return nil
	case errors.Is(err, account.ErrPassword):
		d.logins.WithLabelValues("refused").Inc()
		view.Error = l.T("login.wrong")
		d.page(w, r, http.StatusUnauthorized, "login", view)
		return nil
	case err != nil:
		return fmt.Errorf("sign in: %w", err)
	}
	// a new token, so that one that was planted in the browser beforehand is worth nothing
	if err := d.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	d.sessions.Put(r.Context(), "user", u.Session)
	d.logins.WithLabelValues("accepted").Inc()
	http.Redirect(w, r, view.Next, http.StatusSeeOther)
	return nil
}
