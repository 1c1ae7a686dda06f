package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"unmirror/store"
)

// Verify tells who signs in with this name and password at this machine. See VerifyFrom.
func (a *Accounts) Verify(ctx context.Context, name, password string) (User, error) {
	return a.VerifyFrom(ctx, name, password, "local")
}

// VerifyFrom tells who signs in from a network. It returns ErrPassword for a wrong name and for a wrong password alike, after
// the same work, and a *Throttled after too many failures for that name or from that network.
func (a *Accounts) VerifyFrom(ctx context.Context, name, password, network string) (User, error) {
	var id, hash string
	var keys []string
	err := a.st.Read(ctx, func(t *store.Tx) error {
		key := nameKey(t, name)
		keys = throttleKeys(string(key), network)
		var sealed []byte
		err := t.QueryRow(`SELECT id, password FROM accounts WHERE name_key = ? AND removed = 0`, key).Scan(&id, &sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read account: %w", err)
		}
		hash, err = t.OpenText("accounts.password", sealed)
		return err
	})
	if err != nil {
		return User{}, err
	}
	if err := a.throttle.begin(keys); err != nil {
		return User{}, err
	}
	ok, err := a.matches(ctx, hash, password)
	if err != nil {
		return User{}, err
	}
	if !ok {
		return User{}, ErrPassword
	}
	a.throttle.forgive(keys)
	return a.ByID(ctx, id)
}

// matches checks a password, against a decoy when nobody has the name, so that both take as long.
func (a *Accounts) matches(ctx context.Context, hash, password string) (bool, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if hash == "" {
		_, err := verifyPassword(a.decoy, password)
		return false, err
	}
	return verifyPassword(hash, password)
}

func (a *Accounts) hash(ctx context.Context, password string) (string, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
		return a.cost.hash(password), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
