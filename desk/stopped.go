package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// stopper is what keeps notices from being drafted or sent without anybody's hold.
type stopper interface {
	Doubts(context.Context) ([]takedown.Doubt, error)
	OpenDoubts(context.Context) ([]takedown.Doubt, error)
	ClearDoubt(ctx context.Context, by takedown.Actor, id, reason string) error
	Suppressed(context.Context) ([]takedown.SuppressedRow, error)
	Unsuppress(ctx context.Context, by takedown.Actor, id, reason string) error
}

type stoppedView struct {
	Refusal           *refusal
	Doubts            []takedown.Doubt
	Addresses         []takedown.SuppressedRow
	Pager             pager
	MayClear, MayLift bool
}

// stoppedShow lists what is in doubt, and the addresses that are not written to again.
func (d *desk) stoppedShow(w http.ResponseWriter, r *http.Request) error {
	return d.stoppedPage(w, r, http.StatusOK, nil)
}

func (d *desk) stoppedPage(w http.ResponseWriter, r *http.Request, code int, ref *refusal) error {
	v := visitOf(r)
	view := stoppedView{Refusal: ref, Pager: pagerOf(r), MayClear: v.user.Role == account.Counsel,
		MayLift: v.user.Role == account.Counsel || v.user.Role == account.Operator}
	var err error
	if view.Doubts, err = d.Docket.Doubts(r.Context()); err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	rows, err := d.Docket.Suppressed(r.Context())
	if err != nil {
		return fmt.Errorf("read suppressed addresses: %w", err)
	}
	rows = rows[min(view.Pager.offset(), len(rows)):]
	view.Addresses = cut(&view.Pager, rows)
	d.page(w, r, code, "stopped", view)
	return nil
}

func (d *desk) doubtClear(w http.ResponseWriter, r *http.Request) error {
	if err := d.Docket.ClearDoubt(r.Context(), actor(r), r.PathValue("id"), r.PostForm.Get("reason")); err != nil {
		return d.stoppedAgain(w, r, fmt.Errorf("clear doubt: %w", err))
	}
	return d.done(w, r, "flash.cleared", "/stopped")
}

func (d *desk) suppressedLift(w http.ResponseWriter, r *http.Request) error {
	reason := strings.TrimSpace(r.PostForm.Get("reason"))
	if reason == "" {
		return d.stoppedPage(w, r, http.StatusUnprocessableEntity, &refusal{Text: visitOf(r).lang.T("stopped.reason_needed")})
	}
	if err := d.Docket.Unsuppress(r.Context(), actor(r), r.PathValue("id"), reason); err != nil {
		return d.stoppedAgain(w, r, fmt.Errorf("lift suppression: %w", err))
	}
	return d.done(w, r, "flash.lifted", "/stopped")
}

// stoppedAgain shows the page with a docket's refusal.
func (d *desk) stoppedAgain(w http.ResponseWriter, r *http.Request, cause error) error {
	ref := refused(visitOf(r).lang, cause)
	if ref == nil || statusOfError(cause) != http.StatusUnprocessableEntity {
		return cause
	}
	return d.stoppedPage(w, r, http.StatusUnprocessableEntity, ref)
}
