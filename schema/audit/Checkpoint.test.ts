import { createPrivateKey, generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import fc from "fast-check"
import {
  type Checkpoint,
  generateCheckpointKey,
  publicKeyOf,
  readCheckpoint,
  readPrivateKey,
  signCheckpoint,
  wrongSignature
} from "./Checkpoint.ts"

const head = { workspace_id: 5, seq: 12, hash: "ab".repeat(32), at_us: "1767225600000001" }
const made = generateCheckpointKey()
const privateKey = Result.getOrThrow(readPrivateKey(made.privateKey))
const checkpoint = signCheckpoint(head, privateKey)

describe("Checkpoint", () => {
  it("signs what anybody with the public key can check", () => {
    assert.isUndefined(wrongSignature(checkpoint))
    assert.isUndefined(wrongSignature(checkpoint, made.publicKey))
    assert.strictEqual(checkpoint.public_key, made.publicKey)
    assert.deepStrictEqual(Result.getOrThrow(readCheckpoint(JSON.stringify(checkpoint))), checkpoint)
  })

  it("signs as RFC 8032 does", () => {
    // its first test vector's key, whose public half is known
    const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex")
    const key = Result.getOrThrow(readPrivateKey(seed.toString("base64")))
    assert.strictEqual(publicKeyOf(key), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
  })

  it("finds every digit that was changed", () => {
    const property = fc.property(
      fc.constantFrom("workspace_id", "seq", "hash", "at_us", "public_key", "signature"),
      fc.nat(),
      (field, at) => {
        const value = `${checkpoint[field]}`
        const place = at % value.length
        const changed = value.slice(0, place) + (value[place] === "1" ? "2" : "1") + value.slice(place + 1)
        const other = { ...checkpoint, [field]: typeof checkpoint[field] === "number" ? Number(changed) : changed }
        assert.isDefined(wrongSignature(other as Checkpoint))
      }
    )
    fc.assert(property, { numRuns: 300 })
  })

  it("does not take another's key for the one that was asked for", () => {
    const others = signCheckpoint(head, Result.getOrThrow(readPrivateKey(generateCheckpointKey().privateKey)))
    assert.isUndefined(wrongSignature(others))
    assert.include(wrongSignature(others, made.publicKey), "and not by")
  })

  it("reads a private key as PEM and as a seed, and nothing else", () => {
    const pair = generateKeyPairSync("ed25519")
    const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" }) as string
    assert.strictEqual(publicKeyOf(Result.getOrThrow(readPrivateKey(pem))), publicKeyOf(createPrivateKey(pem)))
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "pem", type: "pkcs8" })
    for (const text of ["", "hello", made.privateKey.slice(4), rsa as string, "-----BEGIN PRIVATE KEY-----"]) {
      const read = readPrivateKey(text)
      assert.isTrue(Result.isFailure(read) && read.failure.reason === "not a private key", text)
    }
  })

  it("does not read what is no checkpoint", () => {
    const broken = [
      "",
      "{}",
      "[]",
      JSON.stringify({ ...checkpoint, format: "countersign/checkpoint/2" }),
      JSON.stringify({ ...checkpoint, hash: "AB".repeat(32) }),
      JSON.stringify({ ...checkpoint, signature: checkpoint.signature.slice(2) }),
      JSON.stringify({ ...checkpoint, seq: "12" })
    ]
    for (const text of broken) assert.isTrue(Result.isFailure(readCheckpoint(text)), text)
  })
})
