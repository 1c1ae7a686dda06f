package desk

import (
	"fmt"
	"net/http"

	"unmirror/alerts"
	"unmirror/internal/account"
	"unmirror/takedown"
)

type outboxView struct {
	Unknown, Rows       []takedown.AttemptRow
	Alerts              []alerts.MailRow // of which nobody knows whether they arrived
	Pager               pager
	MayResolve, MayHold bool
	HoldBy              string
	MustAsk             bool // who looks stopped it: another person releases it
}

func (d *desk) outboxList(w http.ResponseWriter, r *http.Request) error {
	page := pagerOf(r)
	unknown, rows, err := d.Docket.Outbox(r.Context(), lookAhead, page.offset())
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
	view.MustAsk = hold.On && hold.ByID == v.user.ID
	if view.Alerts, err = d.unknownAlerts(r); err != nil {
		return err
	}
	view.Unknown, view.Pager = unknown, page
	view.Rows = cut(&view.Pager, rows)
	d.page(w, r, http.StatusOK, "outbox", view)
	return nil
}

func (d *desk) unknownAlerts(r *http.Request) (out []alerts.MailRow, err error) {
	if d.Alerts == nil {
		return nil, nil
	}
	mails, err := d.Alerts.Mails(r.Context())
	if err != nil {
		return nil, fmt.Errorf("read alert mails: %w", err)
	}
	for _, m := range mails {
		if m.State == "unknown" {
			out = append(out, m)
		}
	}
	return out, nil
}
