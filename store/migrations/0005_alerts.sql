-- +goose Up
-- Times are unix milliseconds UTC. An address stands only in subscribers.address, under a key of its own, and as a keyed hash; no row
-- holds a mail's text, a token, or what a mail server answered.

-- Written by takedown in the transaction in which the event happens, turned into alerts exactly once.
CREATE TABLE news (
  id      TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  leak    TEXT NOT NULL,                        -- slug
  case_id TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('confirmed','gone','back')),
  host    BLOB,                                 -- sealed "news.host"
  told    INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0,1))
) STRICT;
CREATE INDEX news_untold ON news (created) WHERE told = 0;
CREATE INDEX news_leak ON news (leak, created);
CREATE INDEX news_case ON news (case_id, created);

CREATE TABLE subscribers (
  id          TEXT PRIMARY KEY,
  created     INTEGER NOT NULL,
  address_key BLOB UNIQUE,                      -- keyed hash of the address; NULL once erased
  data_key    BLOB,                             -- sealed "subscribers.data_key"; erasing destroys it
  address     BLOB,                             -- encrypted under the data key
  vetted      INTEGER NOT NULL DEFAULT 0,       -- 1: the operator knows who this is; may learn where a live leak is
  erased      INTEGER NOT NULL DEFAULT 0        -- when
) STRICT;

CREATE TABLE subscriptions (
  id            TEXT PRIMARY KEY,
  subscriber_id TEXT NOT NULL REFERENCES subscribers (id),
  leak          TEXT NOT NULL,
  language      TEXT NOT NULL,
  mode          TEXT NOT NULL CHECK (mode IN ('at_once','digest')),
  state         TEXT NOT NULL CHECK (state IN ('asked','confirmed','ended')),
  created       INTEGER NOT NULL,
  updated       INTEGER NOT NULL,
  UNIQUE (subscriber_id, leak)
) STRICT;
CREATE INDEX subscriptions_leak ON subscriptions (leak, state);

-- What a subscription is to be told of; the primary key makes it once.
CREATE TABLE alert_news (
  subscription_id TEXT NOT NULL,
  news_id         TEXT NOT NULL,
  mail_id         TEXT,                         -- the mail that tells it; NULL while none was made
  PRIMARY KEY (subscription_id, news_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_news_waiting ON alert_news (subscription_id) WHERE mail_id IS NULL;

CREATE TABLE alert_mails (
  id              TEXT PRIMARY KEY,
  subscription_id TEXT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('confirm','news')),
  language        TEXT NOT NULL,
  mode            TEXT NOT NULL,                -- wanted, takes effect when a confirm mail is answered
  state           TEXT NOT NULL CHECK (state IN ('queued','open','sent','deferred','failed','unknown','void')),
  created         INTEGER NOT NULL,
  updated         INTEGER NOT NULL,
  attempt         INTEGER NOT NULL DEFAULT 0,   -- tries begun
  next_attempt    INTEGER NOT NULL,             -- 0 when there is none
  reason          TEXT NOT NULL DEFAULT ''      -- step and reply code of the last try, never the server's words
) STRICT;
CREATE INDEX alert_mails_due ON alert_mails (state, next_attempt);
CREATE INDEX alert_mails_subscription ON alert_mails (subscription_id, kind, state);

CREATE TABLE alert_tokens (
  hash            BLOB PRIMARY KEY,             -- keyed hash; the token itself is only in the mail
  kind            TEXT NOT NULL CHECK (kind IN ('confirm','news','unsubscribe')),
  subscription_id TEXT NOT NULL,
  mail_id         TEXT NOT NULL,
  attempt         INTEGER NOT NULL,             -- of that mail; a try that surely failed takes its tokens back
  created         INTEGER NOT NULL,
  expires         INTEGER NOT NULL,
  used            INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_tokens_mail ON alert_tokens (mail_id, attempt);
CREATE INDEX alert_tokens_subscription ON alert_tokens (subscription_id);
CREATE INDEX alert_tokens_expires ON alert_tokens (expires);

CREATE TABLE alert_rates (
  key BLOB NOT NULL,                            -- keyed hash of an address or a network
  at  INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_rates_key ON alert_rates (key, at);
CREATE INDEX alert_rates_at ON alert_rates (at);

-- +goose Down
DROP TABLE alert_rates;
DROP TABLE alert_tokens;
DROP TABLE alert_mails;
DROP TABLE alert_news;
DROP TABLE subscriptions;
DROP TABLE subscribers;
DROP TABLE news;
