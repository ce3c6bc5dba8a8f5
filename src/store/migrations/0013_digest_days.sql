-- A summary goes out once for a day also where the clock is set back over days that have had theirs: a row for each.

ALTER TABLE digests RENAME TO last_digests;
CREATE TABLE digests (
  name TEXT NOT NULL,              -- 'daily', 'weekly'
  day  TEXT NOT NULL,              -- a day that has had its own, such as 2026-03-02
  PRIMARY KEY (name, day)
) STRICT, WITHOUT ROWID;
INSERT INTO digests (name, day) SELECT name, day FROM last_digests;
DROP TABLE last_digests;
