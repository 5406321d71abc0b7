/** Whose lists are looked at: somebody of a small, a middling and the largest workspace, and a super admin over all of them. */
import { Effect, type Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { tokenOf } from "#schema/testing/session.ts"
import { type Place, placeOf } from "./queries.ts"

export interface Reader {
  readonly name: string
  readonly place: Place
  readonly token: Redacted.Redacted<string>
}

/** With a living session each. workspaceIds: the one with most campaigns first. As the owner. */
export const readers = Effect.fn("bench.readers")(function* (workspaceIds: ReadonlyArray<number>) {
  const [largest, middling, small] = [0, 0.1, 1].map(
    (share) => workspaceIds[Math.floor((workspaceIds.length - 1) * share)]!
  )
  return yield* Effect.forEach(
    [
      ["largest workspace", largest!, "moderator"],
      ["its author", largest!, "author"],
      ["middling workspace", middling!, "moderator"],
      ["smallest workspace", small!, "moderator"],
      ["Master", null, "super_admin"]
    ] as const,
    ([name, workspaceId, role]) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const [person] =
          workspaceId === null
            ? yield* sql<{ id: number }>`SELECT id FROM person WHERE super_admin ORDER BY id LIMIT 1`
            : yield* sql<{ id: number }>`
                SELECT person_id AS id FROM membership WHERE workspace_id = ${workspaceId} AND role = ${role} ORDER BY 1 LIMIT 1`
        return {
          name,
          place: yield* placeOf(workspaceId, role === "moderator"),
          token: yield* tokenOf(person!.id)
        } satisfies Reader
      })
  )
})
