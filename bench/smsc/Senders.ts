// The source addresses that were seen, each once, so that a row needs two bytes for its own. A campaign has one sender, so the
// last one is nearly always the next one.

export interface Sender {
  readonly ton: number
  readonly npi: number
  /** The octets of the address, without the terminator. */
  readonly address: Uint8Array
}

/** Beyond this many different senders the last place is used again and again. */
const most = 0xffff

export class Senders {
  private known: Array<Sender> = []
  private numbers = new Map<string, number>()
  private last = -1

  /** The number of this address. */
  number(bytes: Uint8Array, from: number, to: number, ton: number, npi: number): number {
    if (this.last >= 0 && same(this.known[this.last]!, bytes, from, to, ton, npi)) return this.last
    const key = `${ton}/${npi}/${Buffer.from(bytes.subarray(from, to)).toString("latin1")}`
    let number = this.numbers.get(key)
    if (number === undefined) {
      number = Math.min(this.known.length, most)
      this.known[number] = { ton, npi, address: bytes.slice(from, Math.min(to, from + 20)) }
      if (number < most) this.numbers.set(key, number)
    }
    this.last = number
    return number
  }

  at(number: number): Sender {
    return this.known[number]!
  }

  clear() {
    this.known = []
    this.numbers.clear()
    this.last = -1
  }
}

const same = (sender: Sender, bytes: Uint8Array, from: number, to: number, ton: number, npi: number): boolean => {
  const address = sender.address
  if (sender.ton !== ton || sender.npi !== npi || address.length !== to - from) return false
  for (let i = 0; i < address.length; i++) if (address[i] !== bytes[from + i]) return false
  return true
}
