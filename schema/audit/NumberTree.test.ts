import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { inclusionProof, isIncluded } from "./Merkle.ts"
import {
  checkNumberProof,
  type Entry,
  type NumberProof,
  numberRoot,
  proveNumber,
  runHash,
  runsOf
} from "./NumberTree.ts"

const entriesOf = (numbers: ReadonlyArray<number>): ReadonlyArray<Entry> =>
  numbers.map((number) => [number, "dure"[number % 4]!])

/** Numbers are even, so that there is always one between two of them. */
const anyEntries = fc
  .uniqueArray(fc.integer({ min: 1, max: 3_000 }), { maxLength: 400 })
  .map((numbers) => entriesOf(numbers.map((n) => 2 * n).toSorted((a, b) => a - b)))

/** As the rules choose them: those about the number, and sometimes one more. */
const proved = (runs: ReadonlyArray<ReadonlyArray<Entry>>, number: number): NumberProof => {
  const near = runs.flatMap((entries, index) => {
    const before = runs[index - 1]?.at(-1)?.[0] ?? 0
    const after = runs[index + 1]?.[0]?.[0] ?? Number.MAX_SAFE_INTEGER
    return before <= number && number <= after ? [{ index, entries }] : []
  })
  return proveNumber(number, runs.map(runHash), near)
}

const thousand = runsOf(entriesOf(Array.from({ length: 1_000 }, (_, i) => 10 * (i + 1))))
const root = numberRoot(thousand)
const shown = (index: number) => ({
  ...inclusionProof(thousand.map(runHash), index),
  entries: thousand[index]!
})
const proof = (number: number, ...runs: NumberProof["runs"]): NumberProof => ({
  number,
  runs
})

describe("NumberTree", () => {
  it("hashes a run as the rules do", () => {
    // SELECT sha256('\x00' || int8send(998901234567) || 'd'::bytea || int8send(998901234568) || 'u'::bytea)
    const run = runHash([
      [998901234567, "d"],
      [998901234568, "u"]
    ])
    assert.strictEqual(run.toString("hex"), "13f38a02228342a2a3f8caba9f9f74f822c774b3454bdf45e8906116611c252c")
  })

  it("proves of each number that it was there, with its outcome, and of each other that it was not", () => {
    const property = fc.property(anyEntries, fc.integer({ min: 0, max: 6_002 }), (entries, number) => {
      const runs = runsOf(entries)
      const written = JSON.parse(JSON.stringify(proved(runs, number))) as NumberProof
      const found = entries.find(([there]) => there === number)
      assert.deepStrictEqual(
        checkNumberProof(numberRoot(runs), written),
        found === undefined ? { _tag: "Absent" } : { _tag: "Included", outcomes: [found[1]], isAll: true }
      )
    })
    fc.assert(property, { numRuns: 500 })
  })

  it("proves of a number that was written to often each of its messages, and that there were no more", () => {
    const often = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(..."dure")), { maxLength: 600 })
      .map((entries) => entries.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)))
    const property = fc.property(often, fc.integer({ min: 0, max: 9 }), (entries, number) => {
      const runs = runsOf(entries)
      const outcomes = entries.filter(([there]) => there === number).map(([, outcome]) => outcome)
      assert.deepStrictEqual(
        checkNumberProof(numberRoot(runs), proved(runs, number)),
        outcomes.length === 0 ? { _tag: "Absent" } : { _tag: "Included", outcomes, isAll: true }
      )
    })
    fc.assert(property, { numRuns: 500 })
  })

  it("does not take some of a number's messages for all of them", () => {
    // 2 stands at the end of run 0, in all of run 1, and at the beginning of run 2
    const runs = runsOf([1, 2, 3].flatMap((n) => Array.from({ length: n === 1 ? 40 : 100 }, (): Entry => [n, "d"])))
    const of = numberRoot(runs)
    const show = (...indexes: ReadonlyArray<number>) =>
      checkNumberProof(of, {
        number: 2,
        runs: indexes.map((index) => ({ ...inclusionProof(runs.map(runHash), index), entries: runs[index]! }))
      })
    assert.deepInclude(show(0, 1, 2), { _tag: "Included", isAll: true })
    for (const some of [show(0), show(1), show(2), show(0, 1), show(1, 2), show(0, 2)])
      assert.deepInclude(some, { _tag: "Included", isAll: false })
  })

  it("shows one run or two, not the ledger", () => {
    assert.strictEqual(proved(thousand, 630).runs.length, 1)
    // the last of its run: only the next one shows that there are no more of it
    assert.strictEqual(proved(thousand, 640).runs.length, 2)
    assert.strictEqual(proved(thousand, 645).runs.length, 2)
    assert.strictEqual(proved(thousand, 5).runs.length, 1)
    assert.strictEqual(proved(thousand, 99_999).runs.length, 1)
  })

  it("does not let a number that was there be denied", () => {
    // 700 stands in run 1
    const denials = [
      proof(700, shown(0), shown(2)),
      proof(700, shown(0)),
      proof(700, shown(2)),
      proof(700),
      proof(700, { ...shown(0), size: 1 }),
      proof(700, { ...shown(15), index: 0 }),
      proof(700, shown(0), { ...shown(2), index: 1 }),
      proof(700, { ...shown(1), entries: thousand[1]!.filter(([number]) => number !== 700) }),
      proof(700, shown(2), shown(0))
    ]
    for (const denial of denials) {
      assert.strictEqual(
        checkNumberProof(root, denial)._tag,
        "NotProven",
        JSON.stringify(denial.runs.map((r) => r.index))
      )
    }
  })

  it("does not let a number be denied by runs that are neighbours in trees of different sizes", () => {
    const three = thousand.slice(0, 3)
    const hashes = three.map(runHash)
    const of = numberRoot(three)
    // the last of three leaves is alone on its level: the way from it to the root is that of the second of two
    const first = { ...inclusionProof(hashes, 0), entries: three[0]! }
    const last = { ...inclusionProof(hashes, 2), entries: three[2]! }
    const second = { ...last, index: 1, size: 2 }
    for (const shown of [first, last, second]) assert.isTrue(isIncluded(of, runHash(shown.entries), shown))
    assert.strictEqual(checkNumberProof(of, proof(700, first, second))._tag, "NotProven")
    assert.strictEqual(checkNumberProof(of, proof(700, { ...first, size: 2 }, second))._tag, "NotProven")
  })

  it("does not let another outcome or another number be shown", () => {
    const altered = (change: (entry: Entry) => Entry) =>
      checkNumberProof(root, proof(700, { ...shown(1), entries: thousand[1]!.map(change) }))._tag
    assert.strictEqual(
      altered((entry) => entry),
      "Included"
    )
    assert.strictEqual(
      altered(([number]) => [number, "x"]),
      "NotProven"
    )
    assert.strictEqual(
      altered(([number, outcome]) => [number + 5, outcome]),
      "NotProven"
    )
  })

  it("refuses what does not have the shape of a run", () => {
    const bad: ReadonlyArray<ReadonlyArray<Entry>> = [
      [],
      [
        [2, "d"],
        [1, "d"]
      ],
      [[1, "dd"]],
      [[1, ""]],
      [[1.5, "d"]],
      Array.from({ length: 65 }, (_, i) => [i, "d"] as const)
    ]
    for (const entries of bad) {
      const made = proof(7, { index: 0, size: 1, path: [], entries })
      assert.strictEqual(checkNumberProof(root, made)._tag, "NotProven")
    }
  })
})
