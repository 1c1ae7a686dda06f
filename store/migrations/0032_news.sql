-- +goose Up
-- Subscribers who were told of a case hear when counsel takes it back.
CREATE TABLE news_anew (
  id      TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  leak    TEXT NOT NULL,
  case_id TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('confirmed','gone','back','withdrawn')),
  host    BLOB,                                 -- sealed "news.host"
  told    INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0,1))
) STRICT;
INSERT INTO news_anew SELECT id, created, leak, case_id, kind, host, told FROM news ORDER BY rowid;
DROP TABLE news;
ALTER TABLE news_anew RENAME TO news;
CREATE INDEX news_untold ON news (created) WHERE told = 0;
CREATE INDEX news_leak ON news (leak, created);
CREATE INDEX news_case ON news (case_id, created);

-- +goose Down
DELETE FROM news WHERE kind = 'withdrawn';
