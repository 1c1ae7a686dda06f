package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"unmirror/takedown"
)

// retractView is the withdrawal of one notice: first what to say, then every text of it under one approval.
type retractView struct {
	Notice      *takedown.NoticeFile
	Refusal     *refusal
	Wrongs      []string
	File        *takedown.RetractionFile // nil until the texts are drafted
	Letters     []retractLetter
	DigestWords []string
	Obstacles   []string
	AskAccept   bool
	HoldOn      bool
	Typed       takedown.Withdrawal
}

type retractLetter struct {
	*takedown.NoticeFile
	Lines []piece
}

func (d *desk) retractShow(w http.ResponseWriter, r *http.Request) error {
	view, err := d.retractView(r, takedown.Withdrawal{})
	if err != nil {
		return err
	}
	d.page(w, r, http.StatusOK, "retract", view)
	return nil
}

// retractView reads the notice and what is drafted of its withdrawal.
func (d *desk) retractView(r *http.Request, typed takedown.Withdrawal) (*retractView, error) {
	id, l := r.PathValue("id"), visitOf(r).lang
	n, err := d.Docket.Notice(r.Context(), id)
	if err != nil {
		return nil, fmt.Errorf("read notice: %w", err)
	}
	hold, err := d.Docket.Hold(r.Context())
	if err != nil {
		return nil, fmt.Errorf("read hold: %w", err)
	}
	view := &retractView{Notice: n, Wrongs: takedown.Wrongs(), HoldOn: hold.On, Typed: typed}
	view.File, err = d.Docket.Retraction(r.Context(), id)
	if errors.Is(err, takedown.ErrNotFound) {
		return view, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read withdrawal: %w", err)
	}
	for _, letter := range view.File.Notices {
		view.Letters = append(view.Letters, retractLetter{letter, pieces(letter.Body)})
		view.Obstacles = append(view.Obstacles, l.obstacles(letter)...)
		view.AskAccept = view.AskAccept || letter.LocationHits
	}
	view.DigestWords = digestWords(view.File.Digest)
	return view, nil
}

// digestWords cuts a digest into pieces that can be compared by eye.
func digestWords(digest string) (words []string) {
	for from := 0; from < len(digest); from += 8 {
		words = append(words, digest[from:min(from+8, len(digest))])
	}
	return words
}

func (d *desk) retractPrepare(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	said := takedown.Withdrawal{Wrong: r.PostForm.Get("wrong"), Words: strings.TrimSpace(r.PostForm.Get("words")), Cases: r.PostForm["case"]}
	if _, err := d.Docket.PrepareRetraction(r.Context(), actor(r), id, said); err != nil {
		return d.retractAgain(w, r, fmt.Errorf("prepare withdrawal: %w", err), said)
	}
	return d.done(w, r, "flash.retract_drafted", "/notices/"+id+"/retract")
}

func (d *desk) retractApprove(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	yes := takedown.Withdrawal{Digest: r.PostForm.Get("digest"), Reason: r.PostForm.Get("reason"), AcceptLocation: r.PostForm.Get("accept")}
	if yes.Digest == "" {
		return status(http.StatusBadRequest)
	}
	if err := d.Docket.Retract(r.Context(), actor(r), id, yes); err != nil {
		return d.retractAgain(w, r, fmt.Errorf("withdraw notice: %w", err), yes)
	}
	return d.done(w, r, "flash.retracted", "/notices/"+id)
}

func (d *desk) retractAgain(w http.ResponseWriter, r *http.Request, cause error, typed takedown.Withdrawal) error {
	ref := refused(visitOf(r).lang, cause)
	if ref == nil || statusOfError(cause) == http.StatusNotFound || statusOfError(cause) == http.StatusForbidden {
		return cause
	}
	view, err := d.retractView(r, typed)
	if err != nil {
		return err
	}
	view.Refusal = ref
	d.page(w, r, statusOfError(cause), "retract", view)
	return nil
}

// noticeAnswer notes an answer that did not come by mail.
func (d *desk) noticeAnswer(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := d.Docket.Answered(r.Context(), actor(r), id, takedown.Answer(r.PostForm.Get("answer")), time.Time{})
	if err != nil {
		return d.noticeAgain(w, r, fmt.Errorf("note answer: %w", err), func(*noticeView) {})
	}
	return d.done(w, r, "flash.answered", "/notices/"+id)
}
