/** A process with providers (provider.ts), and a browser that signs in there by following their pages. For tests. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Context, Effect, Layer, Semaphore } from "effect"

/** What is typed in a provider's form. */
export interface Login {
  readonly sub: string
  readonly email?: string
  /** true unless given */
  readonly verified?: boolean
  readonly amr?: ReadonlyArray<string>
}

export class ProviderProcess extends Context.Service<
  ProviderProcess,
  {
    /** One that nobody knows yet. */
    readonly newIssuer: Effect.Effect<string>
    /** From now on it doesn't answer. */
    readonly end: (issuer: string) => Effect.Effect<void>
  }
>()("portal/access/testing/ProviderProcess") {
  /** All of its providers know this client. */
  static readonly layer = (clientId: string, secret: string, redirectUri: string) =>
    Layer.effect(
      ProviderProcess,
      Effect.gen(function* () {
        const child = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn(process.execPath, [program, clientId, secret, redirectUri], { stdio: ["pipe", "pipe", "ignore"] })
          ),
          (started) =>
            Effect.promise(() => {
              const ended = new Promise((resolve) => started.once("close", resolve))
              started.stdin.end()
              return ended
            })
        )
        const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
        const oneByOne = yield* Semaphore.make(1)
        const ask = (line: string) =>
          Effect.promise(async () => {
            child.stdin.write(`${line}\n`)
            // the library says things too
            for (let said = await lines.next(); said.done !== true; said = await lines.next()) {
              if (said.value.startsWith("http://")) return said.value
            }
            throw new Error("the process of the providers has ended")
          }).pipe(oneByOne.withPermit)
        return { newIssuer: ask("new"), end: (issuer) => Effect.asVoid(ask(issuer)) }
      })
    )
}

const program = fileURLToPath(new URL("provider.ts", import.meta.url))

/**
 * Goes to the address that a browser is sent to, signs in (null: presses Cancel), and follows until it is sent back to `site`.
 * Gives the query that it comes back with.
 */
export const browse = (start: URL, login: Login | null, site: string) =>
  Effect.promise(async () => {
    const cookies = new Map<string, string>()
    const go = async (url: URL, form?: URLSearchParams) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
      const request = form === undefined ? {} : { method: "POST", body: form }
      const response = await fetch(url, { ...request, redirect: "manual", headers: { cookie } })
      for (const set of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
        cookies.set(name!, value!)
      }
      return response
    }
    let url = start
    let response = await go(url)
    for (let step = 0; step < 10; step++) {
      const location = response.headers.get("location")
      if (location !== null) {
        url = new URL(location, url)
        if (url.origin === site) return url.searchParams
        response = await go(url)
      } else {
        const page = await response.text()
        const action = /action="([^"]+)"/.exec(page)?.[1]
        if (action === undefined) throw new Error(`no form at ${url} (${response.status}): ${page}`)
        url = new URL(action, url)
        response = await go(url, formOf(login))
      }
    }
    throw new Error("the provider sends the browser round in circles")
  })

const formOf = (login: Login | null): URLSearchParams => {
  if (login === null) return new URLSearchParams({ abort: "yes" })
  const form = new URLSearchParams({ sub: login.sub, verified: login.verified === false ? "no" : "yes" })
  if (login.email !== undefined) form.set("email", login.email)
  for (const method of login.amr ?? []) form.append("amr", method)
  return form
}
