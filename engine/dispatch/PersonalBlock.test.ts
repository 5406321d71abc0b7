import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decode } from "#engine/smpp/Pdu.ts"
import type { CampaignContent } from "#schema/campaign/Campaigns.ts"
import type { ClaimedBlock } from "#schema/ledger/Door.ts"
import { BlockInHand, Rank } from "./BlockInHand.ts"
import { compose } from "./compose.ts"
import { PersonalBlock } from "./PersonalBlock.ts"

const content = (text: string, segments: number) => {
  const campaign: CampaignContent = {
    fingerprint: "ab".repeat(32),
    campaign_id: 3,
    text,
    segments,
    on_lost_answer: "hold",
    validity_minutes: null,
    saddr: "CorpIT",
    source_addr_ton: 5,
    source_addr_npi: 0,
    dest_addr_ton: 1,
    dest_addr_npi: 1
  }
  return Result.getOrThrow(compose(campaign, "gsm7"))
}

const claimed = (values: ClaimedBlock["placeholderValues"], numbers: string): ClaimedBlock => ({
  id: 7,
  month: "2026-11-01",
  laneId: 1,
  firstSeq: 101,
  recipients: numbers.split(",").length,
  resend: false,
  fingerprint: "",
  delayMs: 0,
  spacingMs: 0,
  numbers,
  placeholderValues: values
})

const names = ["Ann", "Ж".repeat(70), "", "Bob"]
const numbers = "998900000001,998900000002,,998900000004"

describe("a block of personal messages", () => {
  it("has each recipient's own parts, and tells the ledger of them once", () => {
    const of = content("Hi ((name))", 2)
    const personal = Result.getOrThrow(PersonalBlock.of(of, claimed({ name: names }, numbers), false))
    const block = new BlockInHand(claimed({ name: names }, numbers), of, 0, false, personal)
    assert.deepStrictEqual(
      [0, 1, 2, 3].map((nth) => block.partsOf(nth)),
      [1, 2, 1, 1]
    )
    assert.deepStrictEqual([block.messages, block.tellParts(), block.tellParts()], [5, "01020101", undefined])
  })

  it("makes the PDUs of whoever is asked for, in any order", () => {
    const of = content("Hi ((name)), ((NAME))!", 3)
    const personal = Result.getOrThrow(PersonalBlock.of(of, claimed({ name: names }, numbers), false))!
    const shown = (nth: number, part: number) => {
      const template = personal.template(nth, part)
      const octets = Buffer.alloc(template.mostOctets)
      const pdu = Result.getOrThrow(
        decode(octets.subarray(0, template.write(octets, 0, 1, Buffer.from("998900000001"), 0, 12, 5)))
      )
      if (pdu.command !== "submit_sm") throw new Error(pdu.command)
      return pdu.data_coding === 0
        ? Buffer.from(pdu.short_message).toString("latin1")
        : Buffer.from(pdu.short_message.subarray(6)).swap16().toString("utf16le")
    }
    const long = `Hi ${"Ж".repeat(70)}, ${"Ж".repeat(70)}!`
    assert.deepStrictEqual(
      [shown(1, 2), shown(0, 0), shown(1, 0), shown(3, 0), shown(1, 1)],
      [long.slice(134), "Hi Ann, Ann!", long.slice(0, 67), "Hi Bob, Bob!", long.slice(67, 134)]
    )
  })

  it("gives each recipient the outcome of their own parts", () => {
    const of = content("Hi ((name))", 2)
    const claim = claimed({ name: names }, numbers)
    const block = new BlockInHand(claim, of, 0, false, Result.getOrThrow(PersonalBlock.of(of, claim, false)))
    for (const nth of [0, 1]) block.partAccepted(nth)
    assert.strictEqual(block.outcomes(), "awsw")
    block.partAccepted(1)
    block.partFailed(3, Rank.rejected)
    assert.deepStrictEqual([block.closed, block.outcomes(), block.accepted], [true, "aasr", 2])
  })

  it("is refused whole when somebody's has more parts than was approved, but for a campaign that is fed", () => {
    const of = content("Hi ((name))", 1)
    const claim = claimed({ name: names }, numbers)
    const refused = Result.getFailure(PersonalBlock.of(of, claim, false))
    assert.include(
      JSON.stringify(refused),
      "the text of recipient 102 has more parts on this channel than the 1 that were"
    )
    assert.deepStrictEqual(Result.getOrThrow(PersonalBlock.of(of, claim, true))!.tooLong, [1])
  })

  it("is not made without a value for everybody", () => {
    const of = content("((a)) ((b))", 1)
    for (const values of [undefined, { a: ["x", "y"] }, { a: ["x", "y"], b: ["x"] }])
      assert.include(
        JSON.stringify(Result.getFailure(PersonalBlock.of(of, claimed(values, "1,2"), true))),
        "there are no values for"
      )
  })

  it("is none of a text without placeholders", () => {
    assert.isUndefined(Result.getOrThrow(PersonalBlock.of(content("Hi", 1), claimed(undefined, "1"), false)))
  })
})
