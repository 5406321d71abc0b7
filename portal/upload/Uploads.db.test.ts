/** The uploads under way, beside the browser that sends them. */
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { makeUploads } from "./Uploads.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("uploads", (it) => {
  /** What begins one to a new draft. */
  const beginning = Effect.gen(function* () {
    const { asPortal } = yield* TestDatabase
    const { authorId, senderRevisionId, workspaceId } = yield* sampleWorkspace()
    const as = yield* actor(authorId, workspaceId)
    const content = { name: "Tonight", senderRevisionId, text: "Tonight", segments: 1 }
    const { campaignId } = yield* asPortal(as(Campaigns.create(content, [])))
    const file = { name: "staff.txt", size: 1_000_000, modified: "", column: "" }
    return { workspaceId, campaignId, file, by: { id: authorId, name: "Author" }, as, country: "UZ" }
  })

  const numbers = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${998_901_000_000 + i}\n`).join(""))

  it.effect("are given up when nothing more comes, and nothing of them stays", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const one = yield* beginning
      const uploads = makeUploads(50)
      const upload = yield* asPortal(uploads.begin(one))
      yield* Effect.promise(() => uploads.take(one.campaignId, upload, numbers))
      yield* Effect.repeat(Effect.yieldNow, { until: () => uploads.of(one.workspaceId, one.campaignId) === undefined })
      const left = sql<{ n: number }>`
        SELECT coalesce(sum(recipients), 0)::int AS n FROM lane WHERE campaign_id = ${one.campaignId}`
      assert.strictEqual((yield* left)[0]!.n, 0)
      assert.isFalse(yield* Effect.promise(() => uploads.take(one.campaignId, upload, numbers)))
    })
  )

  it.effect("are some at once, and one that is refused or has ended leaves its place", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const uploads = makeUploads()
      const all = yield* Effect.forEach(Array.from({ length: 9 }), () => beginning)
      const refused = yield* beginning
      yield* asPortal(refused.as(Campaigns.move(refused.campaignId, "stop")))
      assert.strictEqual((yield* Effect.flip(asPortal(uploads.begin(refused)))).reason, "Conflict")
      for (const one of all.slice(0, 8)) yield* asPortal(uploads.begin(one))
      assert.strictEqual((yield* Effect.flip(asPortal(uploads.begin(all[8]!)))).reason, "Busy")
      const [first] = all
      assert.isUndefined(uploads.of(first!.workspaceId + 1, first!.campaignId))
      yield* asPortal(uploads.discard(first!.campaignId, first!.as))
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(asPortal(uploads.begin(all[8]!)))))
    })
  )
})
