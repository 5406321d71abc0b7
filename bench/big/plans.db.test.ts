/**
 * The portal's lists stay index scans under row-level security: looked at on a small copy of the big installation, where the planner
 * has the choice, in the portal's role with a living session.
 */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { fillBig } from "./fill.ts"
import { type Reader, readers } from "./people.ts"
import { nodes, plansOf, reallyScanned, seqScans, sorted } from "./plans.ts"
import { type Query, queriesOf } from "./queries.ts"

class Big extends Context.Service<Big, { readonly who: ReadonlyArray<Reader> }>()("bench/big/test/Big") {
  static readonly layer = Layer.effect(
    Big,
    Effect.gen(function* () {
      const { workspaceIds } = yield* fillBig(
        { workspaces: 20, campaigns: 2_000, recipients: 100_000, written: 10 },
        () => {}
      )
      return Big.of({ who: yield* readers(workspaceIds) })
    })
  )
}

const withPostgres = layer(Layer.provideMerge(Big.layer, TestDatabase.layer), { excludeTestServices: true })

const reader = (name: string) => Effect.map(Big, ({ who }) => who.find((one) => one.name === name)!)

/** As the portal, in the name of a reader, each query in its own transaction. */
const asReader =
  ({ place, token }: Reader) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(TestDatabase, ({ asPortal }) => asPortal(act(token, place.workspaceId)(effect)))

/** What is found of each list, and of whom: nothing where all is well. */
const found = <A, E, R>(look: (query: Query, name: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { who } = yield* Big
    const all: Record<string, A> = {}
    for (const one of who) {
      for (const [name, query] of Object.entries(queriesOf(one.place))) {
        all[`${one.name}: ${name}`] = yield* asReader(one)(look(query, name))
      }
    }
    return all
  })

const only = <A>(all: Readonly<Record<string, A>>, wrong: (one: A) => boolean) =>
  Object.fromEntries(Object.entries(all).filter(([, one]) => wrong(one)))

/**
 * In an index's order already, however many there are: nothing is left to sort but the page. Where all of it is little more than a
 * page, the planner may sort it all the same.
 */
const long = ["largest workspace", "its author", "Master"]
const inOrder = [
  "campaigns",
  "campaigns, halfway down",
  "campaigns, archived",
  "campaigns by name",
  "audit",
  "audit, halfway down",
  "audit by person",
  "audit by kind of object",
  "audit by action",
  "audit of a year"
]

withPostgres("the portal's lists", (it) => {
  it.effect("read no big table from end to end, by their plans", () =>
    Effect.gen(function* () {
      const scanned = yield* found((query) => Effect.map(plansOf(query), seqScans))
      assert.isAbove(Object.keys(scanned).length, 100)
      assert.deepStrictEqual(
        only(scanned, (tables) => tables.length > 0),
        {}
      )
    })
  )

  it.effect("nor in functions, nor with the plan that a connection keeps for all parameters", () =>
    Effect.gen(function* () {
      const scanned = yield* found((query) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient
          const planned = yield* reallyScanned(query)
          yield* sql`SET LOCAL plan_cache_mode = force_generic_plan`
          return [...planned, ...(yield* reallyScanned(query))]
        })
      )
      assert.deepStrictEqual(
        only(scanned, (tables) => tables.length > 0),
        {}
      )
    })
  )

  it.effect("sort a page, never a workspace, where an index gives the order", () =>
    Effect.gen(function* () {
      const rows = yield* found((query, name) =>
        inOrder.includes(name) ? Effect.map(plansOf(query), sorted) : Effect.succeed(0)
      )
      const tooMany = Object.entries(rows).filter(
        ([name, n]) => n > CampaignList.PAGE + 1 && long.includes(name.split(": ")[0]!)
      )
      assert.deepStrictEqual(tooMany, [])
    })
  )

  it.effect("use every index that was made for them", () =>
    Effect.gen(function* () {
      const used = yield* found((query) =>
        Effect.map(plansOf(query), (plans) => plans.flatMap(nodes).flatMap((node) => node["Index Name"] ?? []))
      )
      const all = new Set(Object.values(used).flat())
      const made = [
        "campaign_by_state",
        "campaign_archived",
        "campaign_by_author",
        "campaign_by_sender",
        "campaign_by_day"
      ]
      assert.deepStrictEqual(
        [...made, "audit_by_action", "audit_by_kind", "audit_by_time"].filter((index) => !all.has(index)),
        []
      )
    })
  )

  it.effect("and a query that does read a table from end to end would be found", () =>
    Effect.gen(function* () {
      const careless = Effect.flatMap(SqlClient, (sql) => sql`SELECT id FROM campaign WHERE text = 'x' ORDER BY name`)
      const hidden = Effect.flatMap(
        SqlClient,
        (sql) => sql`SELECT count(*) FROM audit WHERE facts = 'x' HAVING count(*) >= 0`
      )
      const master = yield* reader("Master")
      yield* asReader(master)(
        Effect.gen(function* () {
          const sql = yield* SqlClient
          yield* sql`SET LOCAL enable_indexscan = off`
          yield* sql`SET LOCAL enable_bitmapscan = off`
          assert.deepStrictEqual(seqScans(yield* plansOf(careless)), ["campaign"])
          assert.deepStrictEqual(yield* reallyScanned(hidden), ["audit"])
        })
      )
    })
  )

  it.effect("show no row of a neighbour, whatever they are asked for", () =>
    Effect.gen(function* () {
      const mine = yield* reader("middling workspace")
      const theirs = yield* reader("largest workspace")
      const nothing: Record<string, unknown> = {}
      for (const [name, query] of Object.entries(queriesOf(theirs.place))) {
        nothing[name] = yield* Effect.catch(asReader(mine)(query), (error) => Effect.succeed((error as Error).message))
      }
      const { people, senders, "number, everywhere": _, "page of a ledger": page, ...lists } = nothing
      assert.strictEqual(page, `lane ${theirs.place.laneId} does not exist`)
      for (const [name, given] of Object.entries(lists)) {
        assert.match(
          JSON.stringify(given),
          /^(\[\]|0|\{"(campaigns|rows)":\[\],"next":null\}|\{"states":\{\},"archived":0\})$/,
          name
        )
      }
      // these ask for no workspace, and give what is seen
      assert.deepStrictEqual(workspacesIn(senders), [mine.place.workspaceId])
      const sql = yield* SqlClient
      const known = yield* sql<{ id: number }>`
        SELECT id FROM person WHERE super_admin OR id IN (SELECT person_id FROM membership WHERE workspace_id = ${mine.place.workspaceId}) ORDER BY id`
      const seen = (people as ReadonlyArray<{ id: number }>).map(({ id }) => ({ id })).sort((a, b) => a.id - b.id)
      assert.deepStrictEqual(seen, known)
      const both = [mine.place.workspaceId!, theirs.place.workspaceId!]
      const [shared] = yield* sql<{ number: number }>`
        SELECT number FROM audience a, unnest(a.msisdn) AS number WHERE a.workspace_id = ANY (${both}::int[])
         GROUP BY number HAVING count(DISTINCT a.workspace_id) = 2 LIMIT 1`
      const asked = Effect.flatMap(
        SqlClient,
        (portal) => portal`SELECT workspace_id FROM number_history(${shared!.number})`
      )
      assert.deepStrictEqual(workspacesIn(yield* asReader(mine)(asked)), [mine.place.workspaceId])
      assert.deepStrictEqual(workspacesIn(yield* asReader(theirs)(asked)), [theirs.place.workspaceId])
    })
  )

  it.effect("show all of one's own, and nothing to who is in no workspace", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const largest = yield* reader("largest workspace")
      const { workspaceId } = largest.place
      const expected = yield* sql<{ id: number }>`
        SELECT id FROM campaign WHERE workspace_id = ${workspaceId} AND archived_at IS NULL ORDER BY id DESC`
      assert.deepStrictEqual(
        yield* asReader(largest)(everyPage({ workspaceId })),
        expected.map(({ id }) => id)
      )
      const nowhere = { ...largest, place: { ...largest.place, workspaceId: null } }
      for (const wanted of [workspaceId, null]) {
        assert.deepStrictEqual(yield* asReader(nowhere)(everyPage({ workspaceId: wanted })), [])
      }
      const all = yield* sql<{ n: number }>`SELECT count(*)::int AS n FROM campaign WHERE archived_at IS NULL`
      const seen = yield* asReader(yield* reader("Master"))(everyPage({ workspaceId: null }))
      assert.strictEqual(seen.length, all[0]!.n)
    })
  )

  it.effect("are of an installation that could be: ledgers add up, chains hold, what was sent was approved", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const written = yield* sql<{ id: number }>`
        SELECT DISTINCT l.campaign_id AS id FROM attempt a JOIN block b ON b.month = a.month AND b.id = a.block_id JOIN lane l ON l.id = b.lane_id ORDER BY 1 LIMIT 60`
      assert.strictEqual(written.length, 60)
      assert.deepStrictEqual(
        yield* sql`SELECT c.* FROM unnest(${written.map(({ id }) => id)}::int[]) AS id, check_ledger(id) AS c`,
        []
      )
      assert.deepStrictEqual(
        yield* sql`SELECT workspace_id, seq FROM (
            SELECT a.*, audit_hash(a) AS right_hash, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS right_previous, row_number() OVER w AS right_seq
              FROM audit a WINDOW w AS (PARTITION BY workspace_id ORDER BY seq)) AS a
          WHERE hash <> right_hash OR previous <> right_previous OR seq <> right_seq`,
        []
      )
      assert.deepStrictEqual(
        yield* sql`SELECT c.workspace_id FROM audit_chain c WHERE hash <> (SELECT hash FROM audit a WHERE a.workspace_id = c.workspace_id AND a.seq = c.seq)`,
        []
      )
      assert.deepStrictEqual(
        yield* sql`SELECT id FROM campaign WHERE opened_at IS NOT NULL AND approvals_standing(id) < approvals_needed(id)`,
        []
      )
    })
  )
})

const workspacesIn = (rows: unknown) => [
  ...new Set((rows as ReadonlyArray<{ workspace_id: number }>).map((row) => row.workspace_id))
]

const everyPage = Effect.fnUntraced(function* (wanted: CampaignList.Wanted) {
  const ids: Array<number> = []
  let page = yield* CampaignList.page(wanted)
  ids.push(...page.campaigns.map(({ id }) => id))
  while (page.next !== null) {
    page = yield* CampaignList.page({ ...wanted, before: page.next })
    ids.push(...page.campaigns.map(({ id }) => id))
  }
  return ids
})
