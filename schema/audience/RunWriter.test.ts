import { PgTypes } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { ArrayOid } from "#schema/PgArray.ts"
import { RUN, RunWriter } from "./RunWriter.ts"

const read = (bytes: Buffer | undefined): ReadonlyArray<string> =>
  bytes === undefined
    ? []
    : (Result.getOrThrow(PgTypes.decode(new Uint8Array(bytes), ArrayOid.text, 1)) as ReadonlyArray<string>)

/** Every parameter that comes of these batches. */
const written = (batches: ReadonlyArray<ReadonlyArray<number>>, runs: number): ReadonlyArray<ReadonlyArray<string>> => {
  const writer = new RunWriter(runs)
  const all: Array<ReadonlyArray<string>> = []
  const take = () => {
    const bytes = writer.take()
    if (bytes === undefined) return
    all.push(read(bytes))
    writer.giveBack(bytes)
  }
  for (const batch of batches) {
    const numbers = Float64Array.from(batch)
    for (let at = 0; at < numbers.length; ) {
      at += writer.add(numbers, at)
      if (writer.isFull) take()
    }
  }
  take()
  return all
}

describe("RunWriter", () => {
  it("writes numbers of any length as the text of a bigint[]", () => {
    const numbers = [1, 9_999_999, 10_000_000, 998_901_234_567, 100_000_000_000_000, 999_999_999_999_999]
    assert.deepStrictEqual(written([numbers], 4), [[`{${numbers.join(",")}}`]])
  })

  it("gives nothing for nothing", () => assert.deepStrictEqual(written([[], []], 4), []))

  it("keeps every number in order, in runs that are all whole but the last, whatever the batches were", () => {
    const number = fc.integer({ min: 1, max: 999_999_999_999_999 })
    const sizes = fc.array(fc.integer({ min: 0, max: 2 * RUN }), { maxLength: 6 })
    fc.assert(
      fc.property(number, sizes, fc.integer({ min: 1, max: 3 }), (first, sizes, runs) => {
        let next = first
        const batches = sizes.map((size) =>
          Array.from({ length: size }, () => (next = (next % 999_999_999_999_999) + 1))
        )
        const parameters = written(batches, runs)
        const flat = parameters.flat().map((literal) => literal.slice(1, -1).split(",").map(Number))
        assert.deepStrictEqual(flat.flat(), batches.flat())
        assert.isTrue(flat.slice(0, -1).every((run) => run.length === RUN))
        assert.isTrue(parameters.slice(0, -1).every((parameter) => parameter.length === runs))
      }),
      { numRuns: 30 }
    )
  })
})
