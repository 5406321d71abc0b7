/** Chains of anything that anybody could have said, for properties. */
import fc from "fast-check"
import type { AuditRow } from "../AuditRow.ts"
import { BEGIN_US, SampleChain } from "./SampleChain.ts"

const anyText = fc.string({ unit: "grapheme", maxLength: 12 })
const anyId = fc.option(fc.nat())

const anySaid = fc.record({
  atUs: fc.nat(1_000_000_000).map((us) => BEGIN_US + us),
  personId: anyId,
  role: anyText,
  action: fc.constantFrom("campaign.edit", "sender.revise", "member.role", "number.reveal"),
  object: anyText,
  objectId: anyId,
  facts: fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.constant(null)), { maxKeys: 3 }),
  personal: fc.option(fc.dictionary(anyText, anyText, { maxKeys: 2 }), { nil: undefined })
})

/** 1 to 6 rows of workspace 5. */
export const anyChain: fc.Arbitrary<ReadonlyArray<AuditRow>> = fc
  .array(anySaid, { minLength: 1, maxLength: 6 })
  .map((said) => {
    const chain = new SampleChain(5)
    return said.map((one) => chain.say(one))
  })
