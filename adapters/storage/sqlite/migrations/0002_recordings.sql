-- 0002_recordings: recordings of calls on their way into the archive.
--
-- Without a foreign key: a recording outlives its callback until its copy in the archive is deleted.

CREATE TABLE recordings (
  id           BLOB    PRIMARY KEY CHECK (length(id) = 16),
  callback     BLOB    NOT NULL,
  attempt      INTEGER NOT NULL,
  account      TEXT    NOT NULL,
  call         TEXT    NOT NULL,                  -- the carrier's names
  ref          TEXT    NOT NULL,
  state        TEXT    NOT NULL,
  fault        TEXT    NOT NULL,                  -- of the last try
  tries        INTEGER NOT NULL,
  repeats      INTEGER NOT NULL,
  seconds      INTEGER NOT NULL,
  known_at     INTEGER NOT NULL,
  due          INTEGER,                           -- the next try, or the end of the lease
  archived_at  INTEGER,
  type         TEXT    NOT NULL,
  bytes        INTEGER NOT NULL,
  sha256       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- Heard of twice, it is kept once.
CREATE UNIQUE INDEX recordings_ref ON recordings (account, ref);
CREATE INDEX recordings_due  ON recordings (due) WHERE due IS NOT NULL;
CREATE INDEX recordings_dead ON recordings (known_at) WHERE state = 'dead';
CREATE INDEX recordings_age  ON recordings (known_at);
