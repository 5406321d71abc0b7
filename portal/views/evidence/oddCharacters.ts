/**
 * Characters of a text that a reviewer should look at twice: what nobody sees, letters of one script in a word of another (an operator's
 * or a swindler's “pаypal” with a Cyrillic а), and, in a text that would otherwise fit the cheaper alphabet, what makes it dearer. Pure.
 */
import { type ChannelCharset, charactersForcingUcs2 } from "#schema/text/Encoding.ts"

export interface Odd {
  readonly character: string
  /** `U+200B` */
  readonly codePoint: string
  readonly count: number
  /** unseen: nothing is drawn. mixed: it looks like a letter of the rest of its word. dear: it alone makes the text Unicode. */
  readonly why: "unseen" | "mixed" | "dear"
}

const UNSEEN = /[\p{Cf}\p{Cc}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000\u115f\u1160\u3164\uffa0]/u
const SEEN_TO = /[\n\r\t]/
const SCRIPTS = { latin: /\p{Script=Latin}/u, cyrillic: /\p{Script=Cyrillic}/u, greek: /\p{Script=Greek}/u }

/** Distinct characters beyond which a text is plainly written in another script, and its letters are no news. */
const MOST_DEAR = 8

export const oddCharacters = (text: string, charset: ChannelCharset): ReadonlyArray<Odd> => {
  const found = new Map<string, Odd>()
  const note = (character: string, why: Odd["why"]) => {
    const known = found.get(character)
    found.set(character, {
      character,
      codePoint: codePointsOf(character),
      count: (known?.count ?? 0) + 1,
      why: known?.why ?? why
    })
  }
  for (const character of text) if (UNSEEN.test(character) && !SEEN_TO.test(character)) note(character, "unseen")
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu))
    for (const letter of strangersIn(word)) note(letter, "mixed")
  const dear = charactersForcingUcs2(text, charset)
  if (dear.length <= MOST_DEAR)
    for (const { character, codePoint, count } of dear)
      if (!found.has(character)) found.set(character, { character, codePoint, count, why: "dear" })
  return [...found.values()]
}

const codePointsOf = (character: string): string =>
  Array.from(character, (point) => `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`).join(" ")

/** Letters of a word that are of the script that fewer of its letters have. */
const strangersIn = (word: string): ReadonlyArray<string> => {
  const letters = Object.values(SCRIPTS)
    .map((script) => Array.from(word).filter((letter) => script.test(letter)))
    .filter((those) => those.length > 0)
    .toSorted((a, b) => b.length - a.length)
  return letters.slice(1).flat()
}
