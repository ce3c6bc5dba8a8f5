-- Ways out besides the modem. While none is switched on, nothing is written to these.

CREATE TABLE outlets (
  name         TEXT PRIMARY KEY NOT NULL,
  target       TEXT NOT NULL,      -- a hash of where it leads
  stopped      TEXT,               -- why nothing is sent there any more
  delivered_at INTEGER             -- the last time
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL,              -- what the receiver knows it by
  kind TEXT NOT NULL,
  at   INTEGER NOT NULL,
  body TEXT NOT NULL               -- JSON, as it is sent
) STRICT;
CREATE INDEX events_of_health ON events (id) WHERE kind = 'box.health';

CREATE TABLE deliveries (
  id           INTEGER PRIMARY KEY,
  event_id     INTEGER NOT NULL REFERENCES events (id),
  outlet       TEXT NOT NULL,
  conversation TEXT NOT NULL,      -- what is delivered in order
  state        TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'dead')),
  attempts     INTEGER NOT NULL DEFAULT 0,
  not_before   INTEGER NOT NULL,
  away         INTEGER NOT NULL DEFAULT 0,   -- 1: the receiver could not be reached the last time
  error        TEXT,               -- what went wrong last
  done_at      INTEGER
) STRICT;
CREATE INDEX deliveries_queued ON deliveries (outlet, conversation, id) WHERE state = 'queued';
CREATE INDEX deliveries_dead ON deliveries (outlet, id) WHERE state = 'dead';
CREATE INDEX deliveries_by_event ON deliveries (event_id);
