-- Whom the owner knows: left alone while texts.only_strangers says so.

CREATE TABLE contacts (
  number TEXT PRIMARY KEY NOT NULL,
  name   TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
