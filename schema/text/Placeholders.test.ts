import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { columnKey, looksLikePlaceholder, parse, placeholdersOf, render } from "./Placeholders.ts"

const filled = (text: string, values: Readonly<Record<string, string>>) => {
  const parsed = parse(text)
  return render(
    parsed,
    parsed.keys.map((key) => values[key]!)
  )
}

const pieces = fc.oneof(
  fc.constantFrom("(", ")", "((", "))", " ", "\n", "((name))", "(( Name ))", "((Город))", "((a b))", "(((x)))", "(())"),
  fc.string({ maxLength: 4 })
)

describe("placeholders", () => {
  it("become each recipient's values, as often as they occur and whatever their case and blanks", () => {
    assert.strictEqual(
      filled("Dear ((Name)), your shift is ((shift)). Thanks, (( name ))!", { name: "Ann", shift: "at 18:00" }),
      "Dear Ann, your shift is at 18:00. Thanks, Ann!"
    )
    assert.strictEqual(filled("Здравствуйте, ((ИМЯ))", { имя: "Олег" }), "Здравствуйте, Олег")
  })

  it("are told in the order of the text, each once", () => {
    assert.deepStrictEqual(placeholdersOf("((b)) ((a)) ((B)) ((ё))((Ё))"), ["b", "a", "ё"])
  })

  it("are nothing but two pairs of parentheses around a name: all else is text as it stands", () => {
    const length = (n: number) => `((${"n".repeat(n)}))`
    for (const text of ["", "((", "a (b) ((c)", "(())", "(( ))", "((a(b)))", "((a\nb))", "( (a) )", length(101)])
      assert.deepStrictEqual(parse(text), { keys: [], literals: [text], slots: [] })
    assert.strictEqual(filled("(((name)))", { name: "Ann" }), "(Ann)")
    assert.deepStrictEqual(placeholdersOf(length(100)), ["n".repeat(100)])
  })

  it("take no placeholder out of a value", () => {
    assert.strictEqual(filled("((a))((b))", { a: "((b))", b: "((a))" }), "((b))((a))")
  })

  it("leave a text as it is when each is filled with itself, whatever else stands in it", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
        const text = all.join("")
        const written = new Map([...text.matchAll(/\(\(([^()\r\n]{1,100})\)\)/g)].map((m) => [columnKey(m[1]!), m[0]]))
        const { keys, literals, slots } = parse(text)
        assert.strictEqual(literals.length, slots.length + 1)
        assert.sameMembers(
          [...keys],
          [...written.keys()].filter((key) => key !== "")
        )
        const spelled = literals.reduce((before, literal, i) => `${before}((${keys[slots[i - 1]!]}))${literal}`)
        assert.deepStrictEqual(parse(spelled), { keys, literals, slots })
      })
    )
  })

  it("are missed by what may have been meant for one and is none, which is found", () => {
    for (const odd of ["((name)", "(name))", "{{name}}", "{name}", "(( ))", "((a(b)"])
      assert.isDefined(looksLikePlaceholder(`Dear ${odd}, hello`), odd)
    for (const fine of ["((name))", "Lunch (today)", ":-))", "f(x)", "((name)) (and more)"])
      assert.isUndefined(looksLikePlaceholder(`Dear ${fine}, hello`), fine)
  })
})
