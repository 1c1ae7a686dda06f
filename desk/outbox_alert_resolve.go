package desk

import (
	"errors"
	"fmt"
	"net/http"

	"unmirror/alerts"
)

func (d *desk) outboxAlertResolve(w http.ResponseWriter, r *http.Request) error {
	as := r.PostForm.Get("as")
	if d.Alerts == nil || (as != "sent" && as != "retry") {
		return status(http.StatusBadRequest)
	}
	switch err := d.Alerts.Resolve(r.Context(), actor(r).ID, r.PathValue("id"), as); {
	case errors.Is(err, alerts.ErrNotFound):
		return status(http.StatusNotFound)
	case errors.Is(err, alerts.ErrState):
		return status(http.StatusUnprocessableEntity)
	case err != nil:
		return fmt.Errorf("decide about alert: %w", err)
	}
	return d.done(w, r, "flash.resolved", "/outbox")
}
