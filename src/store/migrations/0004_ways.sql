-- Numbers that texts failed for, for good; what the owner has to see to himself; long texts of which parts are missing.

CREATE TABLE unreachable (
  number  TEXT PRIMARY KEY NOT NULL,
  since   INTEGER NOT NULL,
  said    TEXT NOT NULL,           -- the network's words
  certain INTEGER NOT NULL         -- 0: it may have been about us; then the number is still texted
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  call_id INTEGER REFERENCES calls (id),
  text_id INTEGER REFERENCES texts (id)   -- the text that tells the owner; null while none does
) STRICT;
CREATE INDEX alerts_untold ON alerts (at) WHERE text_id IS NULL;

-- The reply that shows the parts that came; it is completed when the missing one comes after all.
ALTER TABLE received ADD COLUMN shown_as INTEGER REFERENCES texts (id);

-- TP-SCTS of the report, by which one that is read twice is known.
ALTER TABLE text_parts ADD COLUMN report_stamp INTEGER;
DROP INDEX text_parts_open;
CREATE INDEX text_parts_by_reference ON text_parts (reference, sent_at);
