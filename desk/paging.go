package desk

import (
	"net/http"
	"strconv"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// pager leads through a long list.
type pager struct {
	Page       int
	Prev, Next string
	r          *http.Request
}

// pagerOf reads which page the address asks for; anything else than a number is the first.
func pagerOf(r *http.Request) pager {
	asked, _ := strconv.Atoi(r.URL.Query().Get("page"))
	return pager{Page: min(max(1, asked), 1_000_000), r: r}
}

// offset is where the page begins, in rows.
func (p pager) offset() int { return (p.Page - 1) * pageSize }

// lookAhead is how many rows to read: one more than is shown tells whether there is a next page.
const lookAhead = pageSize + 1

// cut keeps one page of rows read from offset on, and finds the pages beside it.
func cut[T any](p *pager, rows []T) []T {
	if p.Page > 1 {
		p.Prev = p.at(p.Page - 1)
	}
	if len(rows) > pageSize {
		p.Next = p.at(p.Page + 1)
		rows = rows[:pageSize]
	}
	return rows
}

func (p *pager) at(n int) string {
	q := p.r.URL.Query()
	q.Set("page", strconv.Itoa(n))
	return p.r.URL.Path + "?" + q.Encode()
}
