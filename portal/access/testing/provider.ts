/**
 * Providers of OpenID Connect (the npm package oidc-provider) in a process of their own, for tests. Each believes whatever is typed in its
 * login form: who one is, by which address, verified or not, and how one signed in. A line of its stdin that says `new` makes
 * one, and is answered by its issuer; a line with an issuer ends that one, and is answered alike. It ends with its stdin.
 *
 *     node provider.ts CLIENT_ID CLIENT_SECRET REDIRECT_URI
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { Provider } from "oidc-provider"

const [clientId, clientSecret, redirectUri] = process.argv.slice(2) as [string, string, string]

interface Account {
  readonly email: string | undefined
  readonly email_verified: boolean
}

const servers = new Map<string, Server>()

const begin = async (): Promise<string> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const accounts = new Map<string, Account>()
  const provider = providerAt(issuer, accounts)
  const answer = answers(provider, accounts)
  server.on("request", (req, res) => void answer(req, res))
  servers.set(issuer, server)
  return issuer
}

const end = (issuer: string): Promise<string> =>
  new Promise((resolve) => {
    const server = servers.get(issuer)!
    server.close(() => resolve(issuer))
    server.closeAllConnections()
  })

const providerAt = (issuer: string, accounts: ReadonlyMap<string, Account>) =>
  new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ["sub", "amr"], email: ["email", "email_verified"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
    cookies: { keys: ["for tests"] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }),
    // nobody is asked whether we may know their address
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session!.accountId! })
      grant.addOIDCScope("openid email")
      await grant.save()
      return grant
    }
  })

const answers =
  (provider: Provider, accounts: Map<string, Account>) => async (req: IncomingMessage, res: ServerResponse) => {
    if (!req.url!.startsWith("/login/")) return provider.callback()(req, res)
    if (req.method === "GET") {
      res.setHeader("content-type", "text/html")
      return res.end(`<form method="post" action="${req.url}"><input name="sub"><button>Sign in</button></form>`)
    }
    const form = new URLSearchParams(await text(req))
    if (form.has("abort")) return provider.interactionFinished(req, res, { error: "access_denied" })
    const sub = form.get("sub")!
    accounts.set(sub, { email: form.get("email") ?? undefined, email_verified: form.get("verified") === "yes" })
    await provider.interactionFinished(req, res, { login: { accountId: sub, amr: form.getAll("amr") } })
  }

for await (const line of createInterface(process.stdin)) console.log(await (line === "new" ? begin() : end(line)))
process.exit()
