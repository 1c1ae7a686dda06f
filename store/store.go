// Package store keeps the record: SQLite with its migrations, its transactions and the audit log.
// It never interprets what it keeps, and never writes a personal field in clear: the stages hand such fields over
// through Seal and find them again through Lookup.
package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite" // registers the pure-Go driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FileName is the database's name inside the data folder.
const FileName = "unmirror.db"

// busyTimeout is how long a writer waits for another process (a command beside the daemon) before it gives up.
const busyTimeout = 20 * time.Second

// Sealer encrypts fields and makes keyed look-up values of them. Context names the column, for instance "cases.url",
// and is authenticated, so that a sealed value cannot be moved to another column.
type Sealer interface {
	Seal(context string, plain []byte) []byte
	Open(context string, sealed []byte) ([]byte, error)
	// Lookup returns a 16-byte keyed hash for UNIQUE columns and equality.
	Lookup(context string, plain []byte) []byte
}

// Options say where the record lies and with which keys it is written.
type Options struct {
	Dir  string             // the data folder; made when missing, mode 0700
	Seal Sealer             // required
	Sign ed25519.PrivateKey // signs audit rows; required
	Now  func() time.Time   // nil means time.Now
	// Checkpoint is a file outside of Dir that keeps the signed end of the audit log, so that a log whose end was cut off is
	// found out; empty: none is kept.
	Checkpoint string
}

// Store is the open record. It is safe for concurrent use.
type Store struct {
	writer *sql.DB // one connection: SQLite has one writer
	reader *sql.DB
	seal   Sealer
	sign   ed25519.PrivateKey
	now    func() time.Time

	checkpoint string
}

// Open opens the record in o.Dir, creating it when it is new, and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Seal == nil || len(o.Sign) != ed25519.PrivateKeySize {
		return nil, errors.New("open record: sealing and signing keys are needed")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	path := filepath.Join(o.Dir, FileName)
	s := &Store{seal: o.Seal, sign: o.Sign, now: o.Now, checkpoint: o.Checkpoint}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.writer, err = connect(path, "immediate", 1, false); err != nil {
		return nil, err
	}
	if err := migrate(ctx, o.Dir, s.writer); err != nil {
		return nil, errors.Join(fmt.Errorf("open record %s: %w", path, advised(err)), s.writer.Close())
	}
	if s.reader, err = connect(path, "deferred", 4, true); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	return s, nil
}

// advised says what to do about a file that SQLite cannot read.
func advised(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB) {
		return fmt.Errorf("%w: the record is damaged: put it back from a backup (`unmirror restore`)", err)
	}
	return err
}

// connect prepares a pool; the pragmas hold for each connection of it.
func connect(path, txlock string, conns int, readOnly bool) (*sql.DB, error) {
	q := url.Values{"_txlock": {txlock}}
	for _, p := range []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)", // an acknowledged commit survives a power cut, not only a crash
		"foreign_keys(1)",
		"secure_delete(1)", // erased fields are overwritten, not only unlinked
		"temp_store(2)",    // no temporary files beside the record
		"cache_size(-16000)",
		"journal_size_limit(33554432)", // what a large transaction took beside the record is given back
	} {
		q.Add("_pragma", p)
	}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open record %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Close folds the write-ahead log back and closes the record.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// Now is the record's clock, in UTC, cut to the milliseconds that columns hold.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// Write runs f in the one writing transaction. When f returns nil the commit is on disk before Write returns; any
// error rolls everything back. It waits for other processes, up to busyTimeout.
func (s *Store) Write(ctx context.Context, f func(*Tx) error) error {
	return s.run(ctx, s.writer, f)
}

// Read runs f on a snapshot; writing in it fails.
func (s *Store) Read(ctx context.Context, f func(*Tx) error) error {
	return s.run(ctx, s.reader, f)
}

// run ends with the context's own error where the context ended it: SQLite would only say that it was interrupted.
func (s *Store) run(ctx context.Context, db *sql.DB, f func(*Tx) error) (err error) {
	defer func() {
		if ended := ctx.Err(); err != nil && ended != nil && !errors.Is(err, ended) {
			err = fmt.Errorf("%w: %w", ended, err)
		}
	}()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	t := &Tx{ctx: ctx, tx: tx, s: s}
	if err := f(t); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if t.head != nil {
		s.advance(ctx, *t.head) // what was committed stands, whatever becomes of the checkpoint: `audit verify` tells when it stays behind
	}
	return nil
}

// Optimize refreshes the planner's statistics and folds the write-ahead log back into the record.
func (s *Store) Optimize(ctx context.Context) error {
	for _, q := range []string{"PRAGMA optimize", "PRAGMA wal_checkpoint(PASSIVE)"} {
		if _, err := s.writer.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("optimize record: %w", err)
		}
	}
	return nil
}

// Snapshot writes the record as it is at one moment into a new file at path, while others go on writing.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	if _, err := s.writer.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return fmt.Errorf("snapshot record: %w", err)
	}
	return nil
}
