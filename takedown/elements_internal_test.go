package takedown

import (
	"context"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// Replace makes a letter the next version of a notice, as if it had been drafted so, and returns its digest.
func (d *Docket) Replace(ctx context.Context, noticeID string, f notice.Facts, letter notice.Draft) (digest string, err error) {
	err = d.write(ctx, "replace", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		v, err := loadVersion(tx, n.id, n.version)
		if err != nil {
			return err
		}
		v.Facts, v.Draft, n.regime = f, letter, f.Regime
		if err := d.writeVersion(tx, n, v, System); err != nil {
			return err
		}
		digest = n.digest
		return nil
	})
	return digest, err
}
