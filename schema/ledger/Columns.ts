/**
 * Columns of outcomes, growing as they come in: what one block adds to the next flush. Typed arrays, no object a message.
 * They are lent from a pool and given back after the flush is encoded.
 */

/** A block is 1,000 recipients; more rows than that only with several parts or tries, and then the columns double. */
const FIRST_CAPACITY = 1024

/** Times are int4: one that is later than 24 days after the claim stays at the most they can say. */
const MOST_MS = 2 ** 31 - 1

export class AttemptColumns {
  length = 0
  nth = new Int16Array(FIRST_CAPACITY)
  part = new Int16Array(FIRST_CAPACITY)
  try = new Int16Array(FIRST_CAPACITY)
  bind = new Int16Array(FIRST_CAPACITY)
  /** letters: a accepted, r rejected, t temporary, u unknown */
  verdict = new Uint8Array(FIRST_CAPACITY)
  command_status = new Int32Array(FIRST_CAPACITY)
  message_id: Array<string> = []
  submittedMs = new Int32Array(FIRST_CAPACITY)
  answeredMs = new Int32Array(FIRST_CAPACITY)

  push(
    nth: number,
    part: number,
    tries: number,
    bind: number,
    verdict: number,
    command_status: number,
    message_id: string,
    submittedMs: number,
    answeredMs: number
  ): void {
    const i = this.length++
    if (i === this.nth.length) this.grow()
    this.nth[i] = nth
    this.part[i] = part
    this.try[i] = tries
    this.bind[i] = bind
    this.verdict[i] = verdict
    this.command_status[i] = command_status
    this.message_id.push(message_id)
    this.submittedMs[i] = Math.min(submittedMs, MOST_MS)
    this.answeredMs[i] = Math.min(answeredMs, MOST_MS)
  }

  clear(): void {
    this.length = 0
    this.message_id = []
  }

  private grow(): void {
    const capacity = this.nth.length * 2
    this.nth = widened16(this.nth, capacity)
    this.part = widened16(this.part, capacity)
    this.try = widened16(this.try, capacity)
    this.bind = widened16(this.bind, capacity)
    const verdict = new Uint8Array(capacity)
    verdict.set(this.verdict)
    this.verdict = verdict
    this.command_status = widened32(this.command_status, capacity)
    this.submittedMs = widened32(this.submittedMs, capacity)
    this.answeredMs = widened32(this.answeredMs, capacity)
  }
}

export class ReceiptColumns {
  length = 0
  nth = new Int16Array(FIRST_CAPACITY)
  part = new Int16Array(FIRST_CAPACITY)
  state = new Int16Array(FIRST_CAPACITY)
  error: Array<string> = []
  receivedMs = new Int32Array(FIRST_CAPACITY)
  /** the text of those that were odd, by row; absent while all were in order */
  odd: Map<number, string> | undefined

  push(nth: number, part: number, state: number, error: string, receivedMs: number): void {
    const i = this.length++
    if (i === this.nth.length) this.grow()
    this.nth[i] = nth
    this.part[i] = part
    this.state[i] = state
    this.error.push(error)
    this.receivedMs[i] = Math.min(receivedMs, MOST_MS)
  }

  clear(): void {
    this.length = 0
    this.error = []
    this.odd = undefined
  }

  private grow(): void {
    const capacity = this.nth.length * 2
    this.nth = widened16(this.nth, capacity)
    this.part = widened16(this.part, capacity)
    this.state = widened16(this.state, capacity)
    this.receivedMs = widened32(this.receivedMs, capacity)
  }
}

const widened16 = (from: Int16Array<ArrayBuffer>, capacity: number): Int16Array<ArrayBuffer> => {
  const to = new Int16Array(capacity)
  to.set(from)
  return to
}

const widened32 = (from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> => {
  const to = new Int32Array(capacity)
  to.set(from)
  return to
}
