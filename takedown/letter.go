package takedown

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unmirror/takedown/form"
	"unmirror/takedown/notice"
	"unmirror/takedown/paper"
)

// unapproved marks what is taken out on paper or into a form before counsel's yes.
const unapproved = "NOT APPROVED: "

// NoticePDF returns the notice on paper, as it now reads. It holds the exact location: it is for counsel, not for a page. What nobody
// approved says so in its subject, and is refused where the guard blocks it; what was approved is printed as it went out.
func (d *Docket) NoticePDF(ctx context.Context, id string) ([]byte, error) {
	n, v, err := d.current(ctx, id)
	if err != nil {
		return nil, err
	}
	subject := v.Draft.Subject
	if !n.state.wasApproved() {
		if r := d.review(v); len(r.blocked) > 0 {
			return nil, &BlockedError{Blocked: r.blocked}
		}
		subject = unapproved + subject
	}
	b, err := paper.Write(paper.Letter{Ticket: v.Facts.Ticket, Subject: subject, Body: notice.Canonical(v.Draft.Body), To: addressee(v.Envelope.To),
		From: v.Envelope.From, Language: v.Facts.Language, Date: v.Facts.Date})
	if err != nil {
		return nil, fmt.Errorf("write notice %s: %w", id, err)
	}
	return b, nil
}

// addressee is the recipient as a letter shows it.
func addressee(to string) string {
	if _, hand := byForm(to); hand {
		return ""
	}
	return to
}

// NoticeForm fills the field sheet of a web form, by the form's id or, with none, by the recipient. It refuses what the guard blocks,
// what lacks an element, and what the form does not take. A location that carries a key is no hindrance here: a form is where it belongs.
func (d *Docket) NoticeForm(ctx context.Context, id, formID string) (form.Sheet, error) {
	n, v, err := d.current(ctx, id)
	if err != nil {
		return form.Sheet{}, err
	}
	forms, err := form.Load()
	if err != nil {
		return form.Sheet{}, fmt.Errorf("fill form of %s: %w", id, err)
	}
	host := ""
	if len(v.Facts.Locations) > 0 {
		host = v.Facts.Locations[0].Host
	}
	f := forms.For(v.Facts.RecipientKind, v.Envelope.To, host)
	if id, hand := byForm(v.Envelope.To); hand && formID == "" {
		formID = id
	}
	if formID != "" {
		var ok bool
		if f, ok = forms.Get(formID); !ok {
			return form.Sheet{}, refuse(CodeInvalid, fmt.Sprintf("There is no form %s; there are %v.", printable(formID), forms.IDs()))
		}
	}
	r := d.review(v)
	if len(r.blocked) > 0 {
		return form.Sheet{}, &BlockedError{Blocked: r.blocked}
	}
	if r.locationHits && n.accepted == "" {
		return form.Sheet{}, &BlockedError{Location: true, Blocked: []string{"an identifier in the location"}}
	}
	secret := slices.ContainsFunc(v.Facts.Locations, func(l notice.Location) bool { return notice.CarriesSecret(l.URL) })
	var missing []string
	for _, e := range r.elements {
		if !e.Present && (e.ID != "location" || !secret) {
			missing = append(missing, e.Missing)
		}
	}
	if len(missing) > 0 {
		return form.Sheet{}, &IncompleteError{Missing: missing}
	}
	sheet, err := form.Fill(d.o.Law, f, v.Facts, v.Draft)
	if err != nil {
		return form.Sheet{}, refuse(CodeInvalid, "This notice does not go into that form: "+strings.ReplaceAll(err.Error(), "\n", "; ")+".")
	}
	sheet.Unapproved = !n.state.wasApproved()
	return sheet, nil
}
