/**
 * Feeds trigger campaigns (rules/trigger.sql): numbers as people write them, a value for each placeholder of the text, under a key that
 * makes a message the same one however often it is said. Asked while acting, in a transaction that does nothing else: the lane waits
 * for its end.
 *
 * Promises: all of a call are taken, or none; a message that would take more parts than was approved is refused here, on any of the
 * channels that may carry it.
 */
import { Effect, Schema } from "effect"
import { PartCounter } from "#schema/audience/PartCounter.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { ChannelCharset } from "#schema/text/Encoding.ts"
import { explanations, makeNormaliser, type Normaliser, reasonOf } from "#schema/text/Msisdn.ts"
import { columnKey } from "#schema/text/Placeholders.ts"

export interface Message {
  /** 1 to 255 characters, another one for each message of the campaign. */
  readonly key: string
  /** In E.164, or as it is dialled in the workspace's country. */
  readonly number: string
  /** By the names of the text's placeholders; others are not kept. */
  readonly values?: Readonly<Record<string, string>>
}

/** What became of a message. */
export interface Fed {
  readonly key: string
  /** Of the recipient in the campaign's lane: where its outcome will stand. */
  readonly seq: number
  /** repeated: it had been taken before, under the same key, and is not sent again */
  readonly state: "taken" | "repeated"
}

/** A message that can't be sent. `message` is for whoever made it. */
export class MessageError extends Schema.TaggedError<MessageError>()("MessageError", {
  reason: Schema.Literals(["no such number", "text too long"]),
  /** Which of the call, from 0. */
  index: Schema.Int,
  message: Schema.String
}) {}

/** Takes 1 to 1,000 messages; gives what became of each, in their order. */
export const feedAll = Effect.fn("Triggers.feedAll")(function* (campaignId: number, messages: ReadonlyArray<Message>) {
  const sql = yield* SqlClient
  const campaign = yield* Effect.mapError(campaignOf(campaignId), refused)
  // of one that is not theirs to see the database says so
  const numbers = campaign === undefined ? [] : yield* Effect.forEach(messages, numberFor(campaign))
  if (campaign !== undefined) yield* Effect.forEach(messages, mustFit(campaign), { discard: true })
  const keys = messages.map(({ key }) => key)
  const values = messages.map((message) => JSON.stringify(message.values ?? {}))
  return yield* Effect.mapError(
    sql<Fed>`SELECT * FROM feed_campaign(${campaignId}, ${keys}::text[], ${numbers}::bigint[], ${values}::text[]::jsonb[])`,
    refused
  )
})

/** Takes one message. */
export const feed = (campaignId: number, message: Message) =>
  Effect.map(feedAll(campaignId, [message]), ([fed]) => fed!)

interface Campaign {
  readonly country: string
  readonly segments: number
  readonly text: string
  readonly charsets: ReadonlyArray<ChannelCharset>
}

const campaignOf = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<Campaign>`
    SELECT w.country, c.segments, c.text,
           ARRAY(SELECT DISTINCT k.charset FROM lane l JOIN lane_channel s ON s.lane_id = l.id JOIN channel k ON k.id = s.channel_id
                  WHERE l.campaign_id = c.id) AS charsets
      FROM campaign c JOIN workspace w ON w.id = c.workspace_id WHERE c.id = ${campaignId}`
  return rows[0]
})

/** A country's is made once: what it learns makes it fast. */
const normalisers = new Map<string, Normaliser>()

const normaliserOf = (country: string): Normaliser => {
  const known = normalisers.get(country)
  if (known !== undefined) return known
  const made = makeNormaliser(country)
  normalisers.set(country, made)
  return made
}

const numberFor =
  ({ country }: Campaign) =>
  ({ number }: Message, index: number) => {
    const found = normaliserOf(country).ofText(number)
    return found > 0
      ? Effect.succeed(found)
      : Effect.fail(
          new MessageError({
            reason: "no such number",
            index,
            message: `message ${index + 1}: ${explanations[reasonOf(found)]}`
          })
        )
  }

const mustFit = ({ charsets, segments, text }: Campaign) => {
  const counter = new PartCounter(text, charsets)
  return (message: Message, index: number) => {
    const given = new Map(Object.entries(message.values ?? {}).map(([name, value]) => [columnKey(name), value]))
    const values = counter.keys.map((key) => given.get(key))
    // what is missing, or no text, the database tells
    if (counter.keys.length === 0 || !values.every((value) => typeof value === "string")) return Effect.void
    const parts = counter.partsOf(values)
    return parts <= segments
      ? Effect.void
      : Effect.fail(
          new MessageError({
            reason: "text too long",
            index,
            message: `message ${index + 1}: with these values the text takes ${parts} messages, and ${segments} were approved; shorten them`
          })
        )
  }
}
