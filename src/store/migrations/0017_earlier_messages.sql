-- What a message said before it was changed, so that the owner can take any change back.

CREATE TABLE earlier_messages (
  id    INTEGER PRIMARY KEY NOT NULL,
  key   TEXT NOT NULL,    -- the setting
  value TEXT NOT NULL,    -- empty: the built-in one
  until INTEGER NOT NULL, -- when it was changed, in milliseconds
  UNIQUE (key, value)
) STRICT;
