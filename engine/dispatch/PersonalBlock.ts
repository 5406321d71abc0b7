/**
 * The messages of a block in which each recipient gets a text of their own: how many parts each has, and the PDUs themselves, made
 * when they are submitted and not kept.
 *
 * Promises: nobody gets more parts than approvers saw; `parts` never changes, and is what the ledger is told; a message's parts
 * come of one text.
 */
import { Result } from "effect"
import type { SubmitTemplate } from "#engine/smpp/submit.ts"
import type { ClaimedBlock } from "#schema/ledger/Door.ts"
import { encodingOf } from "#schema/text/Encoding.ts"
import { inParentheses, render } from "#schema/text/Placeholders.ts"
import { measure } from "#schema/text/Segments.ts"
import type { Content, PersonalText } from "./Content.ts"
import { ComposeError, templatesOf } from "./compose.ts"

export class PersonalBlock {
  /** Of each recipient's message. */
  readonly parts: Uint8Array
  /** Those whose message has more parts than was approved: not to be submitted. */
  readonly tooLong: ReadonlyArray<number>
  /** Parts of all of them. */
  readonly messages: number
  private readonly text: PersonalText
  private readonly columns: ReadonlyArray<ReadonlyArray<string>>
  /** the recipient whose message was made last: its parts are submitted one after the other */
  private drawn = -1
  private templates: ReadonlyArray<SubmitTemplate> = []

  /** digits: of each recipient, empty where the door kept one back */
  private constructor(
    text: PersonalText,
    columns: ReadonlyArray<ReadonlyArray<string>>,
    digits: ReadonlyArray<string>
  ) {
    this.text = text
    this.columns = columns
    // what is not sent has one part, which is the row that says so
    this.parts = new Uint8Array(digits.length).fill(1)
    const tooLong: Array<number> = []
    for (let nth = 0; nth < digits.length; nth++) {
      if (digits[nth] === "") continue
      const filled = this.filled(nth)
      const { parts } = Result.getOrThrow(measure(filled, encodingOf(filled, text.charset)))
      if (parts > text.mostParts) tooLong.push(nth)
      else this.parts[nth] = parts
    }
    this.tooLong = tooLong
    this.messages = this.parts.reduce((sum, parts) => sum + parts, 0)
  }

  /**
   * Of what was claimed; undefined where all get the same. Fails when there are no values for the text, and when somebody's has more
   * parts than was approved: a campaign then ends, but for one that is fed (isUrgent), which goes on without them.
   */
  static of(
    { personal: text }: Content,
    claimed: ClaimedBlock,
    isUrgent: boolean
  ): Result.Result<PersonalBlock | undefined, ComposeError> {
    if (text === undefined) return Result.succeed(undefined)
    const { parsed } = text
    const values = claimed.placeholderValues ?? {}
    const lacking = parsed.keys.filter(
      (key) => !Object.hasOwn(values, key) || values[key]!.length !== claimed.recipients
    )
    if (lacking.length > 0)
      return Result.fail(new ComposeError({ message: `there are no values for ${inParentheses(lacking)} of the text` }))
    const columns = parsed.keys.map((key) => values[key]!)
    const made = new PersonalBlock(text, columns, claimed.numbers.split(","))
    if (isUrgent || made.tooLong.length === 0) return Result.succeed(made)
    const who = claimed.firstSeq + made.tooLong[0]!
    return Result.fail(
      new ComposeError({
        message: `the text of recipient ${who} has more parts on this channel than the ${text.mostParts} that were approved`
      })
    )
  }

  template(nth: number, part: number): SubmitTemplate {
    if (nth !== this.drawn) {
      this.templates = Result.getOrThrow(templatesOf(this.filled(nth), this.text.charset, this.text.options))
      this.drawn = nth
    }
    return this.templates[part]!
  }

  private filled(nth: number): string {
    return render(
      this.text.parsed,
      this.columns.map((column) => column[nth]!)
    )
  }
}
