-- +goose Up
-- What counsel decided lately about the drafts of a leak and of a source, and what a recipient answered: where too many were rejected,
-- no further notice is drafted until a person has looked.
CREATE TABLE doubts (
  id     TEXT PRIMARY KEY,
  of     TEXT NOT NULL CHECK (of IN ('leak','source','recipient')),
  key    BLOB NOT NULL,                           -- the leak's or source's name; of a recipient a keyed hash, as notices.recipient_key
  name   BLOB NOT NULL,                           -- of a recipient the address, sealed; else empty
  recent TEXT NOT NULL,                           -- the last decisions, oldest first: y taken, n rejected
  since  INTEGER NOT NULL DEFAULT 0,              -- since when nothing is drafted; 0: drafts are made
  UNIQUE (of, key)
) STRICT;
CREATE INDEX doubts_open ON doubts (of, key) WHERE since > 0;

-- +goose Down
DROP TABLE doubts;
