/**
 * How Postgres answers what a service asks: its plans, and what it really read. The statements are the service's own, noted on their
 * way to the database; nothing is copied, so nothing is forgotten when a service changes.
 */
import { Effect } from "effect"
import { CurrentTransformer } from "effect/sql/Statement"
import { SqlClient } from "#schema/Database.ts"

/** Those that grow with what is sent. Partitions count as their table. */
export const BIG = [
  "campaign",
  "campaign_maker",
  "campaign_transition",
  "approval",
  "lane",
  "lane_channel",
  "progress",
  "audience",
  "block",
  "attempt",
  "receipt",
  "audit"
] as const

/** A node of EXPLAIN (FORMAT JSON), as far as it is looked at. */
export interface PlanNode {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly "Index Name"?: string
  readonly "Plan Rows": number
  readonly "Actual Rows"?: number
  readonly Plans?: ReadonlyArray<PlanNode>
}

/** Runs it, and gives each statement that it sent. */
export const statementsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sent: Array<readonly [text: string, parameters: ReadonlyArray<unknown>]> = []
    yield* Effect.provideService(effect, CurrentTransformer, (statement) =>
      Effect.sync(() => {
        sent.push(statement.compile())
        return statement
      })
    )
    return sent
  })

/** The plans of everything that it sends; while acting, on the connection that acts. */
export const plansOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const plans: Array<PlanNode> = []
    for (const [text, parameters] of yield* statementsOf(effect)) {
      const rows = yield* sql.unsafe<{ "QUERY PLAN": ReadonlyArray<{ readonly Plan: PlanNode }> }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        parameters
      )
      plans.push(rows[0]!["QUERY PLAN"][0]!.Plan)
    }
    return plans
  })

/** A node and all below it. */
export const nodes = (plan: PlanNode): ReadonlyArray<PlanNode> => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

const tableOf = (relation: string) => relation.replace(/_\d{4}_\d{2}$/, "")

/** Big tables that these plans read from end to end. */
export const seqScans = (plans: ReadonlyArray<PlanNode>): ReadonlyArray<string> =>
  plans
    .flatMap(nodes)
    .filter((node) => node["Node Type"] === "Seq Scan")
    .map((node) => tableOf(node["Relation Name"]!))
    .filter((table) => (BIG as ReadonlyArray<string>).includes(table))

/** The most rows that were put in order by hand. */
export const sorted = (plans: ReadonlyArray<PlanNode>): number =>
  Math.max(
    0,
    ...plans
      .flatMap(nodes)
      .filter((node) => node["Node Type"] === "Sort")
      .map((node) => node.Plans![0]!["Actual Rows"] ?? 0)
  )

/**
 * Big tables that are really read from end to end while it runs: also inside functions, whose plans EXPLAIN does not show. In a
 * transaction.
 */
export const reallyScanned = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* scans
    yield* effect
    const after = yield* scans
    return [...after].filter(([table, n]) => n > (before.get(table) ?? 0)).map(([table]) => tableOf(table))
  })

const scans = Effect.gen(function* () {
  const sql = yield* SqlClient
  const rows = yield* sql<{
    relname: string
    seq_scan: number
  }>`SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0`
  return new Map(
    rows
      .filter(({ relname }) => (BIG as ReadonlyArray<string>).includes(tableOf(relname)))
      .map((row) => [row.relname, row.seq_scan])
  )
})
