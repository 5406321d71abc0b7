import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { type Acting, actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import * as AuditList from "./AuditList.ts"

const withPostgres = layer(TestDatabase.layer, { excludeTestServices: true })

const everyPage = Effect.fnUntraced(function* (wanted: AuditList.Wanted) {
  const seqs: Array<number> = []
  let page = yield* AuditList.page(wanted)
  seqs.push(...page.rows.map(({ seq }) => seq))
  while (page.next !== null) {
    page = yield* AuditList.page({ ...wanted, before: page.next })
    seqs.push(...page.rows.map(({ seq }) => seq))
  }
  return seqs
})

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i)

withPostgres("the audit's pages", (it) => {
  it.effect("go down the chain to its first row, each row once, also by the clock", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { adminId, workspaceId } = yield* sampleWorkspace()
      // said in one transaction each, and in one together
      for (const [from, to] of [
        [1, 60],
        [61, 61],
        [62, 130]
      ]) {
        yield* actAs(
          adminId,
          workspaceId
        )(sql`SELECT audit('test.said', 'test', n) FROM generate_series(${from}::int, ${to}::int) AS n`)
      }
      const as = yield* actor(adminId, workspaceId)
      assert.deepStrictEqual(yield* asPortal(as(everyPage({ workspaceId }))), down(130, 1))
      assert.deepStrictEqual(yield* asPortal(as(everyPage({ workspaceId, from: new Date(0) }))), down(130, 1))
      const [middle] = yield* sql<{
        at: Date
      }>`SELECT date_trunc('milliseconds', at) + interval '1 ms' AS at FROM audit WHERE workspace_id = ${workspaceId} AND seq = 61`
      const until = yield* asPortal(as(everyPage({ workspaceId, until: middle!.at })))
      const from = yield* asPortal(as(everyPage({ workspaceId, from: middle!.at })))
      assert.deepStrictEqual([...from, ...until], down(130, 1))
    })
  )

  it.effect("are narrowed down by person, object and action, and are an author's own where they may see no more", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const { authorId, flaggedId, moderatorId, workspaceId } = workspace
      const channels = [yield* sampleChannel(workspace)]
      const mine = yield* sampleCampaign({ workspace, channels, state: "scheduled" })
      const other = yield* sampleCampaign({
        workspace,
        channels,
        state: "draft",
        columns: { created_by: flaggedId, edited_by: flaggedId }
      })
      yield* pressAs(workspace, moderatorId, mine.campaignId, "stop", "not needed")
      const as: Acting = yield* actor(moderatorId, workspaceId)
      const actions = (wanted: Omit<AuditList.Wanted, "workspaceId">, who: Acting = as) =>
        Effect.map(asPortal(who(AuditList.page({ workspaceId, ...wanted }))), ({ rows }) =>
          rows.map(({ action, person }) => `${person}: ${action}`)
        )
      assert.deepStrictEqual(yield* actions({ personId: moderatorId }), [
        "Moderator: campaign.stop",
        "Moderator: campaign.approve"
      ])
      assert.deepStrictEqual(yield* actions({ action: "campaign.submit" }), ["Author: campaign.submit"])
      assert.deepStrictEqual(yield* actions({ object: "campaign", objectId: other.campaignId }), [
        "Author: campaign.seal_audience",
        "Author: campaign.load_audience"
      ])
      assert.deepStrictEqual(yield* actions({ object: "sender" }), [])
      assert.deepStrictEqual(yield* actions({}, yield* actor(authorId, workspaceId)), [
        "Moderator: campaign.stop",
        "Moderator: campaign.approve",
        "Author: campaign.submit",
        "Author: campaign.seal_audience",
        "Author: campaign.load_audience"
      ])
      const [stop] = (yield* asPortal(as(AuditList.page({ workspaceId, action: "campaign.stop" })))).rows
      assert.deepStrictEqual(stop!.facts, { before: "scheduled", after: "cancelled" })
      assert.strictEqual(stop!.personal?.note, "not needed")
    })
  )
})
