/**
 * The stop list of the workspace acted in, by who manages it (rules/stop_list.sql): numbers that nothing is sent to. They are shown masked;
 * who asks for one by name is told, and the audit says that they asked.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface Stop {
  /** Masked. */
  readonly number: string
  /** Why, as whoever put it there said. */
  readonly cause: string
  readonly stopped_at: Date
}

/** Shown at most. */
export const MOST = 50

/** The newest, and how many there are in all. */
export const newest = Effect.fn("StopList.newest")(function* () {
  const sql = yield* SqlClient
  const stops = yield* sql<Stop & { total: number }>`
    SELECT number, cause, stopped_at, total::float8 AS total FROM newest_stops(${MOST})`
  return { stops: stops as ReadonlyArray<Stop>, total: stops[0]?.total ?? 0 }
}, Effect.mapError(refused))

/** Since when and why a number is on it; undefined: it is not. number: E.164 digits. */
export const find = Effect.fn("StopList.find")(function* (number: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<Omit<Stop, "number">>`SELECT cause, stopped_at FROM find_stop(${number})`
  return row
}, Effect.mapError(refused))

/** Also for campaigns that are being sent. Gives how many are new. */
export const add = Effect.fn("StopList.add")(function* (numbers: ReadonlyArray<number>, cause: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{
    added: number
  }>`SELECT add_stops(${asArray(numbers)}::bigint[], ${withoutNul(cause)}) AS added`
  return row!.added
}, Effect.mapError(refused))

/** They can be written to again. Gives how many were on it. */
export const remove = Effect.fn("StopList.remove")(function* (numbers: ReadonlyArray<number>, reason: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ removed: number }>`
    SELECT remove_stops(${asArray(numbers)}::bigint[], ${withoutNul(reason)}) AS removed`
  return row!.removed
}, Effect.mapError(refused))

/** Which no text of the database holds. */
const withoutNul = (text: string) => text.replaceAll("\0", "")

/** Numbers of different sizes are of different types to the client. */
const asArray = (numbers: ReadonlyArray<number>) => `{${numbers.join(",")}}`
