import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decode } from "#engine/smpp/Pdu.ts"
import type { CampaignContent } from "#schema/campaign/Campaigns.ts"
import { compose, referenceOf } from "./compose.ts"

const campaign = (text: string, segments: number): CampaignContent => ({
  fingerprint: "ab".repeat(32),
  campaign_id: 3,
  text,
  segments,
  on_lost_answer: "hold",
  validity_minutes: 90,
  saddr: "CorpIT",
  source_addr_ton: 5,
  source_addr_npi: 0,
  dest_addr_ton: 1,
  dest_addr_npi: 1
})

const pdus = (c: CampaignContent, charset: "gsm7" | "latin1" = "gsm7") =>
  Result.getOrThrow(compose(c, charset)).templates.map((template) => {
    const buffer = Buffer.alloc(template.mostOctets)
    const end = template.write(buffer, 0, 9, Buffer.from("998901234567"), 0, 12, 0x1234)
    const pdu = Result.getOrThrow(decode(buffer.subarray(0, end)))
    if (pdu.command !== "submit_sm") throw new Error(pdu.command)
    return pdu
  })

describe("compose", () => {
  it("asks for a receipt, states the sender and how long the message is worth delivering", () => {
    const [pdu] = pdus(campaign("Planned maintenance tonight", 1))
    assert.deepInclude(pdu, {
      source_addr: "CorpIT",
      source_addr_ton: 5,
      destination_addr: "998901234567",
      registered_delivery: 1,
      data_coding: 0,
      esm_class: 0,
      validity_period: "000000013000000R"
    })
    assert.strictEqual(Buffer.from(pdu!.short_message).toString("latin1"), "Planned maintenance tonight")
  })

  it("joins the parts of a long text by one reference", () => {
    const found = pdus(campaign("ж".repeat(150), 3))
    assert.deepStrictEqual(
      found.map((p) => [p.esm_class, p.data_coding, ...p.short_message.subarray(0, 6)]),
      [1, 2, 3].map((part) => [0x40, 8, 5, 0, 3, 0x34, 3, part])
    )
  })

  it("uses Latin-1 where the channel asks for it", () => {
    const [pdu] = pdus(campaign("déjà vu ç", 1), "latin1")
    assert.strictEqual(pdu!.data_coding, 3)
  })

  it("refuses to send another number of parts than was approved", () => {
    const refused = compose(campaign("short", 2), "gsm7")
    assert.isTrue(Result.isFailure(refused))
    if (Result.isFailure(refused)) assert.include(refused.failure.message, "2 were approved")
  })

  it("gives the messages that a phone may get at once references of their own", () => {
    for (let apart = 1; apart < 256; apart++) {
      assert.notStrictEqual(referenceOf(7, 1), referenceOf(7, 1 + apart))
      assert.notStrictEqual(referenceOf(7, 1), referenceOf(7 + apart, 1))
    }
  })
})
