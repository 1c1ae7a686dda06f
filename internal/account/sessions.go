package account

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"unmirror/store"
)

// sessionSlack is how stale the expiry of a session on disk may be. Moving it at each request would cost a synced write a page.
const sessionSlack = time.Minute

// Sessions keep signed-in browsers in the record, in the way that alexedwards/scs asks for. The token that a
// browser holds stands in the record only as a keyed hash.
type Sessions struct{ st *store.Store }

// NewSessions returns the sessions in st.
func NewSessions(st *store.Store) *Sessions { return &Sessions{st: st} }

// FindCtx returns the data of a live session.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.st.Read(ctx, func(t *store.Tx) error {
		data, _, err = s.find(t, token)
		return err
	})
	return data, data != nil, err
}

func (s *Sessions) find(t *store.Tx, token string) ([]byte, time.Time, error) {
	var sealed []byte
	var expires int64
	err := t.QueryRow(`SELECT data, expires FROM sessions WHERE token_hash = ? AND expires > ?`,
		t.Lookup("sessions.token", []byte(token)), store.Millis(t.Now())).Scan(&sealed, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("find session: %w", err)
	}
	data, err := t.Open("sessions.data", sealed)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("open session: %w", err)
	}
	return data, store.Time(expires), nil
}

// CommitCtx keeps a session's data until expiry. When only the expiry moved, and by little, nothing is written.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	fresh := false
	err := s.st.Read(ctx, func(t *store.Tx) error {
		old, until, err := s.find(t, token)
		fresh = old != nil && bytes.Equal(old, data) && expiry.Sub(until).Abs() < sessionSlack
		return err
	})
	if err != nil || fresh {
		return err
	}
	return s.st.Write(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`INSERT INTO sessions (token_hash, data, expires) VALUES (?,?,?)
			ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires = excluded.expires`,
			t.Lookup("sessions.token", []byte(token)), t.Seal("sessions.data", data), store.Millis(expiry))
		if err == nil {
			_, err = t.Exec(`DELETE FROM sessions WHERE expires <= ?`, store.Millis(t.Now()))
		}
		if err != nil {
			return fmt.Errorf("keep session: %w", err)
		}
		return nil
	})
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.st.Write(ctx, func(t *store.Tx) error {
		if _, err := t.Exec(`DELETE FROM sessions WHERE token_hash = ?`, t.Lookup("sessions.token", []byte(token))); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		return nil
	})
}

// Find is FindCtx without a context; scs asks for it, and calls the other.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
