-- What passes between a caller and the owner's people, and what the box keeps for one of them until he says more.

CREATE TABLE conversations (
  number        TEXT PRIMARY KEY NOT NULL,  -- the caller, E.164
  tag           INTEGER NOT NULL,           -- 7 for #7; 0 once somebody else has it
  replied_at    INTEGER NOT NULL,           -- the caller's last words
  introduced_at INTEGER NOT NULL,           -- when the owner's people were last told whose the tag is
  answered_at   INTEGER,                    -- the last answer of one of them
  outcome       TEXT,                       -- 'won'; null while nobody said
  amount        INTEGER,                    -- what for, in hundredths
  outcome_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_tag ON conversations (tag, replied_at) WHERE tag > 0;

CREATE TABLE kept (
  number TEXT NOT NULL,                     -- for whom
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,
  since  INTEGER NOT NULL,
  PRIMARY KEY (number, kind)
) STRICT, WITHOUT ROWID;
