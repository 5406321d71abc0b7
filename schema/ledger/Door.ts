/**
 * The one door (rules/the_door.sql) as the engine calls it: a run of recipients out, and what was not submitted back.
 */
import { Effect, Schema } from "effect"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"

/** One claimed run; see `claimed_block` in migrations/0005_blocks.sql. */
export interface ClaimedBlock {
  readonly id: number
  /** the block's partition, `YYYY-MM-01` */
  readonly month: string
  readonly laneId: number
  readonly firstSeq: number
  readonly recipients: number
  readonly resend: boolean
  /** digits separated by commas, empty where the door kept one back */
  readonly numbers: string
  /** of the content that these numbers were let out for: 64 hex digits */
  readonly fingerprint: string
  /** from now until its first message may leave */
  readonly delayMs: number
  /** from one recipient's message to the next one's; 0: as fast as the channel allows */
  readonly spacingMs: number
  /** what the text's placeholders become, by column: one a recipient, in order; absent where the text has none */
  readonly placeholderValues?: Readonly<Record<string, ReadonlyArray<string>>> | undefined
}

/** Nothing was handed out, since it is not time. */
export interface Rest {
  /** when it is worth asking again */
  readonly restMs: number
}

export const isRest = (claimed: ClaimedBlock | Rest): claimed is Rest => "restMs" in claimed

/** Why the door stayed shut. */
export const ClaimRefusals = {
  CS001: "NotApproved",
  CS002: "NotItsTime",
  CS003: "NotSending",
  CS004: "EpochOver",
  CS005: "NotServed",
  /** lock_not_available: somebody is changing something in the campaign at this moment */
  "55P03": "Busy",
  CS409: "Conflict"
} as const

/** Postgres' own trouble: it can't be reached, or is full or restarting; or it failed at this one statement, and has undone it. */
export const troubles = ["DatabaseGone", "DatabaseFailed"] as const
const ClaimReason = Schema.Literals([...Object.values(ClaimRefusals), ...troubles])

export class ClaimError extends Schema.TaggedError<ClaimError>()("ClaimError", {
  reason: ClaimReason,
  message: Schema.String
}) {}

/** Whether the same may succeed later, with nothing changed by us. */
export const isPassing = ({ reason }: ClaimError): boolean => reason === "Busy" || troubles.includes(reason as never)

/**
 * The refusal an SQL error stands for. What is none of ours is Postgres' trouble, and passes; but a mistake (classes 22, 23
 * and 42: value, constraint, statement) would be made again, and is a conflict. Classes 08, 53, 57P and 58 are a server that is going,
 * full or ill.
 */
export const claimError = (error: SqlError): ClaimError => {
  const state = sqlState(error) ?? ""
  const mistake = /^(22|23|42)/.test(state)
  const trouble = /^(08|53|57P|58|$)/.test(state) ? "DatabaseGone" : "DatabaseFailed"
  const reason = ClaimRefusals[state as keyof typeof ClaimRefusals] ?? (mistake ? "Conflict" : trouble)
  return new ClaimError({ reason, message: sqlMessage(error) })
}

interface ClaimedRow {
  readonly delay_ms: number
  readonly spacing_ms: number
  readonly rest_ms: number | null
  readonly block_id: number
  readonly month: string
  readonly first_seq: number
  readonly recipients: number
  readonly resend: boolean
  readonly numbers: string
  readonly fingerprint: string
  readonly placeholder_values: string | null
}

/**
 * Claims the next run of up to `limit` (1 to 1,000) recipients of a lane; undefined when the lane has none left, a rest when it is
 * not their time yet.
 */
export const claim = Effect.fnUntraced(function* (channelId: number, epoch: number, laneId: number, limit: number) {
  const sql = yield* SqlClient
  const rows = yield* sql
    .unsafe<ClaimedRow>(
      `SELECT block_id, to_char(month, 'YYYY-MM-DD') AS month, first_seq, recipients, resend, numbers, fingerprint, delay_ms, spacing_ms,
              rest_ms, placeholder_values
         FROM claim_block($1, $2, $3, $4)`,
      [channelId, epoch, laneId, limit]
    )
    .pipe(Effect.mapError(claimError))
  const row = rows[0]
  if (row === undefined) return undefined
  if (row.rest_ms !== null) return { restMs: row.rest_ms } satisfies Rest
  const { block_id, delay_ms, fingerprint, first_seq, month, numbers, recipients, resend, spacing_ms } = row
  return {
    id: block_id,
    month,
    laneId,
    firstSeq: first_seq,
    recipients,
    resend,
    numbers,
    fingerprint,
    delayMs: delay_ms,
    spacingMs: spacing_ms,
    placeholderValues: row.placeholder_values === null ? undefined : JSON.parse(row.placeholder_values)
  } satisfies ClaimedBlock
})

const givingBack = (returning: "return_recipients" | "return_to_resend") =>
  Effect.fnUntraced(function* (
    channelId: number,
    epoch: number,
    block: { readonly id: number; readonly month: string },
    ranges: ReadonlyArray<{ readonly from: number; readonly to: number }>
  ) {
    const sql = yield* SqlClient
    const multirange = `{${ranges.map(({ from, to }) => `[${from},${to})`).join(",")}}`
    yield* sql
      .unsafe(`SELECT ${returning}($1, $2, $3, $4, $5)`, [channelId, epoch, block.month, block.id, multirange])
      .pipe(Effect.mapError(claimError))
  })

/** Gives seqs (`from` up to, not including, `to`) of an open block back to its lane. Saying it twice is harmless. */
export const giveBack = givingBack("return_recipients")

/** Likewise, of those whose answer was lost: whoever claims them sends them again, in a block that is marked `resend`. */
export const giveBackToResend = givingBack("return_to_resend")

/** Returns blocks of this epoch that the engine never heard of (their claim's answer was lost). Gives how many. */
export const giveBackLostClaims = Effect.fnUntraced(function* (
  channelId: number,
  epoch: number,
  known: ReadonlyArray<number>
) {
  const sql = yield* SqlClient
  const rows = yield* sql
    .unsafe<{ n: number }>("SELECT return_lost_claims($1, $2, $3::bigint[]) AS n", [
      channelId,
      epoch,
      `{${known.join(",")}}`
    ])
    .pipe(Effect.mapError(claimError))
  return rows[0]?.n ?? 0
})
