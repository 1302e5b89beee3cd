-- 0003_operators: who may look in and act, and the callbacks that they look for.

-- Keys of programs. The secret is not here: its keyed digest also covers scopes and expires_at, so a
-- row that somebody changed opens nothing.
CREATE TABLE api_keys (
  id            TEXT    PRIMARY KEY,
  name          TEXT    NOT NULL,
  digest        BLOB    NOT NULL CHECK (length(digest) = 32),
  scopes        TEXT    NOT NULL,                 -- "callbacks:read callbacks:write"
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  last_used_at  INTEGER,                          -- to the minute
  revoked_at    INTEGER
) STRICT, WITHOUT ROWID;

-- A create does not pay for this one: a callback enters it when it ends.
CREATE INDEX callbacks_ended ON callbacks (state) WHERE open = 0;
