/** The text as it will be sent: its encoding and parts, and each character that makes it dear. */
import { Effect, Result } from "effect"
import type { GrantedChannel } from "#schema/people/Workspaces.ts"
import { charactersForcingUcs2, type Encoding, encodingOf, withReplacements } from "#schema/text/Encoding.ts"
import { capacity, DEFAULT_MAXIMUM_PARTS, measure, type Segments, split } from "#schema/text/Segments.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"

const NAMES: Record<Encoding, string> = { gsm7: "GSM alphabet", ucs2: "Unicode (UCS-2)", latin1: "Latin-1" }

/** Parts and encoding, the same on every channel that may carry it; refused where that is not so or there are too many. */
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
  if (all.some((other) => other.parts !== first!.parts)) {
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
  const room = capacity[encoding][parts === 1 ? "alone" : "concatenated"]
  Screen.row(
    "",
    Screen.dim(
      `${Screen.many(parts, "message")} a recipient · ${NAMES[encoding]} · ${Screen.count(units)} units, ${room} a message, ${remaining} left`
    )
  )
  const forcing = encoding === "ucs2" ? charactersForcingUcs2(text, charset) : []
  if (forcing.length > 0) showForcing(text, forcing, parts, charset)
}

const showForcing = (
  text: string,
  forcing: ReturnType<typeof charactersForcingUcs2>,
  parts: number,
  charset: GrantedChannel["charset"]
) => {
  const MOST = 8
  Screen.row("", `${Screen.amber("!")} Sent as Unicode because of ${Screen.many(forcing.length, "character")}:`)
  for (const { character, codePoint, count, replacement } of forcing.slice(0, MOST)) {
    const instead =
      replacement === undefined
        ? "nothing says the same"
        : replacement === ""
          ? "can be left out"
          : `could be ${replacement}`
    Screen.row("", `  ${Screen.shown(character).padEnd(3)} ${Screen.dim(codePoint.padEnd(8))} ${count} × · ${instead}`)
  }
  if (forcing.length > MOST) Screen.row("", Screen.dim(`  and ${forcing.length - MOST} more`))
  const plain = withReplacements(text, charset)
  const without = measure(plain, encodingOf(plain, charset))
  if (Result.isSuccess(without) && without.success.parts < parts)
    Screen.row("", `  With these replaced it takes ${Screen.many(without.success.parts, "message")} a recipient.`)
}
