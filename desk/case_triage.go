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
	if what := r.PostForm.Get("inspected"); what != "" {
		answer.Inspected = &takedown.Inspection{What: what, How: r.PostForm.Get("how")}
	}
	if err := d.Docket.AnswerTriage(r.Context(), actor(r), id, answer); err != nil {
		return d.caseAgain(w, r, fmt.Errorf("answer triage: %w", err))
	}
	return d.done(w, r, "flash.triaged", "/cases/"+id)
}

func (d *desk) caseInspect(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	seen := takedown.Inspection{What: r.PostForm.Get("inspected"), How: r.PostForm.Get("how")}
	if err := d.Docket.Inspect(r.Context(), actor(r), id, seen); err != nil {
		return d.caseAgain(w, r, fmt.Errorf("keep inspection: %w", err))
	}
	return d.done(w, r, "flash.inspected", "/cases/"+id)
}

// caseEvidence keeps a case's evidence whatever its keeping time, or releases it.
func (d *desk) caseEvidence(w http.ResponseWriter, r *http.Request) error {
	id, hold := r.PathValue("id"), r.PostForm.Get("hold")
	if hold != "on" && hold != "off" {
		return status(http.StatusBadRequest)
	}
	if err := d.Docket.SetEvidenceHold(r.Context(), actor(r), id, hold == "on", r.PostForm.Get("reason")); err != nil {
		return d.caseAgain(w, r, fmt.Errorf("hold evidence: %w", err))
	}
	return d.done(w, r, "flash.kept", "/cases/"+id)
}
