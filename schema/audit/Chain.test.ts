import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import type { AuditFault, AuditRow } from "./AuditRow.ts"
import { Chain, rowHash } from "./Chain.ts"
import { anyChain } from "./testing/arbitraryChain.ts"
import { BEGIN_US, erased, SampleChain } from "./testing/SampleChain.ts"

/** The first fault of rows of workspace 5, the end included. */
const firstFault = (rows: ReadonlyArray<AuditRow>, vouched?: (seq: number, hash: string) => boolean) => {
  const chain = new Chain(5, vouched)
  for (const row of rows) {
    const fault = chain.take(row)
    if (fault !== undefined) return fault
  }
  return chain.end()
}

const isAt = (fault: AuditFault | undefined, seq: number, reason: AuditFault["reason"]) =>
  assert.deepStrictEqual([fault?.seq, fault?.reason], [seq, reason], fault?.message)

const ten = () => {
  const chain = new SampleChain(5)
  return Array.from({ length: 10 }, (_, i) => chain.say({ facts: { i }, personal: { note: `n${i}` } }))
}

const changedAt = (rows: ReadonlyArray<AuditRow>, index: number, change: Partial<AuditRow>) =>
  rows.map((row, i) => (i === index ? { ...row, ...change } : row))

const nullable: ReadonlyArray<keyof AuditRow> = ["person_id", "object_id", "personal", "salt", "personal_digest"]

/** One character another, or a value where there was none and the other way round. */
const otherValues = (field: keyof AuditRow, value: string | number | null, at: number) => {
  const none = nullable.includes(field) ? [null] : []
  if (value === null) return ["00", 1]
  if (typeof value === "number") return [value + 1, value - 1, ...none]
  const place = value.length === 0 ? 0 : at % value.length
  const other = value[place] === "0" ? "1" : "0"
  return [`${value.slice(0, place)}${other}${value.slice(place + 1)}`, value.slice(0, -1), `${value}0`, ...none].filter(
    (changed) => changed !== value
  )
}

describe("Chain", () => {
  it("finds nothing wrong with a chain as it was written", () => {
    fc.assert(fc.property(anyChain, (rows) => assert.isUndefined(firstFault(rows))))
    assert.isUndefined(firstFault([]))
  })

  it("hashes what the format says, byte for byte", () => {
    const row: AuditRow = {
      workspace_id: 5,
      seq: 1,
      at_us: "1767225600000001",
      person_id: null,
      role: "system",
      action: "campaign.close",
      object: "campaign",
      object_id: 12,
      facts: '{"é": 1}',
      personal: null,
      salt: null,
      personal_digest: null,
      previous: "00".repeat(32),
      hash: ""
    }
    const text = `19:countersign/audit/1,1:5,1:1,64:${"0".repeat(64)},16:1767225600000001,-,6:system,14:campaign.close,8:campaign,2:12,9:{"é": 1},-,`
    assert.strictEqual(rowHash(row), createHash("sha256").update(text).digest("hex"))
  })

  it("finds every change of every field of every row, at that row or the one that follows it", () => {
    const property = fc.property(anyChain, fc.nat(), fc.nat(), (rows, which, at) => {
      const index = which % rows.length
      for (const field of Object.keys(rows[index]!) as Array<keyof AuditRow>) {
        for (const value of otherValues(field, rows[index]![field], at)) {
          const fault = firstFault(changedAt(rows, index, { [field]: value }))
          assert.isDefined(fault, `${field} from ${rows[index]![field]} to ${value}`)
        }
      }
    })
    fc.assert(property)
  })

  it("names the row that was changed, and how", () => {
    const rows = ten()
    isAt(firstFault(changedAt(rows, 3, { facts: "{}" })), 4, "hash")
    isAt(firstFault(changedAt(rows, 3, { personal: '{"note":"other"}' })), 4, "personal")
    isAt(firstFault(changedAt(rows, 3, { salt: "00".repeat(16) })), 4, "personal")
    isAt(firstFault(changedAt(rows, 3, { salt: null })), 4, "personal")
    const [salt, personal] = [`${rows[3]!.salt}7b`, rows[3]!.personal!.slice(1)]
    isAt(firstFault(changedAt(rows, 3, { salt, personal })), 4, "personal")
    const written = new SampleChain(5).say()
    const added = { personal: "{}", salt: "00".repeat(16) }
    isAt(firstFault([{ ...written, ...added }]), 1, "personal")
    assert.include(firstFault([{ ...written, ...added }])!.message, "was written without one")
    isAt(firstFault(changedAt(rows, 3, { previous: "00".repeat(32) })), 4, "previous")
    isAt(firstFault(changedAt(rows, 0, { previous: "11".repeat(32) })), 1, "previous")
    isAt(firstFault(changedAt(rows, 3, { workspace_id: 6 })), 4, "chain")
    // rewritten so that it agrees with itself: the next row gives it away
    const rewritten = { ...rows[3]!, role: "admin" }
    isAt(firstFault(changedAt(rows, 3, { ...rewritten, hash: rowHash(rewritten) })), 5, "previous")
  })

  it("finds rows that are missing, doubled, or in another order", () => {
    const rows = ten()
    isAt(firstFault(rows.toSpliced(4, 1)), 6, "gap")
    isAt(firstFault(rows.toSpliced(4, 0, rows[4]!)), 5, "gap")
    isAt(firstFault(rows.with(4, rows[5]!).with(5, rows[4]!)), 6, "gap")
    const renumbered = rows.toSpliced(4, 1).map((row, i) => ({ ...row, seq: i + 1 }))
    isAt(firstFault(renumbered), 5, "previous")
  })

  it("forgives a missing personal part where a later erasure covers it, and nowhere else", () => {
    const said = (chain: SampleChain, i: number) => chain.say({ atUs: BEGIN_US + i, personal: { i } })
    const withErasure = (before: number) => {
      const chain = new SampleChain(5)
      const rows = Array.from({ length: 6 }, (_, i) => said(chain, i + 1))
      const erasure = chain.say({ action: "audit.erase", facts: { before_at_us: BEGIN_US + before } })
      return [...rows.slice(0, 3).map(erased), ...rows.slice(3), erasure, said(chain, 2)]
    }
    assert.isUndefined(firstFault(withErasure(4)))
    assert.isUndefined(firstFault(withErasure(100)))
    isAt(firstFault(withErasure(3)), 3, "erased")
    // what comes after the erasure is not covered by it, however old it says it is
    isAt(firstFault(withErasure(4).map((row, i) => (i === 7 ? erased(row) : row))), 8, "erased")
    isAt(firstFault(ten().map((row, i) => (i === 8 ? erased(row) : row))), 9, "erased")
  })

  it("forgives it only of the actions that the erasure names", () => {
    const chain = new SampleChain(5)
    const rows = ["campaign.edit", "campaign.approve"].map((action) => chain.say({ action, personal: { by: "Dana" } }))
    const facts = { before_at_us: BEGIN_US + 9_000_000, actions: ["campaign.edit"] }
    const erasure = chain.say({ action: "audit.erase", facts })
    assert.isUndefined(firstFault([erased(rows[0]!), rows[1]!, erasure]))
    isAt(firstFault([...rows.map(erased), erasure]), 2, "erased")
  })

  it("takes the time of an erasure as text too, and finds one that names none", () => {
    const chain = new SampleChain(5)
    const row = erased(chain.say({ personal: { a: 1 } }))
    const erasure = chain.say({ action: "audit.erase", facts: { before_at_us: `${BEGIN_US + 2_000_000}` } })
    assert.isUndefined(firstFault([row, erasure]))
    const other = new SampleChain(5)
    isAt(firstFault([other.say({ action: "audit.erase", facts: {} })]), 1, "facts")
  })

  it("accepts a chain without its head only where the chain or a checkpoint says that it was dropped", () => {
    const rows = ten()
    const droppedBy = (facts: (rows: ReadonlyArray<AuditRow>) => object) => {
      const chain = new SampleChain(5)
      const six = Array.from({ length: 6 }, () => chain.say())
      return [...six, chain.say({ action: "audit.truncate", facts: facts(six) })]
    }
    isAt(firstFault(rows.slice(3)), 4, "head")
    const dropped = droppedBy(() => ({ first_seq: 4 }))
    assert.isUndefined(firstFault(dropped.slice(3)))
    isAt(firstFault(dropped.slice(4)), 5, "head")
    assert.isUndefined(firstFault(droppedBy((six) => ({ first_seq: 4, anchor: six[2]!.hash })).slice(3)))
    isAt(firstFault(droppedBy((six) => ({ first_seq: 4, anchor: six[1]!.hash })).slice(3)), 4, "head")
    isAt(firstFault(droppedBy(() => ({}))), 7, "facts")
    const vouching = (row: AuditRow) => (seq: number, hash: string) => seq === 3 && hash === row.hash
    assert.isUndefined(firstFault(rows.slice(3), vouching(rows[2]!)))
    isAt(firstFault(rows.slice(3), vouching(rows[1]!)), 4, "head")
  })

  it("counts what it saw", () => {
    const chain = new Chain(5)
    for (const row of ten().map((row, i) => (i < 2 ? erased(row) : row))) chain.take(row)
    const { erased: gone, from, personal, rows, to } = chain.counts
    assert.deepStrictEqual([rows, personal, gone], [10, 8, 2])
    assert.deepStrictEqual([from, to], [BEGIN_US + 1_000_000, BEGIN_US + 10_000_000])
  })
})
