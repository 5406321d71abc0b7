-- A draft is kept from its name on, and gets its sender and its text later. What was never submitted may be stopped as it is.
ALTER TABLE campaign ALTER COLUMN sender_revision_id DROP NOT NULL, DROP CONSTRAINT campaign_text_check;
ALTER TABLE campaign ADD CONSTRAINT campaign_is_whole CHECK (state IN ('draft', 'cancelled') OR sender_revision_id IS NOT NULL AND text <> '');
