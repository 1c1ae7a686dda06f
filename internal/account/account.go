// Package account knows who may sign in to the desk and as what: the operator's people, their roles, their passwords and
// their sessions.
// It never decides what a role may do, and never keeps a name, a password or a session token in clear.
package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"unmirror/store"
)

// The roles that somebody can have.
const (
	Counsel  = "counsel"  // reads, triages, edits, approves, rejects
	Operator = "operator" // runs the daemon: reads, may stop everything outgoing
	Auditor  = "auditor"  // reads everything, and the audit log
)

// MinPassword is the shortest password accepted, in characters (NIST SP 800-63B asks for at least 8).
const MinPassword = 10

// What can be wrong, for callers that branch on it.
var (
	ErrPassword = errors.New("name or password is wrong")
	ErrUnknown  = errors.New("there is no such account")
)

// User is somebody who may sign in.
type User struct {
	ID   string `json:"id"`   // opaque; the one that the audit log names
	Name string `json:"name"` // as typed at registration
	Role string `json:"role"`
	Lang string `json:"language"` // "" until chosen
	// State is active or removed.
	State   string    `json:"state"`
	Created time.Time `json:"created"`
	// Session is what a signed-in session keeps of the account; BySession refuses it once the password changed.
	Session string `json:"-"`
}

// Accounts are the people in one record. It is safe for concurrent use.
type Accounts struct {
	st       *store.Store
	cost     Cost
	slots    chan struct{} // bounds how many password hashes are computed at once
	decoy    string        // hash that is checked when nobody has the name
	throttle *throttle
}

// New returns the accounts in st. A password check takes 64 MiB, so that only two run at once.
func New(st *store.Store) *Accounts { return NewCost(st, StandardCost()) }

// NewCost is New with another cost of new passwords: a cheap one for tests, a dearer one for stronger machines. A password is always
// checked at the cost that it was registered with.
func NewCost(st *store.Store, c Cost) *Accounts {
	a := &Accounts{st: st, cost: c, slots: make(chan struct{}, 2), throttle: newThrottle(st.Now)}
	a.decoy = c.decoy()
	return a
}

// Add registers somebody, or gives an account of this name a new password and role; whoever is signed in to it is then
// signed out. The error says plainly what is wrong with the name, role or password.
func (a *Accounts) Add(ctx context.Context, name, role, password string) (User, error) {
	name = strings.TrimSpace(name)
	if err := check(name, role, password); err != nil {
		return User{}, err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return User{}, fmt.Errorf("hash password: %w", err)
	}
	var u User
	err = a.st.Write(ctx, func(t *store.Tx) error {
		var epoch int
		err := t.QueryRow(`INSERT INTO accounts (id, name, name_key, role, password, created) VALUES (?,?,?,?,?,?)
			ON CONFLICT (name_key) DO UPDATE SET role = excluded.role, password = excluded.password, epoch = epoch + 1, removed = 0
			RETURNING id, epoch`, store.NewID("user"), t.SealText("accounts.name", name), nameKey(t, name), role,
			t.SealText("accounts.password", hash), store.Millis(t.Now())).Scan(&u.ID, &epoch)
		if err != nil {
			return fmt.Errorf("add account: %w", err)
		}
		act := "account.add"
		if epoch > 1 {
			act = "account.change"
		}
		if err := t.Audit(store.Entry{Actor: "system", Act: act, Object: u.ID, Detail: role}); err != nil {
			return err
		}
		u, err = scan(t, t.QueryRow(selectUser+` WHERE id = ?`, u.ID))
		return err
	})
	return u, err
}

// Remove ends an account: nobody signs in with it any more, and whoever is signed in is signed out. Its id stays in the
// record. The error is ErrUnknown when nobody has the name.
func (a *Accounts) Remove(ctx context.Context, name string) error {
	return a.st.Write(ctx, func(t *store.Tx) error {
		var id string
		err := t.QueryRow(`UPDATE accounts SET removed = 1, epoch = epoch + 1 WHERE name_key = ? AND removed = 0 RETURNING id`,
			nameKey(t, name)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrUnknown
		}
		if err != nil {
			return fmt.Errorf("remove account: %w", err)
		}
		return t.Audit(store.Entry{Actor: "system", Act: "account.remove", Object: id})
	})
}

// check says what is wrong with what somebody typed at registration.
func check(name, role, password string) error {
	switch {
	case name == "" || utf8.RuneCountInString(name) > 80 || strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("a name has 1 to 80 printable characters")
	case role != Counsel && role != Operator && role != Auditor:
		return fmt.Errorf("role %q is unknown: counsel, operator or auditor", role)
	case utf8.RuneCountInString(password) < MinPassword:
		return fmt.Errorf("the password has %d characters: at least %d are needed", utf8.RuneCountInString(password), MinPassword)
	case len(password) > 1024:
		return errors.New("the password is longer than 1024 bytes")
	}
	return nil
}

// nameKey finds a name again whatever its case and however its accents are composed.
func nameKey(t *store.Tx, name string) []byte {
	return t.Lookup("accounts.name", []byte(cases.Fold().String(norm.NFKC.String(strings.TrimSpace(name)))))
}

// List returns everybody, oldest first.
func (a *Accounts) List(ctx context.Context) (out []User, err error) {
	err = a.st.Read(ctx, func(t *store.Tx) error {
		rows, err := t.Query(selectUser + ` WHERE removed = 0 ORDER BY created, id`)
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			u, err := scan(t, rows)
			if err != nil {
				return err
			}
			out = append(out, u)
		}
		return rows.Err()
	})
	return out, err
}

// selectUser begins every query that scan reads.
const selectUser = `SELECT id, name, role, lang, epoch, removed, created FROM accounts`

// BySession returns the account of a signed-in session, or ErrUnknown when it was removed or its password changed since.
func (a *Accounts) BySession(ctx context.Context, session string) (User, error) {
	id, _, _ := strings.Cut(session, ".")
	u, err := a.ByID(ctx, id)
	if err == nil && u.Session != session {
		return User{}, ErrUnknown
	}
	return u, err
}

// ByID returns one account, removed ones too, or ErrUnknown.
func (a *Accounts) ByID(ctx context.Context, id string) (u User, err error) {
	err = a.st.Read(ctx, func(t *store.Tx) (err error) {
		u, err = scan(t, t.QueryRow(selectUser+` WHERE id = ?`, id))
		return err
	})
	return u, err
}

// SetLanguage keeps the language in which somebody reads the desk.
func (a *Accounts) SetLanguage(ctx context.Context, id, lang string) error {
	return a.st.Write(ctx, func(t *store.Tx) error {
		if _, err := t.Exec(`UPDATE accounts SET lang = ? WHERE id = ?`, lang, id); err != nil {
			return fmt.Errorf("set language: %w", err)
		}
		return nil
	})
}

type scanner interface{ Scan(...any) error }

func scan(t *store.Tx, row scanner) (u User, err error) {
	var name []byte
	var epoch, created int64
	var removed bool
	switch err := row.Scan(&u.ID, &name, &u.Role, &u.Lang, &epoch, &removed, &created); {
	case errors.Is(err, sql.ErrNoRows):
		return User{}, ErrUnknown
	case err != nil:
		return User{}, fmt.Errorf("read account: %w", err)
	}
	u.Session, u.Created, u.State = fmt.Sprintf("%s.%d", u.ID, epoch), store.Time(created), "active"
	if removed {
		u.State = "removed"
	}
	u.Name, err = t.OpenText("accounts.name", name)
	if err != nil {
		return User{}, fmt.Errorf("open name of %s: %w", u.ID, err)
	}
	return u, nil
}
