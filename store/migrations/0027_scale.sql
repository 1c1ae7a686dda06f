-- +goose Up
-- A hundred thousand cases: what lists and the queue ask for stands in an index in the order in which they show it, and how much is in
-- each state is counted as it moves.
CREATE TABLE tallies (
  name  TEXT PRIMARY KEY,                         -- "cases.open", "notices.draft", "outbox.unknown", "replies.waiting", "sightings"
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tallies SELECT 'cases.' || state, COUNT(*) FROM cases GROUP BY state
  UNION ALL SELECT 'notices.' || state, COUNT(*) FROM notices GROUP BY state
  UNION ALL SELECT 'outbox.' || state, COUNT(*) FROM attempts GROUP BY state
  UNION ALL SELECT 'replies.' || state, COUNT(*) FROM replies GROUP BY state
  UNION ALL SELECT 'sightings', COUNT(*) FROM sightings;

-- +goose StatementBegin
CREATE TRIGGER tally_case AFTER INSERT ON cases BEGIN
  INSERT INTO tallies VALUES ('cases.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_case_moved AFTER UPDATE OF state ON cases WHEN OLD.state <> NEW.state BEGIN
  UPDATE tallies SET count = count - 1 WHERE name = 'cases.' || OLD.state;
  INSERT INTO tallies VALUES ('cases.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_notice AFTER INSERT ON notices BEGIN
  INSERT INTO tallies VALUES ('notices.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_notice_moved AFTER UPDATE OF state ON notices WHEN OLD.state <> NEW.state BEGIN
  UPDATE tallies SET count = count - 1 WHERE name = 'notices.' || OLD.state;
  INSERT INTO tallies VALUES ('notices.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_attempt AFTER INSERT ON attempts BEGIN
  INSERT INTO tallies VALUES ('outbox.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_attempt_moved AFTER UPDATE OF state ON attempts WHEN OLD.state <> NEW.state BEGIN
  UPDATE tallies SET count = count - 1 WHERE name = 'outbox.' || OLD.state;
  INSERT INTO tallies VALUES ('outbox.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_reply AFTER INSERT ON replies BEGIN
  INSERT INTO tallies VALUES ('replies.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_reply_moved AFTER UPDATE OF state ON replies WHEN OLD.state <> NEW.state BEGIN
  UPDATE tallies SET count = count - 1 WHERE name = 'replies.' || OLD.state;
  INSERT INTO tallies VALUES ('replies.' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tally_sighting AFTER INSERT ON sightings BEGIN
  INSERT INTO tallies VALUES ('sightings', 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
-- +goose StatementEnd

-- What became of everything found at one place.
CREATE TABLE places (
  key      BLOB PRIMARY KEY,                      -- as cases.place_key
  cases    INTEGER NOT NULL,
  gone     INTEGER NOT NULL,                      -- of them, now
  returned INTEGER NOT NULL,                      -- of them, at least once
  times    INTEGER NOT NULL                       -- how often in all
) STRICT, WITHOUT ROWID;
INSERT INTO places SELECT place_key, COUNT(*), SUM(state = 'gone'), SUM(reopened > 0), SUM(reopened) FROM cases GROUP BY place_key;
-- +goose StatementBegin
CREATE TRIGGER place_case AFTER INSERT ON cases BEGIN
  INSERT INTO places VALUES (NEW.place_key, 1, NEW.state = 'gone', NEW.reopened > 0, NEW.reopened) ON CONFLICT (key) DO UPDATE
    SET cases = cases + 1, gone = gone + excluded.gone, returned = returned + excluded.returned, times = times + excluded.times;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER place_case_moved AFTER UPDATE OF state, reopened ON cases WHEN OLD.state <> NEW.state OR OLD.reopened <> NEW.reopened BEGIN
  UPDATE places SET gone = gone + (NEW.state = 'gone') - (OLD.state = 'gone'), returned = returned + (NEW.reopened > 0) - (OLD.reopened > 0),
    times = times + NEW.reopened - OLD.reopened WHERE key = NEW.place_key;
END;
-- +goose StatementEnd

-- Lists: newest first, ties by id, so that a page deep down is found in the index alone.
DROP INDEX cases_state;
DROP INDEX cases_leak;
DROP INDEX cases_updated;
DROP INDEX notices_state;
DROP INDEX notices_updated;
CREATE INDEX cases_state ON cases (state, updated DESC, id);
CREATE INDEX cases_leak ON cases (leak, updated DESC, id);
CREATE INDEX cases_updated ON cases (updated DESC, id);
CREATE INDEX notices_state ON notices (state, updated DESC, id);
CREATE INDEX notices_updated ON notices (updated DESC, id);
CREATE INDEX notices_draft ON notices ((missing > 0), updated DESC, id) WHERE state = 'draft';
CREATE INDEX attempts_outbox ON attempts ((state IN ('sent', 'failed', 'void')), updated DESC, id, state);
CREATE INDEX disputes_open ON disputes (created) WHERE state = 'open';
DROP INDEX cases_place;
DROP INDEX moves_object;
DROP INDEX checks_case;
CREATE INDEX moves_object ON moves (object);                            -- with the row's number, by which they are sorted
CREATE INDEX checks_case ON checks (case_id);
CREATE INDEX cases_place ON cases (place_key, state, reopened);         -- the record of a place, counted in the index alone

-- A look-up by a bound value cannot use an index of only those rows that have one.
DROP INDEX replies_notice;
DROP INDEX replies_case;
CREATE INDEX replies_notice ON replies (notice_id);
CREATE INDEX replies_case ON replies (case_id);

-- +goose Down
DROP INDEX replies_case;
DROP INDEX replies_notice;
CREATE INDEX replies_notice ON replies (notice_id) WHERE notice_id <> '';
CREATE INDEX replies_case ON replies (case_id) WHERE case_id <> '';
DROP TRIGGER place_case_moved;
DROP TRIGGER place_case;
DROP TABLE places;
DROP INDEX checks_case;
DROP INDEX moves_object;
CREATE INDEX moves_object ON moves (object, id);
CREATE INDEX checks_case ON checks (case_id, id);
DROP INDEX disputes_open;
DROP INDEX attempts_outbox;
DROP INDEX notices_draft;
DROP INDEX notices_updated;
DROP INDEX notices_state;
DROP INDEX cases_updated;
DROP INDEX cases_leak;
DROP INDEX cases_state;
CREATE INDEX cases_state ON cases (state, updated);
CREATE INDEX cases_leak ON cases (leak, updated);
CREATE INDEX cases_updated ON cases (updated);
CREATE INDEX notices_state ON notices (state, updated);
CREATE INDEX notices_updated ON notices (updated);
DROP TRIGGER tally_sighting;
DROP TRIGGER tally_reply_moved;
DROP TRIGGER tally_reply;
DROP TRIGGER tally_attempt_moved;
DROP TRIGGER tally_attempt;
DROP TRIGGER tally_notice_moved;
DROP TRIGGER tally_notice;
DROP TRIGGER tally_case_moved;
DROP TRIGGER tally_case;
DROP TABLE tallies;
