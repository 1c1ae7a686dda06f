package desk

import (
	"context"
	"fmt"
	"net/http"
)

type alertsFormView struct {
	Leaks       []Leak
	Leak        string
	Email, Mode string
	MailLangs   []string
	MailLang    string
	Error       string
}

func (d *desk) alertsForm(w http.ResponseWriter, r *http.Request) error {
	view, err := d.alertsView(r.Context(), visitOf(r).lang.Lang)
	if err != nil {
		return err
	}
	view.Leak = r.URL.Query().Get("leak")
	d.page(w, r, http.StatusOK, "alerts", view)
	return nil
}

func (d *desk) alertsView(ctx context.Context, lang string) (*alertsFormView, error) {
	view := &alertsFormView{Mode: "at_once", MailLangs: []string{"nl", "fr", "de", "en"}, MailLang: lang}
	if d.Alerts == nil {
		return view, nil
	}
	leaks, err := d.Options.Leaks(ctx)
	if err != nil {
		return nil, fmt.Errorf("read leaks: %w", err)
	}
	view.Leaks = leaks
	return view, nil
}
