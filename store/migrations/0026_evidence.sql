-- +goose Up
-- Evidence knows what it captured, its time token and when it was deleted; a case may be held, so that nothing of it is deleted.
ALTER TABLE evidence ADD COLUMN content TEXT NOT NULL DEFAULT '';        -- the keyed digest of what was captured, as sightings.digest
ALTER TABLE evidence ADD COLUMN target BLOB;                             -- the address that was captured
ALTER TABLE evidence ADD COLUMN captured INTEGER NOT NULL DEFAULT 0;     -- when; with target, what a later record of the same content refers to
ALTER TABLE evidence ADD COLUMN stamped INTEGER NOT NULL DEFAULT 0;      -- the time in its token; 0: it has none
ALTER TABLE evidence ADD COLUMN token TEXT NOT NULL DEFAULT '';          -- SHA-256 of the token
ALTER TABLE evidence ADD COLUMN token_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN stamp_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN stamp_next INTEGER NOT NULL DEFAULT 0;   -- not before
ALTER TABLE evidence ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;      -- when its keeping time was over; 0: it is there
CREATE INDEX evidence_content ON evidence (case_id, content) WHERE content <> '';
CREATE INDEX evidence_unstamped ON evidence (stamp_next) WHERE state = 'kept' AND stamped = 0 AND deleted = 0;

CREATE TABLE evidence_holds (
  case_id TEXT PRIMARY KEY REFERENCES cases (id),
  since   INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  why     BLOB NOT NULL                         -- JSON: name of the actor, reason
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE evidence_holds;
DROP INDEX evidence_unstamped;
DROP INDEX evidence_content;
ALTER TABLE evidence DROP COLUMN deleted;
ALTER TABLE evidence DROP COLUMN stamp_next;
ALTER TABLE evidence DROP COLUMN stamp_tries;
ALTER TABLE evidence DROP COLUMN token_bytes;
ALTER TABLE evidence DROP COLUMN token;
ALTER TABLE evidence DROP COLUMN stamped;
ALTER TABLE evidence DROP COLUMN captured;
ALTER TABLE evidence DROP COLUMN target;
ALTER TABLE evidence DROP COLUMN content;
