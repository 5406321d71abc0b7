/**
 * Campaigns of two years in every state, with who made, approved and moved them. `big_campaign` holds one row each, and what the
 * ledgers and the audit are made from: by when it was moved, how many runs of its audience went out, whether it is archived.
 */
import { nextId } from "./departments.ts"

/** Days that the campaigns are spread over, the newest a day old, so that nothing of theirs is in the future. */
const DAYS = 730

/** $1 campaigns, $2 recipients in all of them, a few of them many and most of them few. */
const BIG_CAMPAIGN = `
  CREATE TEMP TABLE big_campaign ON COMMIT DROP AS
  SELECT ${nextId("campaign")} AS id, ${nextId("lane")} AS lane_id, t.*
    FROM (
      SELECT t.n, w.id AS workspace_id, w.channel_id, a.id AS author_id, CASE WHEN t.pick % 5 = 0 THEN e.id ELSE a.id END AS editor_id,
             s.revision_id, t.pick, t.created_at, date_trunc('month', t.created_at)::date AS month, t.state, t.age,
             greatest(1, floor($2::float8 * t.weight / sum(t.weight) OVER ()))::int AS recipients
        FROM (SELECT n, age, u.*, now() - interval '1 day' - age * interval '${DAYS} days' AS created_at, (u.size + 0.0005) ^ -0.9 AS weight,
                     CASE WHEN age > 0.02 THEN
                            CASE WHEN u.fate < 0.005 THEN 'draft' WHEN u.fate < 0.88 THEN 'done' WHEN u.fate < 0.92 THEN 'cancelled'
                                 WHEN u.fate < 0.96 THEN 'rejected' WHEN u.fate < 0.985 THEN 'expired' ELSE 'failed' END
                          ELSE CASE WHEN u.fate < 0.25 THEN 'draft' WHEN u.fate < 0.5 THEN 'in_review' WHEN u.fate < 0.65 THEN 'scheduled'
                                    WHEN u.fate < 0.75 THEN 'sending' WHEN u.fate < 0.8 THEN 'paused' ELSE 'done' END END AS state
                FROM generate_series(1, $1::int) AS n
               CROSS JOIN LATERAL (SELECT ($1 - n)::float8 / $1 AS age) AS a
               CROSS JOIN LATERAL (SELECT random() AS whose, random() AS fate, random() AS size, floor(random() * 1000)::int AS pick WHERE n > 0) AS u) AS t
        JOIN big_workspace w ON w.n = 1 + width_bucket(t.whose, (SELECT array_agg(upto::float8 ORDER BY upto) FROM big_workspace))
        JOIN big_person a ON a.workspace_id = w.id AND a.k = 1 + t.pick % 6
        JOIN big_person e ON e.workspace_id = w.id AND e.k = 1 + (t.pick + 1) % 6
        JOIN big_sender s ON s.workspace_id = w.id AND s.k = 1 + t.pick % 3
       ORDER BY t.n) AS t`

/** Runs of up to 1,000 that were submitted, and what follows from the state. */
const FATES = `
  ALTER TABLE big_campaign ADD COLUMN approved boolean, ADD COLUMN opened boolean, ADD COLUMN sent_runs int, ADD COLUMN before_all bigint,
    ADD COLUMN archived boolean`
const FATED = `
  UPDATE big_campaign c SET approved = f.approved, opened = f.opened, before_all = f.before_all,
         archived = c.age > 0.25 AND c.pick % 10 < 4 AND c.state <> 'draft',
         sent_runs = CASE WHEN NOT f.opened THEN 0 WHEN c.state = 'done' THEN f.runs ELSE f.runs / 2 END
    FROM (SELECT id, sum(recipients) OVER (ORDER BY n) - recipients AS before_all, (recipients + 999) / 1000 AS runs,
                 state IN ('scheduled', 'sending', 'paused', 'done', 'expired', 'failed') OR state = 'cancelled' AND n % 2 = 0 AS approved,
                 state IN ('sending', 'paused', 'done', 'failed') OR state IN ('cancelled', 'expired') AND n % 2 = 0 AS opened
            FROM big_campaign) AS f WHERE f.id = c.id`

const CAMPAIGN = `
  INSERT INTO campaign (id, workspace_id, name, state, sender_revision_id, text, segments, starts_at, created_by, created_at, edited_by,
                        edited_at, submission, opened_at, closed_at, archived_at, failure) OVERRIDING SYSTEM VALUE
  SELECT id, workspace_id,
         (ARRAY['Payroll notice', 'Shift reminder', 'Outage', 'Напоминание о смене', 'Canteen', 'Evacuation exercise', 'Road closed',
                'Зарплата'])[1 + pick % 8] || to_char(created_at, ' DD.MM.YYYY'),
         state, revision_id, 'Planned maintenance tonight from 22:00 to 23:30. Please save your work. No. ' || n, 1,
         CASE WHEN state = 'scheduled' THEN now() + pick * interval '1 hour' WHEN pick % 3 = 0 THEN created_at + interval '4 hours' END,
         author_id, created_at, editor_id, created_at + interval '20 minutes', CASE WHEN state = 'draft' THEN 0 ELSE 1 END,
         CASE WHEN opened THEN created_at + interval '4 hours' END,
         CASE WHEN state IN ('done', 'rejected', 'cancelled', 'expired', 'failed') THEN created_at + interval '6 hours' END,
         CASE WHEN archived THEN created_at + interval '90 days' END, CASE WHEN state = 'failed' THEN 'the operator refused every bind' END
    FROM big_campaign ORDER BY n`

/** After its audience: its digest stands in the lane. */
const LANE = `
  INSERT INTO lane (id, workspace_id, campaign_id, month, recipients, audience_digest, next_seq) OVERRIDING SYSTEM VALUE
  SELECT c.lane_id, c.workspace_id, c.id, c.month, c.recipients, d.root, least(c.sent_runs * 1000, c.recipients) + 1
    FROM big_campaign c
    JOIN (SELECT month, lane_id, merkle_root(array_agg(digest ORDER BY first_seq)) AS root FROM audience GROUP BY month, lane_id) AS d
      ON d.month = c.month AND d.lane_id = c.lane_id ORDER BY c.n`

/** As many as are needed; of what is in review, every other has one less. */
const APPROVAL = `
  INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint, submission, approved_at)
  SELECT c.id, c.workspace_id, p.id, campaign_fingerprint(c.id), 1, c.created_at + p.k * interval '20 minutes'
    FROM big_campaign c JOIN big_person p ON p.workspace_id = c.workspace_id AND p.k BETWEEN 7 AND 9
   WHERE p.k - 6 <= approvals_needed(c.id) - CASE WHEN c.approved THEN 0 WHEN c.state = 'in_review' AND c.n % 2 = 0 THEN 1 ELSE 9 END
   ORDER BY c.n, p.k`

const TRANSITION = `
  CREATE TEMP TABLE big_move ON COMMIT DROP AS
  SELECT c.id AS campaign_id, c.workspace_id, m.*
    FROM big_campaign c
    JOIN big_person p ON p.workspace_id = c.workspace_id AND p.k = 8
   CROSS JOIN LATERAL (VALUES
      (c.state <> 'draft', 'submit', 'draft', 'in_review', c.author_id, NULL, 1),
      (c.approved, 'approve', 'in_review', 'scheduled', p.id, NULL, 3),
      (c.state = 'rejected', 'reject', 'in_review', 'rejected', p.id, 'the date is wrong', 3),
      (c.opened, 'open', 'scheduled', 'sending', NULL, NULL, 4),
      (c.state = 'paused', 'pause', 'sending', 'paused', c.author_id, NULL, 5),
      (c.state = 'done', 'close', 'sending', 'done', NULL, NULL, 6),
      (c.state = 'cancelled', 'stop', CASE WHEN c.opened THEN 'sending' ELSE 'in_review' END, 'cancelled', p.id, 'not needed any more', 6),
      (c.state = 'expired', 'expire', CASE WHEN c.opened THEN 'sending' ELSE 'scheduled' END, 'expired', NULL, NULL, 6),
      (c.state = 'failed', 'fail', 'sending', 'failed', NULL, 'the operator refused every bind', 6)
    ) AS t (happened, action, from_state, to_state, person_id, note, hours)
   CROSS JOIN LATERAL (SELECT t.action, t.from_state, t.to_state, t.person_id, t.note, c.created_at + t.hours * interval '1 hour' AS moved_at) AS m
   WHERE t.happened`

/** Before the audiences. The first takes campaigns and recipients. */
export const CAMPAIGNS: ReadonlyArray<string> = [BIG_CAMPAIGN, FATES, FATED, `ANALYZE big_campaign`, CAMPAIGN]

/** After the audiences. What rules ask of people who act stands in the way of rows that say they did. */
export const MOVED: ReadonlyArray<string> = [
  `ALTER TABLE lane DISABLE TRIGGER lanes_are_fixed`,
  `ALTER TABLE lane_channel DISABLE TRIGGER lanes_are_fixed`,
  `ALTER TABLE approval DISABLE TRIGGER USER`,
  LANE,
  `INSERT INTO lane_channel (workspace_id, lane_id, channel_id) SELECT workspace_id, lane_id, channel_id FROM big_campaign ORDER BY n`,
  `ANALYZE campaign, lane, lane_channel`,
  APPROVAL,
  TRANSITION,
  `INSERT INTO campaign_transition (campaign_id, workspace_id, action, from_state, to_state, person_id, note, moved_at)
   SELECT * FROM big_move ORDER BY moved_at`,
  `ALTER TABLE lane ENABLE TRIGGER lanes_are_fixed`,
  `ALTER TABLE lane_channel ENABLE TRIGGER lanes_are_fixed`,
  `ALTER TABLE approval ENABLE TRIGGER USER`
]
