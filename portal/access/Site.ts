/** Where people reach the portal: what passkeys are bound to, and where providers of single sign-on send browsers back to. */
import { Context, Layer } from "effect"

/** What a demo tells everybody who comes to sign in. */
export interface Demo {
  /** Of all of them. */
  readonly password: string
  readonly people: ReadonlyArray<{ readonly email: string; readonly name: string; readonly places: string }>
}

export class Site extends Context.Service<
  Site,
  {
    /** Scheme, host and port, as a browser says it: `https://sms.example.org`. */
    readonly origin: string
    /** The host name: WebAuthn's relying party. A passkey works under this name and no other. */
    readonly rpId: string
    /** Shown by devices. */
    readonly name: string
    /** Its accounts are everybody's, and its pages say so. */
    readonly demo?: Demo
  }
>()("portal/access/Site") {
  static readonly layer = (publicUrl: URL, name = "Countersign", demo?: Demo) =>
    Layer.succeed(Site, { origin: publicUrl.origin, rpId: publicUrl.hostname, name, ...(demo && { demo }) })
}
