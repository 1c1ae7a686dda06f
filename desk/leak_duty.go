package desk

import (
	"fmt"
	"net/http"

	"unmirror/takedown/incident"
)

// leakDuty ticks a duty off.
func (d *desk) leakDuty(w http.ResponseWriter, r *http.Request) error {
	slug := r.PathValue("slug")
	form := tickForm{r.PostForm.Get("duty"), r.PostForm.Get("on"), r.PostForm.Get("proof")}
	err := d.Docket.DutyDone(r.Context(), actor(r), slug, form.Duty, incident.Date(form.On), form.Proof)
	if err == nil {
		return d.done(w, r, "flash.ticked", "/leaks/"+slug+"#duties")
	}
	err = fmt.Errorf("tick duty: %w", err)
	ref := refused(visitOf(r).lang, err)
	if ref == nil || statusOfError(err) != http.StatusUnprocessableEntity {
		return err
	}
	view, readErr := d.leakView(r)
	if readErr != nil {
		return readErr
	}
	form.Proof = d.Docket.Shown(form.Proof)
	view.Refusal, view.Tick = ref, form
	d.page(w, r, statusOfError(err), "leak", view)
	return nil
}
