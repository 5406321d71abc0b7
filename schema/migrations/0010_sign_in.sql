-- Signing in: passwords, one-time codes, mailed links, and how often somebody has tried. Nobody reads these but functions of the
-- owner (rules/throttle.sql, sign_in.sql, second_factor.sql, passwords.sql, mailed_links.sql).

CREATE TABLE password (
  person_id   int PRIMARY KEY REFERENCES person,
  -- PHC string: parameters, salt and hash in one
  hash        text NOT NULL CHECK (hash LIKE '$argon2id$%'),
  changed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A device that makes codes (RFC 6238).
CREATE TABLE totp (
  person_id     int PRIMARY KEY REFERENCES person,
  -- encrypted by the portal for this row (portal/access/Secrets.ts)
  secret        bytea NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- null: shown, and no code of it has come back yet; it is not asked for
  confirmed_at  timestamptz,
  -- of 30 seconds since 1970: the newest whose code was taken; no other is taken up to it
  last_step     bigint NOT NULL DEFAULT 0
);

-- For who has lost the device; each is good for once. SHA-256 of 80 random bits.
CREATE TABLE recovery_code (
  id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  int NOT NULL REFERENCES person,
  hash       bytea NOT NULL CHECK (length(hash) = 32),
  used_at    timestamptz,
  UNIQUE (person_id, hash)
);

-- Good for once: who uses it takes the row away.
CREATE TABLE mailed_link (
  -- SHA-256 of the token that was mailed
  token_hash  bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  purpose     text NOT NULL CHECK (purpose IN ('password_reset')),
  -- null: asked for where there is no account; written so that asking costs the same, and good for nothing
  person_id   int REFERENCES person,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL
);
CREATE INDEX mailed_link_by_expiry ON mailed_link (expires_at);
CREATE INDEX mailed_link_by_person ON mailed_link (person_id);

-- From where somebody has signed in: what goes wrong there is counted apart, so that strangers can't lock them out. An IPv4
-- address, or the 64 bits of an IPv6 one that a subscriber is given.
CREATE TABLE known_network (
  person_id  int NOT NULL REFERENCES person,
  network    cidr NOT NULL,
  used_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (person_id, network)
);

-- What has been tried and was not right, by account, by network …: a row goes when all of it is forgiven.
CREATE TABLE sign_in_throttle (
  -- SHA-256 of kind and subject: what people type in the wrong field is not kept
  subject_hash    bytea PRIMARY KEY CHECK (length(subject_hash) = 32),
  kind            text NOT NULL,
  -- not forgiven yet at forgiving_since; from then on one every so often
  failures        int NOT NULL CHECK (failures >= 0),
  forgiving_since timestamptz NOT NULL,
  locked_until    timestamptz,
  -- the audit has said that it is locked
  told            boolean NOT NULL DEFAULT true,
  forgotten_at    timestamptz NOT NULL
);
CREATE INDEX sign_in_throttle_by_end ON sign_in_throttle (forgotten_at);

-- expired or revoked, it is cleared away
CREATE INDEX session_by_end ON session (least(expires_at, revoked_at));
