package store

import (
	"context"
	"database/sql"
	"time"
)

// Tx is a transaction bound to its context, with the store's keys and clock at hand.
type Tx struct {
	ctx context.Context
	tx  *sql.Tx
	s   *Store

	head *head // the last row that this transaction wrote into the audit log
}

// Exec runs a statement that returns no rows.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(t.ctx, query, args...)
}

// Query runs a statement that returns rows; the caller closes them before the next statement.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, query, args...)
}

// QueryRow runs a statement that returns at most one row.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, query, args...)
}

// Prepare makes a statement for many executions inside this transaction.
func (t *Tx) Prepare(query string) (*sql.Stmt, error) { return t.tx.PrepareContext(t.ctx, query) }

// Context is the context that the transaction is bound to.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the store's clock.
func (t *Tx) Now() time.Time { return t.s.Now() }

// Seal encrypts a field for the column that context names.
func (t *Tx) Seal(context string, plain []byte) []byte { return t.s.seal.Seal(context, plain) }

// Open decrypts a field of the column that context names.
func (t *Tx) Open(context string, sealed []byte) ([]byte, error) {
	return t.s.seal.Open(context, sealed)
}

// Lookup returns the keyed hash under which a sealed field is found again.
func (t *Tx) Lookup(context string, plain []byte) []byte { return t.s.seal.Lookup(context, plain) }

// SealText is Seal for text.
func (t *Tx) SealText(context, plain string) []byte { return t.s.seal.Seal(context, []byte(plain)) }

// OpenText is Open for text; a NULL column gives "".
func (t *Tx) OpenText(context string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	b, err := t.s.seal.Open(context, sealed)
	return string(b), err
}

// Millis is how columns hold a time: milliseconds since 1970 in UTC; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time reads a column written with Millis.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
