import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { RUN } from "./RunWriter.ts"
import { ValuesWriter } from "./ValuesWriter.ts"

describe("ValuesWriter", () => {
  it("cuts values into runs as long as those of their numbers, however they come", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2_500 }), { maxLength: 6 }), (batches) => {
        const writer = new ValuesWriter()
        writer.begin(["Name", "__proto__"])
        let total = 0
        for (const length of batches) {
          const names = Array.from({ length }, (_, i) => `n${total + i}`)
          const half = length >> 1
          const values = [names, names.map((name) => `${name}"`)]
          writer.add(values, 0, half)
          writer.add(values, half, length)
          total += length
        }
        const runs = (writer.take() ?? []).map((run) => new Map(Object.entries(JSON.parse(run) as object)))
        const all = Array.from({ length: total }, (_, i) => `n${i}`)
        assert.deepStrictEqual(
          runs.flatMap((run) => run.get("name")),
          all
        )
        assert.deepStrictEqual(
          runs.flatMap((run) => run.get("__proto__")),
          all.map((name) => `${name}"`)
        )
        assert.isTrue(
          runs.every((run, i) => run.get("name").length === (i < runs.length - 1 ? RUN : ((total - 1) % RUN) + 1))
        )
        assert.isUndefined(writer.take())
      }),
      { numRuns: 30 }
    )
  })
})
