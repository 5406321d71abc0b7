/**
 * The proof as a whole: a server of its own, a house, and legs one after another; the same seed gives the same plan.
 */
import { Effect, Redacted } from "effect"
import { makeHouse } from "#engine/TestCampaigns.ts"
import { layer } from "#schema/Database.ts"
import { engineUrl } from "#schema/LoginRole.ts"
import { migrate } from "#schema/Migrations.ts"
import { type Leg, type LegReport, runLeg, type Victim } from "./leg.ts"
import { mortalPostgres } from "./MortalPostgres.ts"

/** A paced leg's contract: slow enough that the bucket and not the machine sets the pace. */
const PACE = 2_000

/**
 * At full speed and at a pace, for campaigns whose numbers in doubt stay unknown and for those where they are sent again.
 * times: kills of the engine; others: kills of Postgres, and cuts of all sockets, each.
 */
export const wholePlan = (times: number, others: number): ReadonlyArray<Leg> =>
  (["engine", "postgres", "sockets"] as const).flatMap((victim) => shares(victim, victim === "engine" ? times : others))

const shares = (victim: Victim, times: number): ReadonlyArray<Leg> => {
  const resend = Math.floor(times / 6)
  const paced = Math.floor((times - 2 * resend) / 2)
  const leg = (times: number, perSecond: number | undefined, onLostAnswer: "hold" | "resend"): Leg => ({
    victim,
    times,
    perSecond,
    onLostAnswer
  })
  return [
    leg(times - paced - 2 * resend, undefined, "hold"),
    leg(paced, PACE, "hold"),
    leg(resend, undefined, "resend"),
    leg(resend, PACE, "resend")
  ].filter((l) => l.times > 0)
}

/** Runs the legs on a server that is made for them and thrown away. */
export const prove = (plan: ReadonlyArray<Leg>, seed: number, say: (line: string) => void) =>
  Effect.scoped(
    Effect.gen(function* () {
      const postgres = yield* mortalPostgres
      yield* migrate(postgres.url)
      const url = Redacted.value(yield* engineUrl(postgres.url))
      const random = randomFrom(seed)
      return yield* Effect.gen(function* () {
        const house = yield* makeHouse
        const reports: Array<LegReport> = []
        for (const leg of plan) reports.push(yield* runLeg({ house, postgres, engineUrl: url, random, say }, leg))
        return reports
      }).pipe(Effect.provide(layer(postgres.url, { applicationName: "countersign proof", maxConnections: 4 })))
    })
  )

/** mulberry32: small, seeded, good enough to choose moments. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
