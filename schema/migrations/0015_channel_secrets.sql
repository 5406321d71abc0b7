-- A channel's password is sealed at rest (schema/Secrets.ts), for its host, port and system_id: it opens for no other account.

ALTER TABLE channel
  ALTER COLUMN password DROP NOT NULL,
  -- 33 bytes of sealing, and the 0 to 8 of SMPP
  ADD COLUMN password_sealed bytea CHECK (octet_length(password_sealed) BETWEEN 33 AND 41),
  ADD CONSTRAINT channel_one_password CHECK (num_nonnulls(password, password_sealed) = 1);

COMMENT ON COLUMN channel.password IS
  'Plain, put in by the owner in SQL: for a simulator, in tests, demo and benchmarks. People can set password_sealed only.';
COMMENT ON COLUMN channel.password_sealed IS
  'Sealed for host, port and system_id under COUNTERSIGN_SECRET_KEY; whoever changes one of them gives the password anew.';
