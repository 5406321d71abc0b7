import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { decode, encode, type Pdu } from "./Pdu.ts"
import type { PduError } from "./PduError.ts"
import { lastSequence } from "./sequence.ts"
import { status } from "./status.ts"
import { type SubmitOptions, SubmitTemplate } from "./submit.ts"
import { tlv, vendorTlv } from "./tlv.ts"

const digits = Buffer.from("447700900123,4915112345678,1")
const options: SubmitOptions = {
  service_type: "CMT",
  source_addr_ton: 5,
  source_addr: "CorpIT",
  dest_addr_ton: 1,
  dest_addr_npi: 1,
  registered_delivery: 1,
  validity_period: "000000040000000R"
}

const written = (template: SubmitTemplate, sequence: number, from: number, to: number, reference?: number) => {
  const target = Buffer.alloc(template.mostOctets + 7, 0xee)
  const end = template.write(target, 3, sequence, digits, from, to, reference)
  assert.strictEqual(end - 3, template.lengthFor(to - from))
  assert.isTrue(target.subarray(end).every((octet) => octet === 0xee))
  return target.subarray(3, end)
}
const submitOf = (bytes: Uint8Array) => Result.getOrThrow(decode(bytes)) as Pdu<"submit_sm">

describe("SubmitTemplate", () => {
  it("writes what the careful encoder writes, for any options, number and sequence", () => {
    const ascii = (max: number) =>
      fc.string({ unit: "binary-ascii", maxLength: max }).map((s) => s.replaceAll("\0", "?"))
    const byte = fc.nat(255)
    const anyOptions = fc.record(
      {
        service_type: ascii(5),
        source_addr_ton: byte,
        source_addr_npi: byte,
        source_addr: ascii(20),
        dest_addr_ton: byte,
        dest_addr_npi: byte,
        esm_class: byte,
        protocol_id: byte,
        priority_flag: byte,
        schedule_delivery_time: fc.constantFrom("", "251122170203400+"),
        validity_period: fc.constantFrom("", "000000040000000R"),
        registered_delivery: byte,
        data_coding: byte,
        tlvs: fc.constantFrom([], [tlv("user_message_reference", 7), vendorTlv(0x1401, Buffer.from("x"))])
      },
      { requiredKeys: [] }
    )
    const number = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 20 })
    const sequence = fc.integer({ min: 1, max: lastSequence })
    fc.assert(
      fc.property(
        anyOptions,
        fc.uint8Array({ maxLength: 254 }),
        number,
        sequence,
        (options, text, number, sequence_number) => {
          const template = Result.getOrThrow(SubmitTemplate.make(options, text))
          const target = Buffer.alloc(1000)
          const end = template.write(target, 0, sequence_number, Buffer.from(number), 0, number.length)
          const expected = encode({
            ...options,
            command: "submit_sm",
            sequence_number,
            destination_addr: number,
            short_message: text
          })
          assert.strictEqual(target.toString("hex", 0, end), Result.getOrThrow(expected).toString("hex"))
        }
      )
    )
  })

  it("writes number after number of different lengths", () => {
    const template = Result.getOrThrow(SubmitTemplate.make(options, Buffer.from("Hello")))
    assert.strictEqual(submitOf(written(template, 1, 0, 12)).destination_addr, "447700900123")
    assert.strictEqual(submitOf(written(template, 2, 13, 26)).destination_addr, "4915112345678")
    const last = submitOf(written(template, lastSequence, 27, 28))
    assert.deepStrictEqual([last.destination_addr, last.sequence_number], ["1", lastSequence])
  })

  it("joins parts by the reference of each message", () => {
    const texts = [Buffer.alloc(153, 0x41), Buffer.alloc(153, 0x42), Buffer.from("end")]
    const templates = Result.getOrThrow(SubmitTemplate.parts({ ...options, esm_class: 3 }, texts))
    assert.strictEqual(templates.length, 3)
    for (const reference of [0x1234, 0x00ff])
      templates.forEach((template, index) => {
        const submit = submitOf(written(template, 9, 0, 12, reference))
        assert.strictEqual(submit.esm_class, 0x43)
        // 23.040, 9.2.3.24.1
        const header = [5, 0, 3, reference & 0xff, 3, index + 1]
        assert.deepStrictEqual([...submit.short_message.subarray(0, 6)], header)
        assert.deepStrictEqual(Buffer.from(submit.short_message.subarray(6)), texts[index])
      })
  })

  it("sends one part without concatenation", () => {
    const [only] = Result.getOrThrow(SubmitTemplate.parts(options, [Buffer.from("a")]))
    const submit = submitOf(written(only!, 1, 0, 12, 0xffff))
    assert.deepStrictEqual([submit.esm_class, Buffer.from(submit.short_message).toString()], [0, "a"])
  })

  it("refuses what no submit_sm can hold", () => {
    const reason = (result: Result.Result<unknown, PduError>) =>
      Result.isFailure(result) ? result.failure.command_status : undefined
    assert.strictEqual(reason(SubmitTemplate.make(options, Buffer.alloc(255))), status.ESME_RINVMSGLEN)
    assert.strictEqual(
      reason(SubmitTemplate.make({ source_addr: "A".repeat(21) }, Buffer.alloc(1))),
      status.ESME_RINVSRCADR
    )
    assert.strictEqual(reason(SubmitTemplate.parts(options, [])), status.ESME_RINVMSGLEN)
    assert.strictEqual(reason(SubmitTemplate.parts(options, Array(256).fill(Buffer.alloc(1)))), status.ESME_RINVMSGLEN)
    assert.strictEqual(
      reason(SubmitTemplate.parts(options, [Buffer.alloc(249), Buffer.alloc(1)])),
      status.ESME_RINVMSGLEN
    )
  })

  it("throws at a number that no destination_addr holds, since the caller has checked its numbers", () => {
    const template = Result.getOrThrow(SubmitTemplate.make(options, Buffer.from("a")))
    assert.throws(() => template.write(Buffer.alloc(500), 0, 1, Buffer.alloc(21, 0x31), 0, 21), RangeError)
  })
})
