-- Sender names and their numbered, immutable revisions. A revision is decided by somebody who did not make it.

CREATE TABLE sender (
  id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id  int NOT NULL REFERENCES workspace,
  label         text NOT NULL CHECK (label <> ''),
  created_by    int NOT NULL REFERENCES person,
  created_at    timestamptz NOT NULL DEFAULT now(),
  archived_at   timestamptz,
  UNIQUE (workspace_id, label),
  -- what refers to a row names its workspace too, so that nothing reaches into another one
  UNIQUE (workspace_id, id)
);

CREATE TABLE sender_revision (
  id                int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id      int NOT NULL REFERENCES workspace,
  sender_id         int NOT NULL,
  revision          int NOT NULL CHECK (revision > 0),
  -- alphanumeric up to 11 characters (3GPP 23.040, 9.1.2.5), or digits
  saddr             text NOT NULL CHECK (saddr ~ '^[0-9]{3,15}$' OR (saddr ~ '[^0-9]' AND length(saddr) BETWEEN 1 AND 11)),
  source_addr_ton   smallint NOT NULL CHECK (source_addr_ton BETWEEN 0 AND 6),
  source_addr_npi   smallint NOT NULL CHECK (source_addr_npi BETWEEN 0 AND 18),
  dest_addr_ton     smallint NOT NULL DEFAULT 1 CHECK (dest_addr_ton BETWEEN 0 AND 6),
  dest_addr_npi     smallint NOT NULL DEFAULT 1 CHECK (dest_addr_npi BETWEEN 0 AND 18),
  reason            text NOT NULL CHECK (reason <> ''),
  status            text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
  made_by           int NOT NULL REFERENCES person,
  made_at           timestamptz NOT NULL DEFAULT now(),
  decided_by        int REFERENCES person,
  decided_at        timestamptz,
  UNIQUE (sender_id, revision),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, sender_id) REFERENCES sender (workspace_id, id),
  CHECK ((status = 'pending') = (decided_by IS NULL)),
  CONSTRAINT four_eyes CHECK (decided_by <> made_by)
);

-- Numbers that asked to be left alone, by workspace.
CREATE TABLE stop_list (
  workspace_id  int NOT NULL REFERENCES workspace,
  msisdn        bigint NOT NULL,
  cause         text NOT NULL,
  stopped_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, msisdn)
);

-- A Bloom filter over each stop list, kept by rules/stop_list.sql: what is not in it is not on the list.
CREATE TABLE stop_filter (
  workspace_id  int PRIMARY KEY REFERENCES workspace,
  -- numbers put in since it was made
  entries       int NOT NULL,
  -- one hash: bit hashint8extended(msisdn, 0) modulo its size, which is a power of two
  bits          bytea NOT NULL
);
-- random bits don't compress
ALTER TABLE stop_filter ALTER COLUMN bits SET STORAGE EXTERNAL;
