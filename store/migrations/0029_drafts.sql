-- +goose Up
-- A hundred thousand drafts: those are read again that were not yet found to be current under the settings that now hold, and what
-- planning asks for stands in indexes of drafts and open cases alone.
ALTER TABLE notices ADD COLUMN under BLOB NOT NULL DEFAULT x'';         -- keyed hash of the settings under which it was last found current
CREATE INDEX notices_under ON notices (under, id) WHERE state = 'draft';
CREATE INDEX notices_unaddressed ON notices (created, id) WHERE state = 'draft' AND addressed = 0;
CREATE INDEX cases_open ON cases (created, id, reopened, disputed, leak, source) WHERE state = 'open';
DROP INDEX cases_place;
CREATE INDEX cases_place ON cases (place_key, state, reopened, created);  -- the record of all places, counted in the index alone

-- +goose Down
DROP INDEX cases_place;
CREATE INDEX cases_place ON cases (place_key, state, reopened);
DROP INDEX cases_open;
DROP INDEX notices_unaddressed;
DROP INDEX notices_under;
ALTER TABLE notices DROP COLUMN under;
