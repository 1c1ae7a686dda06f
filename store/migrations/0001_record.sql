-- +goose Up
CREATE TABLE audit (
  seq           INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,
  actor         TEXT NOT NULL,
  act           TEXT NOT NULL,
  object        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  reason        BLOB,            -- sealed salt and text; erasing it leaves the digest
  reason_digest BLOB,
  prev          BLOB NOT NULL,
  hash          BLOB NOT NULL,
  sig           BLOB NOT NULL,
  key           TEXT NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER audit_append_only BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
