/** Postgres reads what we write: each array type, through the driver, compared with what the driver itself sends. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "./Database.ts"
import { ArrayOid, CharArray, Int2Array, Int4Array, int8Array, textArray } from "./PgArray.ts"
import { encoded } from "./PgTypes.ts"
import { TestDatabase } from "./TestDatabase.ts"

const asText = (parameter: unknown) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const rows = yield* sql.unsafe<{ text: string }>("SELECT $1::text AS text", [parameter])
    return rows[0]!.text
  })

layer(TestDatabase.layer, { excludeTestServices: true })("PgArray", (it) => {
  it.effect("int2[] and int4[] are built from several runs, to the ends of their ranges", () =>
    Effect.gen(function* () {
      const small = new Int2Array(4)
      small.add(Int16Array.of(0, -1, 99), 2)
      small.add(Int16Array.of(32_767, -32_768), 2)
      assert.strictEqual(yield* asText(encoded(ArrayOid.int2, small.done())), "{0,-1,32767,-32768}")
      const large = new Int4Array(3)
      large.add(Int32Array.of(-1, 2_147_483_647, -2_147_483_648), 3)
      assert.strictEqual(yield* asText(encoded(ArrayOid.int4, large.done())), "{-1,2147483647,-2147483648}")
    })
  )

  it.effect('"char"[] holds letters', () =>
    Effect.gen(function* () {
      const letters = new CharArray(3)
      letters.add(Buffer.from("art"), 3)
      assert.strictEqual(yield* asText(encoded(ArrayOid.char, letters.done())), "{a,r,t}")
    })
  )

  it.effect("text[] holds anything: nulls, quotes, other scripts; U+0000 becomes U+FFFD", () =>
    Effect.gen(function* () {
      const rows = yield* Effect.flatMap(SqlClient, (sql) =>
        sql.unsafe<{ texts: unknown }>("SELECT to_jsonb($1) AS texts", [
          encoded(ArrayOid.text, textArray(["a", null, "", 'say "hi"', "{,}", "приве́т", "😀", "nul\0"]))
        ])
      )
      assert.deepStrictEqual(rows[0]!.texts, ["a", null, "", 'say "hi"', "{,}", "приве́т", "😀", "nul\uFFFD"])
    })
  )

  it.effect("int8[] holds E.164 numbers", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* asText(encoded(ArrayOid.int8, int8Array([0, 998901234567, 999999999999999]))),
        "{0,998901234567,999999999999999}"
      )
    })
  )

  it.effect("an array of nothing is empty", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* asText(encoded(ArrayOid.int2, new Int2Array(0).done())), "{}")
      assert.strictEqual(yield* asText(encoded(ArrayOid.text, textArray([]))), "{}")
    })
  )

  it.effect("int8 comes back as a number, and one that doesn't fit is an error", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const rows = yield* sql.unsafe<{ n: unknown }>("SELECT 9007199254740991::bigint AS n")
      assert.strictEqual(rows[0]!.n, 9007199254740991)
      const beyond = yield* Effect.exit(sql.unsafe("SELECT 9007199254740993::bigint AS n"))
      assert.strictEqual(beyond._tag, "Failure")
    })
  )
})
