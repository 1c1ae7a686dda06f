package desk

import (
	"fmt"
	"io"
	"net/http"
	"slices"

	"unmirror/takedown/incident"
)

// leakRecord gives a leak's record of processing as text, in the language that is asked for.
func (d *desk) leakRecord(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query().Get("in")
	if !slices.Contains(incident.Languages(), in) {
		return status(http.StatusNotFound)
	}
	text, err := d.Record(r.Context(), r.PathValue("slug"), in)
	if err != nil {
		return fmt.Errorf("make record of processing: %w", err)
	}
	if text == "" {
		return status(http.StatusNotFound)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Language", in)
	_, _ = io.WriteString(w, d.Docket.Shown(text)) // the reader may have left
	return nil
}
