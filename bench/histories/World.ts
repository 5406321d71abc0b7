/**
 * A history as it happens: what its plan says is made in the database, engines live and die, people press buttons, operators and the
 * database go away and come back; until nothing is left to do. What is to be judged afterwards is noted here: who was handed out when
 * and with which slot, what left, and what people and clocks had said by then.
 *
 * Modelled: the engine's campaign lives (engine/campaign: they look after every hint, and every half second when something may be
 * through; nextMove.ts decides), NOTIFY (heard within 20 ms, now and then never), and the time that a statement takes. A look that could
 * find nothing new is left out, so that a quiet night costs nothing.
 */
import { Effect, Result } from "effect"
import { nextMove } from "#engine/campaign/nextMove.ts"
import { Ceilings } from "#engine/dispatch/Ceilings.ts"
import type { Content } from "#engine/dispatch/Content.ts"
import type { SqlClient, SqlError } from "#schema/Database.ts"
import { ClaimError, type ClaimedBlock, claimError } from "#schema/ledger/Door.ts"
import { Agenda } from "./Agenda.ts"
import { contract, feed, limit, liveAt, type Made, moveAt, optOut, setUp, slow } from "./database.ts"
import { Operator } from "./Operator.ts"
import type { Happening, Plan } from "./plan.ts"
import { Shell } from "./Shell.ts"
import { firstNumber, wanted } from "./wanted.ts"

export type Answered<A> =
  | { readonly is: "done"; readonly value: A }
  | { readonly is: "refused"; readonly reason: ClaimError["reason"]; readonly message: string }
  | { readonly is: "gone" }

/** A claim that was answered, and whose recipients the engine then had. */
export interface Claimed {
  readonly channel: number
  readonly campaign: number
  /** as the door saw it */
  readonly atMs: number
  readonly firstSeq: number
  readonly resend: boolean
  readonly numbers: ReadonlyArray<string>
  /** of its first message */
  readonly slotMs: number
  readonly spacingMs: number
}

/** Something that holds from a moment on. */
export interface Since<A> {
  readonly atMs: number
  readonly is: A
}

const HINT_MS = 20
const LOOK_EVERY_MS = 500
const CHANNEL_LOOK_MS = 400

export class World {
  private readonly together = new Map<number, Ceilings>()
  readonly plan: Plan
  readonly agenda: Agenda
  readonly made: Made
  readonly operators: ReadonlyArray<Operator>
  readonly shells: Array<Shell> = []
  readonly counts: Record<string, number> = {}
  /** by block id */
  readonly claims = new Map<number, Claimed>()
  /** what people and clocks had said by when, an entry a campaign, a workspace, a channel */
  readonly states: ReadonlyArray<Array<Since<string>>>
  readonly limits: ReadonlyArray<Array<Since<{ readonly perSecond: number | null; readonly perDay: number | null }>>>
  readonly ceilings: ReadonlyArray<Array<Since<number | null>>>
  readonly contracts: ReadonlyArray<Array<Since<number | null>>>
  readonly outages: Array<{ readonly from: number; readonly to: number }> = []
  readonly deaths: Array<{ readonly atMs: number; readonly channel: number }> = []
  readonly optedOut: Array<{ readonly atMs: number; readonly workspace: number; readonly number: string }> = []
  /** numbers of a trigger campaign that were taken */
  readonly fed: ReadonlyArray<Array<string>>
  private readonly down = new Set<number>()
  private lookAt = Number.POSITIVE_INFINITY
  private readonly moving = new Map<number, number>()

  constructor(plan: Plan, made: Made) {
    this.plan = plan
    this.made = made
    this.agenda = new Agenda(plan.beginsMs, plan.seed)
    this.operators = plan.channels.map((channel, i) => new Operator(this.agenda, i, channel, plan.losesReceipts))
    const from = plan.beginsMs
    this.states = plan.campaigns.map(() => [{ atMs: from, is: "scheduled" }])
    this.limits = plan.workspaces.map(({ perDay, perSecond }) => [{ atMs: from, is: { perSecond, perDay } }])
    this.ceilings = plan.campaigns.map(({ perSecond }) => [{ atMs: from, is: perSecond }])
    this.contracts = plan.channels.map(({ perSecond }) => [{ atMs: from, is: perSecond }])
    this.fed = plan.campaigns.map(() => [])
  }

  static make(plan: Plan): Effect.Effect<World, SqlError, SqlClient> {
    return Effect.map(setUp(wanted(plan)), (made) => new World(plan, made))
  }

  /** From its beginning until nothing is left to do. */
  live(mostActs: number): Effect.Effect<void, SqlError, SqlClient> {
    const { agenda, plan } = this
    for (const i of plan.channels.keys()) this.shells.push(new Shell(this, i))
    this.changed()
    for (const { atMs, what } of plan.happenings) agenda.at(plan.beginsMs + atMs, () => this.happen(what))
    agenda.at(plan.beginsMs + plan.spanMs, () => this.rescue())
    return agenda.run(() => agenda.acts > mostActs)
  }

  count(what: string, n = 1): void {
    if (n > 0) this.counts[what] = (this.counts[what] ?? 0) + n
  }

  /** What timers of Node are late by: hardly anything, and up to 15 ms on a busy machine. */
  readonly late = (): number => (this.agenda.chance() < 0.8 ? this.agenda.between(0, 1.5) : this.agenda.between(0, 15))

  /** What is counted together: over all channels of one engine. */
  keptTogether(channel: number): Ceilings {
    const engine = this.plan.channels[channel]!.engine % this.plan.engines
    const known = this.together.get(engine) ?? new Ceilings()
    this.together.set(engine, known)
    return known
  }

  contractOf(channel: number): number | null {
    return this.contracts[channel]!.at(-1)!.is
  }

  /** Lanes stand in the order of campaigns. */
  campaignOf(laneId: number): number {
    return this.made.campaigns.findIndex((c) => c.id !== undefined && c.lane === laneId)
  }

  contentOf(laneId: number, fingerprint: string): Content {
    const campaign = this.campaignOf(laneId)
    const made = this.made.campaigns[campaign]!
    if (made.id === undefined || made.fingerprint !== fingerprint)
      throw new Error(`the door let out ${fingerprint} for campaign ${campaign}, which was not approved`)
    const { resend, segments } = this.plan.campaigns[campaign]!
    const templates = Array.from({ length: segments }) as unknown as Content["templates"]
    return { campaignId: made.id, fingerprint, templates, onLostAnswer: resend ? "resend" : "hold" }
  }

  claimed(channel: number, atMs: number, claimed: ClaimedBlock): void {
    this.count(claimed.resend ? "blocks claimed to be resent" : "blocks claimed")
    this.claims.set(claimed.id, {
      channel,
      campaign: this.campaignOf(claimed.laneId),
      atMs,
      firstSeq: claimed.firstSeq,
      resend: claimed.resend,
      numbers: claimed.numbers.split(","),
      slotMs: atMs + claimed.delayMs,
      spacingMs: claimed.spacingMs
    })
  }

  // the database

  get isAway(): boolean {
    return this.outages.some(({ from, to }) => from <= this.agenda.now && this.agenda.now < to)
  }

  /** One statement's way there and back, for somebody who may be gone by then. */
  ask<A, E>(
    isThere: () => boolean,
    what: (ms: number) => Effect.Effect<A, E, SqlClient>,
    then: (answer: Answered<A>) => void
  ): void {
    const { agenda } = this
    agenda.after(this.statementMs() / 2, () => {
      if (!isThere()) return
      const tell = (answer: Answered<A>) =>
        agenda.after(this.statementMs() / 2, () => {
          if (isThere()) then(answer)
        })
      if (this.isAway) return tell({ is: "gone" })
      const isUnheard = agenda.chance() < this.plan.unheard
      if (isUnheard) this.count("commits unheard of")
      return Effect.map(Effect.result(what(agenda.now)), (result) =>
        tell(
          isUnheard
            ? { is: "gone" }
            : Result.isSuccess(result)
              ? { is: "done", value: result.success }
              : refusal(result.failure)
        )
      )
    })
  }

  private statementMs(): number {
    return this.agenda.chance() < 0.9 ? this.agenda.between(0.4, 3) : this.agenda.between(3, 30)
  }

  // hints, and the lives of campaigns

  /** Rows have changed that engines go by. */
  changed(): void {
    for (const shell of this.shells) shell.lookSoon(this.agenda.chance() < 0.9 ? HINT_MS : CHANNEL_LOOK_MS)
    this.lookSoon(this.agenda.chance() < 0.9 ? HINT_MS : LOOK_EVERY_MS)
  }

  /** A block has closed: whether its campaign is through is seen at a look. */
  mayBeThrough(): void {
    this.lookSoon(6 * LOOK_EVERY_MS)
  }

  private get anybodyUp(): boolean {
    return this.down.size < this.plan.engines
  }

  private lookSoon(withinMs: number): void {
    const at = this.agenda.now + withinMs * this.agenda.chance()
    if (this.lookAt <= at) return
    this.lookAt = at
    this.agenda.at(at, () => {
      if (this.lookAt !== at) return
      this.lookAt = Number.POSITIVE_INFINITY
      if (!this.anybodyUp || this.isAway) return this.lookSoon(LOOK_EVERY_MS)
      return Effect.map(liveAt(this.agenda.now), (rows) => {
        for (const row of rows) {
          const campaign = this.made.campaigns.findIndex(({ id }) => id === row.id)
          const next = campaign < 0 ? undefined : nextMove(row, this.agenda.now)
          if (next !== undefined) this.moveAt(campaign, next.action, next.atMs)
        }
      })
    })
  }

  /** One life a campaign: what it waits for now takes the place of what it waited for. */
  private moveAt(campaign: number, action: string, atMs: number): void {
    const at = Math.max(atMs, this.agenda.now) + this.late()
    this.moving.set(campaign, at)
    this.agenda.at(at, () => {
      if (this.moving.get(campaign) !== at) return
      if (!this.anybodyUp || this.isAway) return this.lookSoon(LOOK_EVERY_MS)
      // two engines have a life each: the second finds it done
      const twice = this.plan.engines === 2 && this.agenda.chance() < 0.2
      return Effect.asVoid(
        Effect.andThen(this.move(campaign, action, null), twice ? this.move(campaign, action, null) : Effect.void)
      )
    })
  }

  /** person: the workspace's author, or the system. */
  private move(campaign: number, action: string, person: number | null): Effect.Effect<void, SqlError, SqlClient> {
    const made = this.made.campaigns[campaign]!
    if (made.id === undefined) return Effect.void
    const { now } = this.agenda
    return Effect.map(moveAt(made.id, action, person, now), (state) => {
      const isMoved = /^[a-z]/.test(state)
      this.count(isMoved ? `${action}: ${state}` : `${action} refused: ${state}`)
      if (isMoved) this.states[campaign]!.push({ atMs: now, is: state })
      if (isMoved || person === null) this.changed()
    })
  }

  // what happens

  private campaign(of: number): number {
    return of % this.plan.campaigns.length
  }

  private happen(what: Happening): undefined | Effect.Effect<void, SqlError, SqlClient> {
    this.count(what.is)
    switch (what.is) {
      case "database away":
        this.outages.push({ from: this.agenda.now, to: this.agenda.now + what.forMs })
        return undefined
      case "crash":
      case "restart":
        this.stopEngine(what.of % this.plan.engines, what.is, what.forMs)
        return undefined
      case "binds down":
      case "answers lost":
      case "throttled":
      case "failing":
      case "refusing":
        this.operators[what.of % this.operators.length]!.beginsTo(what.is, what.forMs)
        return undefined
      default:
        return this.press(what)
    }
  }

  private stopEngine(engine: number, how: "crash" | "restart", forMs: number): void {
    if (this.down.has(engine)) return
    this.down.add(engine)
    const mine = this.plan.channels.flatMap((channel, i) => (channel.engine % this.plan.engines === engine ? [i] : []))
    for (const i of mine) {
      if (how === "crash") {
        this.deaths.push({ atMs: this.agenda.now, channel: i })
        this.shells[i]!.die()
      } else this.shells[i]!.drain()
    }
    this.agenda.after(forMs, () => {
      this.down.delete(engine)
      for (const i of mine) {
        // what a restart did not let end is cut off
        if (this.shells[i]!.alive) this.deaths.push({ atMs: this.agenda.now, channel: i })
        this.shells[i]!.die()
        this.shells[i] = new Shell(this, i)
      }
      this.lookSoon(LOOK_EVERY_MS)
    })
  }

  /** What people do waits while the database is away. */
  private press(what: Happening): undefined | Effect.Effect<void, SqlError, SqlClient> {
    if (this.isAway) {
      this.agenda.after(250, () => this.press(what))
      return undefined
    }
    const { agenda, made, plan } = this
    const atMs = agenda.now
    switch (what.is) {
      case "limits": {
        const { perDay, perSecond } = what
        const workspace = what.of % plan.workspaces.length
        this.limits[workspace]!.push({ atMs, is: { perSecond, perDay } })
        return Effect.map(limit(made.workspaces[workspace]!.id, perSecond, perDay), () => this.changed())
      }
      case "contract": {
        const channel = what.of % plan.channels.length
        this.contracts[channel]!.push({ atMs, is: what.perSecond })
        agenda.after(agenda.chance() < 0.9 ? HINT_MS : 1_000, () => this.shells[channel]!.agree(what.perSecond))
        return Effect.asVoid(contract(made.channels[channel]!, what.perSecond))
      }
      case "pause":
      case "resume":
      case "stop":
      case "start":
      case "slow":
      case "feed":
      case "opt out":
        return this.pressOn(this.campaign(what.of), what)
      default:
        return undefined
    }
  }

  private pressOn(
    campaign: number,
    what: Extract<Happening, { is: "pause" | "resume" | "stop" | "start" | "slow" | "feed" | "opt out" }>
  ): undefined | Effect.Effect<void, SqlError, SqlClient> {
    const { id } = this.made.campaigns[campaign]!
    if (id === undefined) return undefined
    const { workspace } = this.plan.campaigns[campaign]!
    const house = this.made.workspaces[workspace % this.plan.workspaces.length]!
    const atMs = this.agenda.now
    if (what.is === "opt out") {
      const number = firstNumber(campaign) + what.nth
      this.optedOut.push({ atMs, workspace: workspace % this.plan.workspaces.length, number: String(number) })
      return Effect.asVoid(optOut(house.id, number))
    }
    if (what.is === "slow")
      return Effect.map(slow(id, house.author, what.perSecond), (refused) => {
        this.count(refused === null ? "slowed" : `slow refused: ${refused}`)
        if (refused !== null) return
        const own = this.plan.campaigns[campaign]!.perSecond
        this.ceilings[campaign]!.push({ atMs, is: what.perSecond ?? own })
        this.changed()
      })
    if (what.is === "feed") {
      const from = this.fed[campaign]!.length
      const numbers = Array.from({ length: what.numbers }, (_, i) => firstNumber(campaign) + from + i)
      return Effect.map(feed(id, house.author, numbers.map(String), numbers), (refused) => {
        this.count(refused === null ? "fed" : `feed refused: ${refused}`)
        if (refused !== null) return
        this.fed[campaign]!.push(...numbers.map(String))
        this.changed()
      })
    }
    return this.move(campaign, what.is, house.author)
  }

  /** At the end somebody goes round and lets all go on, so that each campaign can come to its own end. */
  private rescue(): undefined | Effect.Effect<void, SqlError, SqlClient> {
    const { campaigns, workspaces } = this.plan
    const all = [
      ...workspaces.flatMap((_, of) => {
        const { perDay, perSecond } = this.limits[of]!.at(-1)!.is
        return perDay === null ? [] : [{ is: "limits", of, perSecond, perDay: null } as const]
      }),
      ...campaigns.flatMap((_, of) => [{ is: "start", of } as const, { is: "resume", of } as const])
    ]
    const isWanted = (what: Happening) =>
      what.is === "limits" ||
      ("of" in what && this.states[what.of]!.at(-1)!.is === (what.is === "start" ? "scheduled" : "paused"))
    for (const [i, what] of all.entries())
      this.agenda.after(i * 40, () => (isWanted(what) ? this.press(what) : undefined))
    return undefined
  }
}

const refusal = (error: unknown): Answered<never> => {
  const { message, reason } = error instanceof ClaimError ? error : claimError(error as SqlError)
  if (reason === "Conflict" || reason === "DatabaseGone" || reason === "DatabaseFailed")
    throw new Error(`the database says ${message}`)
  return { is: "refused", reason, message }
}
