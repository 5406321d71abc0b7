/** The chain that somebody means at the command line, who knows the workspace by its name or its number. */
import { Effect } from "effect"
import { DatabaseUrl, urlToShow } from "#schema/Database.ts"
import { workspaces } from "#schema/people/Workspaces.ts"
import { chains } from "./Audits.ts"
import { ArgumentsError, isId } from "./CommandLine.ts"

/**
 * Its workspace's id; 0 is the installation's. A workspace that is called as another's number has to be given by its own.
 * Fails with `ArgumentsError`, which lists the workspaces, where there is none.
 */
export const chainNamed = Effect.fnUntraced(function* (workspace: string) {
  const all = yield* workspaces
  const there = yield* chains
  const found = isId(workspace)
    ? [0, ...all.map(({ id }) => id), ...there].find((id) => id === Number(workspace))
    : all.find(({ name }) => name === workspace)?.id
  if (found !== undefined) return found
  const known = ["0 (the installation)", ...all.map(({ id, name }) => `${id} (${name})`)].join(", ")
  return yield* new ArgumentsError({
    reason: "not understood",
    message: `${urlToShow(yield* DatabaseUrl)} has no workspace ${workspace}; it has ${known}`
  })
})
