-- Campaigns, who made them, who approved what, and how they moved.

CREATE TABLE campaign (
  id                  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id        int NOT NULL REFERENCES workspace,
  name                text NOT NULL CHECK (name <> ''),
  state               text NOT NULL DEFAULT 'draft' CHECK (state IN
                        ('draft', 'in_review', 'scheduled', 'sending', 'paused', 'done', 'rejected', 'cancelled', 'expired', 'failed')),
  mode                text NOT NULL DEFAULT 'on_demand' CHECK (mode IN ('on_demand')),
  sender_revision_id  int NOT NULL,
  text                text NOT NULL CHECK (text <> ''),
  -- parts a recipient gets; the engine refuses to send if its own count differs
  segments            smallint NOT NULL CHECK (segments BETWEEN 1 AND 255),
  on_lost_answer      text NOT NULL DEFAULT 'hold' CHECK (on_lost_answer IN ('hold', 'resend')),
  validity_minutes    int CHECK (validity_minutes > 0),
  -- null is "as soon as approved" and "without end"
  starts_at           timestamptz,
  ends_at             timestamptz,
  created_by          int NOT NULL REFERENCES person,
  created_at          timestamptz NOT NULL DEFAULT now(),
  edited_by           int NOT NULL REFERENCES person,
  edited_at           timestamptz NOT NULL DEFAULT now(),
  -- how often it was submitted: an approval stands for one submission
  submission          int NOT NULL DEFAULT 0,
  opened_at           timestamptz,
  closed_at           timestamptz,
  failure             text,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, sender_revision_id) REFERENCES sender_revision (workspace_id, id),
  CHECK (ends_at > starts_at)
);
CREATE INDEX campaign_by_workspace ON campaign (workspace_id, id DESC);
-- what an engine looks at: few rows, whatever the archive holds
CREATE INDEX campaign_alive ON campaign (id) WHERE state IN ('scheduled', 'sending', 'paused');

-- Everybody who created or edited any part of a campaign: those who may not approve it. Filled by trigger only.
CREATE TABLE campaign_maker (
  campaign_id   int NOT NULL REFERENCES campaign,
  workspace_id  int NOT NULL REFERENCES workspace,
  person_id     int NOT NULL REFERENCES person,
  made_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (campaign_id, person_id)
);

CREATE TABLE approval (
  id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   int NOT NULL REFERENCES campaign,
  workspace_id  int NOT NULL REFERENCES workspace,
  person_id     int NOT NULL REFERENCES person,
  fingerprint   bytea NOT NULL CHECK (length(fingerprint) = 32),
  -- filled by trigger
  submission    int NOT NULL,
  approved_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (campaign_id, person_id, submission)
);

CREATE TABLE campaign_transition (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   int NOT NULL REFERENCES campaign,
  workspace_id  int NOT NULL REFERENCES workspace,
  action        text NOT NULL,
  from_state    text NOT NULL,
  to_state      text NOT NULL,
  -- null: the system itself, under the rules that people approved
  person_id     int REFERENCES person,
  note          text,
  moved_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX campaign_transition_by_campaign ON campaign_transition (campaign_id, id);

-- What leads where; its rows are part of the rule (rules/transitions.sql).
CREATE TABLE campaign_move (
  action      text NOT NULL,
  from_state  text NOT NULL,
  to_state    text NOT NULL,
  -- person: a member presses it; system: the engine, or a rule
  pressed_by  text NOT NULL CHECK (pressed_by IN ('person', 'system')),
  PRIMARY KEY (action, from_state)
);
