package desk

import (
	"fmt"
	"net/http"
)

type tokenView struct{ Token string }

// alertsConfirmAsk only asks: mail scanners follow links, and must not confirm anything.
func (d *desk) alertsConfirmAsk(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	d.page(w, r, http.StatusOK, "alerts_confirm", tokenView{r.URL.Query().Get("t")})
	return nil
}

func (d *desk) alertsConfirm(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	if err := d.Alerts.Confirm(r.Context(), r.Form.Get("t")); err != nil {
		return d.tokenFailed(w, r, fmt.Errorf("confirm subscription: %w", err))
	}
	d.said(w, r, http.StatusOK, saidView{Key: "alerts.confirmed"})
	return nil
}
