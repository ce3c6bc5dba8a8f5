-- That the box cannot text callers, from when it was told of until it can again.

CREATE TABLE outage (
  only   INTEGER PRIMARY KEY CHECK (only = 1),
  since  INTEGER NOT NULL,
  reason TEXT                      -- why, as a sentence; null where nobody knows
) STRICT;
DROP INDEX events_of_health;
