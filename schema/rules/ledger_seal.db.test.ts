/** That a finished ledger is sealed once, that its roots are those of what is in the tables, and what proves a number. */
import { createHash } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const sha256 = (...parts: ReadonlyArray<Uint8Array>) => createHash("sha256").update(Buffer.concat(parts)).digest()

/** RFC 6962, 2.1, in shape, written a second time. */
const rootOf = (leaves: ReadonlyArray<Buffer>): Buffer => {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]!
  const above: Array<Buffer> = []
  for (let i = 0; i < leaves.length; i += 2)
    above.push(i + 1 < leaves.length ? sha256(Buffer.of(1), leaves[i]!, leaves[i + 1]!) : leaves[i]!)
  return rootOf(above)
}

/** Sends some of a campaign's numbers, stops it, and lets every receipt come: its final letters by number. */
const stopped = Effect.fnUntraced(function* (numbers: ReadonlyArray<number>, sent: number) {
  const { asEngine } = yield* TestDatabase
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], numbers, run: 40 })
  const engine = new PretendEngine(channel)
  const letters = new Map<number, string>()
  const blocks = []
  for (let at = 0; at < sent; at += 20) {
    const block = (yield* asEngine(engine.claim(campaign.laneId, 20)))!
    blocks.push(block)
    yield* asEngine(
      engine.flush([
        { block, answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: nth % 5 === 0 ? "r" : "a" })) }
      ])
    )
  }
  yield* pressAs(workspace, workspace.authorId, campaign.campaignId, "stop")
  const finish = Effect.forEach(blocks, (block) =>
    asEngine(
      engine.flush([
        {
          block,
          receipts: block.parts.flatMap((_, nth) =>
            nth % 5 === 0 ? [] : [{ nth, part: 1, state: nth % 2 === 0 ? 2 : 5 }]
          )
        }
      ])
    )
  )
  numbers.forEach((number, i) => {
    const nth = i % 20
    letters.set(number, i >= sent ? "c" : nth % 5 === 0 ? "r" : nth % 2 === 0 ? "d" : "u")
  })
  return { ...campaign, workspace, letters, finish }
})

const sealOf = (campaignId: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<{ facts: string }>`SELECT facts FROM audit WHERE action = 'ledger.seal' AND object_id = ${campaignId}`
  ).pipe(Effect.map((rows) => rows.map(({ facts }) => JSON.parse(facts))))

layer(TestDatabase.layer, { excludeTestServices: true })("a ledger that can't be sealed", (it) => {
  it.effect("keeps no other from being sealed, and is tried again later", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const numbers = Array.from({ length: 40 }, (_, i) => 998_900_000_000 + i)
      const [broken, other] = [yield* stopped(numbers, 20), yield* stopped(numbers, 20)]
      for (const { finish } of [broken, other]) yield* finish
      yield* sql.unsafe(
        `ALTER TABLE campaign ADD CONSTRAINT unsealable CHECK (id <> ${broken.campaignId} OR ledger_sealed_at IS NULL)`
      )
      assert.deepStrictEqual([yield* asEngine(sealNext), yield* asEngine(sealNext)], [other.campaignId, undefined])
      yield* sql`ALTER TABLE campaign DROP CONSTRAINT unsealable`
      assert.strictEqual(yield* asEngine(sealNext), undefined, "not before an hour is over")
      yield* sql`UPDATE campaign SET seal_failed_at = now() - interval '61 minutes' WHERE id = ${broken.campaignId}`
      assert.strictEqual(yield* asEngine(sealNext), broken.campaignId)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a ledger", (it) => {
  // in no order, so that sorting them is something
  const numbers = Array.from({ length: 150 }, (_, i) => 998_900_000_000 + ((i * 7919) % 10_007))

  it.effect(
    "is sealed once, when its campaign has ended and its last outcome is in, with its counts and both roots",
    () =>
      Effect.gen(function* () {
        const { asEngine } = yield* TestDatabase
        const sql = yield* SqlClient
        const { campaignId, finish, laneId, letters } = yield* stopped(numbers, 100)
        assert.strictEqual(yield* asEngine(sealNext), undefined, "receipts are missing")
        yield* finish
        assert.strictEqual(yield* asEngine(sealNext), campaignId)
        assert.strictEqual(yield* asEngine(sealNext), undefined, "once")
        const [sealed, ...more] = yield* sealOf(campaignId)
        assert.deepStrictEqual(more, [])
        const digests = yield* sql<{ digest: string }>`
        SELECT encode(digest, 'hex') AS digest FROM block WHERE lane_id = ${laneId} ORDER BY first_seq`
        const sorted = [...letters].toSorted(([a], [b]) => a - b)
        const leaves: Array<Buffer> = []
        for (let i = 0; i < sorted.length; i += 64)
          leaves.push(
            sha256(
              Buffer.of(0),
              ...sorted.slice(i, i + 64).map(([number, letter]) => {
                const entry = Buffer.alloc(9)
                entry.writeBigInt64BE(BigInt(number))
                entry.write(letter, 8)
                return entry
              })
            )
          )
        assert.deepInclude(sealed, {
          campaign_id: campaignId,
          blocks: 5,
          root: rootOf(digests.map(({ digest }) => Buffer.from(digest, "hex"))).toString("hex"),
          runs: 3,
          by_number: rootOf(leaves).toString("hex")
        })
        assert.deepInclude(sealed.counts, {
          audience: 150,
          rejected: 20,
          delivered: 40,
          undelivered: 40,
          cancelled: 50
        })
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      })
  )

  it.effect(
    "proves a number that was in it and one that was not, to who may reveal numbers, and says so in the audit",
    () =>
      Effect.gen(function* () {
        const { asPortal, asEngine } = yield* TestDatabase
        const { campaignId, finish, workspace } = yield* stopped(numbers, 40)
        const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
        const author = yield* actor(workspace.authorId, workspace.workspaceId)
        interface Proof {
          readonly root: string
          readonly near: ReadonlyArray<{ index: number; numbers: ReadonlyArray<number>; letters: string }>
        }
        const prove = (number: number) =>
          Effect.flatMap(
            SqlClient,
            (sql) =>
              sql<Proof>`SELECT root, near FROM number_proof(${campaignId}, ${number}::bigint, 'asked by the auditor')`
          )
        assert.match((yield* asPortal(Effect.flip(moderator(prove(numbers[0]!))))).message, /is not sealed yet/)
        yield* finish
        yield* asEngine(sealNext)
        assert.strictEqual((yield* asPortal(Effect.flip(author(prove(numbers[0]!))))).reason, "Forbidden")
        const [{ by_number }] = (yield* sealOf(campaignId)) as [{ by_number: string }]
        const sorted = numbers.toSorted((a, b) => a - b)
        for (const [number, runs] of [
          [sorted[0]!, [0]],
          [sorted[63]!, [0]],
          [sorted[64]!, [1]],
          [sorted[70]!, [1]],
          [1, [0]],
          [999_999_999_999, [2]]
        ] as const) {
          const [proof] = yield* asPortal(moderator(prove(number)))
          assert.strictEqual(proof!.root, by_number)
          assert.includeMembers(
            proof!.near.map(({ index }) => index),
            [...runs]
          )
          assert.isAtMost(proof!.near.length, 2)
        }
        // between two runs: both are shown
        const gap = sorted.findIndex((_, i) => i % 64 === 0 && i > 0 && sorted[i]! - sorted[i - 1]! > 1)
        const [between] = yield* asPortal(moderator(prove(sorted[gap]! - 1)))
        assert.strictEqual(between!.near.length, 2)
      })
  )
})
