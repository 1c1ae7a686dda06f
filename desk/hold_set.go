package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) holdSet(w http.ResponseWriter, r *http.Request) error {
	on := r.PostForm.Get("on")
	if on != "true" && on != "false" {
		return status(http.StatusBadRequest)
	}
	if err := d.Docket.SetHold(r.Context(), actor(r), on == "true", r.PostForm.Get("reason")); err != nil {
		return fmt.Errorf("set hold: %w", err)
	}
	flash := "flash.released"
	if on == "true" {
		flash = "flash.held"
	}
	return d.done(w, r, flash, "/outbox#hold")
}
