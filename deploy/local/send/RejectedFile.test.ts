import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { RejectedFile } from "./RejectedFile.ts"

/** What a file of rejected lines beside `input` is called, and holds, when one line of it is left out. */
const written = (input: string) => {
  const rejected = new RejectedFile(input)
  rejected.add([{ line: 3, reason: "too short", raw: "12" }])
  rejected.close()
  return [rejected.path, readFileSync(rejected.path, "utf8")]
}

describe("the file of rejected lines", () => {
  it("stands beside the input by its whole name, and takes the place of no other", () => {
    const folder = mkdtempSync(join(tmpdir(), "countersign-rejected-"))
    try {
      const kept = join(folder, "staff.csv.rejected-2.csv")
      writeFileSync(kept, "mine")
      const line = 'line,reason,text\r\n3,too short,"12"\r\n'
      assert.deepStrictEqual(written(join(folder, "staff.csv")), [join(folder, "staff.csv.rejected.csv"), line])
      assert.deepStrictEqual(written(join(folder, "staff.txt")), [join(folder, "staff.txt.rejected.csv"), line])
      assert.deepStrictEqual(written(join(folder, "staff.csv")), [join(folder, "staff.csv.rejected-3.csv"), line])
      assert.strictEqual(readFileSync(kept, "utf8"), "mine")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
