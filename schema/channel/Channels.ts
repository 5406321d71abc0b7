/**
 * Channels as the engine needs them: their settings, their ownership, and what is settled by their owner.
 */
import { Effect, Equal, Option, Redacted, Result } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { claimError } from "#schema/ledger/Door.ts"
import { type Place, Secrets } from "#schema/Secrets.ts"

export interface Channel {
  readonly id: number
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly system_id: string
  readonly password: Redacted.Redacted<string>
  readonly system_type: string
  readonly bind_mode: "transceiver" | "transmitter_and_receiver"
  readonly binds: number
  readonly window_size: number
  /** null: no contract rate */
  readonly per_second: number | null
  /** null: 20 ms of the contract */
  readonly burst: number | null
  readonly charset: "gsm7" | "latin1"
  readonly enquire_link_seconds: number
  readonly response_seconds: number
  readonly message_id_dress: "same" | "hexToDecimal" | "decimalToHex" | null
  /** how long a receipt is waited for */
  readonly receipt_wait_ms: number
}

const COLUMNS = `id, name, host, port, tls, system_id, password, password_sealed, system_type, bind_mode, binds,
  window_size, per_second, burst, charset, enquire_link_seconds, response_seconds, message_id_dress, extract(epoch FROM receipt_wait)::float8 * 1000 AS receipt_wait_ms`

/** Whose password can't be opened: not to be driven until it can; `why` says what to do. */
export interface Locked {
  readonly id: number
  readonly name: string
  readonly why: string
}

type Row = Omit<Channel, "password"> &
  (
    | { readonly password: string; readonly password_sealed: null }
    | { readonly password: null; readonly password_sealed: Uint8Array }
  )

/** What a sealed password is bound to: whoever can write the row, and has no key, can't have it sent to another account. */
export const accountOf = ({ host, port, system_id }: Pick<Channel, "host" | "port" | "system_id">): Place => ({
  table: "channel",
  row: `${host} ${port} ${system_id}`
})

/** Every channel that is to be driven, and those that should be and can't. Needs `Secrets` only for sealed passwords. */
export const enabled = Effect.gen(function* () {
  const sql = yield* SqlClient
  const rows = yield* sql.unsafe<Row>(`SELECT ${COLUMNS} FROM channel WHERE enabled ORDER BY id`)
  const channels: Array<Channel> = []
  const locked: Array<Locked> = []
  for (const { password, password_sealed, ...rest } of rows) {
    const opened = password_sealed === null ? Result.succeed(password) : yield* open(rest, password_sealed)
    if (Result.isSuccess(opened)) channels.push({ ...rest, password: Redacted.make(opened.success) })
    else locked.push({ id: rest.id, name: rest.name, why: opened.failure })
  }
  return { channels, locked }
})

const open = Effect.fnUntraced(function* (channel: Omit<Channel, "password">, sealed: Uint8Array) {
  const secrets = yield* Effect.serviceOption(Secrets)
  if (Option.isNone(secrets))
    return Result.fail("COUNTERSIGN_SECRET_KEY is not set here; start the engine with the key that the portal has")
  return yield* secrets.value.open(accountOf(channel), sealed).pipe(
    Effect.map((secret) => Buffer.from(secret).toString("latin1")),
    Effect.mapError(({ message, reason }) =>
      reason === "Altered"
        ? "it is not what was sealed for this host, port and system_id; put those right, or set the password anew"
        : message
    ),
    Effect.result
  )
})

/** Their passwords too, which JSON leaves out. */
export const isSame = (a: Channel, b: Channel): boolean =>
  JSON.stringify(a) === JSON.stringify(b) && Equal.equals(a.password, b.password)

/** Takes a channel: whoever had it before is refused from now on. Gives the new epoch. */
export const take = Effect.fn("Channels.take")(function* (channelId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql.unsafe<{ epoch: number | null }>("SELECT take_channel($1) AS epoch", [channelId])
  return rows[0]?.epoch ?? undefined
})

/** Settles what the last owner left open: see rules/ownership.sql. Figures are in blocks and recipients. */
export const settle = Effect.fn("Channels.settle")(function* (channelId: number, epoch: number) {
  const sql = yield* SqlClient
  const rows = yield* sql.unsafe<{ blocks: number; unknown: number; resent: number }>(
    "SELECT blocks, unknown, resent FROM settle_open_blocks($1, $2)",
    [channelId, epoch]
  )
  return rows[0]!
}, Effect.mapError(claimError))

/** Keeps how the operator dresses message ids, so that it need not be learnt again. */
export const rememberDress = Effect.fn("Channels.rememberDress")(function* (channelId: number, dress: string) {
  const sql = yield* SqlClient
  yield* sql`UPDATE channel SET message_id_dress = ${dress} WHERE id = ${channelId}`
})

/** A lane with something left to do, of a campaign that is sending. */
export interface LiveLane {
  readonly lane_id: number
  readonly campaign_id: number
  readonly workspace_id: number
  /** recipients not yet claimed */
  readonly unclaimed: number
  /** triggered: ahead of what is not */
  readonly urgent: boolean
  /** its recipients are handed out with times of their own */
  readonly paced: boolean
  /** what holds the lane's pace, to be compared: a claim that had to wait is asked again when they change */
  readonly ceilings: string
  /** messages a second; null: no ceiling */
  readonly campaign_per_second: number | null
  readonly workspace_per_second: number | null
}

/**
 * The lanes this channel serves now: those of campaigns in `sending` before their end, whether or not something is left to claim. What
 * was handed out for the last moment before an end may be a little late: so long it stays wanted.
 */
export const liveLanes = Effect.fnUntraced(function* (channelId: number) {
  const sql = yield* SqlClient
  return yield* sql.unsafe<LiveLane>(
    `SELECT l.id AS lane_id, c.id AS campaign_id, c.workspace_id,
            CASE WHEN sending_ends(c) <= clock_timestamp() THEN 0
                 ELSE l.recipients - l.next_seq + 1 + CASE WHEN l.returned = '{}' AND l.resend = '{}' THEN 0
                      ELSE multirange_size(l.returned) + multirange_size(l.resend) END END AS unclaimed,
            c.mode = 'trigger' AS urgent, c.mode = 'spread' OR least(c.per_second, c.slowed_to, w.per_second) IS NOT NULL AS paced,
            format('%s/%s/%s/%s', c.slowed_to, w.per_second, w.per_day, w.time_zone) AS ceilings,
            least(c.per_second, c.slowed_to) AS campaign_per_second, w.per_second AS workspace_per_second
       FROM campaign c JOIN workspace w ON w.id = c.workspace_id
       JOIN lane l ON l.campaign_id = c.id JOIN lane_channel lc ON lc.lane_id = l.id
      WHERE c.state = 'sending' AND lc.channel_id = $1 AND coalesce(sending_ends(c), 'infinity') > clock_timestamp() - interval '1 second' ORDER BY l.id`,
    [channelId]
  )
})

/** Blocks that late receipts belong to, and blocks whose receipts never came: to be forgotten in memory, then ended. */
export const findLate = Effect.fnUntraced(function* (channelId: number) {
  const sql = yield* SqlClient
  const parked = yield* sql.unsafe<{ id: number }>("SELECT find_parked($1) AS id", [channelId])
  const overdue = yield* sql.unsafe<{ id: number }>("SELECT find_overdue($1) AS id", [channelId])
  return { parked: parked.map((r) => r.id), overdue: overdue.map((r) => r.id) }
})

/** Matches parked receipts with those blocks; gives how many. */
export const matchParked = Effect.fnUntraced(function* (
  channelId: number,
  epoch: number,
  blocks: ReadonlyArray<number>
) {
  const sql = yield* SqlClient
  const rows = yield* sql
    .unsafe<{ n: number }>("SELECT match_parked($1, $2, $3::bigint[]) AS n", [
      channelId,
      epoch,
      `{${blocks.join(",")}}`
    ])
    .pipe(Effect.mapError(claimError))
  return rows[0]!.n
})

/** Ends blocks whose receipts are overdue as `unknown`; gives how many blocks had such. */
export const endOverdue = Effect.fnUntraced(function* (
  channelId: number,
  epoch: number,
  blocks: ReadonlyArray<number>
) {
  const sql = yield* SqlClient
  const rows = yield* sql
    .unsafe<{ n: number }>("SELECT end_overdue($1, $2, $3::bigint[]) AS n", [channelId, epoch, `{${blocks.join(",")}}`])
    .pipe(Effect.mapError(claimError))
  return rows[0]!.n
})
