/**
 * What one channel gives back: block after block, and each again until the database's answer is heard, since a second time finds it
 * done. All who look are told of it also then: the commit that did it may be the one nobody heard of.
 */
import type { Effect } from "effect"
import type { GoingBack } from "#engine/dispatch/Backlog.ts"
import type { SqlClient } from "#schema/Database.ts"
import { giveBack, giveBackLostClaims, giveBackToResend } from "#schema/ledger/Door.ts"
import { AGAIN_MS } from "./Timers.ts"
import type { Answered, World } from "./World.ts"

/** The channel's life around it. */
interface Giver {
  readonly id: number
  readonly epoch: number
  readonly ask: <A, E>(what: () => Effect.Effect<A, E, SqlClient>, then: (answer: Answered<A>) => void) => void
  readonly gaveBack: (what: GoingBack) => void
}

export class GivingBack {
  private readonly waiting: Array<GoingBack> = []
  private isAsking = false
  private readonly world: World
  private readonly giver: Giver

  constructor(world: World, giver: Giver) {
    this.world = world
    this.giver = giver
  }

  get isDone(): boolean {
    return this.waiting.length === 0
  }

  add(what: ReadonlyArray<GoingBack>): void {
    this.waiting.push(...what)
  }

  /** One after the other until nothing waits. */
  next(): void {
    const [first] = this.waiting
    if (first === undefined || this.isAsking) return
    this.isAsking = true
    const { epoch, id } = this.giver
    const put = first.resend ? giveBackToResend : giveBack
    this.giver.ask(
      () => put(id, epoch, first.block, first.ranges),
      (answer) => {
        this.isAsking = false
        if (answer.is === "gone") return this.world.agenda.after(AGAIN_MS, () => this.next())
        if (answer.is === "refused") throw new Error(`giving back was refused: ${answer.message}`)
        this.waiting.shift()
        this.giver.gaveBack(first)
        this.world.count(first.resend ? "given back to resend" : "given back", 1)
        this.world.changed()
        this.next()
      }
    )
  }

  /** Blocks whose claim's answer was lost; then: once there are none any more. */
  lostClaims(known: ReadonlyArray<number>, then: () => void): void {
    const { epoch, id } = this.giver
    this.giver.ask(
      () => giveBackLostClaims(id, epoch, known),
      (answer) => {
        if (answer.is !== "done") return this.world.agenda.after(AGAIN_MS, () => this.lostClaims(known, then))
        this.world.count("claims whose answer was lost", answer.value)
        this.world.changed()
        then()
      }
    )
  }
}
