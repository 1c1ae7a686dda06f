package desk

import (
	"fmt"
	"net/http"
	"slices"

	"unmirror/internal/account"
	"unmirror/takedown"
)

type replyListView struct {
	State  string
	States []string
	Rows   []takedown.ReplyRow
	Pager  pager
}

// replyList shows the mails that came in, those that wait for a person first.
func (d *desk) replyList(w http.ResponseWriter, r *http.Request) error {
	view := replyListView{State: r.URL.Query().Get("state"), Pager: pagerOf(r)}
	rows, err := d.Docket.Replies(r.Context(), takedown.ReplyFilter{State: takedown.ReplyState(view.State), Limit: lookAhead, Offset: view.Pager.offset()})
	if err != nil {
		return fmt.Errorf("read replies: %w", err)
	}
	for _, s := range []takedown.ReplyState{takedown.ReplyUnmatched, takedown.ReplyWaiting, takedown.ReplySettled} {
		view.States = append(view.States, string(s))
	}
	view.Rows = cut(&view.Pager, rows)
	d.page(w, r, http.StatusOK, "replies", view)
	return nil
}

type replyView struct {
	*takedown.ReplyFile
	Refusal  *refusal
	Moves    []moveView
	MaySay   bool     // somebody may say what it means, or attach it
	Meanings []string // what it can mean, the likeliest first
}

func (d *desk) replyShow(w http.ResponseWriter, r *http.Request) error {
	view, err := d.replyView(r)
	if err != nil {
		return err
	}
	d.page(w, r, http.StatusOK, "reply", view)
	return nil
}

func (d *desk) replyView(r *http.Request) (*replyView, error) {
	file, err := d.Docket.Reply(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("read reply: %w", err)
	}
	names, err := d.names(r.Context())
	if err != nil {
		return nil, err
	}
	v := visitOf(r)
	view := &replyView{ReplyFile: file, Moves: v.lang.moves("reply", file.History, names)}
	view.MaySay = file.State != takedown.ReplySettled && (v.user.Role == account.Counsel || v.user.Role == account.Operator)
	if file.Case == "" {
		view.Meanings = []string{"nothing"}
		return view, nil
	}
	for _, m := range append(slices.Clone(file.Says), takedown.Confirmable()...) {
		if slices.Contains(takedown.Confirmable(), m) && !slices.Contains(view.Meanings, m) && (m != "dispute" || v.user.Role == account.Counsel) {
			view.Meanings = append(view.Meanings, m)
		}
	}
	return view, nil
}

func (d *desk) replyAttach(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := d.Docket.AttachReply(r.Context(), actor(r), id, r.PostForm.Get("case")); err != nil {
		return d.replyAgain(w, r, fmt.Errorf("attach reply: %w", err))
	}
	return d.done(w, r, "flash.attached", "/replies/"+id)
}

func (d *desk) replyConfirm(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := d.Docket.ConfirmReply(r.Context(), actor(r), id, r.PostForm.Get("meaning")); err != nil {
		return d.replyAgain(w, r, fmt.Errorf("settle reply: %w", err))
	}
	return d.done(w, r, "flash.answered", "/replies/"+id)
}

// replyAgain shows the page of a reply with a docket's refusal.
func (d *desk) replyAgain(w http.ResponseWriter, r *http.Request, cause error) error {
	ref := refused(visitOf(r).lang, cause)
	if ref == nil || statusOfError(cause) != http.StatusUnprocessableEntity {
		return cause
	}
	view, err := d.replyView(r)
	if err != nil {
		return err
	}
	view.Refusal = ref
	d.page(w, r, statusOfError(cause), "reply", view)
	return nil
}
