package desk

import (
	"fmt"
	"net/http"
	"time"

	"unmirror/takedown"
)

func (d *desk) caseDispute(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	said := takedown.Dispute{Party: r.PostForm.Get("party"), Who: r.PostForm.Get("who"), What: r.PostForm.Get("what")}
	if on := r.PostForm.Get("received"); on != "" {
		day, err := time.ParseInLocation(time.DateOnly, on, d.Zone)
		if err != nil {
			return status(http.StatusBadRequest)
		}
		said.Received = day.UTC()
	}
	if _, err := d.Docket.OpenDispute(r.Context(), actor(r), id, said); err != nil {
		return d.caseAgain(w, r, fmt.Errorf("open dispute: %w", err))
	}
	return d.done(w, r, "flash.disputed", "/cases/"+id)
}

func (d *desk) caseUphold(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := d.Docket.Uphold(r.Context(), actor(r), id, r.PostForm.Get("answer")); err != nil {
		return d.caseAgain(w, r, fmt.Errorf("answer dispute: %w", err))
	}
	return d.done(w, r, "flash.upheld", "/cases/"+id)
}

// caseAgain shows the case page with a docket's refusal.
func (d *desk) caseAgain(w http.ResponseWriter, r *http.Request, cause error) error {
	ref := refused(visitOf(r).lang, cause)
	if ref == nil || statusOfError(cause) != http.StatusUnprocessableEntity {
		return cause
	}
	view, err := d.caseView(r)
	if err != nil {
		return err
	}
	view.Refusal = ref
	d.page(w, r, statusOfError(cause), "case", view)
	return nil
}
