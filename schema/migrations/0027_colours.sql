-- The band that stands over a workspace's name on every page, so that nobody wonders in whose name they act. Its colours are in
-- portal/styles/portal.css.

ALTER TABLE workspace
  -- null: one of the eight by its id (rules/sessions.sql)
  ADD COLUMN colour text CHECK (colour IN ('blue', 'teal', 'green', 'olive', 'brown', 'rose', 'violet', 'slate'));
