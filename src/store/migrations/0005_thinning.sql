-- Old rows are removed (data.keep_days). For each of them SQLite looks for rows that refer to it, through these.
CREATE INDEX texts_by_call ON texts (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX calls_by_text ON calls (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX calls_by_notice ON calls (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX received_by_text ON received (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX received_by_shown ON received (shown_as) WHERE shown_as IS NOT NULL;
CREATE INDEX alerts_by_call ON alerts (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX alerts_by_text ON alerts (text_id) WHERE text_id IS NOT NULL;
