/** When something is open: stretches of time in their order, as the calendar gave them (rules/forecast.sql), up to where it was asked. Pure. */

export class ForecastWindows {
  private readonly opens: ReadonlyArray<number>
  private readonly closes: ReadonlyArray<number>
  /** Of the one that is open or opens next: time is asked for in its order, mostly. */
  private nth = 0

  /** Both in ms since 1970, one a stretch. */
  constructor(opens: ReadonlyArray<number>, closes: ReadonlyArray<number>) {
    this.opens = opens
    this.closes = closes
  }

  isOpen(at: number): boolean {
    return (this.opens[this.find(at)] ?? Number.POSITIVE_INFINITY) <= at
  }

  /** When it next opens or closes; never where the calendar ends. */
  next(at: number): number {
    const nth = this.find(at)
    const opens = this.opens[nth] ?? Number.POSITIVE_INFINITY
    return opens > at ? opens : this.closes[nth]!
  }

  /** Milliseconds in which it is open between two moments. */
  openMs(from: number, until: number): number {
    let open = 0
    for (let nth = this.find(from); nth < this.opens.length && this.opens[nth]! < until; nth++)
      open += Math.min(this.closes[nth]!, until) - Math.max(this.opens[nth]!, from)
    return open
  }

  /** When it will have been open for so long; never, if the calendar ends before. */
  after(from: number, ms: number): number {
    let rest = ms
    for (let nth = this.find(from); nth < this.opens.length; nth++) {
      const begins = Math.max(this.opens[nth]!, from)
      if (this.closes[nth]! - begins >= rest) return begins + rest
      rest -= this.closes[nth]! - begins
    }
    return Number.POSITIVE_INFINITY
  }

  private find(at: number): number {
    if (this.nth > 0 && this.closes[this.nth - 1]! > at) this.nth = 0
    while (this.nth < this.closes.length && this.closes[this.nth]! <= at) this.nth++
    return this.nth
  }
}
