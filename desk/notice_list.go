package desk

import (
	"fmt"
	"net/http"

	"unmirror/takedown"
)

type noticeListView struct {
	State  string
	States []string
	Rows   []takedown.NoticeRow
	Pager  pager
}

func (d *desk) noticeList(w http.ResponseWriter, r *http.Request) error {
	view := noticeListView{State: r.URL.Query().Get("state"), Pager: pagerOf(r)}
	rows, err := d.Docket.Notices(r.Context(), takedown.NoticeFilter{State: takedown.NoticeState(view.State), Limit: lookAhead,
		Offset: view.Pager.offset()})
	if err != nil {
		return fmt.Errorf("read notices: %w", err)
	}
	for _, s := range []takedown.NoticeState{takedown.NoticeDraft, takedown.NoticeApproved, takedown.NoticeSent, takedown.NoticeUnknown,
		takedown.NoticeFailed, takedown.NoticeRejected, takedown.NoticeVoid} {
		view.States = append(view.States, string(s))
	}
	view.Rows = cut(&view.Pager, rows)
	d.page(w, r, http.StatusOK, "notices", view)
	return nil
}
