package desk

import (
	"fmt"
	"net/http"

	"unmirror/internal/account"
	"unmirror/takedown"
)

type outboxView struct {
	Unknown, Rows       []takedown.AttemptRow
	Pager               pager
	MayResolve, MayHold bool
	HoldBy              string
}

func (d *desk) outboxList(w http.ResponseWriter, r *http.Request) error {
	all, err := d.Docket.Attempts(r.Context())
	if err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	hold, err := d.Docket.Hold(r.Context())
	if err != nil {
		return fmt.Errorf("read hold: %w", err)
	}
	names, err := d.names(r.Context())
	if err != nil {
		return err
	}
	v := visitOf(r)
	view := outboxView{MayResolve: v.user.Role == account.Counsel, HoldBy: v.lang.who(hold.By, names),
		MayHold: v.user.Role == account.Counsel || v.user.Role == account.Operator}
	var rows []takedown.AttemptRow
	for _, a := range all {
		if a.State == takedown.AttemptUnknown {
			view.Unknown = append(view.Unknown, a)
			continue
		}
		rows = append(rows, a)
	}
	view.Pager = pagerOf(r)
	view.Rows = window(&view.Pager, rows)
	d.page(w, r, http.StatusOK, "outbox", view)
	return nil
}
