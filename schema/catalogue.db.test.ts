import { assert, expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "./Database.ts"
import { describeCatalogue } from "./describeCatalogue.ts"
import { TestDatabase } from "./TestDatabase.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the catalogue", (it) => {
  it.effect("is committed as the database tells it (if not: npm run db:catalogue)", () =>
    Effect.gen(function* () {
      const text = yield* describeCatalogue()
      yield* Effect.promise(() => expect(text).toMatchFileSnapshot("./catalogue.md"))
    })
  )

  it.effect("shows a column, a grant and a door that were opened by hand", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const before = new Set((yield* describeCatalogue()).split("\n"))
      yield* sql`CREATE TABLE zz_extra (zz_id int PRIMARY KEY, note text NOT NULL DEFAULT 'x')`
      yield* sql`GRANT SELECT ON zz_extra TO PUBLIC`
      yield* sql`GRANT UPDATE (note) ON zz_extra TO countersign_engine`
      yield* sql.unsafe(
        "CREATE FUNCTION zz_door(int) RETURNS int LANGUAGE sql SECURITY DEFINER COST 9 SET search_path = zz AS 'SELECT 1'"
      )
      yield* sql`GRANT EXECUTE ON FUNCTION zz_door TO PUBLIC`
      const after = (yield* describeCatalogue()).split("\n").filter((line) => line !== "" && !before.has(line))
      assert.deepStrictEqual(after, [
        "### zz_extra",
        "- **zz_id** integer!",
        "- **note** text! = 'x'::text (countersign_engine: UPDATE)",
        "- zz_extra_pkey: PRIMARY KEY (zz_id)",
        "- everybody: SELECT",
        "- **zz_door**(integer) → integer",
        "  sql, volatile, security definer, search_path=zz; called by everybody"
      ])
    })
  )
})
