package desk

import (
	"errors"
	"fmt"
	"net/http"

	"unmirror/takedown"
)

func (d *desk) holdSet(w http.ResponseWriter, r *http.Request) error {
	on := r.PostForm.Get("on")
	if on != "true" && on != "false" {
		return status(http.StatusBadRequest)
	}
	flash := "flash.released"
	if on == "true" {
		flash = "flash.held"
	}
	err := d.Docket.SetHold(r.Context(), actor(r), on == "true", r.PostForm.Get("reason"))
	if errors.Is(err, takedown.ErrSecond) {
		flash, err = "flash.release_asked", nil
	}
	if err != nil {
		return fmt.Errorf("set hold: %w", err)
	}
	return d.done(w, r, flash, "/outbox#hold")
}
