-- How people come into a workspace: invited by its admins, or asked for by themselves. And workspaces that are put away.

ALTER TABLE workspace
  -- whether somebody who is signed in may ask to join it; if not, it does not exist for them
  ADD COLUMN open_to_requests  boolean NOT NULL DEFAULT false,
  -- nobody acts in it until it is restored
  ADD COLUMN archived_at       timestamptz;

CREATE TABLE invitation (
  id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id  int NOT NULL REFERENCES workspace,
  email         text NOT NULL CHECK (email = lower(email)),
  role          text NOT NULL CHECK (role IN ('author', 'moderator', 'admin')),
  moderator     boolean NOT NULL DEFAULT false,
  -- SHA-256 of the token that was mailed
  token_hash    bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  invited_by    int NOT NULL REFERENCES person,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at    timestamptz NOT NULL,
  accepted_at   timestamptz,
  accepted_by   int REFERENCES person,
  revoked_at    timestamptz,
  CHECK (role = 'author' OR NOT moderator),
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitation_open ON invitation (workspace_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE join_request (
  id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id  int NOT NULL REFERENCES workspace,
  person_id     int NOT NULL REFERENCES person,
  note          text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by    int REFERENCES person,
  decided_at    timestamptz,
  accepted      boolean,
  CHECK ((decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (accepted IS NULL))
);
CREATE UNIQUE INDEX join_request_open ON join_request (workspace_id, person_id) WHERE decided_at IS NULL;
CREATE INDEX join_request_by_person ON join_request (person_id);
