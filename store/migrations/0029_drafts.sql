-- +goose Up
-- A hundred thousand drafts: those are read again that were not yet found to be current under the settings that now hold, and what
-- planning asks for stands in indexes of drafts and open cases alone.
ALTER TABLE notices ADD COLUMN under BLOB NOT NULL DEFAULT x'';         -- keyed hash of the settings under which it was last found current
CREATE INDEX notices_under ON notices (under, id) WHERE state = 'draft';
CREATE INDEX notices_unaddressed ON notices (created, id) WHERE state = 'draft' AND addressed = 0;
CREATE INDEX cases_open ON cases (created, id, reopened, disputed, leak, source) WHERE state = 'open';
DROP INDEX cases_place;
CREATE INDEX cases_place ON cases (place_key, state, reopened, created);  -- the record of all places, counted in the index alone

-- What the queue and the outbox show of many is found in the order in which it is shown.
DROP INDEX cases_state;
CREATE INDEX cases_state ON cases (state, updated DESC, id, leak);
CREATE INDEX attempts_unknown ON attempts (updated DESC, id) WHERE state = 'unknown';
CREATE INDEX replies_list ON replies ((state = 'settled'), created DESC, id);

-- Notices that no server took and about which something is still there: kept as notices and their cases move, for most that ever failed
-- are about cases that are closed.
CREATE VIEW failed_now AS SELECT n.id, n.updated FROM notices n WHERE n.state = 'failed' AND (n.kind = 'retraction' OR EXISTS
  (SELECT 1 FROM notice_cases x JOIN cases o ON o.id = x.case_id WHERE x.notice_id = n.id AND x.state = 'in' AND x.round = o.reopened
    AND o.state IN ('open', 'noticed', 'vanishing')));
CREATE TABLE failed (
  updated   INTEGER NOT NULL,                                            -- as notices.updated
  notice_id TEXT NOT NULL UNIQUE,
  PRIMARY KEY (updated, notice_id DESC)
) STRICT, WITHOUT ROWID;
INSERT INTO failed SELECT updated, id FROM failed_now;
-- +goose StatementBegin
CREATE TRIGGER failed_notice AFTER INSERT ON notices WHEN NEW.state = 'failed' BEGIN
  INSERT OR IGNORE INTO failed SELECT updated, id FROM failed_now WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER failed_notice_moved AFTER UPDATE OF state, updated, kind ON notices WHEN OLD.state = 'failed' OR NEW.state = 'failed' BEGIN
  DELETE FROM failed WHERE notice_id = NEW.id;
  INSERT OR IGNORE INTO failed SELECT updated, id FROM failed_now WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER failed_case AFTER INSERT ON notice_cases BEGIN
  INSERT OR IGNORE INTO failed SELECT updated, id FROM failed_now WHERE id = NEW.notice_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER failed_case_moved AFTER UPDATE OF state, round ON notice_cases BEGIN
  DELETE FROM failed WHERE notice_id = NEW.notice_id;
  INSERT OR IGNORE INTO failed SELECT updated, id FROM failed_now WHERE id = NEW.notice_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER failed_case_left AFTER DELETE ON notice_cases BEGIN
  DELETE FROM failed WHERE notice_id = OLD.notice_id;
  INSERT OR IGNORE INTO failed SELECT updated, id FROM failed_now WHERE id = OLD.notice_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER failed_about AFTER UPDATE OF state, reopened ON cases WHEN OLD.state <> NEW.state OR OLD.reopened <> NEW.reopened BEGIN
  DELETE FROM failed WHERE notice_id IN (SELECT notice_id FROM notice_cases WHERE case_id = NEW.id);
  INSERT OR IGNORE INTO failed SELECT f.updated, f.id FROM failed_now f WHERE f.id IN (SELECT notice_id FROM notice_cases WHERE case_id = NEW.id);
END;
-- +goose StatementEnd

-- How many the queue shows of each is counted as they move.
INSERT INTO tallies SELECT 'queue.failed', COUNT(*) FROM failed
  UNION ALL SELECT 'queue.review', COUNT(*) FROM notices WHERE state = 'draft' AND missing = 0
  UNION ALL SELECT 'queue.recipient', COUNT(*) FROM notices WHERE state = 'draft' AND missing > 0;
-- +goose StatementBegin
CREATE TRIGGER tally_failed AFTER INSERT ON failed BEGIN
  UPDATE tallies SET count = count + 1 WHERE name = 'queue.failed';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_failed_left AFTER DELETE ON failed BEGIN
  UPDATE tallies SET count = count - 1 WHERE name = 'queue.failed';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_draft AFTER INSERT ON notices WHEN NEW.state = 'draft' BEGIN
  UPDATE tallies SET count = count + 1 WHERE name = CASE WHEN NEW.missing > 0 THEN 'queue.recipient' ELSE 'queue.review' END;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_draft_moved AFTER UPDATE OF state, missing ON notices WHEN OLD.state = 'draft' OR NEW.state = 'draft' BEGIN
  UPDATE tallies SET count = count - 1
    WHERE OLD.state = 'draft' AND name = CASE WHEN OLD.missing > 0 THEN 'queue.recipient' ELSE 'queue.review' END;
  UPDATE tallies SET count = count + 1
    WHERE NEW.state = 'draft' AND name = CASE WHEN NEW.missing > 0 THEN 'queue.recipient' ELSE 'queue.review' END;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER tally_draft_moved;
DROP TRIGGER tally_draft;
DROP TRIGGER tally_failed_left;
DROP TRIGGER tally_failed;
DELETE FROM tallies WHERE name IN ('queue.failed', 'queue.review', 'queue.recipient');
DROP TRIGGER failed_about;
DROP TRIGGER failed_case_left;
DROP TRIGGER failed_case_moved;
DROP TRIGGER failed_case;
DROP TRIGGER failed_notice_moved;
DROP TRIGGER failed_notice;
DROP TABLE failed;
DROP VIEW failed_now;
DROP INDEX cases_state;
CREATE INDEX cases_state ON cases (state, updated DESC, id);
DROP INDEX replies_list;
DROP INDEX attempts_unknown;
DROP INDEX cases_place;
CREATE INDEX cases_place ON cases (place_key, state, reopened);
DROP INDEX cases_open;
DROP INDEX notices_unaddressed;
DROP INDEX notices_under;
ALTER TABLE notices DROP COLUMN under;
