package desk

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"unmirror/store"
)

// auditRows is how much of the log's end the page shows; auditFresh how long a verification of the whole log is believed.
const (
	auditRows  = 200
	auditFresh = time.Minute
)

type auditView struct {
	Rows    []store.AuditRow
	Checked int
	Head    string
	Broken  int64 // row where the chain breaks; 0: it does not
}

// verification is the last walk over the whole log, which takes about 60 µs a row.
type verification struct {
	sync.Mutex
	at   time.Time
	rows int64
	head string
	err  error
}

func (d *desk) auditShow(w http.ResponseWriter, r *http.Request) error {
	if d.Audit == nil {
		return status(http.StatusNotFound)
	}
	rows, err := d.Audit.Tail(r.Context(), auditRows)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	names, err := d.names(r.Context())
	if err != nil {
		return err
	}
	l := visitOf(r).lang
	for i := range rows {
		rows[i].Actor = l.who(rows[i].Actor, names)
	}
	n, head, err := d.verifyAudit(r.Context())
	var broken *store.Broken
	if err != nil && !errors.As(err, &broken) {
		return fmt.Errorf("verify audit log: %w", err)
	}
	view := auditView{Rows: rows, Checked: int(n), Head: head}
	if broken != nil {
		view.Broken = broken.Seq
	}
	d.page(w, r, http.StatusOK, "audit", view)
	return nil
}

func (d *desk) verifyAudit(ctx context.Context) (int64, string, error) {
	v := &d.verified
	v.Lock()
	defer v.Unlock()
	if v.at.IsZero() || d.Now().Sub(v.at) > auditFresh {
		v.rows, v.head, v.err = d.Audit.Verify(ctx)
		if v.at = d.Now(); ctx.Err() != nil {
			v.at = time.Time{} // broken off, so it says nothing
		}
	}
	return v.rows, v.head, v.err
}

// StoreAudit is the record's own audit log, verified under the given public keys.
func StoreAudit(st *store.Store, keys []ed25519.PublicKey) auditLog { return storeAudit{st, keys} }

type storeAudit struct {
	st   *store.Store
	keys []ed25519.PublicKey
}

func (a storeAudit) Tail(ctx context.Context, limit int) ([]store.AuditRow, error) {
	return a.st.AuditTail(ctx, limit)
}

func (a storeAudit) Verify(ctx context.Context) (int64, string, error) {
	return a.st.VerifyAudit(ctx, a.keys)
}
