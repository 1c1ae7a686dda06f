-- +goose Up
-- The operator's staff. Names and password hashes are sealed; name_key finds a name again.
CREATE TABLE accounts (
  id       TEXT PRIMARY KEY,
  name     BLOB NOT NULL,           -- sealed "accounts.name"
  name_key BLOB NOT NULL UNIQUE,    -- keyed hash of the folded name
  role     TEXT NOT NULL CHECK (role IN ('counsel', 'operator', 'auditor')),
  password BLOB NOT NULL,           -- sealed "accounts.password": an argon2id hash in PHC form
  lang     TEXT NOT NULL DEFAULT '',
  epoch    INTEGER NOT NULL DEFAULT 1, -- a session of an earlier epoch is signed out
  removed  INTEGER NOT NULL DEFAULT 0, -- may no longer sign in; the row stays, because the record names its id
  created  INTEGER NOT NULL
) STRICT;

-- Signed-in browsers. The token itself is only in the browser's cookie.
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,      -- keyed hash
  data       BLOB NOT NULL,         -- sealed "sessions.data"
  expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expires ON sessions (expires);

-- +goose Down
DROP TABLE sessions;
DROP TABLE accounts;
