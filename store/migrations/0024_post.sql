-- +goose Up
-- What came in by mail, which of our mails it answers, and to whom we do not write again.
CREATE TABLE sent_ids (
  message_id TEXT PRIMARY KEY,                    -- of what was approved; opaque
  notice_id  TEXT NOT NULL REFERENCES notices (id),
  version    INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_ids_notice ON sent_ids (notice_id);
INSERT INTO sent_ids SELECT message_id, id, version FROM notices WHERE message_id <> '' AND state IN ('approved','sent','unknown','failed');

CREATE TABLE mailboxes (
  name     BLOB PRIMARY KEY,                      -- keyed hash of server, account and folder
  validity INTEGER NOT NULL,
  uid      INTEGER NOT NULL                       -- everything up to here was taken
) STRICT;

CREATE TABLE replies (
  id          TEXT PRIMARY KEY,
  key         BLOB NOT NULL UNIQUE,               -- keyed hash of the mail, so that it is taken once
  message_key BLOB NOT NULL,                      -- keyed hash of its Message-ID; empty without one
  state       TEXT NOT NULL CHECK (state IN ('unmatched','waiting','settled')),
  kind        TEXT NOT NULL CHECK (kind IN ('bounce','automatic','human')),
  says        TEXT NOT NULL,                      -- what it seems to say, the weightiest first, with spaces between
  meaning     TEXT NOT NULL DEFAULT '',           -- what a person says that it says
  tied_by     TEXT NOT NULL DEFAULT '',           -- thread, address, ticket, theirs, person
  created     INTEGER NOT NULL,                   -- when it was taken
  updated     INTEGER NOT NULL,
  received    INTEGER NOT NULL,                   -- when the mailbox got it
  notice_id   TEXT NOT NULL DEFAULT '',
  case_id     TEXT NOT NULL DEFAULT '',
  content     BLOB,                               -- JSON: sender, subject, text, their ticket ids …; NULL once it is forgotten
  raw         BLOB                                -- the mail, compressed; NULL once it is forgotten
) STRICT;
CREATE INDEX replies_state ON replies (state, created);
CREATE INDEX replies_notice ON replies (notice_id) WHERE notice_id <> '';
CREATE INDEX replies_case ON replies (case_id) WHERE case_id <> '';
CREATE INDEX replies_message ON replies (message_key) WHERE message_key <> x'';

CREATE TABLE reply_tickets (
  key       BLOB NOT NULL,                        -- keyed hash of the other side's domain and ticket id
  notice_id TEXT NOT NULL REFERENCES notices (id),
  PRIMARY KEY (key, notice_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressed (
  id      TEXT PRIMARY KEY,
  key     BLOB NOT NULL UNIQUE,                   -- keyed hash of the address in lower case, as notices.recipient_key
  address BLOB NOT NULL,
  why     TEXT NOT NULL CHECK (why IN ('bounced','asked')),
  created INTEGER NOT NULL,
  reply   TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE post_domains (
  key  BLOB PRIMARY KEY,                          -- keyed hash of a recipient's domain
  next INTEGER NOT NULL                           -- before then nothing more is sent there
) STRICT;

-- +goose Down
DROP TABLE post_domains;
DROP TABLE suppressed;
DROP TABLE reply_tickets;
DROP TABLE replies;
DROP TABLE mailboxes;
DROP TABLE sent_ids;
