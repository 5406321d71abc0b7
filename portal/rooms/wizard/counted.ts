/** What a text comes to on the channels that it may take: how many messages, in which alphabet, and which characters make it dear. */
import { Result } from "effect"
import type { GrantedChannel } from "#schema/people/Workspaces.ts"
import {
  type ChannelCharset,
  charactersForcingUcs2,
  type Encoding,
  encodingOf,
  type ForcingCharacter,
  withReplacements
} from "#schema/text/Encoding.ts"
import { looksLikePlaceholder, placeholdersOf } from "#schema/text/Placeholders.ts"
import { capacity, DEFAULT_MAXIMUM_PARTS, measure } from "#schema/text/Segments.ts"

export interface Counted {
  readonly encoding: Encoding
  readonly units: number
  /** units that so many messages hold */
  readonly capacity: number
  readonly remaining: number
  readonly parts: number
  readonly forcing: ReadonlyArray<ForcingCharacter>
  /** Of a text with placeholders nothing is known before each one's own values are. */
  readonly placeholders: ReadonlyArray<string>
  /** ((name with a slip of the pen */
  readonly unlike: string | undefined
  readonly problem: "tooLong" | "differs" | undefined
}

/** In the narrowest of their alphabets: where channels count differently, it is a problem that is said. */
export const charsetOf = (channels: ReadonlyArray<GrantedChannel>): ChannelCharset =>
  channels.length > 0 && channels.every(({ charset }) => charset === "latin1") ? "latin1" : "gsm7"

export const countedOn = (text: string, channels: ReadonlyArray<GrantedChannel>): Counted => {
  const charset = charsetOf(channels)
  const encoding = encodingOf(text, charset)
  const { parts, remaining, units } = Result.getOrThrow(measure(text, encoding))
  const all = channels.map((one) => Result.getOrThrow(measure(text, encodingOf(text, one.charset))).parts)
  const placeholders = placeholdersOf(text)
  const { alone, concatenated } = capacity[encoding]
  return {
    encoding,
    units,
    capacity: parts === 1 ? alone : parts * concatenated,
    remaining,
    parts,
    forcing: charactersForcingUcs2(text, charset),
    placeholders,
    unlike: looksLikePlaceholder(text),
    problem:
      parts > DEFAULT_MAXIMUM_PARTS
        ? "tooLong"
        : placeholders.length === 0 && new Set(all).size > 1
          ? "differs"
          : undefined
  }
}

/** A text with one character replaced wherever it stands, or ("all") all for which there is something. */
export const replaced = (text: string, which: string, charset: ChannelCharset): string => {
  if (which === "all") return withReplacements(text, charset)
  const found = charactersForcingUcs2(text, charset).find(({ character }) => character === which)
  return found?.replacement === undefined ? text : text.replaceAll(found.character, found.replacement)
}
