/**
 * Pages and histories cost what they show, not what the tables hold: counted in buffers, which do not depend on how busy
 * the machine is. Times over millions of rows: `bench/ledger`.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

interface Node {
  readonly "Shared Hit Blocks": number
  readonly "Shared Read Blocks": number
  readonly "Actual Rows": number
}

/** Buffers of a call that is planned already. */
const buffers = Effect.fnUntraced(function* (call: string) {
  const sql = yield* SqlClient
  const explain = sql.unsafe<{ "QUERY PLAN": ReadonlyArray<{ readonly Plan: Node }> }>(
    `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM ${call}`
  )
  // on one connection: a plan is kept by it
  const rows = yield* sql.withTransaction(Effect.andThen(explain, explain))
  const { Plan } = rows[0]!["QUERY PLAN"][0]!
  return { pages: Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"], rows: Plan["Actual Rows"] }
})

const number = 998_901_111_111

layer(TestDatabase.layer, { excludeTestServices: true })("reading the ledger", (it) => {
  it.effect("touches as little of a large campaign as of a small one, wherever the page is, finished or not", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const engine = new PretendEngine(channel)
      for (const numbers of [3_000, 30_000]) {
        const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers })
        // two thirds are claimed and accepted, a third is delivered
        for (let claimed = 0; claimed < (numbers * 2) / 3; claimed += 1_000) {
          const block = (yield* asEngine(engine.claim(laneId, 1_000)))!
          const answers = block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const }))
          yield* asEngine(engine.flush([{ block, answers }]))
          const receipts = answers.map(({ nth, part }) => ({ nth, part, state: 2 }))
          if (claimed < numbers / 3) yield* asEngine(engine.flush([{ block, receipts }]))
        }
        for (const after of [0, 975, numbers / 3 - 25, numbers / 2, (numbers * 2) / 3 - 25, numbers - 50]) {
          const { pages, rows } = yield* buffers(`ledger_rows(${laneId}, ${after}, 50)`)
          assert.strictEqual(rows, 50)
          assert.isBelow(pages, 200, `after ${after} of ${numbers}`)
        }
      }
    })
  )

  it.effect("finds a number's campaigns by index, also right after a load that no vacuum has seen", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const engine = new PretendEngine(channel)
      for (let campaign = 1; campaign <= 6; campaign++) {
        const numbers = Array.from({ length: 3_000 }, (_, i) => 998_905_000_000 + campaign * 10_000 + i)
        numbers[campaign * 400] = number
        const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers })
        for (let i = 0; i < 3; i++) {
          const block = (yield* asEngine(engine.claim(laneId, 1_000)))!
          const answers = block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const }))
          yield* asEngine(engine.flush([{ block, answers }]))
        }
        const { pages, rows } = yield* buffers(`number_history_in(ARRAY[1,2,3,4,5,6,7,8,9], ${number})`)
        assert.strictEqual(rows, campaign)
        // a page of the list of what is not in the index yet, and the way to each campaign
        assert.isBelow(pages, 700 + campaign * 60, `${campaign} campaigns`)
      }
    })
  )
})
