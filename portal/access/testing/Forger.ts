/** A provider of OpenID Connect that says whatever a test has it say: what an honest one never would. */
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"

const KID = "1"
const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

const signedBy = (key: KeyObject, claims: unknown) => {
  const text = `${part({ alg: "RS256", kid: KID })}.${part(claims)}`
  return `${text}.${createSign("sha256").update(text).sign(key).toString("base64url")}`
}

/** ID tokens with these claims, as they should be and as they should not. */
const tokensOf = (own: KeyObject, others: KeyObject) => ({
  honest: (claims: object) => signedBy(own, claims),
  byAnotherKey: (claims: object) => signedBy(others, claims),
  altered: (claims: object) => {
    const [header, , signature] = signedBy(own, { ...claims, sub: "somebody else" }).split(".")
    return `${header}.${part(claims)}.${signature}`
  },
  unsigned: (claims: object) => `${part({ alg: "none" })}.${part(claims)}.`
})

/** For as long as the scope lives. `says` answers whoever brings a code. */
export const forger = Effect.gen(function* () {
  const [own, others] = [pair(), pair()]
  const said = { body: "{}", status: 200 }
  const server = createServer((req, res) => {
    const json = (value: string, status = 200) =>
      res.writeHead(status, { "content-type": "application/json" }).end(value)
    if (req.url === "/token") return json(said.body, said.status)
    if (req.url === "/jwks") {
      const key = { ...own.publicKey.export({ format: "jwk" }), kid: KID, alg: "RS256", use: "sig" }
      return json(JSON.stringify({ keys: [key] }))
    }
    return json(
      JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ["RS256"]
      })
    )
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    () =>
      Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
  )
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    tokens: tokensOf(own.privateKey, others.privateKey),
    says: (body: string, status = 200) => void Object.assign(said, { body, status })
  }
})
