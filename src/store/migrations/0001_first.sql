-- The first shape of the store. Times are milliseconds since 1970 UTC. Migrations are never edited, only added.

CREATE TABLE settings (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A call is written down when it begins to ring, so that one that rang when the power went is not lost.
-- Ids grow with time, which saves an index on started_at and a page of flash a call.
CREATE TABLE calls (
  id         INTEGER PRIMARY KEY,
  caller     TEXT,                 -- E.164; digits as shown where they make no number; null when hidden or unknown
  shown      TEXT NOT NULL CHECK (shown IN ('number', 'unreadable', 'withheld', 'unavailable')),
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  rings      INTEGER NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN ('ringing', 'text', 'skip')),
  reason     TEXT,                 -- token of the reason for a skip
  detail     TEXT,                 -- what the reason rested on
  text_id    INTEGER REFERENCES texts (id)
) STRICT;

CREATE TABLE texts (
  id           INTEGER PRIMARY KEY,
  direction    TEXT NOT NULL CHECK (direction IN ('out', 'in')),
  kind         TEXT NOT NULL,      -- 'missed_call', 'opt_out', 'opt_in' on the way out; 'reply' on the way in
  number       TEXT,               -- E.164 where it is one; the sender's name or short code else; null if unreadable
  body         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN
                 ('queued', 'sending', 'sent', 'delivered', 'failed', 'unconfirmed', 'received')),
  parts        INTEGER NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  call_id      INTEGER REFERENCES calls (id),
  created_at   INTEGER NOT NULL,
  not_before   INTEGER,            -- queued: earliest next attempt; unconfirmed: how long a status report is awaited
  sent_at      INTEGER,
  delivered_at INTEGER,
  error        TEXT,
  resent       INTEGER NOT NULL DEFAULT 0   -- 1: a second copy left, because nothing could confirm the first
) STRICT;
CREATE INDEX texts_waiting ON texts (not_before) WHERE state IN ('queued', 'sending', 'unconfirmed');
CREATE INDEX texts_by_number ON texts (number, created_at);

-- One row for each part (SMS) the network took; the reference is TP-MR, which wraps at 256.
CREATE TABLE text_parts (
  text_id   INTEGER NOT NULL REFERENCES texts (id),
  sequence  INTEGER NOT NULL,
  reference INTEGER,
  sent_at   INTEGER NOT NULL,
  report    TEXT CHECK (report IN ('delivered', 'failed')),
  PRIMARY KEY (text_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX text_parts_open ON text_parts (reference, sent_at) WHERE report IS NULL;

-- Every message taken from the SIM, as it came: the same one read twice is stored once, parts wait here for each other.
CREATE TABLE received (
  pdu         TEXT PRIMARY KEY NOT NULL,
  received_at INTEGER NOT NULL,
  text_id     INTEGER REFERENCES texts (id),   -- null while a part waits for the others
  sender      TEXT,
  reference   INTEGER,
  bits        INTEGER,
  total       INTEGER,
  sequence    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX received_waiting ON received (sender, reference) WHERE text_id IS NULL;

-- The caller's right, and the owner's choice: two tables, because they are lifted by different people.
CREATE TABLE opted_out (
  number TEXT PRIMARY KEY NOT NULL,
  since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE never_text (
  number TEXT PRIMARY KEY NOT NULL,
  name   TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
