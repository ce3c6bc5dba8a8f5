-- Calls that only the operator knew of: the text that told of one (texts.kind is 'notice' then).
ALTER TABLE calls ADD COLUMN notice_id INTEGER REFERENCES texts (id);
