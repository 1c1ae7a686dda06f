package desk

import (
	"fmt"
	"net/http"

	"unmirror/takedown"
)

func (d *desk) caseTriage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	answer := takedown.Triage{Reason: r.PostForm.Get("reason")}
	switch a := r.PostForm.Get("answer"); a {
	case "":
		return status(http.StatusBadRequest)
	case "wrong":
		answer.Wrong = true
	default:
		answer.Exception = a
	}
	if err := d.Docket.AnswerTriage(r.Context(), actor(r), id, answer); err != nil {
		err = fmt.Errorf("answer triage: %w", err)
		ref := refused(visitOf(r).lang, err)
		if ref == nil || statusOfError(err) != http.StatusUnprocessableEntity {
			return err
		}
		view, readErr := d.caseView(r)
		if readErr != nil {
			return readErr
		}
		view.Refusal = ref
		d.page(w, r, statusOfError(err), "case", view)
		return nil
	}
	return d.done(w, r, "flash.triaged", "/cases/"+id)
}
