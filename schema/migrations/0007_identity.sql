-- Who acts: sessions, what each role may do, and what a workspace asks of those who act in it. Credentials are not here.

ALTER TABLE person
  ADD COLUMN super_admin  boolean NOT NULL DEFAULT false,
  -- E.164 without the plus sign; where a test message goes
  ADD COLUMN phone        bigint CHECK (phone BETWEEN 1 AND 999999999999999),
  ADD COLUMN language     text NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2}$'),
  ADD COLUMN disabled_at  timestamptz;

-- who left stays on record: what they did has their name on it
ALTER TABLE membership ADD COLUMN left_at timestamptz;
CREATE INDEX membership_by_person ON membership (person_id) WHERE left_at IS NULL;

ALTER TABLE workspace
  ADD COLUMN time_zone                 text NOT NULL DEFAULT 'UTC',
  ADD COLUMN require_second_factor     boolean NOT NULL DEFAULT false,
  -- an approval is a passkey's signature, or it does not count
  ADD COLUMN require_signed_approvals  boolean NOT NULL DEFAULT false,
  -- how long numbers and texts are kept after a campaign has ended, and audit after it was written; null: for ever
  ADD COLUMN keep_content_months       int CHECK (keep_content_months > 0),
  ADD COLUMN keep_audit_months         int CHECK (keep_audit_months >= 12);

-- A signed-in browser (or command line). The token is random and known to its holder alone; here is its SHA-256.
CREATE TABLE session (
  id                 int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash         bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  person_id          int NOT NULL REFERENCES person,
  opened_by          text NOT NULL CHECK (opened_by IN ('password', 'passkey', 'single_sign_on', 'command_line')),
  -- true: the person has a second factor and has not shown it; such a session can't act
  second_factor_due  boolean NOT NULL,
  second_factor_at   timestamptz,
  address            text NOT NULL DEFAULT '',
  agent              text NOT NULL DEFAULT '',
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at         timestamptz NOT NULL,
  revoked_at         timestamptz,
  CHECK (NOT (second_factor_due AND second_factor_at IS NOT NULL))
);
CREATE INDEX session_by_person ON session (person_id);

-- Workspaces that a super admin entered to act in, for the rest of a session.
CREATE TABLE workspace_entry (
  session_id    int NOT NULL REFERENCES session ON DELETE CASCADE,
  workspace_id  int NOT NULL REFERENCES workspace,
  entered_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (session_id, workspace_id)
);

-- What an identity is sealed with. Whoever reads it can be anybody, so nobody but the owner does.
CREATE TABLE identity_key (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  key  bytea NOT NULL CHECK (length(key) = 32)
);

-- What there is to be allowed, in words for "only … may …"; and who may. Filled by rules/permissions.sql.
CREATE TABLE permitted_act (
  action  text PRIMARY KEY,
  doing   text NOT NULL
);
CREATE TABLE permission (
  action  text NOT NULL REFERENCES permitted_act,
  -- flag: what an author may do besides who carries the moderator flag
  role    text NOT NULL CHECK (role IN ('author', 'flag', 'moderator', 'admin', 'super_admin')),
  whose   text NOT NULL CHECK (whose IN ('any', 'own')),
  PRIMARY KEY (action, role)
);

-- Who acts in a transaction. workspace_id null: in none; a super admin then looks at all of them (Master).
CREATE TYPE identity AS (
  person_id     int,
  workspace_id  int,
  -- the membership's role; super_admin; or person, in no workspace
  role          text,
  flagged       boolean,
  session_id    int
);

-- Every row of a workspace says so itself, so that isolation asks no other table.
ALTER TABLE lane_channel ADD COLUMN workspace_id int;
UPDATE lane_channel s SET workspace_id = l.workspace_id FROM lane l WHERE l.id = s.lane_id;
ALTER TABLE lane_channel ALTER COLUMN workspace_id SET NOT NULL;
ALTER TABLE attempt ADD COLUMN workspace_id int;
UPDATE attempt a SET workspace_id = b.workspace_id FROM block b WHERE b.month = a.month AND b.id = a.block_id;
ALTER TABLE attempt ALTER COLUMN workspace_id SET NOT NULL;
ALTER TABLE receipt ADD COLUMN workspace_id int;
UPDATE receipt r SET workspace_id = b.workspace_id FROM block b WHERE b.month = r.month AND b.id = r.block_id;
ALTER TABLE receipt ALTER COLUMN workspace_id SET NOT NULL;
