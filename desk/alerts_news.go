package desk

import (
	"fmt"
	"net/http"
)

func (d *desk) alertsNews(w http.ResponseWriter, r *http.Request) error {
	if d.Alerts == nil {
		return status(http.StatusNotFound)
	}
	news, err := d.Alerts.News(r.Context(), r.URL.Query().Get("t"))
	if err != nil {
		return d.tokenFailed(w, r, fmt.Errorf("read news: %w", err))
	}
	d.page(w, r, http.StatusOK, "alerts_news", news)
	return nil
}
