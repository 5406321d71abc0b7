/** What every recipient of a campaign gets, ready for the wire: encoded once, number and sequence are written in later. */
import type { SubmitTemplate } from "#engine/smpp/submit.ts"

export interface Content {
  readonly campaignId: number
  /** of the content as it was read; the door says with each block which one it let out */
  readonly fingerprint: string
  /** one a part, in order */
  readonly templates: ReadonlyArray<SubmitTemplate>
  /** what the approvers chose for a lost answer: leave it `unknown`, or send again */
  readonly onLostAnswer: "hold" | "resend"
}
