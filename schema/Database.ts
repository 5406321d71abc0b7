/**
 * The one door to Postgres, and the only file that names the driver.
 *
 * Promises: plain snake_case columns both ways (no name transforms); a refusal that our own SQL raised is told by its
 * SQLSTATE, never by the words of its message; a listener never goes deaf when its backend dies.
 *
 * The driver sends one statement a call (extended protocol), gives numeric as string, timestamptz as Date and jsonb
 * parsed; int8 we have it give as a number (see PgTypes.ts).
 */
import { PgClient } from "@effect/sql-pg"
import { Cause, type Duration, Effect, Redacted, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { SqlError } from "effect/sql/SqlError"
import { registry } from "./PgTypes.ts"

export { DatabaseUrl } from "./DatabaseUrl.ts"
export { SqlClient, SqlError }

/** `SqlClient` with `json`, `listen` and `notify`; a room asks for it only when it needs one of these. */
export const Postgres = PgClient.PgClient
export type Postgres = PgClient.PgClient

export interface Options {
  /** Shown in `pg_stat_activity`, so that an operator sees whose connection it is. */
  readonly applicationName: string
  /**
   * At least the transactions and streams that run at once, plus one for each listener, plus one: these pin theirs.
   * 10 unless given.
   */
  readonly maxConnections?: number
  /** Pipelines the single statements of many fibers on one connection: a small pool then beats a big one. */
  readonly multiplex?: boolean
}

/**
 * A pool at `url`, as `SqlClient` and `Postgres`. Connections are opened when first needed, so that the layer itself
 * does not fail when the database is down; the first statement does, with `ConnectionError`.
 */
export const layer = (url: Redacted.Redacted<string>, options: Options) =>
  PgClient.layer({
    url,
    applicationName: options.applicationName,
    maxConnections: options.maxConnections ?? 10,
    multiplex: options.multiplex ?? false,
    // A peer that vanished without a word (a power cut, a dropped NAT entry) is noticed in about 40 s, not never.
    keepAlive: "30 seconds",
    types: registry
  })

/**
 * One transaction; a failure or an interruption rolls it back.
 *
 * A connection that dies in it fails the rollback as well, which the driver calls a defect. Nothing is left to be rolled back then, so
 * it comes out as the error it began with, and can be caught and tried again.
 */
export const transaction = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient> =>
  Effect.flatMap(SqlClient, (sql) => sql.withTransaction(effect)).pipe(
    Effect.catchCause((cause: Cause.Cause<E | SqlError>) => {
      const ofRollback = cause.reasons.filter(
        (reason) => Cause.isDieReason(reason) && reason.defect instanceof SqlError
      )
      const others = cause.reasons.filter((reason) => !ofRollback.includes(reason))
      if (ofRollback.length === 0 || others.length > 0) return Effect.failCause(Cause.fromReasons(others))
      return Effect.fail((ofRollback[0] as Cause.Die).defect as SqlError)
    })
  )

/** The same server with another database, user or password; what is not given stays as in `url`. */
export const urlFor = (
  url: Redacted.Redacted<string>,
  change: { readonly database?: string; readonly username?: string; readonly password?: string | undefined }
): Redacted.Redacted<string> => {
  // `postgres:///name?host=/run` is legal, but a URL without a host takes no user: the host parameter wins anyway.
  const next = new URL(Redacted.value(url).replace(/^(\w+:\/\/)\//, "$1localhost/"))
  // The query may carry the same facts and would win over ours.
  if (change.database !== undefined) {
    next.searchParams.delete("dbname")
    next.pathname = `/${encodeURIComponent(change.database)}`
  }
  if (change.username !== undefined) {
    next.searchParams.delete("user")
    next.username = encodeURIComponent(change.username)
  }
  if ("password" in change) {
    next.searchParams.delete("password")
    next.password = encodeURIComponent(change.password ?? "")
  }
  return Redacted.make(next.href)
}

/** Who logs in by this URL, to which database, with which password: the parts that we make other URLs from. */
export const urlParts = (url: Redacted.Redacted<string>) => {
  const { password, pathname, searchParams, username } = new URL(Redacted.value(url))
  return {
    username: searchParams.get("user") ?? decodeURIComponent(username),
    password: searchParams.get("password") ?? decodeURIComponent(password),
    database: searchParams.get("dbname") ?? decodeURIComponent(pathname.slice(1))
  }
}

/** The same place without its password, fit for a log or a screen. */
export const urlToShow = (url: Redacted.Redacted<string>): string => {
  const shown = new URL(Redacted.value(url))
  shown.searchParams.delete("password")
  shown.password = ""
  return shown.href
}

/**
 * The SQLSTATE that the server gave: `23505`, or one of our own refusals such as `CS001`. `undefined` when no server
 * spoke (connection lost or never made).
 */
export const sqlState = (error: SqlError): string | undefined => serverField(error, "code")

/** The server's own sentence where there is one, else what the driver says. */
export const sqlMessage = (error: SqlError): string => {
  if (serverField(error, "code") !== undefined) return serverField(error, "message") ?? error.message
  const cause = error.reason.cause
  return cause instanceof Error && cause.message !== "" ? `${error.message}: ${cause.message}` : error.message
}

/** A field of the server's error message, by the driver's name for it: `detail`, `hint`, `position`, `constraint` … */
export const serverField = (error: SqlError, field: string): string | undefined => {
  const cause = error.reason.cause
  // Node's errors have a `code` too (ECONNREFUSED, EPIPE); only a server's has a severity.
  if (typeof cause !== "object" || cause === null || !("severity" in cause)) return undefined
  const value = (cause as Record<string, unknown>)[field]
  return typeof value === "string" ? value : undefined
}

/**
 * What every NOTIFY of `channel` says, and undefined after every (re)connection of the listener: what was said while nobody
 * listened is lost.
 *
 * It never fails: `listen` dies with its backend, and is retried each second. It pins one connection of the pool.
 */
export const notices = (channel: string): Stream.Stream<string | undefined, never, Postgres> =>
  Stream.unwrap(
    Effect.map(Postgres, (postgres) =>
      Stream.unwrap(
        Effect.map(postgres.listen(channel), (queue) =>
          Stream.concat(
            Stream.succeed(undefined),
            Stream.map(Stream.fromQueue(queue), ({ payload }): string | undefined => payload)
          )
        )
      ).pipe(Stream.retry(Schedule.spaced("1 second")), Stream.orDie)
    )
  )

/**
 * A wake hint on every NOTIFY of `channel`, after every (re)connection of the listener, and every `every` whatever
 * happens. Hints that nobody took yet fold into one: the consumer looks at the rows, the hint says only "look".
 *
 * While nobody listens, the tick goes on. It pins one connection of the pool.
 */
export const wakeups = (channel: string, every: Duration.Input): Stream.Stream<void, never, Postgres> =>
  notices(channel).pipe(
    Stream.merge(Stream.tick(every)),
    Stream.map(() => undefined),
    Stream.buffer({ capacity: 1, strategy: "dropping" })
  )
