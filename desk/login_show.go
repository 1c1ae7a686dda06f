package desk

import "net/http"

type loginView struct{ Name, Next, Error string }

func (d *desk) loginShow(w http.ResponseWriter, r *http.Request) error {
	next := local(r.URL.Query().Get("next"))
	if visitOf(r).user != nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	d.page(w, r, http.StatusOK, "login", loginView{Next: next})
	return nil
}
