/**
 * A model of one channel's operator and of the socket to it: what is submitted has left; it is answered after a while, unless the
 * operator is in one of its moods, and a receipt follows. What it has been sent, and what it said to it, is what a history is judged by.
 */
import type { Session } from "#engine/smpp/Session.ts"
import { status } from "#engine/smpp/status.ts"
import type { SubmitTemplate } from "#engine/smpp/submit.ts"
import { Window } from "#engine/smpp/Window.ts"
import type { Agenda } from "./Agenda.ts"
import type { ChannelPlan } from "./plan.ts"

export type Answer = "accepted" | "rejected" | "throttled" | "temporary"

/** One submit_sm on its way. */
export interface Left {
  readonly at: number
  readonly channel: number
  /** of which block, recipient and part */
  readonly block: number
  readonly nth: number
  readonly part: number
  readonly number: string
  /** what the operator says to it, known to it alone until the engine has heard */
  readonly verdict: Answer
  /** the rest of a message that was half out when its block was taken back */
  readonly isRest: boolean
  /** its answer reached the engine */
  heard: boolean
  receipt: "delivered" | "undelivered" | undefined
}

export type Mood = "binds down" | "answers lost" | "throttled" | "failing" | "refusing"

export interface Receipt {
  readonly message_id: string
  readonly delivered: boolean
  readonly number: string
}

/** What the engine hears, with the moment. */
export interface Ear {
  from(token: number): Pick<Left, "block" | "nth" | "part" | "isRest">
  answered(session: Session, token: number, command_status: number, message_id: string, sentAt: number): void
  lost(session: Session, token: number, sentAt: number): void
  receipt(session: Session, sequence_number: number, receipt: Receipt): void
  /** the connection has ended, by the operator's hand */
  ended(session: Session): void
}

/** As channel.response_seconds. */
const RESPONSE_MS = 30_000

const CODES: Readonly<Record<Answer, number>> = {
  accepted: status.ESME_ROK,
  rejected: status.ESME_RINVDSTADR,
  throttled: status.ESME_RTHROTTLED,
  temporary: status.ESME_RSYSERR
}

export class Operator {
  readonly left: Array<Left> = []
  /** receipts that nobody has acknowledged: said again to the next bind, as operators do */
  readonly unheard: Array<Receipt> = []
  private readonly until: Record<Mood, number> = {
    "binds down": 0,
    "answers lost": 0,
    throttled: 0,
    failing: 0,
    refusing: 0
  }
  private readonly losesReceipts: boolean
  private readonly agenda: Agenda
  private readonly channel: number
  readonly plan: ChannelPlan
  private bind: Bind | undefined
  private messages = 0

  constructor(agenda: Agenda, channel: number, plan: ChannelPlan, losesReceipts: boolean) {
    this.losesReceipts = losesReceipts
    this.agenda = agenda
    this.channel = channel
    this.plan = plan
  }

  is(mood: Mood): boolean {
    return this.agenda.now < this.until[mood]
  }

  get upAgainAt(): number {
    return this.until["binds down"]
  }

  beginsTo(be: Mood, forMs: number): void {
    this.until[be] = Math.max(this.until[be], this.agenda.now + forMs)
    if (be === "binds down") this.bind?.end()
  }

  /** A bind, as its engine sees it. */
  connect(ear: Ear): Bind {
    this.bind = new Bind(this.agenda, this, ear)
    for (const receipt of this.unheard.splice(0)) this.bind.deliver(receipt)
    return this.bind
  }

  /** One submit_sm has reached it; gives when its answer is to be heard, if it is to be. */
  takes(
    from: Pick<Left, "block" | "nth" | "part" | "isRest">,
    number: string
  ): { left: Left; message_id: string; answersInMs: number | undefined } {
    const { agenda } = this
    const verdict = this.verdict()
    const left: Left = {
      at: agenda.now,
      channel: this.channel,
      ...from,
      number,
      verdict,
      heard: false,
      receipt: undefined
    }
    this.left.push(left)
    const message_id = verdict === "accepted" ? (++this.messages).toString(16).padStart(4, "0") : ""
    const answersInMs = this.is("answers lost") ? undefined : this.plan.answersInMs * agenda.between(0.5, 2)
    if (verdict === "accepted" && !(this.losesReceipts && agenda.chance() < 0.1)) {
      const delivered = agenda.chance() < 0.9
      agenda.after(this.plan.receiptsInMs * agenda.between(0.5, 3), () => {
        left.receipt = delivered ? "delivered" : "undelivered"
        this.sendReceipt({ message_id, delivered, number })
      })
    }
    return { left, message_id, answersInMs }
  }

  private sendReceipt(receipt: Receipt): void {
    if (this.bind === undefined || this.bind.over) this.unheard.push(receipt)
    else this.bind.deliver(receipt)
  }

  private verdict(): Answer {
    const { agenda } = this
    if (this.is("throttled") && agenda.chance() < 0.5) return "throttled"
    if (this.is("failing") && agenda.chance() < 0.5) return "temporary"
    if (this.is("refusing") && agenda.chance() < 0.5) return "rejected"
    return "accepted"
  }
}

/** Stands for engine/smpp/Session.ts where Traffic expects one: the same window, and no octets. */
export class Bind {
  readonly number = 1
  readonly canSubmit = true
  readonly canReceive = true
  readonly ear: Ear
  over = false
  private readonly agenda: Agenda
  private readonly operator: Operator
  private readonly window: Window
  private sequence = 0
  private delivered = 0
  /** by sequence_number */
  private readonly unacknowledged = new Map<number, Receipt>()

  constructor(agenda: Agenda, operator: Operator, ear: Ear) {
    this.agenda = agenda
    this.operator = operator
    this.ear = ear
    this.window = new Window(operator.plan.windowSize)
  }

  get windowSize(): number {
    return this.operator.plan.windowSize
  }

  get room(): number {
    return this.over ? 0 : this.window.room
  }

  get leaving(): boolean {
    return this.over
  }

  get outstanding(): number {
    return this.window.outstanding
  }

  submit(
    _template: SubmitTemplate,
    digits: Buffer,
    from: number,
    to: number,
    _reference: number,
    token: number,
    now: number
  ): void {
    do this.sequence++
    while (this.window.taken(this.sequence))
    const { sequence } = this
    this.window.put(sequence, token, now)
    const { answersInMs, left, message_id } = this.operator.takes(
      this.ear.from(token),
      digits.toString("latin1", from, to)
    )
    this.agenda.after(answersInMs ?? RESPONSE_MS, () => {
      const at = this.window.take(sequence)
      if (this.over || at < 0) return
      if (answersInMs === undefined) return this.ear.lost(this as unknown as Session, token, now)
      left.heard = true
      this.ear.answered(this as unknown as Session, token, CODES[left.verdict], message_id, now)
    })
  }

  /** One deliver_sm. */
  deliver(receipt: Receipt): void {
    this.unacknowledged.set(++this.delivered, receipt)
    this.ear.receipt(this as unknown as Session, this.delivered, receipt)
  }

  acknowledge(sequence_numbers: ReadonlyArray<number>): void {
    for (const one of sequence_numbers) this.unacknowledged.delete(one)
  }

  /** The connection is over, by either side. */
  end(): void {
    if (this.over) return
    this.cut()
    this.ear.ended(this as unknown as Session)
  }

  /** Its engine is gone. */
  cut(): void {
    this.over = true
    this.operator.unheard.push(...this.unacknowledged.values())
    this.unacknowledged.clear()
  }

  drainOutstanding(lost: (token: number, sentAt: number) => void): void {
    this.window.expire(Number.POSITIVE_INFINITY, lost)
  }

  flush(): void {}
  refuse(): void {}
  setReading(): void {}
  unbind(): void {
    this.end()
  }
}
