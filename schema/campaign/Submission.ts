/** A draft is put before its approvers. What its messages are is counted first, where its text or its channels were changed since. */
import { Effect } from "effect"
import { recountChanged } from "#schema/audience/PartCounts.ts"
import type { Acting } from "#schema/people/Acting.ts"
import * as Campaigns from "./Campaigns.ts"

/** Counting is many transactions, submitting is the last. note: what it is for. */
export const submit = Effect.fn("Submission.submit")(function* (campaignId: number, as: Acting, note?: string) {
  yield* recountChanged(campaignId, as)
  return yield* as(Campaigns.move(campaignId, "submit", note))
})
