package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) noticeReject(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := d.Docket.Reject(r.Context(), actor(r), id, r.PostForm.Get("reason")); err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("reject notice: %w", err), func(v *noticeView) { v.RejectOpen = true })
	}
	return d.done(w, r, "flash.rejected", "/notices/"+id)
}
