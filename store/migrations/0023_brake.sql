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

-- One row for each time that a case was up: when somebody was first told, when that was first answered, since when it was no longer seen,
-- and when that was proven. It is kept as facts happen, so that quantiles are read from one small table.
CREATE TABLE case_times (
  case_id   TEXT NOT NULL,
  round     INTEGER NOT NULL,                     -- cases.reopened
  place_key BLOB NOT NULL,                        -- keyed hash, as cases.place_key
  told      INTEGER NOT NULL DEFAULT 0,
  answered  INTEGER NOT NULL DEFAULT 0,
  refused   INTEGER NOT NULL DEFAULT 0,           -- 1: a recipient will not remove it
  missing   INTEGER NOT NULL DEFAULT 0,
  gone      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (case_id, round)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER case_times_told AFTER UPDATE OF sent_at ON notices WHEN NEW.sent_at > 0 AND NEW.kind <> 'retraction' BEGIN
  INSERT INTO case_times (case_id, round, place_key, told)
    SELECT x.case_id, x.round, c.place_key, NEW.sent_at FROM notice_cases x JOIN cases c ON c.id = x.case_id
    WHERE x.notice_id = NEW.id AND x.state = 'in'
    ON CONFLICT (case_id, round) DO UPDATE SET told = CASE WHEN told = 0 THEN excluded.told ELSE MIN(told, excluded.told) END;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_times_returned AFTER UPDATE OF sent_at ON notices WHEN NEW.sent_at = 0 AND OLD.sent_at > 0 BEGIN
  UPDATE case_times SET told = COALESCE((SELECT MIN(n.sent_at) FROM notice_cases y JOIN notices n ON n.id = y.notice_id
    WHERE y.case_id = case_times.case_id AND y.round = case_times.round AND n.sent_at > 0 AND n.kind <> 'retraction'), 0)
    WHERE (case_id, round) IN (SELECT case_id, round FROM notice_cases WHERE notice_id = NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_times_answered AFTER UPDATE OF answer, answered_at ON notices WHEN NEW.answered_at > 0 AND NEW.kind <> 'retraction' BEGIN
  UPDATE case_times SET answered = CASE WHEN answered = 0 THEN NEW.answered_at ELSE MIN(answered, NEW.answered_at) END,
    refused = NEW.answer = 'refused'
    WHERE (case_id, round) IN (SELECT case_id, round FROM notice_cases WHERE notice_id = NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_times_missing AFTER UPDATE OF state ON cases WHEN NEW.state = 'vanishing' AND OLD.state <> 'vanishing' BEGIN
  INSERT INTO case_times (case_id, round, place_key, missing) VALUES (NEW.id, NEW.reopened, NEW.place_key, NEW.updated)
    ON CONFLICT (case_id, round) DO UPDATE SET missing = excluded.missing;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_times_gone AFTER UPDATE OF state ON cases WHEN NEW.state = 'gone' AND OLD.state <> 'gone' BEGIN
  UPDATE case_times SET gone = NEW.updated WHERE case_id = NEW.id AND round = NEW.reopened;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER case_times_gone;
DROP TRIGGER case_times_missing;
DROP TRIGGER case_times_answered;
DROP TRIGGER case_times_returned;
DROP TRIGGER case_times_told;
DROP TABLE case_times;
DROP TABLE inspections;
DROP TABLE notice_yes;
ALTER TABLE hold DROP COLUMN asked_why;
ALTER TABLE hold DROP COLUMN asked_by;
ALTER TABLE hold DROP COLUMN asked;
