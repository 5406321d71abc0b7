/**
 * Histories one after the other: each made up, lived, and judged; and of the first that breaks a promise the smallest that still does.
 */
import { Effect } from "effect"
import * as fc from "fast-check"
import type { SqlClient, SqlError } from "#schema/Database.ts"
import { see, settleReceipts } from "./database.ts"
import { type Plan, plan } from "./plan.ts"
import { judge } from "./verdict.ts"
import { World } from "./World.ts"

/** A history that comes to no end within so many steps goes round in circles. */
const MOST_ACTS = 60_000

/** How often what happened. */
export type Counts = Record<string, number>

/** Every kind of event; a proof in which one of them never came about has proved less than it says. */
export const KINDS: ReadonlyArray<string> = [
  "pause: paused",
  "resume: sending",
  "stop: cancelled",
  "start: sending",
  "open: sending",
  "rest: paused",
  "wake: sending",
  "expire: expired",
  "close: done",
  "slowed",
  "fed",
  "limits",
  "contract",
  "opt out",
  "binds down",
  "answers lost",
  "throttled",
  "failing",
  "refusing",
  "crash",
  "drained",
  "database away",
  "commits unheard of",
  "claims whose answer was lost",
  "claims told to wait",
  "given back",
  "settled as unknown",
  "settled to be resent",
  "blocks claimed to be resent",
  "left near a change of clocks",
  ...["delivered", "undelivered", "unknown", "rejected", "expired", "cancelled", "suppressed"].map(
    (o) => `outcomes: ${o}`
  )
]

/** Lives a history, and gives which promises it broke. */
export const liveThrough = (
  p: Plan,
  counts: Counts,
  look: (world: World) => void = () => {}
): Effect.Effect<ReadonlyArray<string>, SqlError, SqlClient> =>
  Effect.gen(function* () {
    const world = yield* World.make(p)
    yield* world.live(MOST_ACTS)
    for (const shell of world.shells) yield* settleReceipts(world.made.channels[shell.channel]!, shell.epoch)
    const { campaigns, wrong } = yield* see(world.made.campaigns.flatMap(({ id }) => (id === undefined ? [] : [id])))
    look(world)
    const broken = [...wrong, ...judge(world, campaigns)]
    if (world.agenda.acts > MOST_ACTS) broken.push(`it goes on and on: ${MOST_ACTS} acts, and no end`)
    world.count(
      "messages left",
      world.operators.reduce((n, { left }) => n + left.length, 0)
    )
    world.count("campaigns", campaigns.length)
    world.count("campaigns refused at submission", world.made.campaigns.length - campaigns.length)
    for (const [what, n] of Object.entries(world.counts)) counts[what] = (counts[what] ?? 0) + n
    return broken
  })

/** What was found: the smallest history that breaks a promise, with the words for it. */
export interface Found {
  readonly seed: number
  readonly broken: string
  readonly plan: Plan
}

/** Lives so many histories; gives the first that broke a promise, made as small as could be. lived: told after each. */
export const search = (histories: number, seed: number, counts: Counts, lived: () => void = () => {}) =>
  Effect.gen(function* () {
    const services = yield* Effect.context<SqlClient>()
    let isFound = false
    const property = fc.asyncProperty(plan, async (p) => {
      // what is tried to make it smaller is not counted
      const broken = await Effect.runPromiseWith(services)(liveThrough(p, isFound ? {} : counts))
      if (!isFound) lived()
      isFound ||= broken.length > 0
      if (broken.length > 0) throw new Error(broken.slice(0, 5).join("; "))
    })
    const result = yield* Effect.promise(() => fc.check(property, { numRuns: histories, seed, endOnFailure: false }))
    if (!result.failed) return undefined
    const { counterexample, errorInstance } = result
    const broken = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    return { seed, broken, plan: counterexample![0] } satisfies Found
  })

/** The kinds that never came about. */
export const missing = (counts: Counts): ReadonlyArray<string> => KINDS.filter((kind) => (counts[kind] ?? 0) === 0)
