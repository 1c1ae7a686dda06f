-- +goose Up
-- Millions of addresses: an item leaves the frontier when it is done, and that a sweep has had it is marked where it is known,
-- so that no sweep ends with a great deletion. What lies here can be rebuilt by a sweep, so the old rows are let go.
DROP TABLE plane_frontier;
DROP TABLE plane_seen;
UPDATE plane_sweeps SET state='failed' WHERE state IN ('running','paused');
DELETE FROM plane_queues;

CREATE TABLE plane_frontier (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  sweep    TEXT NOT NULL,
  host     TEXT NOT NULL,
  key      BLOB NOT NULL,
  item     BLOB NOT NULL,              -- sealed
  due      INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX plane_frontier_waiting ON plane_frontier(sweep, host, id);

CREATE TABLE plane_known (
  source TEXT NOT NULL,
  key    BLOB NOT NULL,                -- keyed hashes of the folder and of the address: neighbours lie near each other
  mark   INTEGER NOT NULL,             -- the number of the sweep that last had it
  day    INTEGER NOT NULL,             -- since 1970, of the last time: rows that no sweep touched for long are deleted
  seen   BLOB,                         -- sealed
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX plane_known_day ON plane_known(source, day);

-- +goose Down
DROP TABLE plane_known;
DROP TABLE plane_frontier;
