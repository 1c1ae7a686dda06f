package desk

import "net/http"

func (d *desk) homeRedirect(w http.ResponseWriter, r *http.Request) error {
	to := "/login"
	if visitOf(r).user != nil {
		to = "/queue"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
