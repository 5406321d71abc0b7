/**
 * The text of a delivery receipt (SMPP 3.4, Appendix B), found in place:
 *
 *     id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text:…
 *
 * The appendix calls this typical, so every operator has its own: fields are found by their names, in any order and case,
 * missing or strange ones do no harm, separators may be commas or underscores, and a space may follow the colon.
 *
 * `text:` is the beginning of the message and can hold anything, even `stat:DELIVRD`. Where the message's id and state came
 * before it reading ends there; otherwise of what follows the last of each name counts, as the true fields come last.
 */

/** Bits of the fields found, and their places in the arrays of offsets. */
export const found = { id: 0, sub: 1, dlvrd: 2, submitDate: 3, doneDate: 4, stat: 5, err: 6 } as const
type Field = (typeof found)[keyof typeof found]
const fieldCount = 7
const noField = -1
const textField = -2

/** The first letters of a word, five bits each, capitals or not. */
const pack = (word: string) => [...word].reduce((packed, letter) => (packed << 5) | (letter.charCodeAt(0) & 31), 0)

const packedLetters = 6
const word = {
  id: pack("id"),
  sub: pack("sub"),
  dlvrd: pack("dlvrd"),
  submit: pack("submit"),
  done: pack("done"),
  date: pack("date"),
  doneda: pack("doneda"),
  stat: pack("stat"),
  err: pack("err"),
  text: pack("text")
} as const

// By five letters, so that DELIVERED and UNDELIVERABLE, which some write, mean the same as DELIVRD and UNDELIV.
const delivered = pack("deliv")
const states = new Map<number, number>([
  [delivered, 2],
  [pack("enrou"), 1],
  [pack("expir"), 3],
  [pack("delet"), 4],
  [pack("undel"), 5],
  [pack("accep"), 6],
  [pack("unkno"), 7],
  [pack("rejec"), 8]
])

const colon = 0x3a

export class ReceiptText {
  /** message_state of the word after `stat:`; -1 when there is none that we know. */
  state = -1
  private buffer: Buffer = Buffer.alloc(0)
  private has = 0
  private readonly from = new Int32Array(fieldCount)
  private readonly to = new Int32Array(fieldCount)

  get idFrom(): number {
    return this.from[found.id]!
  }

  get idTo(): number {
    return this.to[found.id]!
  }

  get errFrom(): number {
    return this.from[found.err]!
  }

  get errTo(): number {
    return this.to[found.err]!
  }

  read(buffer: Buffer, from: number, to: number): void {
    this.buffer = buffer
    this.has = 0
    this.from[found.id] = this.to[found.id] = 0
    this.from[found.err] = this.to[found.err] = 0
    let fixed = 0
    let packed = 0
    let letters = 0
    let packedBefore = 0
    let lettersBefore = 0
    let at = from
    while (at < to) {
      const octet = buffer[at++]!
      if (octet === colon) {
        const field = fieldOf(packed, letters, packedBefore, lettersBefore)
        if (field >= 0) {
          if (((fixed >> field) & 1) === 0) at = this.value(field as Field, at, to)
        } else if (field === textField) {
          if ((this.has & enough) === enough) break
          fixed = this.has
        }
        packed = letters = packedBefore = lettersBefore = 0
      } else if (separates(octet)) {
        if (letters > 0) {
          packedBefore = packed
          lettersBefore = letters
          packed = letters = 0
        }
      } else {
        if (letters < packedLetters) packed = (packed << 5) | (octet & 31)
        letters++
      }
    }
    this.state = (this.has >> found.stat) & 1 ? this.stateWord(this.from[found.stat]!, this.to[found.stat]!) : -1
  }

  /** YYMMDDhhmm, or with seconds, as milliseconds since 1970 in UTC; `NaN` when there is none or it is no date. */
  date(field: typeof found.submitDate | typeof found.doneDate): number {
    const digits = this.digits(field)
    if (digits.length !== 10 && digits.length !== 12) return Number.NaN
    const part = (index: number) => Number(digits.slice(index * 2, index * 2 + 2))
    return Date.UTC(2000 + part(0), part(1) - 1, part(2), part(3), part(4), part(5))
  }

  count(field: typeof found.sub | typeof found.dlvrd): number {
    const digits = this.digits(field)
    return digits === "" ? Number.NaN : Number(digits)
  }

  private digits(field: Field): string {
    if (((this.has >> field) & 1) === 0) return ""
    const text = this.buffer.toString("latin1", this.from[field], this.to[field])
    return /^\d+$/.test(text) ? text : ""
  }

  /** Notes where the value is and returns where it ends. */
  private value(field: Field, from: number, to: number): number {
    const { buffer } = this
    let start = from
    while (start < to && buffer[start] === 0x20) start++
    let at = start
    while (at < to && !separates(buffer[at]!)) {
      // After a space a word with a colon, or that begins a date's name, is the next field: this one is empty.
      if (start > from && buffer[at] === colon) return from
      at++
    }
    if (start > from && beginsDate(buffer, start, at)) return from
    if (at === start) return at
    // "_" separates names, but it may be part of an id
    while (at < to && buffer[at] === 0x5f) {
      at++
      while (at < to && !separates(buffer[at]!)) at++
    }
    this.from[field] = start
    this.to[field] = at
    this.has |= 1 << field
    return at
  }

  private stateWord(from: number, to: number): number {
    const { buffer } = this
    if (to - from < 5) return -1
    let packed = 0
    for (let at = from; at < from + 5; at++) packed = (packed << 5) | (buffer[at]! & 31)
    return packed === delivered ? 2 : (states.get(packed) ?? -1)
  }
}

const enough = (1 << found.id) | (1 << found.stat)

const separates = (octet: number): boolean => octet <= 0x20 || octet === 0x2c || octet === 0x3b || octet === 0x5f

const fieldOf = (packed: number, letters: number, packedBefore: number, lettersBefore: number): number => {
  switch (packed) {
    case word.id:
      return letters === 2 ? found.id : noField
    case word.sub:
      return letters === 3 ? found.sub : noField
    case word.err:
      return letters === 3 ? found.err : noField
    case word.stat:
      return letters === 4 ? found.stat : noField
    case word.text:
      return letters === 4 ? textField : noField
    case word.dlvrd:
      return letters === 5 ? found.dlvrd : noField
    case word.date:
      if (letters !== 4) return noField
      if (packedBefore === word.submit && lettersBefore === 6) return found.submitDate
      return packedBefore === word.done && lettersBefore === 4 ? found.doneDate : noField
    case word.submit:
      return letters === 10 ? found.submitDate : noField
    case word.doneda:
      return letters === 8 ? found.doneDate : noField
    default:
      return noField
  }
}

const beginsDate = (buffer: Buffer, from: number, to: number): boolean => {
  let packed = 0
  for (let at = from; at < to && at < from + packedLetters; at++) packed = (packed << 5) | (buffer[at]! & 31)
  return (packed === word.submit && to - from === 6) || (packed === word.done && to - from === 4)
}
