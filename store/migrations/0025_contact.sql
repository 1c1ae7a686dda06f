-- +goose Up
-- Contacts that persons recorded, and addresses and places that are not written to. Nothing is deleted: what ended says so.
CREATE TABLE contact_entries (
  id      TEXT PRIMARY KEY,
  state   TEXT NOT NULL CHECK (state IN ('standing','ended')),
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  key     BLOB NOT NULL,                        -- keyed hash of place and kind, or of what is blocked: one of each stands
  content BLOB NOT NULL                         -- JSON: place, address, name, kind, language, reason
) STRICT;
CREATE UNIQUE INDEX contact_entries_key ON contact_entries (key) WHERE state = 'standing';

ALTER TABLE cases ADD COLUMN cdn TEXT NOT NULL DEFAULT '';    -- id of the content delivery network that the answer's head named

-- +goose Down
ALTER TABLE cases DROP COLUMN cdn;
DROP TABLE contact_entries;
