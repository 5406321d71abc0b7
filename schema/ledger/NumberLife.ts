/**
 * The life of one number in one campaign, as it is on record: what the campaign went through, and what became of this recipient of it.
 * The number is masked; `reveal` shows it, with a reason that the audit keeps. Asked while acting.
 *
 * A recipient is told by its lane and its seq there: a campaign that is fed sends to a number as often as it is asked.
 */
import { Effect } from "effect"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { Refused, refused } from "#schema/Refused.ts"

/** `submitted` and `waiting` are still moving; the others are final. */
export const outcomes = [
  ...(["delivered", "undelivered", "expired", "rejected", "unknown", "suppressed", "cancelled"] as const),
  ...(["submitted", "waiting"] as const)
] as const

export type Outcome = (typeof outcomes)[number]

/** What happened to the recipient; `number_life` in rules/numbers.sql. */
export type Happened = { readonly at: Date } & (
  | { readonly what: "uploaded"; readonly person: string | null }
  /** Fed: by whom, under which key. */
  | { readonly what: "asked"; readonly person: string | null; readonly key: string }
  /** Taken out of the queue for a channel; returned: it went back unsent. resend: since an answer was lost. */
  | { readonly what: "claimed" | "returned"; readonly channel: string; readonly resend: boolean }
  /** On the stop list. */
  | { readonly what: "kept_back"; readonly channel: string; readonly resend: boolean; readonly cause: string }
  | Submitted
  | Receipt
)

export interface Submitted {
  readonly what: "submitted"
  readonly channel: string
  /** Of the message's parts and of the tries of this one, from 1. */
  readonly part: number
  readonly try: number
  /** From 0. */
  readonly bind: number
  /** a accepted, r rejected for good, t refused for now, u no answer came */
  readonly verdict: "a" | "r" | "t" | "u"
  /** SMPP 3.4, 5.1.3; -1: no answer */
  readonly command_status: number
  readonly message_id: string
  readonly answer_ms: number
}

export interface Receipt {
  readonly what: "receipt"
  readonly part: number
  /** SMPP 3.4, 5.2.28; -1: none came in time */
  readonly state: number
  readonly error: string
  /** Its text, where it was odd. */
  readonly odd: string | null
}

export interface Move {
  readonly at: Date
  /** `submit`, `open`, `pause` … */
  readonly action: string
  /** null: the system. */
  readonly person: string | null
  readonly note: string | null
}

export interface Approved {
  readonly at: Date
  readonly person: string
  /** With a passkey. */
  readonly signed: boolean
}

export interface NumberLife {
  /** Masked. */
  readonly number: string
  readonly outcome: Outcome
  readonly lane_id: number
  readonly seq: number
  /** Recipients of the lane. */
  readonly recipients: number
  readonly campaign: {
    readonly id: number
    readonly name: string
    readonly state: CampaignState
    readonly mode: string
    readonly saddr: string
    readonly author: string
    readonly opened_at: Date | null
    /** Its ceiling as approved, messages a second. */
    readonly per_second: number | null
    /** By now its ledger can be proved. */
    readonly is_sealed: boolean
  }
  readonly approved: ReadonlyArray<Approved>
  readonly moves: ReadonlyArray<Move>
  readonly happened: ReadonlyArray<Happened>
}

interface HappenedRow {
  readonly at: Date
  readonly what: string
  readonly facts: object
}

/** Refuses with `NotFound` what the workspace acted in has none of. */
export const life = Effect.fn("NumberLife.life")(
  function* (campaignId: number, laneId: number, seq: number) {
    const sql = yield* SqlClient
    const [campaign] = yield* sql<NumberLife["campaign"] & { recipients: number; is_erased: boolean }>`
    SELECT c.id, c.name, c.state, c.mode, r.saddr, p.name AS author, c.opened_at, c.per_second,
           c.ledger_sealed_at IS NOT NULL AND c.erased_at IS NULL AS is_sealed, c.erased_at IS NOT NULL AS is_erased, l.recipients
      FROM lane l
      JOIN campaign c ON c.id = l.campaign_id
      JOIN sender_revision r ON r.id = c.sender_revision_id
      JOIN person p ON p.id = c.created_by
     WHERE l.id = ${laneId} AND c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace())`
    if (campaign === undefined) return yield* noSuch("this campaign has no such recipient")
    if (campaign.is_erased)
      return yield* noSuch("the numbers of this campaign were erased: their time of keeping is over")
    const [shown] = yield* sql<{ number: string; outcome: Outcome }>`
    SELECT number, outcome FROM ledger_page(${laneId}, ${seq - 1}, 1)`
    if (shown === undefined) return yield* noSuch("this campaign has no such recipient")
    const happened = yield* sql<HappenedRow>`SELECT at, what, facts FROM number_life(${laneId}, ${seq})`
    const moves = yield* sql<Move>`
    SELECT t.moved_at AS at, t.action, p.name AS person, t.note
      FROM campaign_transition t LEFT JOIN person p ON p.id = t.person_id WHERE t.campaign_id = ${campaignId} ORDER BY t.id`
    const approved = yield* sql<Approved>`
    SELECT v.approved_at AS at, p.name AS person, v.assertion_id IS NOT NULL AS signed
      FROM approval v JOIN person p ON p.id = v.person_id JOIN campaign c ON c.id = v.campaign_id
     WHERE v.campaign_id = ${campaignId} AND v.submission = c.submission ORDER BY v.id`
    const { is_erased: _, recipients, ...told } = campaign
    return {
      ...shown,
      lane_id: laneId,
      seq,
      recipients,
      campaign: told,
      approved,
      moves,
      happened: happened.map(({ at, facts, what }) => ({ at, what, ...facts }) as Happened)
    } satisfies NumberLife
  },
  Effect.mapError((error) => (error instanceof Refused ? error : refused(error)))
)

/** The number in the clear, for who may: the reason is kept in the audit. */
export const reveal = Effect.fn("NumberLife.reveal")(function* (laneId: number, seq: number, reason: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ number: number }>`SELECT reveal_number(${laneId}, ${seq}, ${reason}) AS number`
  return row!.number
}, Effect.mapError(refused))

export interface Found {
  readonly campaign_id: number
  readonly lane_id: number
  readonly seq: number
  readonly name: string
  readonly state: CampaignState
  readonly saddr: string
  readonly author: string
  /** By name, those whose approval let it leave. */
  readonly approvers: ReadonlyArray<string>
  readonly outcome: Outcome
  /** When it was submitted; else when its campaign began, or is to begin, or was made. */
  readonly at: Date
}

/** At most so many of a search. */
export const MOST_FOUND = 200

/**
 * All that the workspace acted in has sent to a number, or was to, newest first; one more than `MOST_FOUND` where there are more.
 * number: E.164 digits. from, until: moments between which it was, the second not included. For who may reveal numbers; the audit
 * says what was searched for.
 */
export const search = Effect.fn("NumberLife.search")(function* (
  number: number,
  { from, until }: { readonly from?: Date | undefined; readonly until?: Date | undefined } = {}
) {
  const sql = yield* SqlClient
  return yield* sql<Found>`
    SELECT f.* FROM (
      SELECT h.campaign_id, h.lane_id, h.seq, c.name, c.state, r.saddr, p.name AS author, h.outcome,
             coalesce(h.submitted_at, c.opened_at, c.starts_at, c.created_at) AS at,
             ARRAY(SELECT q.name FROM approval v JOIN person q ON q.id = v.person_id
                    WHERE v.campaign_id = c.id AND v.submission = c.submission ORDER BY v.id) AS approvers
        FROM number_history(${number}::bigint) h
        JOIN campaign c ON c.id = h.campaign_id
        JOIN sender_revision r ON r.id = c.sender_revision_id
        JOIN person p ON p.id = c.created_by) AS f
     WHERE f.at >= coalesce(${from ?? null}::timestamptz, '-infinity') AND f.at < coalesce(${until ?? null}::timestamptz, 'infinity')
     ORDER BY f.at DESC, f.campaign_id DESC, f.seq DESC LIMIT ${MOST_FOUND + 1}`
}, Effect.mapError(refused))

const noSuch = (message: string) => Effect.fail(new Refused({ reason: "NotFound", message }))
