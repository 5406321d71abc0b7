-- Passkeys and single sign-on: what is under way between asking somebody for a proof and getting it, and who may vouch for whom.

-- By which a device files its keys (WebAuthn Level 2, 5.4.3): it says nothing about the person, and is another in every installation.
ALTER TABLE person ADD COLUMN user_handle bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());

-- What a passkey was asked to sign and has not yet.
CREATE TABLE webauthn_challenge (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  challenge   bytea NOT NULL CHECK (length(challenge) = 32),
  purpose     text NOT NULL CHECK (purpose IN ('enrol', 'sign_in', 'decide')),
  -- by whom alone it is answered; null: nobody is known yet
  session_id  int REFERENCES session ON DELETE CASCADE,
  -- sign_in: for whom it was asked; null: for whoever answers
  email       text,
  expires_at  timestamptz NOT NULL,
  CHECK ((purpose = 'sign_in') = (session_id IS NULL)),
  CHECK (purpose = 'sign_in' OR email IS NULL)
);
-- a decision's challenge is made of what is decided: the same for everybody who decides on it
CREATE UNIQUE INDEX webauthn_challenge_once ON webauthn_challenge (challenge, session_id) NULLS NOT DISTINCT;
CREATE INDEX webauthn_challenge_by_expiry ON webauthn_challenge (expires_at);

-- Who may vouch for people (OpenID Connect Core 1.0).
CREATE TABLE single_sign_on_provider (
  id                 int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- on the button
  name               text NOT NULL UNIQUE CHECK (name <> ''),
  issuer             text NOT NULL UNIQUE CHECK (issuer ~ '^https?://[^?#]+$'),
  client_id          text NOT NULL CHECK (client_id <> ''),
  -- encrypted by the portal; null: a client without a secret
  client_secret      bytea,
  -- how the secret is shown (Core, 9)
  client_auth        text NOT NULL DEFAULT 'client_secret_basic' CHECK (client_auth IN ('client_secret_basic', 'client_secret_post')),
  -- whose addresses it may vouch for: it signs in nobody else
  email_domains      text[] NOT NULL CHECK (cardinality(email_domains) > 0),
  -- its sign-in counts as a second factor when it says one of these (RFC 8176; Core, 2)
  second_factor_amr  text[] NOT NULL DEFAULT '{}',
  second_factor_acr  text[] NOT NULL DEFAULT '{}',
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at        timestamptz
);

-- Who somebody is to a provider: known by its subject alone, for an address can pass on to somebody else.
CREATE TABLE single_sign_on_link (
  issuer      text NOT NULL,
  subject     text NOT NULL CHECK (subject <> ''),
  person_id   int NOT NULL REFERENCES person,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  used_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, person_id)
);

-- A browser that was sent to a provider and is not back yet. Of what it brings back, here are SHA-256.
CREATE TABLE single_sign_on_login (
  state_hash     bytea PRIMARY KEY CHECK (length(state_hash) = 32),
  browser_hash   bytea NOT NULL CHECK (length(browser_hash) = 32),
  provider_id    int NOT NULL REFERENCES single_sign_on_provider,
  nonce          text NOT NULL,
  -- RFC 7636
  code_verifier  text NOT NULL,
  -- a path of the portal, where to go on
  return_to      text NOT NULL CHECK (return_to ~ '^/' AND return_to !~ '^/[/\\]' AND return_to !~ '[[:cntrl:]]'),
  expires_at     timestamptz NOT NULL
);
CREATE INDEX single_sign_on_login_by_expiry ON single_sign_on_login (expires_at);
