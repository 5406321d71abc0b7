-- Workspaces and the people in them: the least that a signature needs. Sign-in and sessions are not here.

-- Functions are nobody's by default: each rule grants what it means to give.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE workspace (
  id                      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                    text NOT NULL UNIQUE CHECK (name <> ''),
  country                 char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  approvals_needed        smallint NOT NULL DEFAULT 1 CHECK (approvals_needed BETWEEN 1 AND 3),
  -- "from 1,000 recipients: two"
  large_from_recipients   int CHECK (large_from_recipients > 0),
  large_approvals_needed  smallint CHECK (large_approvals_needed BETWEEN 1 AND 3),
  created_at              timestamptz NOT NULL DEFAULT now(),
  CHECK ((large_from_recipients IS NULL) = (large_approvals_needed IS NULL)),
  CHECK (large_approvals_needed >= approvals_needed)
);

CREATE TABLE person (
  id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email       text NOT NULL UNIQUE CHECK (email = lower(email)),
  name        text NOT NULL CHECK (name <> ''),
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE membership (
  workspace_id  int NOT NULL REFERENCES workspace,
  person_id     int NOT NULL REFERENCES person,
  role          text NOT NULL CHECK (role IN ('author', 'moderator', 'admin')),
  -- an author who may also decide on what others wrote
  moderator     boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, person_id)
);
