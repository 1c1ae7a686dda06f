package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) outboxResolve(w http.ResponseWriter, r *http.Request) error {
	if err := d.Docket.Resolve(r.Context(), actor(r), r.PathValue("id"), r.PostForm.Get("as")); err != nil {
		return fmt.Errorf("decide about attempt: %w", err)
	}
	return d.done(w, r, "flash.resolved", "/outbox")
}
