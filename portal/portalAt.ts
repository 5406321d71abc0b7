/**
 * Where the portal listens, and under which address people reach it: PORTAL_HOST, PORTAL_PORT and PORTAL_URL. What is signed by a passkey,
 * and what is mailed, names that address; so it is never guessed from a request.
 */
import { Config, ConfigProvider, Effect } from "effect"

export interface PortalAt {
  readonly host: string
  readonly port: number
  /** Scheme, host and port, as a browser says them; undefined: by the port that it got. */
  readonly url: URL | undefined
}

export const PORT = 8080

const refused = (message: string) => new Config.ConfigError(new ConfigProvider.SourceError({ message }))

export const portalAt: Effect.Effect<PortalAt, Config.ConfigError> = Effect.gen(function* () {
  const host = yield* Config.withDefault(Config.String("PORTAL_HOST"), "127.0.0.1")
  const port = yield* Config.withDefault(Config.String("PORTAL_PORT"), `${PORT}`)
  const given = yield* Config.withDefault(Config.String("PORTAL_URL"), "")
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return yield* Effect.fail(
      refused(`PORTAL_PORT is "${port}"; give it a port from 1 to 65535, or 0 for any free one`)
    )
  const url = given === "" ? undefined : URL.parse(given)
  if (url === null || (url !== undefined && !/^https?:$/.test(url.protocol)))
    return yield* Effect.fail(refused(`PORTAL_URL is "${given}"; it should look like https://sms.example.org`))
  return { host, port: Number(port), url }
})
