-- 0001_callbacks: callbacks with their attempts, texts, journal, outbox, timers, tokens and counters.
--
-- Times are Unix milliseconds in UTC. Ids are UUIDv7 as 16 bytes, so rows are born at the right edge.
-- Values of the machine are words. What a visitor told us is sealed (visitor_enc); numbers are found
-- by keyed hashes. Every table is STRICT.
-- Each index costs every create: there is none that no query needs.
-- A migration is never edited once released: the next one is 0002_<what>.sql.

-- The truth: one row for each callback, as it is now.
CREATE TABLE callbacks (
  id                  BLOB    PRIMARY KEY CHECK (length(id) = 16),
  visitor_enc         BLOB    NOT NULL,
  open                INTEGER NOT NULL,            -- 0: over
  site                TEXT    NOT NULL,
  phone_hmac          BLOB    NOT NULL,
  client_hmac         BLOB    NOT NULL,
  state               TEXT    NOT NULL,
  phase               TEXT    NOT NULL,
  reason              TEXT    NOT NULL,
  version             INTEGER NOT NULL CHECK (version > 0),
  status_version      INTEGER NOT NULL CHECK (status_version > 0),
  proven              INTEGER NOT NULL,
  late                INTEGER NOT NULL,
  too_old             INTEGER NOT NULL,
  cancel              TEXT    NOT NULL,
  generation          INTEGER NOT NULL,
  round               INTEGER NOT NULL,
  number_index        INTEGER NOT NULL,
  account             INTEGER NOT NULL,
  struck              TEXT    NOT NULL,            -- indices of numbers that do not exist: "0,2"
  rang                INTEGER NOT NULL,
  last_reason         TEXT    NOT NULL,
  visitor_reason      TEXT    NOT NULL,
  fault               TEXT    NOT NULL,
  in_doubt_ended      INTEGER NOT NULL,
  second_chance_used  INTEGER NOT NULL,
  alerted_generation  INTEGER NOT NULL,
  held_day            INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL,
  slot                INTEGER,
  scheduled_for       INTEGER,
  give_up_at          INTEGER,
  proven_at           INTEGER,
  finished_at         INTEGER,
  code_sends          INTEGER NOT NULL,
  code_tries_left     INTEGER NOT NULL,
  code_expires_at     INTEGER,
  code_resend_at      INTEGER,
  code_hmac           BLOB,
  code_suppressed     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX callbacks_open        ON callbacks (state) WHERE open = 1;
CREATE INDEX callbacks_open_proven ON callbacks (site, phone_hmac, created_at)
  WHERE open = 1 AND proven = 1;
CREATE INDEX callbacks_over        ON callbacks (finished_at) WHERE open = 0;

-- Each order to ring the business and then the visitor.
CREATE TABLE attempts (
  callback              BLOB    NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
  no                    INTEGER NOT NULL,
  state                 TEXT    NOT NULL,
  generation            INTEGER NOT NULL,
  account               INTEGER NOT NULL,
  number_index          INTEGER NOT NULL,
  business              TEXT    NOT NULL,          -- E.164, the business's own number
  fence                 INTEGER NOT NULL,
  throttled             INTEGER NOT NULL,
  budget_day            INTEGER NOT NULL,
  made_at               INTEGER NOT NULL,
  claimed_at            INTEGER,
  doubt_until           INTEGER,
  empty_looks           INTEGER NOT NULL,
  empty_look_at         INTEGER,
  ref                   TEXT    NOT NULL,
  business_view         TEXT    NOT NULL,
  business_declined     INTEGER NOT NULL,
  business_answered_at  INTEGER,
  business_ended_at     INTEGER,
  visitor_view          TEXT    NOT NULL,
  visitor_declined      INTEGER NOT NULL,
  visitor_answered_at   INTEGER,
  visitor_ended_at      INTEGER,
  gate_open             INTEGER NOT NULL,
  key_refused           INTEGER NOT NULL,
  machine               INTEGER NOT NULL,
  never_joined          INTEGER NOT NULL,
  closed                INTEGER NOT NULL,
  childless_at          INTEGER,
  gone_at               INTEGER,
  polls                 INTEGER NOT NULL,
  outcome               TEXT    NOT NULL,
  talk_seconds          INTEGER NOT NULL,
  PRIMARY KEY (callback, no)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_at_carrier ON attempts (state)
  WHERE state IN ('sending', 'placed', 'unknown');
-- Adoption: whose reference is it, and who may have rung without one?
CREATE INDEX attempts_ref      ON attempts (ref, account) WHERE ref <> '';
CREATE INDEX attempts_nameless ON attempts (account, business, claimed_at)
  WHERE ref = '' AND state IN ('sending', 'unknown', 'in_doubt_ended');

-- Texts: codes and alerts.
CREATE TABLE messages (
  callback       BLOB    NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
  no             INTEGER NOT NULL,
  purpose        TEXT    NOT NULL,
  state          TEXT    NOT NULL,
  generation     INTEGER NOT NULL,
  fence          INTEGER NOT NULL,
  throttled      INTEGER NOT NULL,
  resent         INTEGER NOT NULL,
  budget_day     INTEGER NOT NULL,
  made_at        INTEGER NOT NULL,
  claimed_at     INTEGER,
  doubt_until    INTEGER,
  empty_looks    INTEGER NOT NULL,
  empty_look_at  INTEGER,
  ref            TEXT    NOT NULL,
  outcome        TEXT    NOT NULL,
  PRIMARY KEY (callback, no)
) STRICT, WITHOUT ROWID;

CREATE INDEX messages_sending ON messages (state) WHERE state = 'sending';

-- The rules that were in force, once for each change of the configuration.
CREATE TABLE rules (
  no     INTEGER PRIMARY KEY,
  rules  TEXT    NOT NULL UNIQUE                   -- JSON, versioned
) STRICT;

-- The story: enough to decide everything again and arrive at the stored row. Never updated.
CREATE TABLE journal (
  callback   BLOB    NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
  seq        INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  actor      TEXT    NOT NULL,
  event      TEXT    NOT NULL,                     -- JSON, versioned, without personal data
  situation  TEXT    NOT NULL,                     -- JSON; refers to rules.no
  PRIMARY KEY (callback, seq)
) STRICT, WITHOUT ROWID;

-- What must be done. A leased order is one whose due time is the end of its lease.
CREATE TABLE outbox (
  callback  BLOB    NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
  kind      TEXT    NOT NULL,
  item      INTEGER NOT NULL,                      -- number of the attempt or message
  dial      INTEGER NOT NULL,                      -- 1: needs a free line
  due       INTEGER NOT NULL,
  tries     INTEGER NOT NULL,
  PRIMARY KEY (callback, kind, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (dial, due);

CREATE TABLE timers (
  callback  BLOB    NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
  kind      TEXT    NOT NULL,
  due       INTEGER NOT NULL,
  PRIMARY KEY (callback, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_due ON timers (due);

-- The doorman: webhooks already let in, so that the same news has its effect once.
CREATE TABLE inbox (
  delivery  TEXT    PRIMARY KEY,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_expires ON inbox (expires);

-- Tokens, as hashes: the webhooks' way to their attempt, the visitor's to the callback. Without a
-- foreign key, whose index would cost each create: a row whose callback is gone is as good as none.
CREATE TABLE attempt_tokens (
  hash      BLOB    PRIMARY KEY,
  callback  BLOB    NOT NULL,
  attempt   INTEGER NOT NULL,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_tokens_expires ON attempt_tokens (expires);

CREATE TABLE visitor_tokens (
  hash      BLOB    PRIMARY KEY,
  callback  BLOB    NOT NULL,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX visitor_tokens_expires ON visitor_tokens (expires);

CREATE TABLE idempotency_keys (
  key           BLOB    PRIMARY KEY,
  request_hash  BLOB    NOT NULL,
  callback      BLOB    NOT NULL,
  expires       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires);

-- Durable limits: only where money is at stake.
CREATE TABLE limit_counters (
  key      BLOB    PRIMARY KEY,
  log      TEXT    NOT NULL,
  expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX limit_counters_expires ON limit_counters (expires);

-- Calls and texts reserved or spent, by the business's day (days since 1970).
CREATE TABLE budget_days (
  day   INTEGER NOT NULL,
  kind  TEXT    NOT NULL,
  used  INTEGER NOT NULL,
  PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  account  TEXT    PRIMARY KEY,
  pace     INTEGER NOT NULL                        -- the next free slot
) STRICT, WITHOUT ROWID;

-- One row: the clock never goes back behind it.
CREATE TABLE store_clock (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  last_commit_at  INTEGER NOT NULL
) STRICT;
