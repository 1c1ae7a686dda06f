package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) sourceList(w http.ResponseWriter, r *http.Request) error {
	rows, err := d.Sources(r.Context())
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	d.page(w, r, http.StatusOK, "sources", struct{ Rows []Source }{rows})
	return nil
}
