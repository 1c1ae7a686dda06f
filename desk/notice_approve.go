package desk

import (
	"fmt"
	"net/http"
	"strings"

	"unmirror/takedown"
)

func (d *desk) noticeApprove(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	yes := takedown.Approval{Digest: r.PostForm.Get("digest"), AcceptLocation: strings.TrimSpace(r.PostForm.Get("accept"))}
	if err := d.Docket.Approve(r.Context(), actor(r), id, yes); err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("approve notice: %w", err), func(*noticeView) {})
	}
	return d.done(w, r, "flash.approved", "/notices/"+id)
}
