-- The page asks for replies, which are few among many texts; without these it read every text there is. They grow with replies alone.

CREATE INDEX texts_in ON texts (id) WHERE direction = 'in' AND kind <> 'command';
CREATE INDEX texts_in_by_number ON texts (number, created_at) WHERE direction = 'in' AND kind <> 'command';
