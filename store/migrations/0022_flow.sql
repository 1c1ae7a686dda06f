-- +goose Up
-- A notice has a kind and a rung, may be about several cases, and knows when it went out and what was answered. A case knows
-- when it was last seen live, when follow-up may be due, and whether somebody disputes it.
ALTER TABLE notices ADD COLUMN kind TEXT NOT NULL DEFAULT 'notice'
  CHECK (kind IN ('notice','reminder','escalation','retraction','complaint','delisting'));
ALTER TABLE notices ADD COLUMN regime TEXT NOT NULL DEFAULT '';          -- id in the law table
ALTER TABLE notices ADD COLUMN rung INTEGER NOT NULL DEFAULT 1;          -- position on the ladder: 0 platform … 7 authority
ALTER TABLE notices ADD COLUMN recipient_kind TEXT NOT NULL DEFAULT '';  -- host, platform …
ALTER TABLE notices ADD COLUMN recipient_key BLOB NOT NULL DEFAULT x'';  -- keyed hash of the recipient in lower case; empty without one
ALTER TABLE notices ADD COLUMN follows TEXT NOT NULL DEFAULT '';         -- the notice that it reminds of, escalates or withdraws
ALTER TABLE notices ADD COLUMN ticket TEXT NOT NULL DEFAULT '';          -- of the conversation; a follow-up keeps it
ALTER TABLE notices ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0;       -- when it went out
ALTER TABLE notices ADD COLUMN withdrawn TEXT NOT NULL DEFAULT '';       -- the retraction that took it back
ALTER TABLE notices ADD COLUMN answer TEXT NOT NULL DEFAULT '';          -- receipt, refused, removed, question, other
ALTER TABLE notices ADD COLUMN answered_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notices_recipient ON notices (recipient_key, state);
CREATE INDEX notices_ticket ON notices (ticket);

CREATE TABLE notice_cases (
  notice_id TEXT NOT NULL REFERENCES notices (id),
  case_id   TEXT NOT NULL REFERENCES cases (id),
  round     INTEGER NOT NULL,                     -- cases.reopened when it was drafted
  kind      TEXT NOT NULL,                        -- of the notice
  rung      INTEGER NOT NULL,                     -- of the notice
  state     TEXT NOT NULL                         -- out: gone, dismissed or disputed before it was sent, or the notice is void
            CHECK (state IN ('in','out','withdrawn')),
  PRIMARY KEY (notice_id, case_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notice_cases_once ON notice_cases (case_id, round, kind, rung) WHERE state = 'in' AND kind <> 'retraction';
CREATE INDEX notice_cases_case ON notice_cases (case_id, round);

ALTER TABLE cases ADD COLUMN place_key BLOB NOT NULL DEFAULT x'';        -- keyed hash of the place
ALTER TABLE cases ADD COLUMN live_at INTEGER NOT NULL DEFAULT 0;         -- when it was last seen live
ALTER TABLE cases ADD COLUMN plan_from INTEGER NOT NULL DEFAULT 0;       -- since when looks thin out: opened, told or gone
ALTER TABLE cases ADD COLUMN follow_at INTEGER NOT NULL DEFAULT 0;       -- when follow-up may be due; 0: nothing planned
ALTER TABLE cases ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;        -- 1 while a dispute waits for counsel's answer
CREATE INDEX cases_place ON cases (place_key);
CREATE INDEX cases_follow ON cases (follow_at) WHERE follow_at > 0;

CREATE TABLE disputes (
  id       TEXT PRIMARY KEY,
  case_id  TEXT NOT NULL REFERENCES cases (id),
  state    TEXT NOT NULL CHECK (state IN ('open','upheld','conceded')),
  created  INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  party    TEXT NOT NULL,                         -- uploader, recipient, subject, other
  content  BLOB NOT NULL                          -- JSON: who, what, received
) STRICT;
CREATE INDEX disputes_case ON disputes (case_id, created);

-- +goose Down
DROP TABLE disputes;
DROP INDEX cases_follow;
DROP INDEX cases_place;
ALTER TABLE cases DROP COLUMN disputed;
ALTER TABLE cases DROP COLUMN follow_at;
ALTER TABLE cases DROP COLUMN plan_from;
ALTER TABLE cases DROP COLUMN live_at;
ALTER TABLE cases DROP COLUMN place_key;
DROP TABLE notice_cases;
DROP INDEX notices_ticket;
DROP INDEX notices_recipient;
ALTER TABLE notices DROP COLUMN answered_at;
ALTER TABLE notices DROP COLUMN answer;
ALTER TABLE notices DROP COLUMN withdrawn;
ALTER TABLE notices DROP COLUMN sent_at;
ALTER TABLE notices DROP COLUMN ticket;
ALTER TABLE notices DROP COLUMN follows;
ALTER TABLE notices DROP COLUMN recipient_key;
ALTER TABLE notices DROP COLUMN recipient_kind;
ALTER TABLE notices DROP COLUMN rung;
ALTER TABLE notices DROP COLUMN regime;
ALTER TABLE notices DROP COLUMN kind;
