package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

func (d *desk) healthShow(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	answer, code := map[string]string{"status": "ok", "store": "ok", "version": d.Version}, http.StatusOK
	if err := d.Ready(ctx); err != nil {
		d.Log.ErrorContext(ctx, "health check failed", "err", err)
		answer["status"], answer["store"], code = "failing", "failing", http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}
