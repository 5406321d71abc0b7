/** Histories one after the other: each made up, lived, and judged. */
import { Effect } from "effect"
import type { SqlClient, SqlError } from "#schema/Database.ts"
import { see, settleReceipts } from "./database.ts"
import type { Plan } from "./plan.ts"
import { judge } from "./verdict.ts"
import { World } from "./World.ts"

/** A history that comes to no end within so many steps goes round in circles. */
const MOST_ACTS = 60_000

/** How often what happened. */
export type Counts = Record<string, number>

/** Lives a history, and gives what was wrong with it. */
export const liveThrough = (p: Plan, counts: Counts, look: (world: World) => void = () => {}): Effect.Effect<ReadonlyArray<string>, SqlError, SqlClient> =>
  Effect.gen(function* () {
    const world = yield* World.make(p)
    yield* world.live(MOST_ACTS)
    for (const shell of world.shells) yield* settleReceipts(world.made.channels[shell.channel]!, shell.epoch)
    const { campaigns, wrong } = yield* see(world.made.campaigns.flatMap(({ id }) => (id === undefined ? [] : [id])))
    look(world)
    const broken = [...wrong, ...judge(world, campaigns)]
    world.count("messages left", world.operators.reduce((n, { left }) => n + left.length, 0))
    world.count("acts", world.agenda.acts)
    world.count("campaigns", campaigns.length)
    world.count("campaigns refused at submission", world.made.campaigns.length - campaigns.length)
    for (const [what, n] of Object.entries(world.counts)) counts[what] = (counts[what] ?? 0) + n
    if (world.agenda.acts > MOST_ACTS) broken.push(`it goes on and on: ${MOST_ACTS} acts, and no end`)
    return broken
  })
