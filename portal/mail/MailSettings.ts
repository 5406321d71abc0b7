/**
 * Where mail goes and in whose name, out of the environment. Nonsense is refused when it is read, in a sentence that names the variable
 * and never its value, which may hold a password.
 */
import { Config, ConfigProvider, Effect, Redacted } from "effect"

export interface Server {
  readonly url: Redacted.Redacted<string>
  /** Nothing is said to it before the connection is encrypted. */
  readonly requireTLS: boolean
}

/**
 * A mail server: `smtps://user:password@host:465`, encrypted from the first byte, or `smtp://user:password@host:587`, which has to
 * offer STARTTLS unless it is on this machine. `?requireTLS=false` sends in clear to one that doesn't: for a network where nobody listens.
 */
export const serverIn = (name: string): Config.Config<Server> =>
  Config.mapEffect(Config.Redacted(name), (given) => {
    const url = URL.parse(Redacted.value(given))
    if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "") {
      return refused(`${name} is no address of a mail server; it should look like smtp://user:password@host:587.`)
    }
    const asked = url.searchParams.get("requireTLS")
    if (asked !== null && asked !== "true" && asked !== "false") {
      return refused(`${name} says requireTLS, which is true or false.`)
    }
    url.searchParams.delete("requireTLS")
    const requireTLS = asked === null ? !isOnLoopback(url.hostname) : asked === "true"
    return Effect.succeed({ url: Redacted.make(url.href), requireTLS })
  })

/** Who writes: `sms@example.org`, or `Countersign <sms@example.org>`. */
export const senderIn = (name: string): Config.Config<string> =>
  Config.mapEffect(Config.String(name), (given) =>
    SENDER.test(given)
      ? Effect.succeed(given)
      : refused(`${name} is no e-mail address; it should look like Countersign <sms@example.org>.`)
  )

const SENDER = /^(?:[^<>@\p{Cc}]*<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u

const isOnLoopback = (hostname: string) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(hostname)

const refused = (message: string) => Effect.fail(new Config.ConfigError(new ConfigProvider.SourceError({ message })))
