-- +goose Up
-- When each recurring job last ran, so that what was missed while nothing ran is caught up.
CREATE TABLE jobs (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE jobs;
