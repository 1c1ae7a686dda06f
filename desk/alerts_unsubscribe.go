package desk

import (
	"fmt"
	"net/http"
)

// alertsUnsubscribeAsk only asks, as RFC 8058 wants it of a GET.
func (d *desk) alertsUnsubscribeAsk(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	d.page(w, r, http.StatusOK, "alerts_unsubscribe", tokenView{r.URL.Query().Get("t")})
	return nil
}

// alertsUnsubscribe acts. It answers the button on the page and the mail program's own one click (RFC 8058: the token stands in the
// address, the body says List-Unsubscribe=One-Click).
func (d *desk) alertsUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	leave := d.Alerts.Unsubscribe
	if r.PostForm.Get("all") == "true" {
		leave = d.Alerts.Erase
	}
	if err := leave(r.Context(), r.Form.Get("t")); err != nil {
		return d.tokenFailed(w, r, fmt.Errorf("unsubscribe: %w", err))
	}
	d.said(w, r, http.StatusOK, saidView{Key: "alerts.left"})
	return nil
}
