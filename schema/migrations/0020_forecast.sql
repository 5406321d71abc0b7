-- When campaigns will be through, as the engine foresees it (rules/forecast.sql), and how wrong it was.

CREATE TABLE campaign_forecast (
  campaign_id        int PRIMARY KEY REFERENCES campaign ON DELETE CASCADE,
  workspace_id       int NOT NULL REFERENCES workspace,
  -- what was foreseen first, since it was scheduled for the last time; and when half of it was sent
  first_made_at      timestamptz,
  first_finishes_at  timestamptz,
  half_finishes_at   timestamptz,
  -- since when the forecast is as it is: one that stays the same is not written again
  made_at            timestamptz NOT NULL,
  -- null: not known, or it will not be through
  finishes_at        timestamptz,
  -- messages a second, now or when it begins; null: not known
  per_second         float8,
  limited_by         text NOT NULL CHECK (limited_by IN ('schedule', 'ceiling', 'workspace', 'day', 'channel', 'share', 'person', 'unknown')),
  -- recipients that would be left at its end
  left_over          int NOT NULL DEFAULT 0 CHECK (left_over >= 0),
  -- whether it was said that it will not be through in time, and not taken back
  warned             boolean NOT NULL DEFAULT false,
  -- once it has ended. Of what was sent to its end also how far off the forecasts were: seconds (later than foreseen is more than 0), and
  -- of the time that it took
  settled_at         timestamptz,
  error_seconds      float8,
  error_share        float8,
  half_error_share   float8
) WITH (fillfactor = 70);
CREATE INDEX campaign_forecast_unsettled ON campaign_forecast (campaign_id) WHERE settled_at IS NULL;

-- How fast channels were when there was more to send than they took: messages a second, measured by the engine.
CREATE TABLE channel_speed (
  channel_id   int PRIMARY KEY REFERENCES channel,
  per_second   float8 NOT NULL CHECK (per_second > 0),
  measured_at  timestamptz NOT NULL
);
