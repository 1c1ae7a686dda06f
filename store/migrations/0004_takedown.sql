-- +goose Up
-- Times are unix milliseconds UTC; BLOB columns are sealed unless said otherwise. What a URL, a person's text, a mailbox
-- or a server's answer could tell stands in sealed columns only.

CREATE TABLE cases (
  id          TEXT PRIMARY KEY,
  key         BLOB NOT NULL UNIQUE,             -- keyed hash of leak, place and item URL
  state       TEXT NOT NULL CHECK (state IN ('triage','open','noticed','vanishing','gone','dismissed')),
  created     INTEGER NOT NULL,
  updated     INTEGER NOT NULL,
  leak        TEXT NOT NULL,                    -- slug
  url         BLOB NOT NULL,
  place       BLOB NOT NULL,
  ip          BLOB NOT NULL,                    -- address that served it last
  site_contact BLOB NOT NULL,                   -- published by the kind itself
  source      TEXT NOT NULL,
  best        TEXT NOT NULL,                    -- the strongest sighting
  grade       TEXT NOT NULL,
  verdict     TEXT NOT NULL,
  bits        REAL NOT NULL,
  coverage    REAL NOT NULL,
  passages    INTEGER NOT NULL,
  subjects    INTEGER NOT NULL,
  categories  TEXT NOT NULL,                    -- JSON list of category names
  in_archive  INTEGER NOT NULL,
  triage_due  INTEGER NOT NULL,                 -- 1 until counsel has answered
  reopened    INTEGER NOT NULL DEFAULT 0,       -- how often it came back; also the round of its notices
  confirmed   INTEGER NOT NULL DEFAULT 0,       -- 1 once the news of it was told
  ticket      TEXT UNIQUE,                      -- given with the first draft
  gone_checks INTEGER NOT NULL DEFAULT 0,       -- counted looks in a row
  counted_at  INTEGER NOT NULL DEFAULT 0,       -- the last look that counted
  checked_at  INTEGER NOT NULL DEFAULT 0,       -- the last look
  watch       INTEGER NOT NULL DEFAULT 0,       -- looks since it was gone
  next_check  INTEGER NOT NULL DEFAULT 0        -- 0: none planned
) STRICT;
CREATE INDEX cases_state ON cases (state, updated);
CREATE INDEX cases_leak ON cases (leak, updated);
CREATE INDEX cases_updated ON cases (updated);
CREATE INDEX cases_next_check ON cases (next_check) WHERE next_check > 0;

CREATE TABLE sightings (
  id       TEXT PRIMARY KEY,
  key      BLOB NOT NULL UNIQUE,                -- keyed hash of leak, URL and content digest
  case_id  TEXT NOT NULL REFERENCES cases (id),
  created  INTEGER NOT NULL,
  seen     INTEGER NOT NULL,                    -- last time
  times    INTEGER NOT NULL DEFAULT 1,
  leak     TEXT NOT NULL,
  source   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  url      BLOB NOT NULL,
  digest   TEXT NOT NULL,                       -- the keyed digest of the content, hex
  grade    TEXT NOT NULL,
  verdict  TEXT NOT NULL,
  bits     REAL NOT NULL,
  report   BLOB NOT NULL                        -- the matches of this leak, without known files' names
) STRICT;
CREATE INDEX sightings_case ON sightings (case_id, seen);
CREATE INDEX sightings_seen ON sightings (seen);

CREATE TABLE contacts (
  case_id  TEXT PRIMARY KEY REFERENCES cases (id),
  fetched  INTEGER NOT NULL,
  found    BLOB NOT NULL                        -- JSON list, best rung first
) STRICT;

CREATE TABLE notices (
  id         TEXT PRIMARY KEY,
  case_id    TEXT NOT NULL REFERENCES cases (id),
  state      TEXT NOT NULL CHECK (state IN ('draft','approved','sent','unknown','failed','rejected','void')),
  created    INTEGER NOT NULL,
  updated    INTEGER NOT NULL,
  round      INTEGER NOT NULL,                  -- cases.reopened when it was drafted
  version    INTEGER NOT NULL,
  digest     TEXT NOT NULL,                     -- of the current version's bytes and envelope; empty while they cannot be rendered
  language   TEXT NOT NULL,
  recipient  BLOB NOT NULL,
  addressed  INTEGER NOT NULL,                  -- 1 when there is a recipient
  missing    INTEGER NOT NULL,                  -- how much it lacked when the version was written
  by_person  INTEGER NOT NULL DEFAULT 0,        -- 1 once somebody edited it: its words are then kept
  message_id TEXT NOT NULL,
  accepted   BLOB NOT NULL                      -- reason for accepting an identifier in the location
) STRICT;
CREATE INDEX notices_case ON notices (case_id, round);
CREATE INDEX notices_state ON notices (state, updated);
CREATE INDEX notices_updated ON notices (updated);

CREATE TABLE notice_versions (
  notice_id TEXT NOT NULL REFERENCES notices (id),
  version   INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  actor_name BLOB NOT NULL,
  digest    TEXT NOT NULL,
  content   BLOB NOT NULL,                      -- JSON: facts, draft, envelope
  mime      BLOB,                               -- the rendered message without Date; NULL while it cannot be rendered
  PRIMARY KEY (notice_id, version)
) STRICT;

CREATE TABLE attempts (
  id           TEXT PRIMARY KEY,
  notice_id    TEXT NOT NULL REFERENCES notices (id),
  version      INTEGER NOT NULL,
  digest       TEXT NOT NULL,                   -- what was approved
  state        TEXT NOT NULL CHECK (state IN ('queued','open','sent','deferred','failed','unknown','void')),
  created      INTEGER NOT NULL,
  updated      INTEGER NOT NULL,
  attempt      INTEGER NOT NULL DEFAULT 0,      -- tries begun
  next_attempt INTEGER NOT NULL,                -- 0 when there is none
  reason       BLOB NOT NULL                    -- the server's answer, or what broke
) STRICT;
CREATE INDEX attempts_due ON attempts (state, next_attempt);
CREATE INDEX attempts_notice ON attempts (notice_id);

CREATE TABLE moves (
  id         INTEGER PRIMARY KEY,
  object     TEXT NOT NULL,                     -- id of a case, notice or attempt
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  from_state TEXT NOT NULL,                     -- empty: it was made
  to_state   TEXT NOT NULL,
  why        BLOB NOT NULL                      -- JSON: name of the actor, reason
) STRICT;
CREATE INDEX moves_object ON moves (object, id);

CREATE TABLE checks (
  id      INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  counted INTEGER NOT NULL,                     -- 1 when it counts towards gone
  reason  BLOB NOT NULL
) STRICT;
CREATE INDEX checks_case ON checks (case_id, id);

CREATE TABLE evidence (
  id      TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  created INTEGER NOT NULL,
  kind    TEXT NOT NULL,                        -- first capture, recheck
  state   TEXT NOT NULL CHECK (state IN ('pending','kept','none')),
  bytes   INTEGER NOT NULL DEFAULT 0,
  digest  TEXT NOT NULL DEFAULT '',             -- SHA-256 of the encrypted file
  missing TEXT NOT NULL DEFAULT '',
  intent  BLOB                                  -- what is to be kept; emptied once the file is on disk
) STRICT;
CREATE INDEX evidence_case ON evidence (case_id, created);
CREATE INDEX evidence_pending ON evidence (created) WHERE state = 'pending';

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

CREATE TABLE hold (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  is_on   INTEGER NOT NULL,
  since   INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  why     BLOB NOT NULL                         -- JSON: name of the actor, reason
) STRICT;

-- +goose Down
DROP TABLE hold;
DROP TABLE counters;
DROP TABLE evidence;
DROP TABLE checks;
DROP TABLE moves;
DROP TABLE attempts;
DROP TABLE notice_versions;
DROP TABLE notices;
DROP TABLE contacts;
DROP TABLE sightings;
DROP TABLE cases;
