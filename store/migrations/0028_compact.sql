-- +goose Up
-- What a row of the audit log shares with the row before it, or holds as text where bytes do, is stored once: the hash before is that
-- of the row before, a key stands where it changes, a digest at the end of a detail stands as bytes. The text that is hashed and
-- signed stays as it was. Case numbers stand for their ids where there are many rows to a case.
ALTER TABLE audit DROP COLUMN prev;
ALTER TABLE audit ADD COLUMN digest BLOB;                                -- what the detail ends with, in hex
UPDATE audit SET key = '' WHERE seq IN (SELECT seq FROM (SELECT seq, key, LAG(key) OVER (ORDER BY seq) AS before FROM audit) WHERE key = before);
UPDATE audit SET digest = unhex(substr(detail, -64)), detail = substr(detail, 1, length(detail) - 64)
  WHERE length(detail) >= 64 AND substr(detail, -64) NOT GLOB '*[^0-9a-f]*';
CREATE INDEX audit_key ON audit (seq) WHERE key <> '';                   -- key: '' is that of the row before

ALTER TABLE cases ADD COLUMN no INTEGER NOT NULL DEFAULT 0;              -- counts up from 1
UPDATE cases SET no = x.no FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY created, id) AS no FROM cases) x WHERE x.id = cases.id;
CREATE UNIQUE INDEX cases_no ON cases (no);

CREATE TABLE case_checks (
  id      INTEGER PRIMARY KEY,
  case_no INTEGER NOT NULL REFERENCES cases (no),
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  counted INTEGER NOT NULL,                                              -- 1 when it counts towards gone
  reason  BLOB NOT NULL,
  exits   TEXT NOT NULL                                                  -- network exits that saw it so, separated by blanks
) STRICT;
INSERT INTO case_checks SELECT k.id, c.no, k.at, k.outcome, k.counted, k.reason, k.exits FROM checks k JOIN cases c ON c.id = k.case_id;
DROP TABLE checks;
ALTER TABLE case_checks RENAME TO checks;
CREATE INDEX checks_case ON checks (case_no);                            -- with the row's number, by which they are sorted

CREATE TABLE mails_sent (
  notice_id TEXT NOT NULL REFERENCES notices (id),
  version   INTEGER NOT NULL,
  rest      TEXT NOT NULL,                                               -- of the Message-ID, which begins with notice and version
  PRIMARY KEY (notice_id, version)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO mails_sent SELECT notice_id, version, substr(message_id, length('<' || notice_id || '.' || version || '.') + 1) FROM sent_ids;
DROP TABLE sent_ids;
ALTER TABLE mails_sent RENAME TO sent_ids;

-- +goose Down
CREATE TABLE mails_sent (
  message_id TEXT PRIMARY KEY,
  notice_id  TEXT NOT NULL REFERENCES notices (id),
  version    INTEGER NOT NULL
) STRICT;
INSERT INTO mails_sent SELECT '<' || notice_id || '.' || version || '.' || rest, notice_id, version FROM sent_ids;
DROP TABLE sent_ids;
ALTER TABLE mails_sent RENAME TO sent_ids;
CREATE INDEX sent_ids_notice ON sent_ids (notice_id);
CREATE TABLE case_checks (
  id      INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  counted INTEGER NOT NULL,
  reason  BLOB NOT NULL,
  exits   TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO case_checks SELECT k.id, c.id, k.at, k.outcome, k.counted, k.reason, k.exits FROM checks k JOIN cases c ON c.no = k.case_no;
DROP TABLE checks;
ALTER TABLE case_checks RENAME TO checks;
CREATE INDEX checks_case ON checks (case_id);
DROP INDEX cases_no;
ALTER TABLE cases DROP COLUMN no;
DROP INDEX audit_key;
UPDATE audit SET key = (SELECT b.key FROM audit b WHERE b.seq <= audit.seq AND b.key <> '' ORDER BY b.seq DESC LIMIT 1) WHERE key = '';
UPDATE audit SET detail = detail || lower(hex(digest)) WHERE digest IS NOT NULL;
ALTER TABLE audit DROP COLUMN digest;
ALTER TABLE audit ADD COLUMN prev BLOB NOT NULL DEFAULT x'';
UPDATE audit SET prev = COALESCE((SELECT b.hash FROM audit b WHERE b.seq = audit.seq - 1), zeroblob(32));
