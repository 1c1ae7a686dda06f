package takedown

import (
	"context"

	"unmirror/store"
)

// PlanRechecks takes what is due, as Recheck does before it looks.
func (d *Docket) PlanRechecks(ctx context.Context) (int, error) {
	cases, err := d.toCheck(ctx, nil)
	return len(cases), err
}

// PlanDrafts finds what Draft would write, without asking anybody.
func (d *Docket) PlanDrafts(ctx context.Context) (n int, err error) {
	if n, err = d.renew(ctx); err != nil {
		return n, err
	}
	err = d.read(ctx, "draft", func(tx *store.Tx) error {
		due, _, err := d.draftsDue(tx, point{})
		n += len(due)
		return err
	})
	return n, err
}
