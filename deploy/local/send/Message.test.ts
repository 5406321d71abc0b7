import { assert, describe, it } from "@effect/vitest"
import { looksLikePlaceholder } from "./Message.ts"

describe("a text", () => {
  it("is said to hold what may have been meant for a placeholder and is none", () => {
    for (const odd of ["((name)", "(name))", "{{name}}", "{name}", "(( ))", "((a(b)"])
      assert.isDefined(looksLikePlaceholder(`Dear ${odd}, hello`), odd)
    for (const fine of ["((name))", "Lunch (today)", ":-))", "f(x)", "((name)) (and more)"])
      assert.isUndefined(looksLikePlaceholder(`Dear ${fine}, hello`), fine)
  })
})
