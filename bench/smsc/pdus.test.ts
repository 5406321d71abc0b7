// The simulator reads and writes its common PDUs by hand; here the careful codec says whether it does so rightly.

import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import fc from "fast-check"
import { decode, encode, type Pdu } from "#engine/smpp/Pdu.ts"
import { decimalLength, hexLength, writeDecimal, writeHex } from "./digits.ts"
import { type IdForm, idForms, longestId, MessageIdDress } from "./MessageIdDress.ts"
import { longestReceipt, ReceiptWriter } from "./ReceiptWriter.ts"
import { Senders } from "./Senders.ts"
import { SubmitReader } from "./SubmitReader.ts"
import { states } from "./states.ts"

const ascii = (maxLength: number) =>
  fc.string({ maxLength, unit: fc.integer({ min: 0x20, max: 0x7e }).map((n) => String.fromCharCode(n)) })
const number = fc
  .integer({ min: 1, max: 15 })
  .chain((n) => fc.integer({ min: 0, max: 10 ** n - 1 }).map((v) => String(v).padStart(n, "0")))
const octet = fc.integer({ min: 0, max: 255 })
const id = fc.maxSafeNat()

describe("digits", () => {
  it("are those of the number", () =>
    fc.assert(
      fc.property(id, fc.integer({ min: 0, max: 20 }), (value, extra) => {
        const out = Buffer.alloc(60)
        const width = decimalLength(value) + extra
        writeDecimal(out, 3, value, width)
        assert.strictEqual(out.toString("latin1", 3, 3 + width), String(value).padStart(width, "0"))
        const hexWidth = hexLength(value) + extra
        writeHex(out, 3, value, hexWidth, false)
        assert.strictEqual(out.toString("latin1", 3, 3 + hexWidth), value.toString(16).padStart(hexWidth, "0"))
      })
    ))
})

describe("a submit", () => {
  it("is read as the careful codec wrote it", () =>
    fc.assert(
      fc.property(
        fc.record({
          service_type: ascii(5),
          source_addr_ton: octet,
          source_addr_npi: octet,
          source_addr: ascii(20),
          destination_addr: number,
          esm_class: octet.map((n) => n & ~0x40),
          schedule_delivery_time: fc.constantFrom("", "261122173000000+"),
          registered_delivery: octet,
          data_coding: octet,
          short_message: fc.uint8Array({ maxLength: 254 })
        }),
        fc.nat(100),
        (fields, before) => {
          const pdu = Result.getOrThrow(encode({ command: "submit_sm", sequence_number: 7, ...fields }))
          const bytes = Buffer.concat([Buffer.alloc(before, 0x41), pdu, Buffer.alloc(9, 0x42)])
          const reader = new SubmitReader()
          assert.strictEqual(reader.read(bytes, before, before + pdu.length, false), 0)
          assert.strictEqual(reader.destination, Number(fields.destination_addr))
          assert.strictEqual(reader.digits, fields.destination_addr.length)
          assert.strictEqual(bytes.toString("latin1", reader.sourceFrom, reader.sourceTo), fields.source_addr)
          assert.strictEqual(reader.registered_delivery, fields.registered_delivery)
          assert.strictEqual(reader.data_coding, fields.data_coding)
          assert.strictEqual(reader.parts, 0)
        }
      )
    ))

  it("cut short or scrambled is never read beyond its end, and never throws", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (body, data_sm) => {
        const bytes = Buffer.concat([Buffer.alloc(16), body])
        const padded = Buffer.concat([bytes, Buffer.alloc(300, 0x39)])
        const [alone, inside] = [new SubmitReader(), new SubmitReader()]
        const senders = new Senders()
        for (const [reader, octets] of [
          [alone, bytes],
          [inside, padded]
        ] as const) {
          const status = reader.read(octets, 0, bytes.length, data_sm)
          assert.include([0, 0x01, 0x02, 0x0a, 0x0b], status)
          senders.number(octets, reader.sourceFrom, reader.sourceTo, reader.source_addr_ton, reader.source_addr_npi)
        }
        assert.deepStrictEqual(
          [alone.destination, alone.digits, alone.parts],
          [inside.destination, inside.digits, inside.parts]
        )
      })
    ))
})

describe("a receipt", () => {
  const receipt = (form: IdForm, idWidth: number, tlvs: boolean, parts: ReadonlyArray<Parameters<typeof write>[1]>) => {
    const senders = new Senders()
    const writer = new ReceiptWriter(senders, new MessageIdDress(form, idWidth, 1), tlvs)
    return parts.map((part) => write({ senders, writer }, part))
  }

  const write = (
    { senders, writer }: { senders: Senders; writer: ReceiptWriter },
    of: { sender: string; number: string; id: number; row: number; state: number; submitted: number; now: number }
  ): Pdu<"deliver_sm"> => {
    const address = Buffer.from(of.sender, "latin1")
    const sender = senders.number(address, 0, address.length, 5, 0)
    const out = Buffer.alloc(longestReceipt + 5, 0xee)
    const end = writer.write(
      out,
      5,
      77,
      of.row,
      of.id,
      Number(of.number),
      of.number.length,
      sender,
      of.state,
      of.submitted,
      of.now
    )
    const pdu = Result.getOrThrow(decode(out.subarray(5, end)))
    assert.strictEqual(pdu.command, "deliver_sm")
    return pdu as Pdu<"deliver_sm">
  }

  it("is what the careful codec reads, one after the other from the same templates", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...idForms),
        fc.constantFrom(0, 20, 63),
        fc.boolean(),
        fc.array(
          fc.record({
            sender: fc.constantFrom("CorpIT", "491700000", "", "ABCDEFGHIJKLMNOPQRST"),
            number,
            id,
            row: fc.nat(0x7fffffff),
            state: fc.integer({ min: 1, max: 8 }),
            submitted: fc.integer({ min: 1.7e12, max: 1.9e12 }),
            now: fc.integer({ min: 1.7e12, max: 1.9e12 })
          }),
          { maxLength: 20 }
        ),
        (form, width, tlvs, parts) => {
          for (const [i, pdu] of receipt(form, width, tlvs, parts).entries()) {
            const of = parts[i]!
            const scratch = Buffer.alloc(longestId)
            const idText = scratch.toString(
              "latin1",
              0,
              new MessageIdDress(form, width, 1).write(scratch, 0, of.id, of.row)
            )
            const minute = (ms: number) => new Date(ms).toISOString().replace(/\D/g, "").slice(2, 12)
            const { stat, err } = states[of.state - 1]!
            assert.strictEqual(
              Buffer.from(pdu.short_message).toString("latin1"),
              `id:${idText} sub:001 dlvrd:${stat === "DELIVRD" ? "001" : "000"} submit date:${minute(of.submitted)} done date:${minute(of.now)} stat:${stat} err:${err} text:`
            )
            assert.deepStrictEqual([pdu.source_addr, pdu.destination_addr], [of.number, of.sender])
            assert.strictEqual(pdu.sequence_number, 77)
            assert.deepStrictEqual(
              pdu.tlvs.map(({ value }) => value),
              tlvs ? [idText, of.state] : []
            )
          }
        }
      )
    ))
})
