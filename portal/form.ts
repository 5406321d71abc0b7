/**
 * What a form brought: texts by name; a name that isn't there is "". Files come another way.
 *
 * Promises: lines end as they do in a field while it is counted there (a browser sends two characters, HTML 4.10.21), and no text has what
 * the database can't hold.
 */
import { Effect } from "effect"
import type { Asked } from "./visit.ts"

export type Typed = (name: string) => string

const written = (text: string): string => text.replaceAll("\r\n", "\n").replaceAll("\0", "")

/** A form of the request: `const typed = yield* form(c)`, then `typed("email")`. */
export const form = (c: Asked): Effect.Effect<Typed> =>
  Effect.promise(async () => {
    const values = await c.req.parseBody()
    return (name) => {
      const value = values[name]
      return typeof value === "string" ? written(value) : ""
    }
  })

/** All values of one name, as of ticked boxes. */
export const formOfMany = (c: Asked): Effect.Effect<(name: string) => ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const values = await c.req.parseBody({ all: true })
    return (name) => [values[name] ?? []].flat().flatMap((value) => (typeof value === "string" ? [written(value)] : []))
  })

/** What a script answered in a field. What is no JSON proves nothing, and is refused as that. */
export const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
