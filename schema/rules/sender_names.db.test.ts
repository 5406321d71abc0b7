/** Which names can be taken for each other, and which can't. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

/** All of a line are one name to the eye. */
const alike = `
CorpIT corpit CORPIT C0rpIT c0rp1t CorplT Corp1T Corp|T Corp!T СorpIT СоrрІТ ＣｏｒｐＩＴ 𝐂𝐨𝐫𝐩𝐈𝐓 Ⓒⓞⓡⓟⓘⓣ C-o-r-p-I-T C.o.r.p.I.T. Corp_IT Corp'IT Cörpït ꓚorpIT Ϲorpit
IZEA5 izeas IZEAS 1ZEA5 I2EA5 ІΖΕΑЅ i-z-e-a-s LZ3A5 iZEa$
Bank 8ank BANK ВАΝК ЬАNК 8-A-N-K B4nk b@nk ᗷANK ßank
ВАНК Банк ванк
Sales 5ales 5a1e5 SALES Ѕаlеѕ $ales Sa1es ſales?ƒales
modern rnodern MODERN M0D3RN rn0dern rnodem
vvest WEST west ᴡest Шest W3ST
vw wv vvv
Paypal PayPaI PayPa1 Pаypаl РАУРАL ΡΑΥΡΑL
Opel 0pel ОРЕL Ope1 Opei ØPEL
Total T0tal 7otal ТОТАL tota1 TOTAI
Gagarin 6a6arin ԌAGARIN Gagarín Gagari̇n
100 loo l00 IOO 1OO LOO
Hello НЕLLО HeIIo he110 Ηello Hel-lo
Quick 9uick QUICK Ԛuick
Zurich Zürich ZÜRICH 2urich ΖURICH
Alpha ALPHA ΑLРНА Λlpha Δlpha A1pha 4lpha
eBay ΣBAY ЕВАУ 3bay €bay
Fast ſast ƒast Ϝast
998901234567 +998901234567 +998-90-123-45-67
`
  .trim()
  .split("\n")
  .map((line) => line.split(" ").flatMap((name) => (name.includes("?") ? [] : [name])))

/** No two of these can be taken for each other. */
const apart = `
CorpIT CorpHR Corp Corp2 CorpIT2 CorpIT3 CorpIT6 CorpIT8 CorpIT9 IZEA5 12345 12845 123456 1234 Bank Blank Tank Sales Sale Salem Gate5 Gate6 Gate8
Gate9 Info Inform Shop Stop Step Taxi Police Polite 112 102 110 101 998901234567 998901234568 Uztelecom Beeline Ucell Mobiuz Salom Doctor Hotel
House Mouse Burger Berger Novo Nova News Hews Yandex Zandex Kapital Kapitol X5 XS2 DHL UPS FedEx A B C D E F G H J K L N P Q R T U V W X Y Z
Банк Жук Юг 5O S0S SOS2 800 Boo
`
  .trim()
  .split(/\s+/)

const skeletons = (names: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(
      sql<{ skeleton: string }>`
        SELECT saddr_skeleton(name) AS skeleton FROM unnest(${names}::text[]) WITH ORDINALITY AS u (name, at) ORDER BY at`,
      (rows) => rows.map(({ skeleton }) => skeleton)
    )
  )

const letters = Array.from({ length: 0x1ffff }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((letter) => /[\p{L}\p{N}]/u.test(letter))

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const some = <A>(arbitrary: fc.Arbitrary<A>, count: number) => fc.sample(arbitrary, { seed, numRuns: count })
const ascii = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 11
})
const anything = fc.string({ unit: fc.constantFrom(...letters, ..."aeiorn01 .-"), maxLength: 11 })

layer(TestDatabase.layer, { excludeTestServices: true })(`a sender name's skeleton (SEED=${seed})`, (it) => {
  it.effect("is the same for all that can be taken for each other", () =>
    Effect.gen(function* () {
      for (const line of alike) {
        const found = yield* skeletons(line)
        assert.deepStrictEqual(
          Object.fromEntries(line.map((name, i) => [name, found[i]])),
          Object.fromEntries(line.map((name) => [name, found[0]]))
        )
        assert.notStrictEqual(found[0], "")
      }
    })
  )

  it.effect("is another for names that nobody confuses", () =>
    Effect.gen(function* () {
      const found = yield* skeletons(apart)
      const twice = apart.flatMap((name, i) => {
        const first = found.indexOf(found[i]!)
        return first < i ? [`${apart[first]} ${name}`] : []
      })
      assert.deepStrictEqual(twice, [])
    })
  )

  it.effect("doesn't know case: of any letter there is, and of names", () =>
    Effect.gen(function* () {
      const names = [
        ...letters.filter((letter) => letter.toLowerCase() !== letter),
        ...some(ascii, 300),
        ...some(anything, 300)
      ]
      assert.isAbove(names.length, 1_800)
      assert.deepStrictEqual(yield* skeletons(names.map((name) => name.toLowerCase())), yield* skeletons(names))
      const plain = some(ascii, 300)
      assert.deepStrictEqual(yield* skeletons(plain.map((name) => name.toUpperCase())), yield* skeletons(plain))
    })
  )

  it.effect("is its own skeleton", () =>
    Effect.gen(function* () {
      const found = yield* skeletons([...alike.flat(), ...apart, ...some(ascii, 500), ...some(anything, 500)])
      assert.deepStrictEqual(yield* skeletons(found), found)
    })
  )

  it.effect("is made of the letters and digits that are compared, and of none of the three that fold", () =>
    Effect.gen(function* () {
      const found = yield* skeletons([...some(ascii, 500), ...some(anything, 500)])
      assert.deepStrictEqual(
        found.filter((skeleton) => !/^([a-hj-ln-vx-z]*|[0-9]*)$/.test(skeleton)),
        []
      )
    })
  )

  it.effect("of a number is its digits, which no name has that can't be read as that number", () =>
    Effect.gen(function* () {
      const numbers = some(fc.stringMatching(/^[0-9]{3,15}$/), 200)
      assert.deepStrictEqual(yield* skeletons(numbers), numbers)
      const words = some(ascii, 1_000).filter((name) => /[a-hjkmnp-z]/i.test(name))
      assert.deepStrictEqual(
        (yield* skeletons(words)).filter((skeleton) => /[0-9]/.test(skeleton)),
        []
      )
    })
  )

  it.effect("is empty when there is nothing to tell a name by", () =>
    Effect.gen(function* () {
      const nothing = ["", " ", "...", "& - +", "—", "\u200b\u200d", "́"]
      assert.deepStrictEqual(
        yield* skeletons(nothing),
        nothing.map(() => "")
      )
    })
  )

  it.effect("ignores what can't be seen, and marks", () =>
    Effect.gen(function* () {
      const found = yield* skeletons([
        "Corp\u200bIT",
        "Corp\u00adIT",
        "\u202eCorpIT",
        "C\u0338orpIT",
        "Corp\u00a0IT",
        "CorpIT\ufe0f"
      ])
      assert.deepStrictEqual(new Set(found), new Set(["corplt"]))
    })
  )

  it.effect("holds each look-alike once", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      assert.deepStrictEqual(
        yield* sql`SELECT c FROM look_alikes(), string_to_table(characters, NULL) AS c GROUP BY c HAVING count(*) > 1`,
        []
      )
    })
  )
})
