-- How much went out in the running day and month, so that a decision need not count it; and what the owner was told of each fence.
CREATE TABLE tallies (
  fence TEXT PRIMARY KEY NOT NULL,
  began INTEGER NOT NULL,          -- of the day, the month; of a fence by the hour: when the owner was told
  count INTEGER NOT NULL,
  told  INTEGER NOT NULL           -- 0: nothing; 1: that it is nearly full; 2: that it is closed
) STRICT, WITHOUT ROWID;
-- Who was texted in a month, last.
CREATE TABLE recipients (
  number TEXT PRIMARY KEY NOT NULL,
  month  INTEGER NOT NULL          -- when that month began
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_by_month ON recipients (month);

-- What the alert is about beyond its call.
ALTER TABLE alerts ADD COLUMN detail TEXT;
-- What the text says instead once it goes out late.
ALTER TABLE texts ADD COLUMN late_body TEXT;
-- What the owner should look at in a reply: 'perhaps_stop'.
ALTER TABLE texts ADD COLUMN flag TEXT;

-- One more text to a caller who has not answered, at most.
CREATE TABLE follow_ups (
  number  TEXT PRIMARY KEY NOT NULL,
  call_id INTEGER NOT NULL REFERENCES calls (id),
  since   INTEGER NOT NULL,        -- when the first text was queued
  due_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_ups_due ON follow_ups (due_at);
CREATE INDEX follow_ups_by_call ON follow_ups (call_id);
