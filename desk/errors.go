package desk

import (
	"errors"
	"net/http"
	"strconv"

	"unmirror/takedown"
)

// status is an error that is only an HTTP status.
type status int

func (s status) Error() string { return http.StatusText(int(s)) }

// refusal is a docket's no, in words for the page.
type refusal struct {
	Text    string
	Details []string // the docket's own sentences
}

// statusOf tells which status a docket's refusal has.
func statusOf(code takedown.Code) int {
	switch code {
	case takedown.CodeForbidden:
		return http.StatusForbidden
	case takedown.CodeNotFound:
		return http.StatusNotFound
	case takedown.CodeStale:
		return http.StatusConflict
	default:
		return http.StatusUnprocessableEntity
	}
}

// refused puts a docket's refusal into words; it returns nil when err is something else.
func refused(l *lang, err error) *refusal {
	var e *takedown.Error
	if !errors.As(err, &e) {
		return nil
	}
	r := &refusal{Text: l.Or("error.refusal.", string(e.Code))}
	var incomplete *takedown.IncompleteError
	var blocked *takedown.BlockedError
	switch {
	case errors.As(err, &incomplete):
		r.Details = l.saysAll(incomplete.Missing)
	case errors.As(err, &blocked) && !blocked.Location:
		r.Details = blocked.Blocked
	case errors.As(err, &blocked):
		r.Text, r.Details = l.T("error.refusal.location"), nil
	default:
		r.Details = []string{l.says(e.Sentence)}
	}
	return r
}

// fail answers with a plain sentence. What really happened goes to the log, without the address: its query may hold a token.
func (d *desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r)
	if v.lang == nil {
		v.lang = d.language(w, r, "")
	}
	code := http.StatusInternalServerError
	var s status
	var tooLarge *http.MaxBytesError
	var details []string
	switch ref := refused(v.lang, err); {
	case ref != nil:
		var e *takedown.Error
		errors.As(err, &e)
		code, details = statusOf(e.Code), ref.Details
	case errors.As(err, &tooLarge):
		code = http.StatusBadRequest
	case errors.As(err, &s):
		code = int(s)
	}
	if code >= http.StatusInternalServerError {
		d.Log.ErrorContext(r.Context(), "page failed", "method", r.Method, "route", v.pattern, "err", err)
	}
	d.failPage(w, r, code, details)
}

type errorView struct {
	Status            int
	Title, Text, Href string
	Details           []string
}

func (d *desk) failPage(w http.ResponseWriter, r *http.Request, code int, details []string) {
	v, n := visitOf(r), strconv.Itoa(code)
	if v.lang == nil {
		v.lang = d.language(w, r, "")
	}
	if !v.lang.Has("error.title." + n) {
		n = "500"
	}
	d.page(w, r, code, "error", errorView{Status: code, Title: v.lang.T("error.title." + n), Text: v.lang.T("error.text." + n),
		Details: details, Href: "/"})
}

// statusOfError is the status of a docket's refusal, or 500.
func statusOfError(err error) int {
	var e *takedown.Error
	if errors.As(err, &e) {
		return statusOf(e.Code)
	}
	return http.StatusInternalServerError
}
