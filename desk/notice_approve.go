package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"unmirror/takedown"
)

func (d *desk) noticeApprove(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	yes := takedown.Approval{Digest: r.PostForm.Get("digest"), AcceptLocation: strings.TrimSpace(r.PostForm.Get("accept"))}
	err := d.Docket.Approve(r.Context(), actor(r), id, yes)
	if errors.Is(err, takedown.ErrSecond) {
		return d.done(w, r, "flash.approved_first", "/notices/"+id)
	}
	if err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("approve notice: %w", err), func(*noticeView) {})
	}
	return d.done(w, r, "flash.approved", "/notices/"+id)
}
