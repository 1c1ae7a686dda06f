package crawler

import (
	"context"
	"errors"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/match"
)

// matchWrapped takes an item's parts out of its body and matches each. A body that is not of the expected form is matched
// as it is, so that a place that changed its form hides nothing.
func (t *transfer) matchWrapped(ctx context.Context, body []byte) (match.Report, error) {
	parts, err := t.req.unwrap(body)
	if errors.Is(err, kind.ErrWrapped) {
		return match.Report{Item: t.req.url.String(), Verdict: match.Unreadable, Bytes: int64(len(body)), Reason: kind.ErrWrapped.Error()}, nil
	}
	if err != nil {
		parts = []kind.Part{{Body: body}}
	}
	var all match.Report
	for i, p := range parts {
		r, err := t.matchPart(ctx, p.Body)
		if err != nil {
			return match.Report{}, err
		}
		if len(parts) > 1 && p.Name != "" {
			for j := range r.Matches {
				r.Matches[j].Part = within(p.Name, r.Matches[j].Part)
			}
		}
		if i == 0 {
			all = r
		} else {
			all = joined(all, r)
		}
	}
	return all, nil
}

func (t *transfer) matchPart(ctx context.Context, body []byte) (match.Report, error) {
	in, err := t.crawler.o.Intake(t.req.url.String())
	if err != nil {
		return match.Report{}, local{err}
	}
	if _, err := in.Write(body); err != nil {
		in.Discard()
		return match.Report{}, local{err}
	}
	return in.Match(ctx), nil
}

// within is the path of a part of a part.
func within(outer, inner string) string {
	if inner == "" {
		return outer
	}
	return outer + "!/" + inner
}

// strength ranks the verdicts: one part that was opened makes the item readable.
func strength(v match.Verdict) int {
	switch v {
	case match.Matched:
		return 3
	case match.Weak:
		return 2
	case match.None:
		return 1
	}
	return 0
}

// joined is the report on two parts of one item. The stronger one's digest stands for the item.
func joined(a, b match.Report) match.Report {
	if strength(b.Verdict) > strength(a.Verdict) {
		a, b = b, a
	}
	a.Matches = append(a.Matches, b.Matches...)
	a.Bytes += b.Bytes
	a.Seconds += b.Seconds
	if a.Reason == "" {
		a.Reason = b.Reason
	}
	return a
}
