/**
 * A big installation, written set by set as the owner, in one transaction: what fails leaves nothing. Two years of campaigns in
 * every state, in workspaces of uneven size, with everything that the portal's lists read.
 *
 * Deterministic but for the time it is made at, and what Postgres makes by chance (salts).
 */
import { Clock, Effect } from "effect"
import { ATTEMPTS, RECEIPTS } from "#bench/ledger/written.ts"
import { SqlClient } from "#schema/Database.ts"
import { CAMPAIGNS, MOVED } from "./campaigns.ts"
import { CHAINS } from "./chains.ts"
import { DEPARTMENTS } from "./departments.ts"
import { AUDIENCE, BLOCKS, PROGRESS, WRITTEN } from "./ledgers.ts"

export interface Size {
  readonly workspaces: number
  readonly campaigns: number
  /** in all campaigns together, more or less: each has one at least */
  readonly recipients: number
  /** of a hundred campaigns, how many have their attempts and receipts */
  readonly written: number
}

export interface Filled {
  /** the one with most campaigns first */
  readonly workspaceIds: ReadonlyArray<number>
  readonly campaigns: number
  readonly recipients: number
}

/** Fills; `say` is told each step with its seconds. On a client of one connection: temporary tables carry from step to step. */
export const fillBig = Effect.fn("bench.fillBig")(function* (size: Size, say: (line: string) => unknown) {
  const sql = yield* SqlClient
  const step = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const result = yield* effect
      say(`  ${what.padEnd(44)} ${(((yield* Clock.currentTimeMillis) - began) / 1000).toFixed(1)} s`)
      return result
    })
  const all = (statements: ReadonlyArray<string>, parameters: ReadonlyArray<unknown> = []) =>
    Effect.forEach(statements, (text, i) => sql.unsafe(text, i === 0 ? parameters : []), { discard: true })

  const filled = yield* sql.withTransaction(
    Effect.gen(function* () {
      // the same throws in every run
      yield* sql`SELECT setseed(0.3)`
      yield* step("workspaces, people, senders", all(DEPARTMENTS, [size.workspaces]))
      yield* step("campaigns", all(CAMPAIGNS, [size.campaigns, size.recipients]))
      const months = yield* sql<{ month: string }>`SELECT DISTINCT month::text FROM big_campaign ORDER BY 1`
      yield* Effect.forEach(months, ({ month }) => sql`SELECT make_partitions(${month}::date)`, { discard: true })
      yield* step(
        "audiences",
        Effect.forEach(months, ({ month }) => sql.unsafe(AUDIENCE, [month]), { discard: true })
      )
      yield* step("lanes, approvals, transitions", all(MOVED))
      yield* step(
        "blocks",
        Effect.forEach(months, ({ month }) => sql.unsafe(BLOCKS, [month]), { discard: true })
      )
      yield* step(
        "attempts, receipts",
        Effect.forEach(months, ({ month }) => writeOf(month, size.written), { discard: true })
      )
      yield* step("progress, audit", all([PROGRESS, ...CHAINS]))
      const [sizes] = yield* sql<{ campaigns: number; recipients: number }>`
        SELECT count(*)::int AS campaigns, sum(recipients)::int AS recipients FROM big_campaign`
      const workspaces = yield* sql<{ id: number }>`SELECT id FROM big_workspace ORDER BY n`
      return { ...sizes!, workspaceIds: workspaces.map(({ id }) => id) } satisfies Filled
    })
  )
  yield* step("vacuum, analyze", sql`VACUUM ANALYZE`)
  return filled
})

const writeOf = Effect.fnUntraced(function* (month: string, written: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql.unsafe<{ lanes: ReadonlyArray<number> }>(WRITTEN, [month, written])
  yield* sql.unsafe(ATTEMPTS, [row!.lanes, month])
  yield* sql.unsafe(RECEIPTS, [row!.lanes, month, 100])
})
