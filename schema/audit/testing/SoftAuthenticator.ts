/**
 * A passkey in software, for tests: registers (attestation "none") and signs as a device does (WebAuthn Level 2), with a key of
 * its own. Its answers are those that a browser's `navigator.credentials` gives, as JSON.
 *
 *     const device = new SoftAuthenticator({ rpId: "sms.example", origin: "https://sms.example" })
 *     const registration = device.register(options.challenge)
 *     const assertion = device.assert(options.challenge)
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server"
import { isoCBOR } from "@simplewebauthn/server/helpers"

export type Algorithm = "ES256" | "RS256" | "EdDSA"

export interface Device {
  /** ES256 unless given. */
  readonly algorithm?: Algorithm
  /** `localhost` unless given. */
  readonly rpId?: string
  /** `http://localhost` unless given. */
  readonly origin?: string
}

/** How one answer differs from an honest one. */
export interface Differently {
  readonly rpId?: string
  readonly origin?: string
  /** true: asked by a page within another's; false unless given. */
  readonly crossOrigin?: boolean
  /** `webauthn.get` or `webauthn.create` unless given. */
  readonly type?: string
  /** true unless given: somebody touched it, and it knew who. */
  readonly userPresent?: boolean
  readonly userVerified?: boolean
  /** What the device says it has signed so far: 0, as passkeys that are synchronised say, unless given. */
  readonly signCount?: number
}

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest()

/** Flags of the authenticator data (WebAuthn Level 2, 6.1). */
const USER_PRESENT = 1
const USER_VERIFIED = 4
const HAS_CREDENTIAL = 64

export class SoftAuthenticator {
  /** base64url */
  readonly credentialId = randomBytes(16).toString("base64url")
  /** The COSE key (RFC 9052, 7), as it is kept. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  private readonly privateKey: KeyObject
  private readonly rpId: string
  private readonly origin: string

  constructor({ algorithm = "ES256", origin = "http://localhost", rpId = "localhost" }: Device = {}) {
    const pair = keyPairOf[algorithm]()
    this.privateKey = pair.privateKey
    this.publicKey = coseKey(algorithm, pair.publicKey)
    this.rpId = rpId
    this.origin = origin
  }

  /** The answer to a registration. challenge: base64url, as the options carry it. */
  register(challenge: string, differently: Differently = {}): RegistrationResponseJSON {
    const id = Buffer.from(this.credentialId, "base64url")
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    // sixteen zero bytes: a model that does not say which
    const credential = Buffer.concat([Buffer.alloc(16), length, id, this.publicKey])
    const authData = new Uint8Array(this.authenticatorData(HAS_CREDENTIAL, credential, differently))
    const attestation = new Map<string, string | Uint8Array<ArrayBuffer> | Map<string, string>>()
      .set("fmt", "none")
      .set("attStmt", new Map())
      .set("authData", authData)
    return {
      ...this.credential,
      response: {
        clientDataJSON: this.clientData("webauthn.create", challenge, differently).toString("base64url"),
        attestationObject: Buffer.from(isoCBOR.encode(attestation)).toString("base64url"),
        transports: ["internal"]
      }
    }
  }

  /** The answer to a sign-in or a decision: a signature over the challenge (base64url). */
  assert(challenge: string, differently: Differently = {}): AuthenticationResponseJSON {
    const clientData = this.clientData("webauthn.get", challenge, differently)
    const authenticatorData = this.authenticatorData(0, Buffer.alloc(0), differently)
    const hashed = this.privateKey.asymmetricKeyType === "ed25519" ? null : "sha256"
    return {
      ...this.credential,
      response: {
        clientDataJSON: clientData.toString("base64url"),
        authenticatorData: authenticatorData.toString("base64url"),
        signature: sign(hashed, Buffer.concat([authenticatorData, sha256(clientData)]), this.privateKey).toString(
          "base64url"
        )
      }
    }
  }

  private get credential() {
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: "public-key" as const,
      authenticatorAttachment: "platform" as const,
      clientExtensionResults: {}
    }
  }

  private clientData(type: string, challenge: string, differently: Differently): Buffer {
    const said = {
      type: differently.type ?? type,
      challenge,
      origin: differently.origin ?? this.origin,
      crossOrigin: differently.crossOrigin ?? false
    }
    return Buffer.from(JSON.stringify(said))
  }

  private authenticatorData(flags: number, credential: Uint8Array, differently: Differently): Buffer {
    const { signCount = 0, userPresent = true, userVerified = true } = differently
    const rest = Buffer.alloc(5)
    rest[0] = flags | (userPresent ? USER_PRESENT : 0) | (userVerified ? USER_VERIFIED : 0)
    rest.writeUInt32BE(signCount, 1)
    return Buffer.concat([sha256(differently.rpId ?? this.rpId), rest, credential])
  }
}

const keyPairOf: Record<Algorithm, () => { readonly publicKey: KeyObject; readonly privateKey: KeyObject }> = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync("ed25519")
}

/** Key type, algorithm, and the algorithm's own parameters (RFC 9053, 7; RFC 8230, 4). */
const coseKey = (algorithm: Algorithm, key: KeyObject): Uint8Array<ArrayBuffer> => {
  const jwk = key.export({ format: "jwk" })
  const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text!, "base64url"))
  const parameters: Record<Algorithm, () => ReadonlyArray<[number, number | Uint8Array]>> = {
    ES256: () => [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)]
    ],
    RS256: () => [
      [1, 3],
      [3, -257],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)]
    ],
    EdDSA: () => [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk.x)]
    ]
  }
  return new Uint8Array(isoCBOR.encode(new Map(parameters[algorithm]())))
}
