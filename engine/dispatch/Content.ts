/** What every recipient of a campaign gets, ready for the wire: encoded once, number and sequence are written in later. */
import type { SubmitOptions, SubmitTemplate } from "#engine/smpp/submit.ts"
import type { ChannelCharset } from "#schema/text/Encoding.ts"
import type { ParsedText } from "#schema/text/Placeholders.ts"

export interface Content {
  readonly campaignId: number
  /** of the content as it was read; the door says with each block which one it let out */
  readonly fingerprint: string
  /** one a part, in order; none where each recipient gets a text of their own */
  readonly templates: ReadonlyArray<SubmitTemplate>
  /** that text, where it has placeholders */
  readonly personal?: PersonalText | undefined
  /** what the approvers chose for a lost answer: leave it `unknown`, or send again */
  readonly onLostAnswer: "hold" | "resend"
}

/** A text that is another one for each recipient. */
export interface PersonalText {
  readonly parsed: ParsedText
  readonly charset: ChannelCharset
  /** as approved: nobody gets more */
  readonly mostParts: number
  /** all of the submit_sm but its text */
  readonly options: SubmitOptions
}
