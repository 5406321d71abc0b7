/** A finished campaign for proofs about its numbers, made by the steps that people and the engine take. */
import { Effect } from "effect"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** In no order, so that sorting them is something; 7 apart at least. */
const numbers = Array.from({ length: 150 }, (_, i) => 998_900_000_000 + 7 * ((i * 37) % 150))

/** 150 numbers (998900000000, 998900000007, …), of which the first 20 in `numbers` were delivered and the rest cancelled. */
export const sealedLedger = Effect.gen(function* () {
  const { asEngine } = yield* TestDatabase
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers })
  const engine = new PretendEngine(channel)
  const block = (yield* asEngine(engine.claim(laneId, 20)))!
  const each = block.parts.map((_, nth) => nth)
  yield* asEngine(engine.flush([{ block, answers: each.map((nth) => ({ nth, part: 1, verdict: "a" })) }]))
  yield* pressAs(workspace, workspace.authorId, campaignId, "stop")
  yield* asEngine(engine.flush([{ block, receipts: each.map((nth) => ({ nth, part: 1, state: 2 })) }]))
  const sealed = yield* asEngine(sealNext)
  return {
    workspace,
    campaignId,
    laneId,
    sealed: sealed === campaignId,
    delivered: numbers[0]!,
    cancelled: numbers[149]!
  }
})
