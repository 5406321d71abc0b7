/**
 * The life of a number, line by line, in the order in which it happened, with the waits between: what is on record (NumberLife) made into
 * what a person asks: who, when, and what it waited for. Pure; the words are the catalog's.
 */
import type { Happened, NumberLife, Receipt, Submitted } from "#schema/ledger/NumberLife.ts"

export type Line = { readonly at: Date } & (
  | { readonly kind: "uploaded"; readonly person: string | null }
  | { readonly kind: "asked"; readonly person: string | null; readonly key: string }
  | { readonly kind: "move"; readonly action: string; readonly person: string | null; readonly note: string | null }
  | { readonly kind: "approved"; readonly person: string; readonly signed: boolean }
  | Left
  | { readonly kind: "again"; readonly channel: string; readonly resend: boolean }
  | { readonly kind: "returned"; readonly channel: string }
  | { readonly kind: "kept_back"; readonly cause: string; readonly resend: boolean }
  /** Between the queue and the socket: its slot, its channel's pace, its place in the window. */
  | { readonly kind: "paced"; readonly waited_ms: number }
  /** After the operator had refused it for now. */
  | { readonly kind: "retried"; readonly waited_ms: number }
  | (Submitted & { readonly kind: "submitted"; readonly parts: number })
  | (Receipt & { readonly kind: "receipt"; readonly parts: number; readonly after_ms: number | undefined })
)

/** It left the queue for the first time. */
export interface Left {
  readonly kind: "left"
  readonly channel: string
  /** Since its campaign began, or, of one that is fed, since it was asked for; undefined: nobody knows when that was. */
  readonly waited_ms: number | undefined
  /** Of these it was paused. */
  readonly paused_ms: number
  readonly why: "spread" | "ceiling" | "asked" | "queue"
  /** Recipients that came before it. */
  readonly before: number
}

/** What is shorter is the machine's own pace and tells nobody anything. */
const LEAST_WAIT_MS = 50

export const storyOf = (life: NumberLife): ReadonlyArray<Line> => {
  const parts = Math.max(1, ...life.happened.map((one) => ("part" in one ? one.part : 1)))
  const lines = [
    ...life.happened.flatMap((one, i) => linesOf(one, life.happened.slice(0, i), life, parts)),
    ...life.approved.map(({ at, person, signed }): Line => ({ at, kind: "approved", person, signed })),
    ...movesOf(life)
  ]
  return lines.toSorted((a, b) => a.at.getTime() - b.at.getTime() || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

/** Of what was at the same moment. */
const ORDER: ReadonlyArray<Line["kind"]> = [
  ...(["uploaded", "approved", "move", "asked", "left", "again", "returned", "kept_back"] as const),
  ...(["retried", "paced", "submitted", "receipt"] as const)
]

const linesOf = (
  one: Happened,
  before: ReadonlyArray<Happened>,
  life: NumberLife,
  parts: number
): ReadonlyArray<Line> => {
  const { at } = one
  switch (one.what) {
    case "uploaded":
      return [{ at, kind: "uploaded", person: one.person }]
    case "asked":
      return [{ at, kind: "asked", person: one.person, key: one.key }]
    case "claimed":
      return [
        before.some(({ what }) => what === "claimed" || what === "returned")
          ? { at, kind: "again", channel: one.channel, resend: one.resend }
          : { at, ...leftOf(life, at, one.channel) }
      ]
    case "returned":
      return [{ at, kind: "returned", channel: one.channel }]
    case "kept_back":
      return [{ at, kind: "kept_back", cause: one.cause, resend: one.resend }]
    case "submitted":
      return [...waitBefore(one, before), { ...one, kind: "submitted", parts }]
    case "receipt": {
      const sent = before.findLast((other) => other.what === "submitted" && other.part === one.part)
      const after_ms = sent === undefined ? undefined : at.getTime() - sent.at.getTime()
      return [{ ...one, kind: "receipt", parts, after_ms }]
    }
  }
}

const waitBefore = (one: Submitted & { readonly at: Date }, before: ReadonlyArray<Happened>): ReadonlyArray<Line> => {
  const last = before.findLast(({ what }) => what === "submitted" || what === "claimed")
  if (last === undefined) return []
  const isRetry = one.try > 1 && last.what === "submitted"
  // parts of one message leave together, and are no wait
  if (last.what === "submitted" && !isRetry) return []
  const ended = last.at.getTime() + (last.what === "submitted" ? last.answer_ms : 0)
  const waited_ms = one.at.getTime() - ended
  return waited_ms < LEAST_WAIT_MS ? [] : [{ at: one.at, kind: isRetry ? "retried" : "paced", waited_ms }]
}

const leftOf = (life: NumberLife, at: Date, channel: string): Left => {
  const { campaign, seq } = life
  const asked = life.happened.find(({ what }) => what === "asked")?.at
  const began = [campaign.opened_at, asked]
    .filter((one) => one != null)
    .toSorted((a, b) => b.getTime() - a.getTime())[0]
  const why =
    campaign.mode === "spread"
      ? "spread"
      : asked !== undefined
        ? "asked"
        : campaign.per_second !== null
          ? "ceiling"
          : "queue"
  return {
    kind: "left",
    channel,
    waited_ms: began === undefined ? undefined : Math.max(0, at.getTime() - began.getTime()),
    paused_ms: began === undefined ? 0 : pausedBetween(life, began, at),
    why,
    before: seq - 1
  }
}

const pausedBetween = ({ moves }: NumberLife, from: Date, to: Date): number => {
  let paused: number | undefined
  let sum = 0
  const within = (at: Date) => Math.min(Math.max(at.getTime(), from.getTime()), to.getTime())
  for (const { action, at } of moves) {
    if (action === "pause" || action === "rest") paused ??= within(at)
    if ((action === "resume" || action === "wake") && paused !== undefined) {
      sum += within(at) - paused
      paused = undefined
    }
  }
  return paused === undefined ? sum : sum + to.getTime() - paused
}

/** The campaign's moves since it was last submitted, as far as they concern somebody to whom this happened. */
const movesOf = ({ happened, moves, outcome }: NumberLife): ReadonlyArray<Line> => {
  const left = happened.findLast(({ what }) => what === "submitted" || what === "kept_back")?.at
  const isInQueue = outcome === "waiting" || outcome === "cancelled"
  const until = isInQueue || left === undefined ? Number.POSITIVE_INFINITY : left.getTime()
  // to be approved is told by who approved
  return moves
    .slice(
      Math.max(
        0,
        moves.findLastIndex(({ action }) => action === "submit")
      )
    )
    .filter(({ action, at }) => action !== "approve" && at.getTime() <= until)
    .map(({ action, at, note, person }) => ({ at, kind: "move", action, person, note }))
}
