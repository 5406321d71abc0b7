-- How long what is kept is kept. (The erasing itself follows below.)

-- Whether this transaction erases: its guards against accidents then let it pass. Only the owner has the right to erase at all.
CREATE OR REPLACE FUNCTION erasing() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('countersign.erasing', true) = 'yes', false)
$$;
