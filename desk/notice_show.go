package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"unmirror/internal/account"
	"unmirror/takedown"
)

type noticeView struct {
	*takedown.NoticeFile
	Refusal          *refusal // of what was just tried
	Lines            []piece
	Obstacles        []string // why it cannot be approved
	RecipientContact *takedown.ContactRow
	DigestWords      []string
	Drafts           []takedown.VersionRow
	Moves            []moveView
	HoldOn           bool

	MayEdit, MayDecide, MayApprove, MayReject, WaitsForCounsel bool
	MayRetract, MayAnswer, MayTake, MayHand                    bool
	Answers                                                    []string
	Diff                                                       *diffView

	Editing     bool
	RejectOpen  bool
	Base        int // version that an edit starts from
	Typed       typed
	NoticeLangs []string
	Laws        []choice // regimes to choose from
	Actions     []string
}

// typed is what stands in the edit form.
type typed struct{ Recipient, Language, Subject, Body, Regime, Action string }

// choice is one entry of a list to choose from.
type choice struct{ ID, Name string }

func (d *desk) noticeShow(w http.ResponseWriter, r *http.Request) error {
	view, err := d.noticeView(r)
	if err != nil {
		return err
	}
	view.Editing = view.MayEdit && r.URL.Query().Has("edit")
	if v := r.URL.Query().Get("diff"); v != "" {
		if view.Diff, err = d.diff(r, v); err != nil {
			return err
		}
	}
	d.page(w, r, http.StatusOK, "notice", view)
	return nil
}

// diffView is what changed from one version to another.
type diffView struct {
	From, To int
	Lines    []diffLine
}

// diffLine is one line of a difference; Skip stands for so many lines that are the same.
type diffLine struct {
	takedown.DiffLine
	Skip int
}

// around is how many unchanged lines a difference shows beside each change.
const around = 2

func (d *desk) diff(r *http.Request, version string) (*diffView, error) {
	to, err := strconv.Atoi(version)
	if err != nil || to < 1 {
		return nil, status(http.StatusNotFound)
	}
	from, to, lines, err := d.Docket.NoticeDiff(r.Context(), r.PathValue("id"), 0, to)
	if err != nil {
		return nil, fmt.Errorf("compare versions: %w", err)
	}
	view := &diffView{From: from, To: to}
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op != " " {
			for j := max(0, i-around); j < min(len(lines), i+around+1); j++ {
				near[j] = true
			}
		}
	}
	for i, l := range lines {
		switch {
		case near[i]:
			view.Lines = append(view.Lines, diffLine{DiffLine: l})
		case len(view.Lines) > 0 && view.Lines[len(view.Lines)-1].Skip > 0:
			view.Lines[len(view.Lines)-1].Skip++
		default:
			view.Lines = append(view.Lines, diffLine{Skip: 1})
		}
	}
	return view, nil
}

// noticeView reads a notice and puts it into words; a page that shows a refusal is built from it too.
func (d *desk) noticeView(r *http.Request) (*noticeView, error) {
	file, err := d.Docket.Notice(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("read notice: %w", err)
	}
	names, err := d.names(r.Context())
	if err != nil {
		return nil, err
	}
	hold, err := d.Docket.Hold(r.Context())
	if err != nil {
		return nil, fmt.Errorf("read hold: %w", err)
	}
	v := visitOf(r)
	view := &noticeView{NoticeFile: file, Obstacles: v.lang.obstacles(file), Moves: v.lang.moves("notice", file.History, names),
		HoldOn: hold.On, Lines: pieces(file.Body), Base: file.Version, NoticeLangs: []string{"nl", "fr", "de", "en"},
		Typed: typed{file.Recipient, file.Language, file.Subject, file.Body, file.Regime, file.Action}, Actions: takedown.Actions()}
	for _, r := range file.Regimes {
		name := r.Name[v.lang.Lang]
		if name == "" {
			name = r.Name["en"]
		}
		if len(r.Countries) > 0 { // regimes of two countries have one name
			name += " (" + strings.Join(r.Countries, ", ") + ")"
		}
		view.Laws = append(view.Laws, choice{r.ID, name})
	}
	for i := range file.Recipients {
		if to := file.Recipients[i]; file.Recipient != "" && (to.Email == file.Recipient || to.Form != "" && to.Skipped == "" && "form:"+to.Form == file.Recipient) {
			view.RecipientContact = &file.Recipients[i]
			break
		}
	}
	for from := 0; from < len(file.Digest); from += 8 {
		view.DigestWords = append(view.DigestWords, file.Digest[from:min(from+8, len(file.Digest))])
	}
	for _, ver := range file.Versions {
		ver.Actor = v.lang.who(ver.Actor, names)
		view.Drafts = append(view.Drafts, ver)
	}
	slices.SortStableFunc(view.Drafts, func(a, b takedown.VersionRow) int { return b.Version - a.Version })
	view.offer(v.user.Role)
	return view, nil
}

// offer shows the buttons that can lead somewhere; whether they do is the docket's to say.
func (v *noticeView) offer(role string) {
	counsel := role == account.Counsel
	v.MayTake = counsel
	_, byForm := strings.CutPrefix(v.Recipient, "form:")
	v.MayHand = byForm && v.State == takedown.NoticeApproved && role != account.Auditor
	in := func(states ...takedown.NoticeState) bool { return slices.Contains(states, v.State) }
	v.MayApprove = counsel && in(takedown.NoticeDraft, takedown.NoticeFailed)
	v.MayReject = counsel && in(takedown.NoticeDraft, takedown.NoticeApproved, takedown.NoticeFailed)
	v.MayEdit = counsel && in(takedown.NoticeDraft, takedown.NoticeApproved, takedown.NoticeFailed, takedown.NoticeRejected)
	if v.Kind == takedown.KindRetraction && v.State == takedown.NoticeDraft { // it is approved with the others of its withdrawal
		v.MayApprove, v.MayEdit = false, false
	}
	v.MayDecide = v.MayApprove || v.MayReject
	out := in(takedown.NoticeSent, takedown.NoticeUnknown) && v.Kind != takedown.KindRetraction
	v.MayRetract = counsel && out && v.Withdrawn == ""
	v.MayAnswer = out && role != account.Auditor
	v.Answers = []string{"receipt", "removed", "refused", "question", "other"}
	v.WaitsForCounsel = !counsel && in(takedown.NoticeDraft)
}

// obstacles lists why a notice cannot be approved, each once: in the page's language what the page knows by itself, then the
// docket's own sentences, which say where to fill it.
func (l *lang) obstacles(n *takedown.NoticeFile) []string {
	var out []string
	if l.Lang != "en" || len(n.Missing) == 0 {
		if n.Recipient == "" {
			out = append(out, l.T("notice.decide.recipient"))
		}
		for _, e := range n.Elements {
			if !e.Present {
				out = append(out, l.T("notice.decide.element", "what", l.element(e)))
			}
		}
	}
	out = append(out, l.saysAll(n.Missing)...)
	for _, b := range n.Blocked {
		out = append(out, l.T("notice.decide.blocked", "what", b))
	}
	return out
}

// noticeAgain shows the notice page with a docket's refusal, and what somebody had typed.
func (d *desk) noticeAgain(w http.ResponseWriter, r *http.Request, cause error, change func(*noticeView)) error {
	ref := refused(visitOf(r).lang, cause)
	if ref == nil || statusOfError(cause) == http.StatusNotFound || statusOfError(cause) == http.StatusForbidden {
		return cause
	}
	view, err := d.noticeView(r)
	if err != nil {
		return err
	}
	view.Refusal = ref
	change(view)
	d.page(w, r, statusOfError(cause), "notice", view)
	return nil
}
