/**
 * Workspaces of uneven size with their people, senders and channels. In two temporary tables stands what the other parts of the
 * fill refer to: `big_workspace` (n from 1, the largest first; `upto`: the share of all campaigns that is its own or one before)
 * and `big_person`.
 */

/** Gives ids from a table's own sequence, in the order in which rows come. */
export const nextId = (table: string) => `nextval(pg_get_serial_sequence('${table}', 'id'))::int`

/** Letters no two of which look alike, so that no two names do (rules/sender_names.sql). */
const LETTERS = "ABCDEFGHKNOPRSTUXY"

const code = (n: string) =>
  [0, 1, 2, 3].map((i) => `substr('${LETTERS}', ${n} / ${LETTERS.length ** i} % ${LETTERS.length} + 1, 1)`).join(" || ")

/** $1 workspaces; the n-th has a share of the campaigns that goes like 1/n. */
const WORKSPACES = `
  CREATE TEMP TABLE big_workspace ON COMMIT DROP AS
  SELECT n, ${nextId("workspace")} AS id, sum(1.0 / n) OVER (ORDER BY n) / sum(1.0 / n) OVER () AS upto
    FROM generate_series(1, $1::int) AS n`

const MEMBERS = `
  CREATE TEMP TABLE big_person ON COMMIT DROP AS
  SELECT ${nextId("person")} AS id, w.id AS workspace_id, k, CASE WHEN k <= 6 THEN 'author' WHEN k <= 9 THEN 'moderator' ELSE 'admin' END AS role
    FROM big_workspace w, generate_series(1, 10) AS k ORDER BY w.n, k`

/** One after the other, in one transaction, on one connection. The first takes how many workspaces. */
export const DEPARTMENTS: ReadonlyArray<string> = [
  WORKSPACES,
  `INSERT INTO workspace (id, name, country, approvals_needed, large_from_recipients, large_approvals_needed) OVERRIDING SYSTEM VALUE
   SELECT id, 'Department ' || id, 'UZ', 1, CASE WHEN n % 4 = 0 THEN 1000 END, CASE WHEN n % 4 = 0 THEN 2 END FROM big_workspace`,
  MEMBERS,
  `INSERT INTO person (id, email, name) OVERRIDING SYSTEM VALUE
   SELECT id, format('%s.%s@big.example', role, id), initcap(role) || ' ' || id FROM big_person`,
  // the sixth author carries the moderator flag
  `INSERT INTO membership (workspace_id, person_id, role, moderator) SELECT workspace_id, id, role, k = 6 FROM big_person`,
  `INSERT INTO person (email, name, super_admin) VALUES ('super.' || (SELECT min(id) FROM big_workspace) || '@big.example', 'Super', true)`,
  // out of service, so that an engine beside it sends nothing of this
  `INSERT INTO channel (name, host, port, system_id, password, enabled)
   SELECT format('Operator %s.%s', (SELECT min(id) FROM big_workspace), k), '127.0.0.1', 2775, 'demo', 'demo', false FROM generate_series(0, 3) AS k`,
  `ALTER TABLE big_workspace ADD COLUMN channel_id int`,
  `UPDATE big_workspace w SET channel_id = c.id FROM channel c
    WHERE c.name = format('Operator %s.%s', (SELECT min(id) FROM big_workspace), w.n % 4)`,
  `INSERT INTO channel_grant (channel_id, workspace_id) SELECT channel_id, id FROM big_workspace`,
  `CREATE TEMP TABLE big_sender ON COMMIT DROP AS
   SELECT ${nextId("sender")} AS id, ${nextId("sender_revision")} AS revision_id, w.id AS workspace_id, k,
          'Big ' || ${code("w.id")} || substr('XYZ', k, 1) AS saddr
     FROM big_workspace w, generate_series(1, 3) AS k ORDER BY w.n, k`,
  `INSERT INTO sender (id, workspace_id, label, created_by) OVERRIDING SYSTEM VALUE
   SELECT s.id, s.workspace_id, (ARRAY['Payroll', 'Outages', 'Shifts'])[s.k], p.id
     FROM big_sender s JOIN big_person p ON p.workspace_id = s.workspace_id AND p.k = 10`,
  `INSERT INTO sender_revision (id, workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by,
                                decided_by, decided_at) OVERRIDING SYSTEM VALUE
   SELECT s.revision_id, s.workspace_id, s.id, 1, s.saddr, 5, 0, 'known to all staff', 'approved', a.id, m.id, now()
     FROM big_sender s JOIN big_person a ON a.workspace_id = s.workspace_id AND a.k = 10
     JOIN big_person m ON m.workspace_id = s.workspace_id AND m.k = 7`,
  // one in ten workspaces waits for a decision on a name
  `INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
   SELECT s.workspace_id, s.id, 2, s.saddr, 5, 0, 'as before', p.id
     FROM big_sender s JOIN big_person p ON p.workspace_id = s.workspace_id AND p.k = 1 WHERE s.k = 1 AND s.workspace_id % 10 = 0`,
  `ANALYZE big_workspace, big_person, big_sender`
]
