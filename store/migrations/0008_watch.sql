-- +goose Up
-- What measures the sweeps: canaries and where they were found, each source's passes, and the mails that tell the operator
-- of a source that fell silent. And from how many networks a case looks gone.

CREATE TABLE canaries (
  id     TEXT PRIMARY KEY,
  key    BLOB NOT NULL UNIQUE,          -- keyed hash of the file's name
  name   BLOB NOT NULL,                 -- sealed
  source TEXT NOT NULL,                 -- where it is to be planted; '' anywhere
  kind   TEXT NOT NULL,
  made   INTEGER NOT NULL,
  passes INTEGER NOT NULL DEFAULT 0,    -- good passes of the source since it was made
  missed INTEGER NOT NULL DEFAULT 0     -- of them, the last ones in a row that did not find it
) STRICT;
CREATE INDEX canaries_source ON canaries (source);

CREATE TABLE canary_sightings (
  canary TEXT NOT NULL REFERENCES canaries (id),
  source TEXT NOT NULL,
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  times  INTEGER NOT NULL,
  PRIMARY KEY (canary, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_watch (
  source TEXT PRIMARY KEY,
  memory TEXT NOT NULL,                 -- JSON: numbers and times of passes
  silent TEXT NOT NULL DEFAULT '',      -- why it is silent, as a code; '' it is not
  since  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE operator_mails (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('silent','heard')),
  source       TEXT NOT NULL,
  why          TEXT NOT NULL,           -- a code
  at           INTEGER NOT NULL,        -- of what it tells
  state        TEXT NOT NULL CHECK (state IN ('queued','open','sent','deferred','failed','unknown','void')),
  created      INTEGER NOT NULL,
  updated      INTEGER NOT NULL,
  attempt      INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER NOT NULL,
  reason       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX operator_mails_due ON operator_mails (state, next_attempt);

ALTER TABLE cases ADD COLUMN gone_elsewhere INTEGER NOT NULL DEFAULT 0; -- counted looks that a second network exit confirmed
ALTER TABLE checks ADD COLUMN exits TEXT NOT NULL DEFAULT '';           -- network exits that saw it so, separated by blanks

-- +goose Down
ALTER TABLE checks DROP COLUMN exits;
ALTER TABLE cases DROP COLUMN gone_elsewhere;
DROP TABLE operator_mails;
DROP TABLE source_watch;
DROP TABLE canary_sightings;
DROP TABLE canaries;
