-- What an audience's file was: told to its author, to those who approve it, and to who asks later where a number came from.

ALTER TABLE lane
  -- {name, octets, lines, duplicates, invalid, empty}; null: no file was loaded
  ADD COLUMN file jsonb CHECK (jsonb_typeof(file) = 'object');

-- rejected lines are read a page at a time, in the file's order, however many there are
CREATE INDEX rejected_line_in_order ON rejected_line (lane_id, (line[1]));
DROP INDEX rejected_line_by_lane;
