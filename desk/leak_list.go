package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) leakList(w http.ResponseWriter, r *http.Request) error {
	rows, err := d.Leaks(r.Context())
	if err != nil {
		return fmt.Errorf("read leaks: %w", err)
	}
	d.page(w, r, http.StatusOK, "leaks", struct{ Rows []Leak }{rows})
	return nil
}
