-- The summaries that the owner gets, each once for a day.

CREATE TABLE digests (
  name TEXT PRIMARY KEY NOT NULL,  -- 'daily', 'weekly'
  day  TEXT NOT NULL               -- the last day of which one went out, such as 2026-03-02
) STRICT, WITHOUT ROWID;
