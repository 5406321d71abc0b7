/** The matrix of who may do what, as the product has it, against the rows that every act asks. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

/** x: may; own: may with what they made; flag: an author who carries the moderator flag. */
const matrix = `
                     author  moderator  admin  super_admin
campaign.view        x       x          x      x
campaign.edit        x       -          x      x
campaign.decide      flag    x          x      x
campaign.run         own     x          x      x
campaign.feed        own     -          x      x
campaign.stop        own     x          x      x
campaign.delete      -       -          -      x
sender.manage        -       -          x      x
sender.revise        x       x          x      x
sender.decide        flag    x          x      x
audit.view           own     x          x      x
number.reveal        -       x          x      x
workspace.manage     -       -          x      x
operations.view      -       -          x      x
installation.manage  -       -          -      x
`

layer(TestDatabase.layer, { excludeTestServices: true })("the matrix", (it) => {
  it.effect("is in the table as the product has it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [heads, ...lines] = matrix
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
      const meant = lines.flatMap(([action, ...cells]) =>
        cells.flatMap((cell, i) => {
          const role = heads![i]!
          if (cell === "-") return []
          return [{ action, role: cell === "flag" ? "flag" : role, whose: cell === "own" ? "own" : "any" }]
        })
      )
      const inOrder = (rows: ReadonlyArray<object>) => rows.map((row) => JSON.stringify(row)).toSorted()
      assert.deepStrictEqual(inOrder(yield* sql`SELECT action, role, whose FROM permission`), inOrder(meant))
    })
  )

  it.effect("says in words who may, to who may not", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const words = yield* sql<{
        action: string
        who: string
      }>`SELECT action, who_may(action) AS who FROM permitted_act ORDER BY 1`
      assert.deepStrictEqual(Object.fromEntries(words.map(({ action, who }) => [action, who])), {
        "audit.view": "only its author, a moderator or an admin",
        "campaign.decide": "only a moderator, an admin or an author with the moderator flag",
        "campaign.delete": "only a super admin",
        "campaign.edit": "only an author or an admin",
        "campaign.feed": "only its author or an admin",
        "campaign.run": "only its author, a moderator or an admin",
        "campaign.stop": "only its author, a moderator or an admin",
        "campaign.view": "only an author, a moderator or an admin",
        "installation.manage": "only a super admin",
        "number.reveal": "only a moderator or an admin",
        "operations.view": "only an admin",
        "sender.decide": "only a moderator, an admin or an author with the moderator flag",
        "sender.manage": "only an admin",
        "sender.revise": "only an author, a moderator or an admin",
        "workspace.manage": "only an admin"
      })
    })
  )
})
