package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"unmirror/internal/account"
)

// handler answers one route; what it returns becomes an error page.
type handler func(http.ResponseWriter, *http.Request) error

// route is one row of the table of pages.
type route struct {
	pattern string
	roles   []string // who may; nil: everybody, also without an account
	handle  handler
}

// routes is the table of all pages. What a role may do to a case is the docket's; who may come to a page at all stands here.
func (d *desk) routes() []route {
	all := []string{account.Counsel, account.Operator, account.Auditor}
	counsel := []string{account.Counsel}
	return []route{
		{"GET /{$}", nil, d.homeRedirect},
		{"GET /login", nil, d.loginShow},
		{"POST /login", nil, d.loginSubmit},
		{"POST /logout", nil, d.logoutSubmit},
		{"POST /language", nil, d.languageSet},

		{"GET /queue", all, d.queueList},
		{"GET /cases", all, d.caseList},
		{"GET /cases/{id}", all, d.caseShow},
		{"POST /cases/{id}/triage", counsel, d.caseTriage},
		{"POST /cases/{id}/inspect", counsel, d.caseInspect},
		{"POST /cases/{id}/evidence", []string{account.Counsel, account.Operator}, d.caseEvidence},
		{"POST /cases/{id}/dispute", counsel, d.caseDispute},
		{"POST /cases/{id}/uphold", counsel, d.caseUphold},
		{"GET /notices", all, d.noticeList},
		{"GET /notices/{id}", all, d.noticeShow},
		{"GET /notices/{id}/paper", counsel, d.noticePaper},
		{"GET /notices/{id}/form", counsel, d.noticeForm},
		{"POST /notices/{id}/edit", counsel, d.noticeEdit},
		{"POST /notices/{id}/approve", counsel, d.noticeApprove},
		{"POST /notices/{id}/reject", counsel, d.noticeReject},
		{"POST /notices/{id}/sent", []string{account.Counsel, account.Operator}, d.noticeSent},
		{"POST /notices/{id}/answer", []string{account.Counsel, account.Operator}, d.noticeAnswer},
		{"GET /notices/{id}/retract", counsel, d.retractShow},
		{"POST /notices/{id}/retract", counsel, d.retractPrepare},
		{"POST /notices/{id}/retract/approve", counsel, d.retractApprove},
		{"GET /outbox", all, d.outboxList},
		{"POST /outbox/{id}/resolve", counsel, d.outboxResolve},
		{"POST /outbox/alerts/{id}/resolve", []string{account.Counsel, account.Operator}, d.outboxAlertResolve},
		{"GET /stopped", all, d.stoppedShow},
		{"POST /doubts/{id}/clear", counsel, d.doubtClear},
		{"POST /suppressed/{id}/lift", []string{account.Counsel, account.Operator}, d.suppressedLift},
		{"GET /replies", all, d.replyList},
		{"GET /replies/{id}", all, d.replyShow},
		{"POST /replies/{id}/attach", []string{account.Counsel, account.Operator}, d.replyAttach},
		{"POST /replies/{id}/confirm", []string{account.Counsel, account.Operator}, d.replyConfirm},
		{"POST /hold", []string{account.Counsel, account.Operator}, d.holdSet},
		{"GET /sources", all, d.sourceList},
		{"GET /leaks", all, d.leakList},
		{"GET /leaks/{slug}", all, d.leakShow},
		{"GET /leaks/{slug}/record", all, d.leakRecord},
		{"GET /leaks/{slug}/file", []string{account.Counsel, account.Operator}, d.leakEdit},
		{"POST /leaks/{slug}/file", []string{account.Counsel, account.Operator}, d.leakSave},
		{"POST /leaks/{slug}/duties", []string{account.Counsel, account.Operator}, d.leakDuty},
		{"GET /statistics", all, d.statsShow},
		{"GET /audit", []string{account.Counsel, account.Auditor}, d.auditShow},

		{"GET /alerts", nil, d.alertsForm},
		{"POST /alerts", nil, d.alertsSubscribe},
		{"GET /alerts/confirm", nil, d.alertsConfirmAsk},
		{"POST /alerts/confirm", nil, d.alertsConfirm},
		{"GET /alerts/news", nil, d.alertsNews},
		{"GET /alerts/unsubscribe", nil, d.alertsUnsubscribeAsk},
		{"POST /alerts/unsubscribe", nil, d.alertsUnsubscribe},
	}
}

// handler wires the table with what holds for every page.
func (d *desk) handler() (http.Handler, error) {
	pages := http.NewServeMux()
	for _, r := range d.routes() {
		pages.Handle(r.pattern, d.serve(r))
	}
	pages.Handle("/", d.serve(route{"/", nil, func(http.ResponseWriter, *http.Request) error { return status(http.StatusNotFound) }}))

	foreign := http.NewCrossOriginProtection()
	if d.public.Host != "" {
		if err := foreign.AddTrustedOrigin(d.public.Scheme + "://" + d.public.Host); err != nil {
			return nil, fmt.Errorf("trust own origin: %w", err)
		}
	}
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, status(http.StatusForbidden))
	}))
	root := http.NewServeMux()
	root.HandleFunc("GET /healthz", d.healthShow)
	root.HandleFunc("GET /metrics", d.metricsShow)
	root.HandleFunc("GET /robots.txt", d.robotsShow)
	root.HandleFunc("GET /static/{name}", d.assetShow)
	root.HandleFunc("GET /ticket/{ticket}", d.ticketShow)
	root.Handle("/", d.sessions.LoadAndSave(d.visit(foreign.Handler(pages))))
	return d.shield(root), nil
}

// serve checks who comes, and turns errors into pages.
func (d *desk) serve(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		v.pattern = route.pattern
		if route.roles != nil {
			if v.user == nil {
				http.Redirect(w, r, loginFor(r), http.StatusSeeOther)
				return
			}
			if !slices.Contains(route.roles, v.user.Role) {
				d.fail(w, r, status(http.StatusForbidden))
				return
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				d.fail(w, r, errors.Join(status(http.StatusBadRequest), err))
				return
			}
		}
		if err := route.handle(w, r); err != nil {
			d.fail(w, r, err)
		}
	})
}
