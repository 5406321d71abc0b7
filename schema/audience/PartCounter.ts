/**
 * How many messages each row of an audience makes of a text with placeholders: counted while it is loaded, and anew when its
 * text is changed.
 *
 * Promises: what it counts is what the engine will send on any of the channels: of their alphabets, the one that takes most.
 */
import { Result } from "effect"
import { type ChannelCharset, encodingOf } from "../text/Encoding.ts"
import { type ParsedText, parse, render } from "../text/Placeholders.ts"
import { DEFAULT_MAXIMUM_PARTS, measure } from "../text/Segments.ts"

/** Characters of a value: more than a message and a half; what is longer is another text, and no value. */
export const LONGEST_VALUE = 250

/** Columns that are kept of a file. A run of a thousand of the longest rows is then 5 million characters, and fits in memory. */
export const MOST_COLUMNS = 20

/** Whether there is anything to fill in. */
export const isMissing = (value: string): boolean => value.trim() === ""

export class PartCounter {
  /** The most that one of those counted gets, and all of theirs together. */
  most = 0
  messages = 0
  /** A row of more is none that can be sent. */
  readonly maximumParts: number
  private readonly parsed: ParsedText
  private readonly charsets: ReadonlyArray<ChannelCharset>

  constructor(text: string, charsets: ReadonlyArray<ChannelCharset>, maximumParts: number = DEFAULT_MAXIMUM_PARTS) {
    this.parsed = parse(text)
    this.charsets = charsets
    this.maximumParts = maximumParts
  }

  /** Of the text's placeholders: a row has a value for each, in this order. */
  get keys(): ReadonlyArray<string> {
    return this.parsed.keys
  }

  /** Parts of what somebody with these values gets. */
  partsOf(values: ReadonlyArray<string>): number {
    const text = render(this.parsed, values)
    return this.charsets.reduce((most, charset) => Math.max(most, partsIn(text, charset)), 1)
  }

  /** One that gets so many parts is in the audience. */
  count(parts: number): void {
    this.most = Math.max(this.most, parts)
    this.messages += parts
  }
}

const partsIn = (text: string, charset: ChannelCharset): number =>
  // `encodingOf` chose an encoding that has every character
  Result.getOrThrow(measure(text, encodingOf(text, charset))).parts
