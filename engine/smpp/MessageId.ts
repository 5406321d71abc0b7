/**
 * Message ids in whatever dress: an operator names a message in submit_sm_resp, and names it again in the receipt, but not
 * always in the same way: hexadecimal here and decimal there, with or without leading zeros, in capitals or not.
 *
 * A key is an id undressed: lower case, no leading zeros, in the base of the submit_sm_resp. `key(id, "same")` is the key
 * of an answered id, and `key(id, dress)` that of a receipt's, so that the two are equal when they mean one message.
 *
 * Which dress an operator uses can't be read off the ids. Most hexadecimal ids have no letter now and then, and where ids
 * are dense and sequential both readings of a receipt's id hit a message that we sent, one of them a stranger's. So the
 * dress is learnt from evidence that ids alone don't give: the caller looks the receipt up in each reading that differs,
 * and says whether the message it hit went to the number that the receipt speaks of. A few such agreements in a row
 * (`enough`), and no disagreement between, settle it. A settled dress is given up again when as many contradict it, since
 * operators change their software too.
 */

/** How the receipt's id is dressed, beside the answer's: `hexToDecimal` answers `1f` and says 31 in the receipt. */
export const dresses = ["same", "hexToDecimal", "decimalToHex"] as const
export type Dress = (typeof dresses)[number]

/** The message_id of the submit_sm_resp or data_sm_resp in `buffer[start..end)`; empty where there is none. */
export const messageIdAt = (buffer: Buffer, start: number, end: number): string => {
  const from = start + 16
  let to = from
  while (to < end && buffer[to] !== 0) to++
  return to === from ? "" : buffer.toString("latin1", from, to)
}

/** The id as its message was answered, undressed. An id that can't be read in the dress's base is taken as it is. */
export const key = (id: string, dress: Dress): string => {
  switch (dress) {
    case "same":
      return undressed(id)
    case "hexToDecimal":
      return isDecimal(id) ? decimalAsHex(id) : undressed(id)
    case "decimalToHex":
      return isHex(id) ? hexAsDecimal(id) : undressed(id)
  }
}

/** Whether the id tells the dresses apart: 7 is 7 in any base, and what has other letters is no number. */
export const isEvidence = (id: string): boolean => {
  const same = key(id, "same")
  return key(id, "hexToDecimal") !== same || key(id, "decimalToHex") !== same
}

/** So many agreements settle a dress: by chance a reading hits a message to the same number at most once in a while. */
export const enough = 5

/** One channel's. Starts with what is on record for the channel, if anything. */
export class DressLearner {
  private settled: Dress | undefined
  private readonly agreed: Record<Dress, number> = { same: 0, hexToDecimal: 0, decimalToHex: 0 }
  private contradicted = 0

  constructor(settled?: Dress) {
    this.settled = settled
  }

  /** The dress, once settled. */
  get verdict(): Dress | undefined {
    return this.settled
  }

  /**
   * Takes one piece of evidence: reading a receipt's id in `candidate` hit a message, and that message went to the
   * receipt's number (`confirmed`) or to another. Ids that aren't `isEvidence` are not to be given.
   */
  learn(candidate: Dress, confirmed: boolean): void {
    if (this.settled !== undefined) this.doubt(this.settled, candidate, confirmed)
    else if (confirmed) this.agree(candidate)
    else this.agreed[candidate] = 0
  }

  private agree(candidate: Dress): void {
    for (const other of dresses) if (other !== candidate) this.agreed[other] = 0
    if (++this.agreed[candidate] >= enough) {
      this.settled = candidate
      this.forget()
    }
  }

  private doubt(settled: Dress, candidate: Dress, confirmed: boolean): void {
    if ((candidate === settled) === confirmed) {
      // Another reading that hit a stranger says nothing new, the settled one that hit its own message does.
      if (confirmed) this.contradicted = 0
      return
    }
    if (++this.contradicted < enough) return
    this.settled = undefined
    this.forget()
  }

  private forget(): void {
    for (const dress of dresses) this.agreed[dress] = 0
    this.contradicted = 0
  }
}

const zero = 0x30

const nine = 0x39

const undressed = (id: string): string => {
  let from = 0
  while (from < id.length - 1 && id.charCodeAt(from) === zero) from++
  // most ids are digits only, and have no case
  for (let i = from; i < id.length; i++) if (id.charCodeAt(i) > nine) return id.slice(from).toLowerCase()
  return from === 0 ? id : id.slice(from)
}

/** Numbers of so many digits are exact as floats: 999,999,999,999,999 and 0xfffffffffffff are below 2^53. */
const exactDecimal = 15
const exactHex = 13

const decimalAsHex = (id: string): string =>
  id.length <= exactDecimal ? Number(id).toString(16) : BigInt(id).toString(16)

const hexAsDecimal = (id: string): string =>
  id.length <= exactHex ? String(Number.parseInt(id, 16)) : BigInt(`0x${id}`).toString()

const isDecimal = (id: string): boolean => {
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return id.length > 0
}

const isHex = (id: string): boolean => {
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    const letter = code | 0x20
    if ((code < 0x30 || code > 0x39) && (letter < 0x61 || letter > 0x66)) return false
  }
  return id.length > 0
}
