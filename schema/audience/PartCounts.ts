/**
 * How many messages a campaign's text with placeholders makes, counted from the values that are stored: what `load` does for a
 * file, done anew after the text was changed (rules/placeholders.sql). It never sees a number.
 *
 * Needs a `SqlClient` in the portal's role.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { Refused } from "#schema/Refused.ts"
import type { ChannelCharset } from "#schema/text/Encoding.ts"
import { inParentheses } from "#schema/text/Placeholders.ts"
import { isMissing, PartCounter } from "./PartCounter.ts"

/** Runs that are looked at together: some 100 KB of values. */
const RUNS_AT_ONCE = 8

/** A text that this audience can't be sent. `message` is for whoever wrote it. */
export class PartCountError extends Schema.TaggedError<PartCountError>()("PartCountError", {
  reason: Schema.Literals(["no such column", "no value", "text too long"]),
  message: Schema.String
}) {}

/** The text of a lane's campaign, and the alphabets of the channels that may carry it. */
export const laneText = Effect.fnUntraced(function* (laneId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ text: string; charsets: ReadonlyArray<ChannelCharset> }>`
    SELECT c.text, ARRAY(SELECT DISTINCT k.charset FROM lane_channel s JOIN channel k ON k.id = s.channel_id WHERE s.lane_id = l.id) AS charsets
      FROM lane l JOIN campaign c ON c.id = l.campaign_id WHERE l.id = ${laneId}`
  const { charsets, text } = rows[0] ?? { charsets: [], text: "" }
  return { text, charsets: charsets.length === 0 ? (["gsm7"] as const) : charsets }
})

/** Says the most messages that somebody of a lane gets of this text; gives the most of its campaign. */
export const noteParts = Effect.fnUntraced(function* (laneId: number, text: string, most: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ segments: number }>`SELECT note_parts(${laneId}, ${text}, ${most}) AS segments`
  return rows[0]!.segments
})

interface Run {
  readonly first_seq: number
  readonly last_seq: number
  readonly placeholder_values: Readonly<Record<string, ReadonlyArray<string>>> | null
}

/** Counts a lane's messages anew. Fails with what is wrong with the text for these recipients; the campaign then can't be submitted. */
export const recount = (
  laneId: number,
  as: Acting
): Effect.Effect<{ readonly most: number; readonly messages: number }, PartCountError | Refused, SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const { charsets, text } = yield* as(laneText(laneId))
    const parts = new PartCounter(text, charsets)
    let after = 0
    let lacking = 0
    while (true) {
      const runs = yield* as(sql<Run>`SELECT * FROM placeholder_runs(${laneId}, ${after}, ${RUNS_AT_ONCE})`)
      if (runs.length === 0) break
      for (const run of runs) {
        const columns = parts.keys.map((key) => run.placeholder_values?.[key])
        const without = parts.keys.filter((_, i) => columns[i] === undefined)
        if (without.length > 0)
          return yield* new PartCountError({
            reason: "no such column",
            message: `The text has ${inParentheses(without)}, and the audience has no such column. Change the text, or load a file that has it.`
          })
        for (let nth = 0; nth <= run.last_seq - run.first_seq; nth++) {
          const values = columns.map((column) => column![nth]!)
          if (values.some(isMissing)) lacking++
          else parts.count(parts.partsOf(values))
        }
      }
      after = runs.at(-1)!.first_seq
    }
    if (lacking > 0)
      return yield* new PartCountError({
        reason: "no value",
        message: `${lacking} of the recipients have no value for ${inParentheses(parts.keys)}. Load the file again: rows without one are then left out.`
      })
    if (parts.most > parts.maximumParts)
      return yield* new PartCountError({
        reason: "text too long",
        message: `With the longest values the text takes ${parts.most} messages, and may take ${parts.maximumParts}. Shorten it.`
      })
    if (parts.keys.length > 0 && parts.messages > 0) yield* as(noteParts(laneId, text, parts.most))
    return { most: parts.most, messages: parts.messages }
  })

/**
 * Counts a draft's messages anew where its text, or the alphabets of its channels, were changed after its file was loaded: before it is
 * submitted (campaign/Submission.ts). Nothing where they are counted, or where there is nothing to fill in.
 */
export const recountChanged = Effect.fnUntraced(
  function* (campaignId: number, as: Acting) {
    const sql = yield* SqlClient
    const lanes = yield* as(sql<{ id: number }>`
    SELECT l.id FROM lane l JOIN campaign c ON c.id = l.campaign_id
     WHERE c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace()) AND c.state = 'draft' AND c.mode <> 'trigger'
       AND l.recipients > 0 AND c.text LIKE '%((%'
       AND (l.counted_for IS DISTINCT FROM sha256(convert_to(c.text, 'UTF8'))
            OR c.segments <> (SELECT max(k.most_parts) FROM lane k WHERE k.campaign_id = c.id)) ORDER BY l.id`)
    for (const { id } of lanes) yield* recount(id, as)
  },
  Effect.catchTag("PartCountError", ({ message }) => Effect.fail(new Refused({ reason: "Conflict", message })))
)
