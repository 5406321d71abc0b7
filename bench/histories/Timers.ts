/** One channel's timers, one of each name: set again, a timer goes off at the sooner time; and each is late by what timers are late by. */
import type { Agenda } from "./Agenda.ts"

interface Clockwork {
  readonly agenda: Agenda
  readonly late: () => number
}

/** As all that waits for the database to come back: Feeder's RETRY, Journal's schedule. */
export const AGAIN_MS = 500

export class Timers {
  private readonly due = new Map<string, number>()
  private readonly clockwork: Clockwork
  private readonly isThere: () => boolean

  /** isThere: false once nobody waits for them any more. */
  constructor(clockwork: Clockwork, isThere: () => boolean) {
    this.clockwork = clockwork
    this.isThere = isThere
  }

  isSet(name: string): boolean {
    return this.due.has(name)
  }

  set(name: string, ms: number, act: () => void): void {
    const { agenda, late } = this.clockwork
    const at = agenda.now + ms
    if ((this.due.get(name) ?? Number.POSITIVE_INFINITY) <= at + 0.5) return
    this.due.set(name, at)
    agenda.at(at + late(), () => {
      if (this.due.get(name) !== at || !this.isThere()) return
      this.due.delete(name)
      act()
    })
  }
}
