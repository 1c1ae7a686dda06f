-- +goose Up
-- Sources that the operator paused: no sweep of them begins or goes on.
CREATE TABLE plane_paused (
  source TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE plane_paused;
