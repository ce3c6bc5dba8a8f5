-- How far the walk through the set-up has come. What it sets are settings; here is what is no setting.

CREATE TABLE setup (
  name  TEXT PRIMARY KEY NOT NULL, -- see src/store/setup.rs
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
