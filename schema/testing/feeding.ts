/** Feeding trigger campaigns in tests, by the statement itself: also what no service would let through. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { type SampleWorkspace, sampleChannel, sampleTrigger, sampleWorkspace } from "./sampleCampaign.ts"

export interface Fed {
  readonly key: string
  readonly seq: number
  readonly state: string
}

/** Key, number, values. */
export type Message = readonly [
  key: string | null,
  number: number | null,
  values?: Readonly<Record<string, unknown>> | null
]

export const feed = (campaignId: number, ...messages: ReadonlyArray<Message>) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<Fed>`
      SELECT * FROM feed_campaign(${campaignId},
        ARRAY(SELECT e ->> 0 FROM jsonb_array_elements(${JSON.stringify(messages)}::text::jsonb) WITH ORDINALITY AS u (e, n) ORDER BY n),
        ARRAY(SELECT (e ->> 1)::bigint FROM jsonb_array_elements(${JSON.stringify(messages)}::text::jsonb) WITH ORDINALITY AS u (e, n) ORDER BY n),
        ARRAY(SELECT nullif(e -> 2, 'null') FROM jsonb_array_elements(${JSON.stringify(messages)}::text::jsonb) WITH ORDINALITY AS u (e, n) ORDER BY n))`
  )

/** Its admin. */
export const as = ({ adminId, workspaceId }: SampleWorkspace) => actAs(adminId, workspaceId)

/** How it is refused: reason and words. */
export const refusal = (workspace: SampleWorkspace, campaignId: number, ...messages: ReadonlyArray<Message>) =>
  Effect.map(Effect.flip(as(workspace)(feed(campaignId, ...messages))), (error) => `${error.reason}: ${error.message}`)

/** One that takes messages. wanted: its columns; house: those of its workspace. */
export const open = (wanted: Parameters<typeof sampleTrigger>[0]["columns"] = {}, house: Record<string, number> = {}) =>
  Effect.gen(function* () {
    const workspace = yield* sampleWorkspace(house)
    const channel = yield* sampleChannel(workspace)
    const campaign = yield* sampleTrigger({ workspace, channels: [channel], columns: wanted })
    return { workspace, channel, ...campaign }
  })
