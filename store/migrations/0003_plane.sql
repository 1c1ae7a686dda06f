-- +goose Up
-- The crawl plane: what sweeps still have to fetch, who holds which host, and what was seen where. It can be rebuilt
-- by a sweep. Addresses, validators (an ETag may be a digest of content) and errors are sealed; equality is by lookup.

CREATE TABLE plane_sweeps (
  id       TEXT PRIMARY KEY,
  source   TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('running','paused','done','failed')),
  spec     BLOB NOT NULL,              -- lookup of the source's settings: a changed source starts anew
  started  INTEGER NOT NULL,
  finished INTEGER NOT NULL DEFAULT 0,
  good     INTEGER NOT NULL DEFAULT 0, -- the source was read as its kind expects
  owner    TEXT NOT NULL,
  epoch    INTEGER NOT NULL,           -- fencing: grows with each taker
  until    INTEGER NOT NULL,           -- the lease's end
  enqueued INTEGER NOT NULL DEFAULT 0,
  counts   TEXT NOT NULL DEFAULT '{}', -- numbers only
  reason   BLOB                        -- sealed
) STRICT;
CREATE UNIQUE INDEX plane_sweeps_one ON plane_sweeps(source) WHERE state IN ('running','paused');
CREATE INDEX plane_sweeps_source ON plane_sweeps(source, started);

CREATE TABLE plane_hosts (
  host  TEXT PRIMARY KEY,
  due   INTEGER NOT NULL DEFAULT 0,    -- no request starts before
  owner TEXT NOT NULL DEFAULT '',
  epoch INTEGER NOT NULL DEFAULT 0,
  until INTEGER NOT NULL DEFAULT 0,
  asked INTEGER NOT NULL DEFAULT 0,    -- somebody else waits for this host, and until when that counts
  asker TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE plane_queues (
  sweep   TEXT NOT NULL,
  host    TEXT NOT NULL,
  waiting INTEGER NOT NULL,
  due     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sweep, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE plane_frontier (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  sweep    TEXT NOT NULL,
  host     TEXT NOT NULL,
  key      BLOB NOT NULL,
  item     BLOB NOT NULL,              -- sealed
  done     INTEGER NOT NULL DEFAULT 0,
  due      INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX plane_frontier_once ON plane_frontier(sweep, key);
CREATE INDEX plane_frontier_waiting ON plane_frontier(sweep, host, id) WHERE done = 0;

CREATE TABLE plane_seen (
  source  TEXT NOT NULL,
  key     BLOB NOT NULL,
  checked INTEGER NOT NULL,
  seen    BLOB NOT NULL,               -- sealed
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX plane_seen_age ON plane_seen(source, checked);

-- +goose Down
DROP TABLE plane_seen;
DROP TABLE plane_frontier;
DROP TABLE plane_queues;
DROP TABLE plane_hosts;
DROP TABLE plane_sweeps;
