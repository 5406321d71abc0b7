-- Placeholders: what a text's ((name)) becomes for each recipient (rules/placeholders.sql).

ALTER TABLE audience
  -- by column, each an array of strings, one a recipient of the run in their order; null: nothing but numbers was loaded
  ADD COLUMN placeholder_values jsonb,
  ADD CHECK (jsonb_typeof(placeholder_values) = 'object'
             AND NOT jsonb_path_exists(placeholder_values, 'strict $.* ? (@.type() != "array" || @.size() != $n)',
                                       jsonb_build_object('n', last_seq - first_seq + 1)));

ALTER TABLE lane
  -- what there are values for, as keys (column_key); null: nothing
  ADD COLUMN columns text[],
  -- the most parts that one of its recipients gets, and the digest of the text they were counted for
  ADD COLUMN most_parts smallint CHECK (most_parts BETWEEN 1 AND 255),
  ADD COLUMN counted_for bytea CHECK (length(counted_for) = 32);

ALTER TABLE block
  -- parts of each recipient's message, an octet each, as its engine counted them when it sent; null: the campaign's segments
  ADD COLUMN parts bytea,
  ADD CHECK (length(parts) = last_seq - first_seq + 1);

-- of those that are handed out, as JSON: by column that the text uses, one string a recipient; null where it uses none
ALTER TYPE claimed_block ADD ATTRIBUTE placeholder_values text;
