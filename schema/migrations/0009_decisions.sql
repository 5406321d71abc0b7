-- Decisions on campaigns: by whom, how signed, and what a campaign says besides.

ALTER TABLE campaign
  -- false: once its time has come, somebody presses Start
  ADD COLUMN starts_automatically  boolean NOT NULL DEFAULT true,
  ADD COLUMN archived_at           timestamptz,
  -- its numbers and words are gone; counts, digests and approvals stay
  ADD COLUMN erased_at             timestamptz,
  -- the Merkle root over its finished ledger is in the audit
  ADD COLUMN ledger_sealed_at      timestamptz;
CREATE INDEX campaign_unsealed ON campaign (id) WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL AND ledger_sealed_at IS NULL;
CREATE INDEX campaign_unerased ON campaign (workspace_id, closed_at) WHERE ledger_sealed_at IS NOT NULL AND erased_at IS NULL;

-- A public key of somebody's device (WebAuthn Level 2). Written by rules/passkeys.sql.
CREATE TABLE passkey (
  id             int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id      int NOT NULL REFERENCES person,
  -- base64url
  credential_id  text NOT NULL UNIQUE,
  -- COSE key (RFC 9052, 7)
  public_key     bytea NOT NULL,
  sign_count     bigint NOT NULL DEFAULT 0,
  transports     text[] NOT NULL DEFAULT '{}',
  name           text NOT NULL CHECK (name <> ''),
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  used_at        timestamptz,
  revoked_at     timestamptz
);
CREATE INDEX passkey_by_person ON passkey (person_id);

-- A signature by a passkey, kept whole, after the access role has checked it: what is here was true when it came.
CREATE TABLE assertion (
  id                  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id           int NOT NULL REFERENCES person,
  passkey_id          int NOT NULL REFERENCES passkey,
  challenge           bytea NOT NULL CHECK (length(challenge) = 32),
  client_data_json    bytea NOT NULL,
  authenticator_data  bytea NOT NULL,
  signature           bytea NOT NULL,
  rp_id               text NOT NULL,
  origin              text NOT NULL,
  verified_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE approval ADD COLUMN assertion_id int UNIQUE REFERENCES assertion;

-- null: the system, under the rules that people approved
ALTER TABLE campaign_move DROP COLUMN pressed_by, ADD COLUMN permission text REFERENCES permitted_act DEFERRABLE INITIALLY DEFERRED;

-- Who acts is shown, not said: rules/ make these anew without the person.
DROP FUNCTION IF EXISTS load_audience(int, int, text[]);
DROP FUNCTION IF EXISTS seal_audience(int, int);
DROP FUNCTION IF EXISTS keep_rejected_lines(int, int, int[], text[], text[]);
DROP FUNCTION IF EXISTS add_lane(int, int);
DROP FUNCTION IF EXISTS choose_channels(int, int, int[]);
DROP FUNCTION IF EXISTS move_campaign(int, text, int, text);
DROP FUNCTION IF EXISTS ledger_page(int, int, int);
DROP FUNCTION IF EXISTS note_maker(int, int);
DROP FUNCTION IF EXISTS is_member(int, int);
DROP FUNCTION IF EXISTS may_approve(int, int);
