-- What was done for a modem that was ill. Bounded: the oldest rows go.

CREATE TABLE healings (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  rung    TEXT NOT NULL,           -- token of what was done
  why     TEXT NOT NULL,           -- what the modem did
  outcome TEXT                     -- 'helped', 'useless', or why it could not be done; null while nobody knows
) STRICT;
