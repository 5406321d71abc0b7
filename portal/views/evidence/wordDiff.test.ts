import { assert, describe, it } from "@effect/vitest"
import { wordDiff } from "./wordDiff.ts"

const shown = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ kind, text }) => (kind === "same" ? text : kind === "gone" ? `[-${text}-]` : `{+${text}+}`))
    .join("")

describe("what a text changes against another", () => {
  it("is said word by word, in the order of reading", () => {
    assert.strictEqual(
      shown("Maintenance tonight 22:00, save your work", "Maintenance tomorrow 22:00, please save your work"),
      "Maintenance [-tonight -]{+tomorrow +}22:00, {+please +}save your work"
    )
    assert.strictEqual(shown("one two", "one two"), "one two")
    assert.strictEqual(shown("", "new"), "{+new+}")
    assert.strictEqual(shown("a b c ", "b c d "), "[-a -]b c {+d +}")
  })

  it("gives both texts back", () => {
    const texts = [
      "",
      " ",
      "a",
      "a b c",
      "c b a\n",
      "Привет, мир ",
      "a  b\tc",
      "x ".repeat(3_000),
      "y x ".repeat(3_000)
    ]
    for (const before of texts)
      for (const after of texts) {
        const pieces = wordDiff(before, after)
        const without = (kind: string) => pieces.flatMap((one) => (one.kind === kind ? [] : [one.text])).join("")
        assert.strictEqual(without("new"), before)
        assert.strictEqual(without("gone"), after)
      }
  })
})
