-- +goose Up
-- Leak files: each version that counsel or the operator set, sealed, and what was ticked off of the duties. Rows are only added.
CREATE TABLE incidents (
  id         INTEGER PRIMARY KEY,
  leak       TEXT NOT NULL,                     -- slug
  version    INTEGER NOT NULL,
  created    INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  actor_name BLOB NOT NULL,
  digest     TEXT NOT NULL,                     -- SHA-256 of the file as YAML
  content    BLOB NOT NULL,                     -- the file as YAML
  UNIQUE (leak, version)
) STRICT;

CREATE TABLE duties (
  id         INTEGER PRIMARY KEY,
  leak       TEXT NOT NULL,
  duty       TEXT NOT NULL,                     -- "authority", "processor_1"; the newest row counts
  created    INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  content    BLOB NOT NULL                      -- JSON: when it was done, what shows it, name of the actor
) STRICT;
CREATE INDEX duties_leak ON duties (leak, duty, id);

-- +goose Down
DROP TABLE duties;
DROP TABLE incidents;
