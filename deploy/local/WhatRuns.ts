/** Where a command of a person acts: at what runs here, or on the database that DATABASE_URL names. */
import { Config, Effect, Option, Redacted } from "effect"
import { DatabaseUrl } from "#schema/Database.ts"
import { portalUrl } from "#schema/LoginRole.ts"
import { refusal } from "./Refusal.ts"
import { findRunning } from "./RunningNote.ts"

export interface Doors {
  /** By which a session is opened in somebody's name … */
  readonly ownerUrl: Redacted.Redacted<string>
  /** … and by which they then act. */
  readonly portalUrl: Redacted.Redacted<string>
}

/** What runs here, started by whom; refused where DATABASE_URL names another database: it isn't clear then what is meant. */
export const whatRuns = Effect.gen(function* () {
  const given = yield* Config.option(DatabaseUrl)
  const running = findRunning()
  if (running === undefined) return undefined
  if (Option.isSome(given) && whereOf(Redacted.value(given.value)) !== whereOf(running.ownerUrl))
    return yield* refusal(
      `npm ${running.by === "start" ? "start" : "run send"} runs here on another database than the one of DATABASE_URL, so it isn't clear where to act.`,
      "Take DATABASE_URL away to act on what runs, or stop it and start it with the same DATABASE_URL."
    )
  return {
    by: running.by,
    ownerUrl: Redacted.make(running.ownerUrl),
    portalUrl: Redacted.make(running.portalUrl)
  }
})

/** The same, or else DATABASE_URL, with engines of its own somewhere; refused where there is neither. */
export const doors = Effect.gen(function* () {
  const running = yield* whatRuns
  if (running !== undefined) return running satisfies Doors
  const given = yield* Config.option(DatabaseUrl)
  if (Option.isNone(given))
    return yield* refusal(
      "Nothing runs here.",
      "Start it in another terminal first: npm start. Campaigns go on with it."
    )
  return { ownerUrl: given.value, portalUrl: yield* portalUrl(given.value) } satisfies Doors
})

/** Server and database of a URL, whoever logs in. */
const whereOf = (url: string): string => {
  const { hostname, pathname, port } = new URL(url)
  return `${hostname.replace("localhost", "127.0.0.1")}:${port || 5432}${pathname}`
}
