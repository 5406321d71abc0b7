/**
 * The audit where it stands: its rows in batches, in bounded memory, and what else the database knows of a chain. For the owner, and
 * for the portal as far as its identity sees. What is read together is read in one `snapshot`.
 */
import { Effect, Option, Stream } from "effect"
import { SqlClient, type SqlError, transaction } from "#schema/Database.ts"
import type { AuditRow } from "./AuditRow.ts"
import type { Checkpoint } from "./Checkpoint.ts"

/** Rows in a batch: some megabytes where they are long. */
const BATCH = 2_000

/** What the database holds to be the newest row of a chain; seq 0 of one without rows. */
export interface ChainHead {
  readonly workspace_id: number
  /** The workspace's name, for people; empty where there is none. */
  readonly workspace: string
  readonly seq: number
  /** hex; null of one that lost its head */
  readonly hash: string | null
}

/** Reads, and sees the database as it was when the first statement was asked. */
export const snapshot = <A, E, R>(read: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient> =>
  transaction(
    Effect.andThen(
      Effect.flatMap(SqlClient, (sql) => sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`),
      read
    )
  )

/** All chains, in the order of their workspaces: also one that lost its head, but has rows or checkpoints. */
export const chains: Effect.Effect<ReadonlyArray<number>, SqlError, SqlClient> = Effect.flatMap(SqlClient, (sql) =>
  Effect.map(
    sql<{ id: number }>`
      SELECT workspace_id AS id FROM audit_chain
       UNION SELECT workspace_id FROM audit_checkpoint
       UNION SELECT DISTINCT workspace_id FROM audit
       ORDER BY id`,
    (rows) => rows.map(({ id }) => id)
  )
)

/** What the database holds to be the end of a chain, also of one that never was. */
export const chainHead = (workspaceId: number): Effect.Effect<ChainHead, SqlError, SqlClient> =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(
      sql<ChainHead>`
        SELECT ids.id AS workspace_id, coalesce(w.name, '') AS workspace, coalesce(c.seq, 0) AS seq, encode(c.hash, 'hex') AS hash
          FROM (SELECT ${workspaceId}::int AS id) AS ids
          LEFT JOIN audit_chain c ON c.workspace_id = ids.id
          LEFT JOIN workspace w ON w.id = ids.id`,
      ([row]) => row!
    )
  )

export const checkpointsOf = (workspaceId: number): Effect.Effect<ReadonlyArray<Checkpoint>, SqlError, SqlClient> =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<Checkpoint>`
      SELECT 'countersign/checkpoint/1' AS format, workspace_id, seq, encode(hash, 'hex') AS hash, at_us::text AS at_us,
             encode(public_key, 'hex') AS public_key, encode(signature, 'hex') AS signature
        FROM audit_checkpoint WHERE workspace_id = ${workspaceId} ORDER BY seq`
  )

/** The first row that is kept; undefined where there is none. */
export const firstRow = (workspaceId: number): Effect.Effect<AuditRow | undefined, SqlError, SqlClient> =>
  Effect.map(page(workspaceId, 0, 1), ([row]) => row)

/** The rows after `afterSeq`, in their order. */
export const rowsOf = (
  workspaceId: number,
  afterSeq = 0
): Stream.Stream<ReadonlyArray<AuditRow>, SqlError, SqlClient> =>
  Stream.paginate(afterSeq, (after) =>
    Effect.map(page(workspaceId, after, BATCH), (rows) => [
      rows.length > 0 ? [rows] : [],
      rows.length === BATCH ? Option.some(rows.at(-1)!.seq) : Option.none()
    ])
  )

const page = (workspaceId: number, after: number, most: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<AuditRow>`
      SELECT workspace_id, seq, (extract(epoch FROM at) * 1000000)::bigint::text AS at_us, person_id, role, action, object, object_id,
             facts, personal, encode(salt, 'hex') AS salt, encode(personal_digest, 'hex') AS personal_digest,
             encode(previous, 'hex') AS previous, encode(hash, 'hex') AS hash
        FROM audit WHERE workspace_id = ${workspaceId} AND seq > ${after} ORDER BY seq LIMIT ${most}`
  )
