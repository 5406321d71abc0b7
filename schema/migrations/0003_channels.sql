-- Channels: one operator account each, granted to workspaces. `epoch` is the token of ownership: it grows whenever an
-- engine takes the channel, and what carries an older one is refused.

CREATE TABLE channel (
  id                     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                   text NOT NULL UNIQUE CHECK (name <> ''),
  host                   text NOT NULL,
  port                   int NOT NULL CHECK (port BETWEEN 1 AND 65535),
  tls                    boolean NOT NULL DEFAULT false,
  -- SMPP 3.4, 4.1.1: at most 15, 8 and 12 characters
  system_id              text NOT NULL CHECK (length(system_id) <= 15),
  password               text NOT NULL CHECK (length(password) <= 8),
  system_type            text NOT NULL DEFAULT '' CHECK (length(system_type) <= 12),
  bind_mode              text NOT NULL DEFAULT 'transceiver' CHECK (bind_mode IN ('transceiver', 'transmitter_and_receiver')),
  binds                  smallint NOT NULL DEFAULT 1 CHECK (binds BETWEEN 1 AND 32),
  window_size            smallint NOT NULL DEFAULT 10 CHECK (window_size BETWEEN 1 AND 1000),
  -- the contract: null is "as fast as the operator answers"
  per_second             int CHECK (per_second > 0),
  -- null is 20 ms of the contract
  burst                  int CHECK (burst > 0),
  charset                text NOT NULL DEFAULT 'gsm7' CHECK (charset IN ('gsm7', 'latin1')),
  enquire_link_seconds   int NOT NULL DEFAULT 30 CHECK (enquire_link_seconds > 0),
  response_seconds       int NOT NULL DEFAULT 30 CHECK (response_seconds > 0),
  -- after this long without its receipt a message is `unknown`
  receipt_wait           interval NOT NULL DEFAULT '72 hours' CHECK (receipt_wait > interval '0'),
  -- how this operator dresses message ids in receipts, once learnt
  message_id_dress       text CHECK (message_id_dress IN ('same', 'hexToDecimal', 'decimalToHex')),
  enabled                boolean NOT NULL DEFAULT true,
  epoch                  bigint NOT NULL DEFAULT 0,
  created_at             timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE channel_grant (
  channel_id    int NOT NULL REFERENCES channel,
  workspace_id  int NOT NULL REFERENCES workspace,
  PRIMARY KEY (channel_id, workspace_id)
);
