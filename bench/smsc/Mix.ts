// Shares: how often which of several things happens. Written `ESME_RSYSERR=1%,ESME_RINVDSTADR=0.005` (of all; the rest has no
// name) or, for weights, `DELIVRD=95,UNDELIV=4,EXPIRED=1` (of each other).

export class Mix {
  readonly text: string
  /** True when nothing ever happens. */
  readonly empty: boolean
  /** Names known beforehand by their code, in the order written, with the upper end of each one's part of 0…1. */
  private readonly codes: ReadonlyArray<number>
  private readonly ends: ReadonlyArray<number>

  constructor(text: string, codes: ReadonlyArray<number>, ends: ReadonlyArray<number>) {
    this.text = text
    this.codes = codes
    this.ends = ends
    this.empty = ends.length === 0 || ends[ends.length - 1] === 0
  }

  /** The code that a draw of 0 ≤ u < 1 falls on, or `otherwise`. */
  pick(u: number, otherwise: number): number {
    for (let i = 0; i < this.ends.length; i++) if (u < this.ends[i]!) return this.codes[i]!
    return otherwise
  }
}

/** `0.01` or `1%` as a number; undefined unless it is from 0 to 1. */
export const share = (text: string): number | undefined => {
  if (!/^\d+(\.\d+)?%?$/.test(text)) return undefined
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text)
  return value <= 1 ? value : undefined
}

const entries = (text: string) => (text.trim() === "" ? [] : text.split(",").map((part) => part.trim().split("=")))

/** Shares of all; undefined when a name is unknown, a share is none, or together they are more than 1. */
export const shares = (text: string, codeOf: (name: string) => number | undefined): Mix | undefined => {
  const codes: Array<number> = []
  const ends: Array<number> = []
  let end = 0
  for (const [name, amount, more] of entries(text)) {
    const code = codeOf(name!)
    const part = amount === undefined || more !== undefined ? undefined : share(amount)
    if (code === undefined || part === undefined) return undefined
    end += part
    codes.push(code)
    ends.push(end)
  }
  return end <= 1 + 1e-9 ? new Mix(text, codes, ends) : undefined
}

/** Weights of each other; undefined when a name is unknown, a weight is none, or all are 0. */
export const weights = (text: string, codeOf: (name: string) => number | undefined): Mix | undefined => {
  const codes: Array<number> = []
  const amounts: Array<number> = []
  for (const [name, amount, more] of entries(text)) {
    const code = codeOf(name!)
    if (code === undefined || amount === undefined || more !== undefined) return undefined
    if (!/^\d+(\.\d+)?%?$/.test(amount)) return undefined
    codes.push(code)
    amounts.push(Number.parseFloat(amount))
  }
  const total = amounts.reduce((sum, amount) => sum + amount, 0)
  if (total <= 0) return undefined
  let end = 0
  const ends = amounts.map((amount, i) => {
    end += amount / total
    return i === amounts.length - 1 ? 1 : end
  })
  return new Mix(text, codes, ends)
}
