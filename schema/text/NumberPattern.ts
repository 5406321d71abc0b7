/**
 * Asks a pattern of libphonenumber's metadata about numbers of which only the first digits are known: does it match
 * all of them, none, or is it open? So a verdict learnt from a prefix and a length holds for every such number.
 *
 * It knows the part of regular expressions that the metadata uses (digits, \d, classes, groups, |, ?, *, +, {n,m}, $) and
 * throws `SyntaxError` on anything else, so that a new release of the metadata cannot be misread in silence.
 */

/** Stands for one digit that is not known. */
export const UNKNOWN_DIGIT = "?"

type Node =
  | { readonly kind: "digits"; readonly mask: number }
  | { readonly kind: "sequence"; readonly items: ReadonlyArray<Node> }
  | { readonly kind: "choice"; readonly options: ReadonlyArray<Node> }
  | { readonly kind: "repeat"; readonly item: Node; readonly least: number; readonly most: number }
  | { readonly kind: "capture"; readonly item: Node }
  | { readonly kind: "end" }

/** What an attempt found out so far: where it stands, and on what that rests. */
interface Trail {
  readonly at: number
  /** False as soon as it rests on an unknown digit being one of several. */
  readonly sure: boolean
  /** Whether a capturing group took part: then what is replaced depends on more than the length. */
  readonly captured: boolean
}

type Continue = (trail: Trail) => boolean

const ANY_DIGIT = 0b11_1111_1111

export class NumberPattern {
  private readonly root: Node
  readonly source: string

  constructor(source: string) {
    this.source = source
    this.root = parse(source)
  }

  /** Whether the pattern matches the whole of every number written `text`, none of them, or some. */
  matchesWhole(text: string): "all" | "none" | "some" {
    let answer: "all" | "none" | "some" = "none"
    walk(this.root, text, { at: 0, sure: true, captured: false }, (trail) => {
      if (trail.at !== text.length) return false
      answer = trail.sure ? "all" : "some"
      return trail.sure
    })
    return answer
  }

  /**
   * What `^(?:pattern)` takes from the start of every number written `text`: its length, "none" when it matches no
   * such number, "open" when that depends on unknown digits or a capturing group took part.
   */
  takesFromStart(text: string): number | "none" | "open" {
    let answer: number | "none" | "open" = "none"
    // The first success in the order of a backtracking engine is what RegExp would return.
    walk(this.root, text, { at: 0, sure: true, captured: false }, (trail) => {
      answer = trail.sure && !trail.captured ? trail.at : "open"
      return true
    })
    return answer
  }
}

/** Tries every way in the order RegExp does, greedy and left to right, until `next` says that it is enough. */
const walk = (node: Node, text: string, trail: Trail, next: Continue): boolean => {
  switch (node.kind) {
    case "digits": {
      const character = text[trail.at]
      if (character === undefined) return false
      if (character === UNKNOWN_DIGIT) {
        return next({ ...trail, at: trail.at + 1, sure: trail.sure && node.mask === ANY_DIGIT })
      }
      return (node.mask & (1 << Number(character))) !== 0 && next({ ...trail, at: trail.at + 1 })
    }
    case "end":
      return trail.at === text.length && next(trail)
    case "capture":
      return walk(node.item, text, trail, (after) => next({ ...after, captured: true }))
    case "choice":
      return node.options.some((option) => walk(option, text, trail, next))
    case "sequence": {
      const from = (index: number): Continue =>
        index === node.items.length ? next : (after) => walk(node.items[index]!, text, after, from(index + 1))
      return from(0)(trail)
    }
    case "repeat": {
      const again = (times: number, from: Trail): boolean =>
        (times < node.most && walk(node.item, text, from, (after) => after.at > from.at && again(times + 1, after))) ||
        (times >= node.least && next(from))
      return again(0, trail)
    }
  }
}

const parse = (source: string): Node => {
  let at = 0
  const refuse = (): never => {
    throw new SyntaxError(`The phone number metadata has a pattern that this reader does not know, at ${at}: ${source}`)
  }
  const choice = (): Node => {
    const options = [sequence()]
    while (source[at] === "|") {
      at++
      options.push(sequence())
    }
    return options.length === 1 ? options[0]! : { kind: "choice", options }
  }
  const sequence = (): Node => {
    const items: Array<Node> = []
    while (at < source.length && source[at] !== "|" && source[at] !== ")") items.push(repeated(atom()))
    return { kind: "sequence", items }
  }
  const atom = (): Node => {
    const character = source[at++]!
    if (character >= "0" && character <= "9") return { kind: "digits", mask: 1 << Number(character) }
    if (character === "\\" && source[at] === "d") {
      at++
      return { kind: "digits", mask: ANY_DIGIT }
    }
    if (character === "$") return { kind: "end" }
    if (character === "[") return { kind: "digits", mask: characterClass() }
    if (character === "(") {
      const plain = source.startsWith("?:", at)
      if (plain) at += 2
      else if (source[at] === "?") refuse()
      const item = choice()
      if (source[at++] !== ")") refuse()
      return plain ? item : { kind: "capture", item }
    }
    at--
    return refuse()
  }
  const characterClass = (): number => {
    const end = source.indexOf("]", at)
    const inside = source.slice(at, end)
    if (end < 0 || !/^(?:\d-\d|\d)+$/.test(inside)) refuse()
    at = end + 1
    let mask = 0
    for (const [range] of inside.matchAll(/\d-\d|\d/g)) {
      for (let digit = Number(range[0]); digit <= Number(range.at(-1)); digit++) mask |= 1 << digit
    }
    return mask
  }
  const repeated = (item: Node): Node => {
    const found = /^(?:\?|\*|\+|\{(\d+)(,?)(\d*)\})/.exec(source.slice(at))
    if (found === null) return item
    at += found[0].length
    if (source[at] === "?" || source[at] === "+") refuse()
    if (found[0] === "?") return { kind: "repeat", item, least: 0, most: 1 }
    if (found[0] === "*") return { kind: "repeat", item, least: 0, most: Number.POSITIVE_INFINITY }
    if (found[0] === "+") return { kind: "repeat", item, least: 1, most: Number.POSITIVE_INFINITY }
    const least = Number(found[1])
    const most = found[2] === "" ? least : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3])
    return { kind: "repeat", item, least, most }
  }
  const root = choice()
  if (at !== source.length) refuse()
  return root
}
