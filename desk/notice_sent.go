package desk

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// noticeSent notes that a person handed a notice in by its recipient's form. An empty day is today.
func (d *desk) noticeSent(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	var on time.Time
	if day := r.PostForm.Get("on"); day != "" {
		var err error
		if on, err = time.Parse(time.DateOnly, day); err != nil {
			return errors.Join(status(http.StatusBadRequest), err)
		}
	}
	if err := d.Docket.SentByHand(r.Context(), actor(r), id, on, r.PostForm.Get("reference")); err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("note handing in: %w", err), func(*noticeView) {})
	}
	return d.done(w, r, "flash.handed_in", "/notices/"+id)
}
