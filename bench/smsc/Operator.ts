// The simulated operator: its accounts and links, its clock, and the turn. All of it is plain code over row numbers; what is
// to happen later waits in a wheel, and what is said in a turn of the event loop is written once, when the turn ends.

import { commandId } from "#engine/smpp/command.ts"
import { Account } from "./Account.ts"
import { DueWheel } from "./DueWheel.ts"
import type { Link } from "./Link.ts"
import type { Settings } from "./Options.ts"
import { OutBuffers } from "./OutBuffers.ts"
import type { Owed, OwedPdu } from "./Owed.ts"
import { Receipts } from "./Receipts.ts"
import { Received } from "./Received.ts"
import { Senders } from "./Senders.ts"
import { Submits } from "./Submits.ts"
import { type Counts, Tally } from "./Tally.ts"

/** How often idle clients and overdue receipts are looked for. */
const watchMs = 200

/** Links are found by the low 16 bits of their number, which is what a row has room for. */
const placeMask = 0xffff

/** What a submit is answered whatever else is set; for tests that need one number to fail. */
export interface Script {
  /** command_status of the next submits, in order of arrival. */
  nextStatuses: Array<number>
  statusByNumber: Map<number, number>
  /** message_state of the receipt. */
  stateByNumber: Map<number, number>
}

export class Operator {
  settings: Settings
  /** How often everything was forgotten. */
  run = 0
  /** The message id of row 0. */
  idBase: number
  readonly received = new Received()
  readonly senders = new Senders()
  readonly buffers = new OutBuffers()
  readonly accounts = new Map<string, Account>()
  readonly links = new Set<Link>()
  readonly submits: Submits
  readonly receipts: Receipts
  readonly script: Script = { nextStatuses: [], statusByNumber: new Map(), stateByNumber: new Map() }
  tally = new Tally()
  /** Links with something to write. */
  dirty: Array<Link> = []
  /** The last submits, whole, while `keep` asks for them. */
  kept: Array<Buffer> = []
  /** Milliseconds since 1970, as of the last look at the clock. */
  now = 0
  paused = false
  private readonly wheel = new DueWheel()
  private readonly places: Array<Link | undefined> = []
  private touched = false
  private stopped = false
  private timer: NodeJS.Timeout | undefined = undefined
  private readonly watch: NodeJS.Timeout
  private waiters: Array<() => boolean> = []

  constructor(settings: Settings) {
    this.settings = settings
    // Distinct between runs, so that nobody takes an old receipt's id for a new one: a million ids a second since 2025.
    this.idBase = settings.idBase > 0 ? settings.idBase : (Date.now() - 1_735_689_600_000) * 1000
    this.submits = new Submits(this)
    this.receipts = new Receipts(this)
    this.tick()
    this.apply(settings)
    this.watch = setInterval(() => this.look(), watchMs)
    this.watch.unref()
  }

  /** Takes new settings; what waits already keeps its time. */
  apply(settings: Settings) {
    this.settings = settings
    this.submits.apply(settings)
    this.receipts.apply(settings)
    this.touch()
  }

  /** Looks at the clock. */
  tick(): number {
    this.now = performance.timeOrigin + performance.now()
    return this.now
  }

  /** A connection was made. */
  connected(link: Link) {
    this.links.add(link)
    this.places[link.number & placeMask] = link
  }

  /** A connection was bound. */
  joined(link: Link, systemId: string) {
    link.account = this.account(systemId)
    link.account.links.push(link)
    this.touch()
  }

  private account(systemId: string): Account {
    let account = this.accounts.get(systemId)
    if (account === undefined) {
      account = new Account(systemId)
      this.accounts.set(systemId, account)
    }
    return account
  }

  /** A connection is gone. */
  left(link: Link) {
    this.links.delete(link)
    if (link.account === undefined) return
    link.account.leave(link)
    this.receipts.takeBack(link, Number.POSITIVE_INFINITY)
    this.touch()
  }

  /** Has a row's receipt sent after a delay in milliseconds. */
  later(delay: number, row: number, link: Link) {
    this.wheel.add(this.now, this.now + delay, row, link.number << 1, 0)
    this.touch()
  }

  /** Has a submit answered after a delay in milliseconds. */
  answerLater(delay: number, row: number, link: Link, sequence: number) {
    this.wheel.add(this.now, this.now + delay, row, (link.number << 1) | 1, sequence)
  }

  /** Something happened: the turn that runs now is to be ended properly. */
  touch() {
    if (this.touched || this.stopped || this.paused) return
    this.touched = true
    setImmediate(() => this.endTurn())
  }

  private endTurn() {
    this.touched = false
    if (this.stopped || this.paused) return
    const now = this.tick()
    this.tally.at(now)
    if (this.wheel.size > 0) this.wheel.turn(now, this.due)
    this.receipts.pump()
    for (const link of this.links) if (link.stalled && this.hasRoom(link)) link.unstall()
    for (let writing = this.dirty; writing.length > 0; writing = this.dirty) {
      this.dirty = []
      for (const link of writing) link.flush()
    }
    if (this.wheel.size > 0 && this.timer === undefined)
      this.timer = setTimeout(() => {
        this.timer = undefined
        this.touched = true
        this.endTurn()
      }, 1)
    if (this.waiters.length > 0) this.waiters = this.waiters.filter((waiter) => !waiter())
  }

  private hasRoom(link: Link): boolean {
    const { window, windowFull } = this.settings
    return windowFull !== "stall" || window === 0 || link.outstanding < window
  }

  private readonly due = (row: number, kind: number, argument: number) => {
    const link = this.places[(kind >>> 1) & placeMask]!
    if ((kind & 1) === 1) this.submits.answer(link, row, argument)
    else if (row < 0) this.receipts.letter(row)
    else this.receipts.send(link, row)
  }

  /** Idle clients are asked whether they live; receipts without an answer are taken back. */
  private look() {
    if (this.paused) return
    const { enquire, receiptTimeout } = this.settings
    const now = this.tick()
    for (const link of this.links) {
      if (link.account === undefined) continue
      if (receiptTimeout > 0) this.receipts.takeBack(link, now - receiptTimeout)
      if (enquire === 0 || now - Math.max(link.heardAt, link.enquiredAt) < enquire) continue
      if (link.enquiredAt > link.heardAt) link.close()
      else {
        link.enquiredAt = now
        link.header(commandId.enquire_link, 0, link.unacknowledged.skip())
      }
    }
    this.touch()
  }

  /** Resolves at the end of the first turn after which `reached` holds. */
  until(reached: (counts: Counts) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.stopped) return reject(new Error("the simulator is closed"))
      this.waiters.push(() => {
        if (this.stopped) reject(new Error("the simulator was closed"))
        else if (!reached(this.counts())) return false
        else resolve()
        return true
      })
      this.touch()
    })
  }

  counts(): Counts {
    let binds = 0
    let receiptsUnacked = 0
    let receiptsWaiting = 0
    for (const link of this.links) receiptsUnacked += link.unacknowledged.size
    for (const account of this.accounts.values()) {
      binds += account.links.length
      receiptsWaiting += account.waiting.length
    }
    return this.tally.counts(this.now, { binds, connections: this.links.size, receiptsWaiting, receiptsUnacked })
  }

  /** Forgets what was received and what was to come; connections stay. */
  reset() {
    // Ids go on, because the client may remember the old ones.
    this.idBase += this.received.length
    this.run++
    this.received.clear()
    this.senders.clear()
    this.wheel.clear()
    this.receipts.clear()
    this.kept = []
    this.tally = new Tally()
    for (const link of this.links) link.forget()
    this.apply(this.settings)
  }

  /** Takes on what an earlier operator owed. */
  resume({ nextId, pdus }: Owed) {
    this.idBase = Math.max(this.idBase, nextId)
    for (const { systemId, dueAt, receipt, pdu } of pdus)
      this.wheel.add(this.now, dueAt, this.receipts.post({ account: this.account(systemId), receipt, pdu }), 0, 0)
    this.touch()
  }

  /** What is still owed, in the order in which it is due; asked after the stop, when no bind holds anything any more. */
  get owed(): Owed {
    const pdus: Array<OwedPdu> = []
    for (const account of this.accounts.values())
      for (const row of account.waiting) pdus.push({ ...this.receipts.owed(row, account), dueAt: this.now })
    this.wheel.each((row, kind, dueAt) => {
      const account = this.places[(kind >>> 1) & placeMask]?.account
      if ((kind & 1) === 0) pdus.push({ ...this.receipts.owed(row, account), dueAt })
    })
    return { nextId: this.idBase + this.received.length, pdus: pdus.sort((a, b) => a.dueAt - b.dueAt) }
  }

  /** Ends everything at once. */
  stop() {
    this.stopped = true
    clearInterval(this.watch)
    clearTimeout(this.timer)
    for (const link of this.links) link.close()
    for (const waiter of this.waiters) waiter()
  }
}
