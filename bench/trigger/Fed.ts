/** A trigger campaign on a benchmark's channel, and somebody who feeds it one message at a time at random moments, on a connection of their own. */
import { Effect, Random } from "effect"
import type { Prepared } from "#bench/engine/Campaign.ts"
import { numberOf } from "#bench/engine/numbers.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { feed } from "#schema/campaign/Triggers.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"

/** ms since 1970, finer than Date.now(). */
export const wallClock = (): number => performance.timeOrigin + performance.now()

const A_DAY_MS = 86_400_000

export interface Triggered {
  readonly campaignId: number
  readonly authorId: number
  readonly workspaceId: number
}

/** Approved, and waiting to be opened, in the workspace of the campaign that is given, on its channel. */
export const triggered = Effect.fn("bench.triggered")(function* (beside: Prepared) {
  const sql = yield* SqlClient
  const [house] = yield* sql<{ workspaceId: number; authorId: number; moderatorId: number; revisionId: number }>`
    SELECT c.workspace_id AS "workspaceId", c.created_by AS "authorId", c.sender_revision_id AS "revisionId",
           (SELECT m.person_id FROM membership m WHERE m.workspace_id = c.workspace_id AND m.role = 'moderator') AS "moderatorId"
      FROM campaign c WHERE c.id = ${beside.campaignId}`
  const { authorId, moderatorId, revisionId, workspaceId } = house!
  const content = JSON.stringify({
    name: "Codes",
    mode: "trigger",
    text: "Your code is ((code)). Don't tell it to anybody.",
    segments: 1,
    sender_revision_id: revisionId,
    ends_at: new Date(wallClock() + A_DAY_MS)
  })
  const campaignId = yield* actAs(
    authorId,
    workspaceId
  )(
    Effect.gen(function* () {
      const [made] = yield* sql<{ id: number }>`SELECT create_campaign(${content}::text::jsonb) AS id`
      const [lane] = yield* sql<{ id: number }>`SELECT add_lane(${made!.id}) AS id`
      yield* sql`SELECT choose_channels(${lane!.id}, ${[beside.channelId]}::int[])`
      yield* sql`SELECT seal_audience(${lane!.id})`
      yield* Campaigns.move(made!.id, "submit")
      return made!.id
    })
  )
  const fingerprint = yield* Campaigns.fingerprint(campaignId)
  yield* actAs(moderatorId, workspaceId)(Campaigns.decide(campaignId, { decision: "approve", fingerprint }))
  return { campaignId, authorId, workspaceId } satisfies Triggered
})

/** When each message was about to be committed, by its number. */
export const fedAtRandom = Effect.fn("bench.fedAtRandom")(function* (
  { authorId, campaignId, workspaceId }: Triggered,
  messages: number,
  /** of which the benchmark's audience has none */
  firstNumber: number,
  meanGapMs: number
) {
  const committing = new Map<number, number>()
  for (let i = 0; i < messages; i++) {
    // gaps of a Poisson process: no rhythm of ours meets one of the engine's
    yield* Effect.sleep(-Math.log(1 - (yield* Random.next)) * meanGapMs)
    const number = numberOf(firstNumber + i)
    const message = { key: `code ${i}`, number: `+${number}`, values: { code: `${100_000 + i}` } }
    yield* actAs(
      authorId,
      workspaceId
    )(
      Effect.andThen(
        feed(campaignId, message),
        Effect.sync(() => committing.set(number, wallClock()))
      )
    )
  }
  return committing
})
