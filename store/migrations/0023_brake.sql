-- +goose Up
-- Whoever stopped everything may ask to let it go on; another person does. A second counsel may have to approve. What a person
-- inspected before a notice goes out is kept.
ALTER TABLE hold ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;             -- when its release was asked for; 0: it was not
ALTER TABLE hold ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE hold ADD COLUMN asked_why BLOB;                               -- JSON: name of the actor, reason

CREATE TABLE notice_yes (
  notice_id TEXT NOT NULL REFERENCES notices (id),
  actor     TEXT NOT NULL,
  digest    TEXT NOT NULL,                        -- what was approved; another digest needs another yes
  at        INTEGER NOT NULL,
  name      BLOB NOT NULL,                        -- of the account
  PRIMARY KEY (notice_id, actor)
) STRICT, WITHOUT ROWID;

CREATE TABLE inspections (
  id      TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  at      INTEGER NOT NULL,                       -- when it was inspected
  created INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  how     TEXT NOT NULL,                          -- explanation, page, content, original, other
  content BLOB NOT NULL                           -- JSON: name of the account, what was inspected
) STRICT;
CREATE INDEX inspections_case ON inspections (case_id, at);

-- +goose Down
DROP TABLE inspections;
DROP TABLE notice_yes;
ALTER TABLE hold DROP COLUMN asked_why;
ALTER TABLE hold DROP COLUMN asked_by;
ALTER TABLE hold DROP COLUMN asked;
