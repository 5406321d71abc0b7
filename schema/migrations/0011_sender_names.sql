-- Who owns a sender name, by what it looks like; and the installation's own names (presets), which it grants to workspaces.

CREATE TABLE preset (
  id                int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  label             text NOT NULL CHECK (label <> ''),
  saddr             text NOT NULL CHECK (saddr ~ '^[0-9]{3,15}$' OR (saddr ~ '[^0-9]' AND length(saddr) BETWEEN 1 AND 11)),
  source_addr_ton   smallint NOT NULL CHECK (source_addr_ton BETWEEN 0 AND 6),
  source_addr_npi   smallint NOT NULL CHECK (source_addr_npi BETWEEN 0 AND 18),
  dest_addr_ton     smallint NOT NULL CHECK (dest_addr_ton BETWEEN 0 AND 6),
  dest_addr_npi     smallint NOT NULL CHECK (dest_addr_npi BETWEEN 0 AND 18),
  reason            text NOT NULL CHECK (reason <> ''),
  created_by        int NOT NULL REFERENCES person,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  archived_at       timestamptz
);
CREATE UNIQUE INDEX preset_label ON preset (label) WHERE archived_at IS NULL;

ALTER TABLE sender
  -- null: the workspace's own. Else the sender is a grant of the installation's
  ADD COLUMN preset_id   int REFERENCES preset,
  -- when the grant was taken back; it is archived then, and stays so
  ADD COLUMN revoked_at  timestamptz,
  ADD UNIQUE (workspace_id, preset_id),
  ADD CHECK (revoked_at IS NULL OR preset_id IS NOT NULL AND archived_at IS NOT NULL);
CREATE INDEX sender_by_preset ON sender (preset_id) WHERE preset_id IS NOT NULL;

-- what who decided had to say
ALTER TABLE sender_revision ADD COLUMN note text;
CREATE INDEX sender_revision_pending ON sender_revision (workspace_id, id) WHERE status = 'pending';

-- One row a name that anybody ever asked for; kept by rules/sender_names.sql. It is nobody else's while its owner holds it.
CREATE TABLE saddr_owner (
  -- saddr_skeleton: the same for all names that can be taken for each other
  skeleton      text PRIMARY KEY CHECK (skeleton <> ''),
  -- null: the installation, by its presets
  workspace_id  int REFERENCES workspace
);
