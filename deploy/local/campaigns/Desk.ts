/** A campaign named by its number, and somebody who acts on it: found as the owner, done in the portal's role by their session. */
import { Effect, Layer } from "effect"
import { Argument, Flag } from "effect/cli"
import { layer, SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { type Member, members } from "#schema/people/Workspaces.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { signedIn } from "../send/SignedIn.ts"
import { doors } from "../WhatRuns.ts"

/** A campaign's number, as an argument. */
export const campaign = Argument.String("campaign").pipe(
  Argument.withDescription("Its number, as npm run campaigns shows it")
)

/** Who acts. */
export const as = Flag.String("as").pipe(
  Flag.withMetavar("email"),
  Flag.optional,
  Flag.withDescription("Who does it (default: whoever wrote the campaign)")
)

interface Found {
  readonly id: number
  readonly name: string
  readonly workspace_id: number
  readonly workspace: string
  readonly author_id: number
}

export interface Desk {
  readonly campaign: Found
  readonly person: Member
  readonly acting: Acting
}

const numberOf = Effect.fnUntraced(function* (typed: string) {
  if (/^\d{1,9}$/.test(typed)) return Number(typed)
  return yield* refusal(
    `“${Screen.shown(typed)}” is no campaign's number.`,
    "It is a whole number, such as 5; npm run campaigns shows them."
  )
})

const find = Effect.fnUntraced(function* (id: number) {
  const sql = yield* SqlClient
  const [found] = yield* sql<Found>`
    SELECT c.id, c.name, c.workspace_id, w.name AS workspace, c.created_by AS author_id
      FROM campaign c JOIN workspace w ON w.id = c.workspace_id WHERE c.id = ${id}`
  return found ?? (yield* refusal(`There is no campaign ${id}.`, "npm run campaigns shows those there are."))
})

const who = Effect.fnUntraced(function* ({ author_id, workspace, workspace_id }: Found, email: string | undefined) {
  const people = yield* members(workspace_id)
  const person = people.find((one) => (email === undefined ? one.id === author_id : one.email === email.toLowerCase()))
  if (person !== undefined) return person
  return yield* refusal(
    email === undefined
      ? `Whoever wrote it is nobody in ${workspace} any more.`
      : `${Screen.shown(email)} is nobody in ${workspace}.`,
    `Its people: ${people.map((one) => one.email).join(", ")}. Choose one with --as.`
  )
})

/** Runs `work` at a desk; the portal's role is its database. `command` is what the audit says it was done with. */
export const atDesk = <A, E, R>(
  o: { readonly campaign: string; readonly as: string | undefined; readonly command: string },
  work: (desk: Desk) => Effect.Effect<A, E, R>
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const id = yield* numberOf(o.campaign)
      const { ownerUrl, portalUrl } = yield* doors
      const applicationName = `countersign ${o.command}`
      const owner = yield* Layer.build(layer(ownerUrl, { applicationName, maxConnections: 1 }))
      const desk = yield* Effect.gen(function* () {
        const found = yield* find(id)
        const person = yield* who(found, o.as)
        const acting = yield* signedIn(person.id, found.workspace_id, `npm run ${o.command}`)
        return { campaign: found, person, acting } satisfies Desk
      }).pipe(Effect.provide(owner))
      return yield* Effect.provide(work(desk), layer(portalUrl, { applicationName, maxConnections: 1 }))
    })
  )
