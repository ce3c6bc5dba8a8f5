-- When the text was last given to the modem: a status report that bears no reference we know is about the one given nearest to the time
-- in it.
ALTER TABLE texts ADD COLUMN handed_over_at INTEGER;
