/**
 * Acting: a transaction that begins by showing who acts. What is done in it without that, as the portal's role, sees no row
 * and may do nothing (rules/identity.sql).
 */
import { Effect, Redacted } from "effect"
import { SqlClient, SqlError, transaction } from "#schema/Database.ts"
import { type Refused, refused } from "#schema/Refused.ts"

/** Runs an effect in one transaction, in somebody's name. Whatever its statements are refused comes out as `Refused`. */
export type Acting = <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<A, Exclude<E, SqlError> | Refused, R | SqlClient>

/** From where somebody acts: the portal's word, kept by the audit. */
export interface Request {
  readonly address?: string
  readonly agent?: string
  readonly request_id?: string
}

/**
 * In the name of who holds this session. workspaceId null: in no workspace, about oneself; a super admin then looks at all
 * of them.
 */
export const act = (token: Redacted.Redacted<string>, workspaceId: number | null, request: Request = {}): Acting =>
  inTransaction(
    (sql) => sql`SELECT FROM act(${Redacted.value(token)}, ${workspaceId}, ${JSON.stringify(request)}::text::jsonb)`
  )

/** For the owner alone, who needs no session: in tests, and where a command line fills a database. */
export const actAs = (personId: number, workspaceId: number | null): Acting =>
  inTransaction((sql) => sql`SELECT FROM act_as(${personId}, ${workspaceId})`)

const inTransaction =
  (show: (sql: SqlClient) => Effect.Effect<unknown, SqlError>): Acting =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    transaction(Effect.andThen(Effect.flatMap(SqlClient, show), effect)).pipe(
      Effect.mapError((error) => (error instanceof SqlError ? refused(error) : (error as Exclude<E, SqlError>)))
    )
