-- Who may see the page. Of secrets their digests alone, see src/door/secret.rs.

CREATE TABLE door (
  name  TEXT PRIMARY KEY NOT NULL, -- 'password': its Argon2id hash; 'code': what the first one is set with
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  digest   TEXT PRIMARY KEY NOT NULL,
  began_at INTEGER NOT NULL,       -- milliseconds since 1970 UTC
  used_at  INTEGER NOT NULL        -- some use of the last day
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,           -- what the owner calls it
  digest  TEXT NOT NULL UNIQUE,
  made_at INTEGER NOT NULL,
  used_at INTEGER                  -- some use of the last day it was used on
) STRICT;
