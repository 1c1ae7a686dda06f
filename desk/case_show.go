package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// shownMatches is how many recognised files a case page draws; the rest is counted.
const shownMatches = 5

type caseView struct {
	*takedown.CaseFile
	Refusal    *refusal
	TriageOpen bool // the answer is due, not only possible
	Way        []wayStep
	MayTriage  bool
	MayInspect bool // in every state: what is looked at later stands in a reminder, too
	Exceptions []string
	Explain    string
	Found      []matchView
	MoreFound  int
	Dots       []bool
	Moves      []moveView
	Mails      []takedown.ReplyRow // that came in about it
	// Quarrels are its disputes, newest first; MayDispute and MayUphold say which form stands under them.
	Quarrels              []takedown.DisputeRow
	MayDispute, MayUphold bool
	MayHold               bool   // its evidence, or release it
	SystemsText           string // "AS64500, AS64501"
	Parties               []string
}

type wayStep struct {
	State         takedown.CaseState
	Past, Current bool
}

type matchView struct {
	takedown.MatchRow
	Scale     scale
	Map       spanMap
	RowsText  string
	Pages     []pagesMap
	MorePages int // that are not drawn
}

func (d *desk) caseShow(w http.ResponseWriter, r *http.Request) error {
	view, err := d.caseView(r)
	if err != nil {
		return err
	}
	d.page(w, r, http.StatusOK, "case", view)
	return nil
}

// caseView reads a case and puts it into words.
func (d *desk) caseView(r *http.Request) (*caseView, error) {
	file, err := d.Docket.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	names, err := d.names(r.Context())
	if err != nil {
		return nil, err
	}
	v := visitOf(r)
	view := &caseView{CaseFile: file, Way: way(file), Moves: v.lang.moves("case", file.History, names),
		MayTriage: v.user.Role == account.Counsel && slices.Contains([]takedown.CaseState{takedown.CaseTriage, takedown.CaseOpen,
			takedown.CaseDismissed}, file.State),
		MayInspect: v.user.Role == account.Counsel,
		TriageOpen: file.State == takedown.CaseTriage,
		Exceptions: []string{"own_publication", "journalism", "court", "authority", "research", "other"},
		Explain:    v.lang.T("grade.explain."+file.Grade, "share", v.lang.Percent(file.Coverage))}
	for i, m := range file.Matches {
		if i == shownMatches {
			view.MoreFound = len(file.Matches) - shownMatches
			break
		}
		view.Found = append(view.Found, matchView{MatchRow: m, Scale: v.lang.scale(m.Bits, d.NoticeBits), Map: drawMap(m.Spans), RowsText: rowsText(m.Rows),
			Pages: drawPages(m.Pages), MorePages: max(0, len(m.Pages)-shownPages)})
	}
	if view.Mails, err = d.Docket.Replies(r.Context(), takedown.ReplyFilter{Case: file.ID}); err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	view.Quarrels = slices.Clone(file.Disputes)
	slices.Reverse(view.Quarrels)
	view.Parties = takedown.Parties()
	view.MayUphold = v.user.Role == account.Counsel && file.Disputed
	view.MayDispute = v.user.Role == account.Counsel && !file.Disputed && file.State != takedown.CaseTriage && file.State != takedown.CaseDismissed
	view.MayHold = v.user.Role == account.Counsel || v.user.Role == account.Operator && !file.EvidenceHold.On
	var systems []string
	for _, as := range file.Systems {
		systems = append(systems, fmt.Sprintf("AS%d", as))
	}
	view.SystemsText = strings.Join(systems, ", ")
	for i := range max(file.GoneNeeded, file.GoneChecks) {
		view.Dots = append(view.Dots, i < file.GoneChecks)
	}
	slices.SortStableFunc(view.Checks, func(a, b takedown.CheckRow) int { return b.At.Compare(a.At) })
	return view, nil
}

// way lists the states on a case's way, and which of them it has been in.
func way(c *takedown.CaseFile) []wayStep {
	been := map[takedown.CaseState]bool{}
	for _, h := range c.History {
		been[takedown.CaseState(h.To)] = true
	}
	states := []takedown.CaseState{takedown.CaseOpen, takedown.CaseNoticed, takedown.CaseVanishing, takedown.CaseGone}
	if been[takedown.CaseTriage] || c.State == takedown.CaseTriage {
		states = slices.Insert(states, 0, takedown.CaseTriage)
	}
	if c.State == takedown.CaseDismissed {
		states = []takedown.CaseState{takedown.CaseTriage, takedown.CaseDismissed}
	}
	out := make([]wayStep, 0, len(states))
	now := slices.Index(states, c.State)
	for i, s := range states {
		out = append(out, wayStep{State: s, Past: i < now && been[s], Current: i == now})
	}
	return out
}

// moveView is one move in words.
type moveView struct {
	takedown.HistoryRow
	Text string
}

// moves puts a history into words, newest first.
func (l *lang) moves(of string, rows []takedown.HistoryRow, names map[string]string) []moveView {
	out := make([]moveView, 0, len(rows))
	for _, h := range rows {
		to := l.Or("state."+of+".", h.To)
		text := l.T("move.made", "to", to)
		if h.From != "" {
			text = l.T("move.moved", "from", l.Or("state."+of+".", h.From), "to", to)
		}
		h.Actor, h.Why = l.who(h.Actor, names), l.says(h.Why)
		out = append(out, moveView{h, text})
	}
	slices.SortStableFunc(out, func(a, b moveView) int { return b.At.Compare(a.At) })
	return out
}

// who names an account on a page; the record knows only its id.
func (l *lang) who(id string, names map[string]string) string {
	if name, ok := names[id]; ok {
		return name
	}
	return l.Or("actor.", id)
}

// names maps the ids of accounts to the names of the operator's staff.
func (d *desk) names(ctx context.Context) (map[string]string, error) {
	users, err := d.Accounts.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	out := make(map[string]string, len(users))
	for _, u := range users {
		out[u.ID] = u.Name
	}
	return out, nil
}
