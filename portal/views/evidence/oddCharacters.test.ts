import { assert, describe, it } from "@effect/vitest"
import { oddCharacters } from "./oddCharacters.ts"

const odd = (text: string) =>
  oddCharacters(text, "gsm7").map(({ codePoint, count, why }) => `${codePoint} ${count} ${why}`)

describe("odd characters of a text", () => {
  it("are what makes it dearer, what nobody sees, and letters of another script in a word", () => {
    assert.deepStrictEqual(odd("Maintenance tonight [22:00]\nsave €10"), [])
    assert.deepStrictEqual(odd("It’s late, it’s dark"), ["U+2019 2 dear"])
    assert.deepStrictEqual(odd("Save\u200b your\u00a0work"), ["U+200B 1 unseen", "U+00A0 1 unseen"])
    // a blank of Braille, a half of no letter
    assert.deepStrictEqual(odd("Save\u2800your\uffa0work"), ["U+2800 1 unseen", "U+FFA0 1 unseen"])
    // both of them Cyrillic
    assert.deepStrictEqual(odd("Visit pаypаl now"), ["U+0430 2 mixed"])
  })

  it("are not the letters of a text that is plainly of another script", () => {
    assert.deepStrictEqual(odd("Плановые работы сегодня с 22:00 до 02:00. CorpIT"), [])
    // Latin c
    assert.deepStrictEqual(odd("Плановые работы cегодня с 22:00"), ["U+0063 1 mixed"])
  })
})
