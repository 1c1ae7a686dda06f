-- +goose Up
-- Millions of addresses without slowing: rows lie in the order in which addresses were found, which is the order in which they
-- are looked for and visited again, so that a batch touches few pages however many there are. Only the index of keys is in no
-- order, and an entry of it takes some twenty bytes. What lies here can be rebuilt by a sweep, so the old rows are let go.
DROP TABLE plane_frontier;
DROP TABLE plane_known;
DROP TABLE plane_queues;
UPDATE plane_sweeps SET state='failed' WHERE state IN ('running','paused');
ALTER TABLE plane_sweeps ADD COLUMN mark INTEGER NOT NULL DEFAULT 0; -- the sweep's number; never used again

CREATE TABLE plane_queues (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  sweep   TEXT NOT NULL,
  host    TEXT NOT NULL,
  waiting INTEGER NOT NULL,
  due     INTEGER NOT NULL,            -- nothing is to be had there before
  UNIQUE (sweep, host)
) STRICT;
CREATE INDEX plane_queues_due ON plane_queues(sweep, due, id) WHERE waiting > 0;

CREATE TABLE plane_known (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  key  BLOB NOT NULL UNIQUE,           -- keyed hashes of the folder and of the address, with the source's name
  mark INTEGER NOT NULL,               -- the number of the sweep that last had it
  day  INTEGER NOT NULL                -- since 1970, of the last time: rows that no sweep touched for long are deleted
) STRICT;

CREATE TABLE plane_seen (
  id   INTEGER PRIMARY KEY,            -- of the known address
  seen BLOB NOT NULL                   -- sealed
) STRICT;

CREATE TABLE plane_frontier (
  queue    INTEGER NOT NULL,
  id       INTEGER NOT NULL,           -- of the known address
  item     BLOB NOT NULL,              -- sealed
  due      INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (queue, id)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE plane_frontier;
DROP TABLE plane_seen;
DROP TABLE plane_known;
DROP TABLE plane_queues;
ALTER TABLE plane_sweeps DROP COLUMN mark;
