/** The text as it will be sent: its encoding and parts, and each character that makes it dear. */
import { Effect, Result } from "effect"
import type { GrantedChannel } from "#schema/people/Workspaces.ts"
import { charactersForcingUcs2, type Encoding, encodingOf, withReplacements } from "#schema/text/Encoding.ts"
import { inParentheses, looksLikePlaceholder, placeholdersOf } from "#schema/text/Placeholders.ts"
import { capacity, DEFAULT_MAXIMUM_PARTS, measure, type Segments, split } from "#schema/text/Segments.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"

const NAMES: Record<Encoding, string> = { gsm7: "GSM alphabet", ucs2: "Unicode (UCS-2)", latin1: "Latin-1" }

/**
 * Parts and encoding, the same on every channel that may carry it; refused where that is not so or there are too many. Of a text with
 * placeholders it is nobody's yet: each one's own is counted with the file.
 */
export const prepare = Effect.fnUntraced(function* (text: string, channels: ReadonlyArray<GrantedChannel>) {
  if (text.trim() === "") return yield* refusal("The text is empty.", 'Give what is to be sent: --text "…"')
  const all: Array<Segments> = []
  for (const channel of channels) {
    const parts = split(text, encodingOf(text, channel.charset))
    if (Result.isFailure(parts)) {
      const { message } = parts.failure
      return yield* refusal(
        `${message}`,
        `At most ${DEFAULT_MAXIMUM_PARTS} messages a recipient can be sent; nothing was.`
      )
    }
    all.push(parts.success)
  }
  const [first] = all
  if (placeholdersOf(text).length === 0 && all.some((other) => other.parts !== first!.parts)) {
    return yield* refusal(
      "The channels of this workspace would send the text in different numbers of messages.",
      "Use only characters of the GSM alphabet, so that every channel counts the same."
    )
  }
  return first!
})

/** Shows it. */
export const show = (text: string, sender: string, segments: Segments, charset: GrantedChannel["charset"]): void => {
  const { encoding, parts, remaining, units } = segments
  Screen.row("From", Screen.bold(sender))
  Screen.row("Text", ...text.split(/\r\n|\r|\n/).map((part) => Screen.shown(part)))
  const placeholders = placeholdersOf(text)
  const odd = looksLikePlaceholder(text)
  if (odd !== undefined)
    Screen.row(
      "",
      ...Screen.wrapped(`! ${Screen.shown(odd)} is sent as it stands: a placeholder is written ((name)).`).map(
        Screen.amber
      )
    )
  if (placeholders.length > 0) return Screen.row("", Screen.dim(`with each one's own ${inParentheses(placeholders)}`))
  const room = capacity[encoding][parts === 1 ? "alone" : "concatenated"]
  Screen.row(
    "",
    Screen.dim(
      `${Screen.many(parts, "message")} a recipient · ${NAMES[encoding]} · ${Screen.many(units, "unit")}, ${room} a message, ${remaining} left`
    )
  )
  if (encoding === "ucs2")
    Screen.row("", ...Screen.wrapped(`! ${forcingWords(text, parts, charset)}`).map(Screen.amber))
}

/** One line, or what the width makes of it: which characters are not in the alphabet, and what could be there instead. */
export const forcingWords = (text: string, parts: number, charset: GrantedChannel["charset"]): string => {
  const forcing = charactersForcingUcs2(text, charset)
  const because = `Unicode because of ${listed(forcing.map(({ character, codePoint }) => visible(character, codePoint)))}`
  const alphabet = NAMES[charset]
  if (forcing.some(({ replacement }) => replacement === undefined))
    return `${because}: not all of them can be said in the ${alphabet}.`
  const instead = listed(forcing.map(({ replacement }) => (replacement === "" ? "(nothing)" : replacement!)))
  const plain = withReplacements(text, charset)
  const without = measure(plain, encodingOf(plain, charset))
  const fewer = Result.isSuccess(without) && without.success.parts < parts ? without.success.parts : undefined
  const gain = fewer === undefined ? "" : `, and takes ${Screen.many(fewer, "message")} a recipient`
  return `${because}; with ${instead} instead it is in the ${alphabet}${gain}.`
}

const MOST_LISTED = 8

const listed = (all: ReadonlyArray<string>): string =>
  all.slice(0, MOST_LISTED).join(" ") + (all.length > MOST_LISTED ? ` and ${all.length - MOST_LISTED} more` : "")

/** Blanks and marks that nobody sees go by their code point. */
const visible = (character: string, codePoint: string): string =>
  /^[\p{C}\p{Z}\p{M}]/u.test(character) ? codePoint : character
