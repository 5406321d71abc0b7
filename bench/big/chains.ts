/**
 * The audit of all this: what people and the system would have said, in true chains, one a workspace and the installation's with
 * the sign-ins. Each row's hash is made from the one before by the rule itself (audit_hash).
 */

const EVENTS = `
  CREATE TEMP TABLE big_event ON COMMIT DROP AS
  SELECT e.workspace_id, e.at, e.ord, e.person_id, CASE WHEN e.person_id IS NULL THEN 'system' ELSE coalesce(m.role, 'person') END AS role, e.action, e.object,
         e.object_id::bigint, e.facts::text, CASE WHEN p.id IS NULL THEN nullif(e.personal, '{}') ELSE e.personal || jsonb_build_object('by',
           jsonb_build_object('name', p.name, 'email', p.email), 'request', jsonb_build_object('address', '192.0.2.' || p.id % 250)) END::text AS personal
    FROM (
      SELECT c.workspace_id, c.created_at + t.minutes * interval '1 minute' AS at, t.minutes AS ord, c.author_id AS person_id, t.action,
             'campaign' AS object, c.id AS object_id, t.facts, t.personal
        FROM big_campaign c
       CROSS JOIN LATERAL (VALUES
          (0, 'campaign.create', jsonb_build_object('after', jsonb_build_object('mode', 'on_demand', 'segments', 1, 'sender_revision_id', c.revision_id)),
              jsonb_build_object('after', jsonb_build_object('text', 'Planned maintenance tonight from 22:00 to 23:30. Please save your work. No. ' || c.n))),
          (1, 'campaign.add_lane', jsonb_build_object('lane', c.lane_id), '{}'),
          (2, 'campaign.choose_channels', jsonb_build_object('lane', c.lane_id, 'before', '[]'::jsonb, 'after', jsonb_build_array(c.channel_id)), '{}'),
          (3, 'campaign.seal_audience', jsonb_build_object('lane', c.lane_id, 'recipients', c.recipients), '{}')) AS t (minutes, action, facts, personal)
      UNION ALL
      SELECT m.workspace_id, m.moved_at, 10, m.person_id, 'campaign.' || m.action, 'campaign', m.campaign_id,
             jsonb_build_object('before', m.from_state, 'after', m.to_state), jsonb_strip_nulls(jsonb_build_object('note', m.note))
        FROM big_move m WHERE m.action <> 'approve'
      UNION ALL
      SELECT a.workspace_id, a.approved_at, 20, a.person_id, 'campaign.approve', 'campaign', a.campaign_id,
             jsonb_build_object('campaign_id', a.campaign_id, 'submission', a.submission, 'fingerprint', encode(a.fingerprint, 'hex'), 'decision', 'approve'), '{}'
        FROM approval a JOIN big_campaign c ON c.id = a.campaign_id
      UNION ALL
      -- everybody every four weeks
      SELECT 0, now() - day * interval '1 day' - p.id % 500 * interval '1 minute', 30, p.id, 'session.open', 'session', day * 100000 + p.id,
             jsonb_build_object('opened_by', 'password', 'second_factor', false), '{}'
        FROM big_person p, generate_series(1, 729, 28) AS day) AS e
    LEFT JOIN person p ON p.id = e.person_id
    LEFT JOIN membership m ON m.workspace_id = e.workspace_id AND m.person_id = e.person_id`

/** A running hash: what comes before the first is said by its row. */
const CHAIN = [
  `CREATE FUNCTION pg_temp.next_hash(before bytea, a audit) RETURNS bytea LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
   BEGIN a.previous := coalesce(before, a.previous); RETURN audit_hash(a); END $$`,
  `CREATE AGGREGATE pg_temp.chained(audit) (SFUNC = pg_temp.next_hash, STYPE = bytea)`
]

const AUDIT = `
  INSERT INTO audit (workspace_id, seq, at, person_id, role, action, object, object_id, facts, personal, salt, personal_digest, previous, hash)
  SELECT h.workspace_id, h.seq, h.at, h.person_id, h.role, h.action, h.object, h.object_id, h.facts, h.personal, h.salt, h.personal_digest,
         lag(h.hash, 1, h.head) OVER (PARTITION BY h.workspace_id ORDER BY h.seq), h.hash
    FROM (SELECT s.*, pg_temp.chained(ROW(s.workspace_id, s.seq, s.at, s.person_id, s.role, s.action, s.object, s.object_id, s.facts, s.personal,
                                          s.salt, s.personal_digest, s.head, NULL)::audit)
                        OVER (PARTITION BY s.workspace_id ORDER BY s.seq ROWS UNBOUNDED PRECEDING) AS hash
            FROM (SELECT e.*, coalesce(c.seq, 0) + row_number() OVER (PARTITION BY e.workspace_id ORDER BY e.at, e.ord) AS seq,
                         coalesce(c.hash, decode(repeat('00', 32), 'hex')) AS head, sha256(e.salt || convert_to(e.personal, 'UTF8')) AS personal_digest
                    FROM (SELECT *, CASE WHEN personal IS NOT NULL THEN uuid_send(gen_random_uuid()) END AS salt FROM big_event OFFSET 0) AS e
                    LEFT JOIN audit_chain c ON c.workspace_id = e.workspace_id OFFSET 0) AS s) AS h
   ORDER BY h.at`

const HEADS = `
  INSERT INTO audit_chain AS c (workspace_id, seq, hash)
  SELECT DISTINCT ON (workspace_id) workspace_id, seq, hash FROM audit
   WHERE workspace_id IN (SELECT DISTINCT workspace_id FROM big_event) ORDER BY workspace_id, seq DESC
  ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`

/** After everything else. */
export const CHAINS: ReadonlyArray<string> = [EVENTS, ...CHAIN, AUDIT, HEADS]
