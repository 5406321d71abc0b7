/** What a form brought: texts by name; a name that isn't there is "". Files come another way. */
import { Effect } from "effect"
import type { Asked } from "./visit.ts"

export type Typed = (name: string) => string

/** A form of the request: `const typed = yield* form(c)`, then `typed("email")`. */
export const form = (c: Asked): Effect.Effect<Typed> =>
  Effect.promise(async () => {
    const values = await c.req.parseBody()
    return (name) => {
      const value = values[name]
      return typeof value === "string" ? value : ""
    }
  })

/** All values of one name, as of ticked boxes. */
export const formOfMany = (c: Asked): Effect.Effect<(name: string) => ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const values = await c.req.parseBody({ all: true })
    return (name) => [values[name] ?? []].flat().filter((value) => typeof value === "string")
  })
