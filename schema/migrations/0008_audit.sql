-- The audit: one chain of rows a workspace, and one (workspace 0) for what concerns the installation. Written by rules/audit.sql
-- alone, never changed; what it says about people can be erased without breaking it.

CREATE TABLE audit_chain (
  workspace_id  int PRIMARY KEY,
  -- of the newest row
  seq           bigint NOT NULL DEFAULT 0,
  hash          bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32),
  -- where what is kept begins, and the hash of the row before it: retention cuts a chain's beginning off
  first_seq     bigint NOT NULL DEFAULT 1,
  anchor        bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(anchor) = 32)
);

CREATE TABLE audit (
  workspace_id     int NOT NULL,
  seq              bigint NOT NULL,
  at               timestamptz NOT NULL,
  -- null: the system itself
  person_id        int REFERENCES person,
  role             text NOT NULL,
  action           text NOT NULL,
  object           text NOT NULL,
  object_id        bigint,
  -- JSON, byte for byte as it was hashed: what stays verifiable for ever
  facts            text NOT NULL,
  -- JSON likewise: names, addresses, words and numbers of people, until their time of keeping is over
  personal         text,
  salt             bytea CHECK (length(salt) = 16),
  -- SHA-256 of salt and personal; it stays when they go
  personal_digest  bytea CHECK (length(personal_digest) = 32),
  previous         bytea NOT NULL CHECK (length(previous) = 32),
  hash             bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (workspace_id, seq),
  CHECK ((personal IS NULL) = (salt IS NULL)),
  CHECK (personal IS NULL OR personal_digest IS NOT NULL)
);
CREATE INDEX audit_by_object ON audit (workspace_id, object, object_id, seq);
CREATE INDEX audit_by_person ON audit (workspace_id, person_id, seq);
CREATE INDEX audit_by_time ON audit (workspace_id, at);

-- What a transaction has done so far; chained when it commits, and gone by then.
CREATE TABLE audit_pending (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id  int NOT NULL,
  at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  person_id     int,
  role          text NOT NULL,
  action        text NOT NULL,
  object        text NOT NULL,
  object_id     bigint,
  facts         text NOT NULL,
  personal      text
);

-- Signed words about a chain, to be kept elsewhere too: whoever rewrites the chain can't make them true.
CREATE TABLE audit_checkpoint (
  workspace_id  int NOT NULL,
  seq           bigint NOT NULL,
  hash          bytea NOT NULL CHECK (length(hash) = 32),
  -- microseconds since 1970
  at_us         bigint NOT NULL,
  public_key    bytea NOT NULL CHECK (length(public_key) = 32),
  signature     bytea NOT NULL CHECK (length(signature) = 64),
  PRIMARY KEY (workspace_id, seq)
);
