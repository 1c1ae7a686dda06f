package desk

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"unmirror/takedown"
)

func (d *desk) noticeEdit(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	base, err := strconv.Atoi(r.PostForm.Get("version"))
	if err != nil {
		return status(http.StatusBadRequest)
	}
	now, err := d.Docket.Notice(r.Context(), id)
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	// browsers send line ends as CRLF (HTML, "constructing the entry list"); the letter has LF until it is rendered
	t := typed{r.PostForm.Get("recipient"), r.PostForm.Get("language"), r.PostForm.Get("subject"),
		strings.ReplaceAll(r.PostForm.Get("body"), "\r\n", "\n"), r.PostForm.Get("regime"), r.PostForm.Get("action")}
	e := takedown.Edit{Subject: changed(t.Subject, now.Subject), Body: changed(t.Body, now.Body),
		Recipient: changed(strings.TrimSpace(t.Recipient), now.Recipient), Language: changed(t.Language, now.Language)}
	if t.Regime != "" {
		e.Regime = changed(t.Regime, now.Regime)
	}
	if t.Action != "" {
		e.Action = changed(t.Action, now.Action)
	}
	if e.Regime == nil && e.Action == nil && e.Subject == nil && e.Body == nil && e.Recipient == nil && e.Language == nil && base == now.Version {
		http.Redirect(w, r, "/notices/"+id, http.StatusSeeOther)
		return nil
	}
	if err := d.Docket.Edit(r.Context(), actor(r), id, base, e); err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("edit notice: %w", err), func(v *noticeView) {
			v.Editing, v.Typed = v.MayEdit, t
		})
	}
	return d.done(w, r, "flash.edited", "/notices/"+id)
}

// changed is what an edit says of one field: nil when it stays. The last line's end is no change.
func changed(typed, now string) *string {
	if strings.TrimRight(typed, "\n") == strings.TrimRight(now, "\n") {
		return nil
	}
	return &typed
}
