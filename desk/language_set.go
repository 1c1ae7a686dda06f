package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) languageSet(w http.ResponseWriter, r *http.Request) error {
	tag := r.PostForm.Get("lang")
	if d.langs[tag] == nil {
		return status(http.StatusBadRequest)
	}
	if u := visitOf(r).user; u != nil {
		if err := d.Accounts.SetLanguage(r.Context(), u.ID, tag); err != nil {
			return fmt.Errorf("keep language: %w", err)
		}
	}
	d.keepLanguage(w, tag)
	http.Redirect(w, r, local(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}
