import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { inclusionProof, isIncluded, leafHash, merkleRoot } from "./Merkle.ts"

const leaf = (i: number) => leafHash(Buffer.from(`leaf ${i}`))
const leaves = (count: number) => Array.from({ length: count }, (_, i) => leaf(i))
const sha256 = (...parts: ReadonlyArray<Uint8Array>) =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest()

/** RFC 6962, 2.1, as it is written there: split at the largest power of two below n. */
const byTheBook = (of: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (of.length === 0) return sha256()
  if (of.length === 1) return of[0]!
  let k = 1
  while (k * 2 < of.length) k *= 2
  return sha256(Uint8Array.of(1), byTheBook(of.slice(0, k)), byTheBook(of.slice(k)))
}

describe("Merkle", () => {
  it("has the root of RFC 6962 for any number of leaves", () => {
    for (let n = 0; n <= 70; n++) {
      assert.deepStrictEqual(Buffer.from(merkleRoot(leaves(n))), Buffer.from(byTheBook(leaves(n))), `${n}`)
    }
  })

  it("proves each leaf at its place", () => {
    for (let n = 1; n <= 40; n++) {
      const all = leaves(n)
      const root = merkleRoot(all)
      for (let i = 0; i < n; i++) assert.isTrue(isIncluded(root, all[i]!, inclusionProof(all, i)), `${i} of ${n}`)
    }
  })

  it("proves no other leaf, no other place, no other tree, and nothing by a path of another length", () => {
    const property = fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (n, one, two) => {
      const [i, j] = [one % n, two % n]
      const all = leaves(n)
      const root = merkleRoot(all)
      const proof = inclusionProof(all, i)
      assert.isTrue(isIncluded(root, all[i]!, proof))
      assert.isFalse(isIncluded(root, leaf(n), proof))
      if (i !== j) assert.isFalse(isIncluded(root, all[i]!, { ...proof, index: j }))
      if (i !== j) assert.isFalse(isIncluded(root, all[j]!, proof))
      assert.isFalse(isIncluded(merkleRoot(leaves(n + 1)), all[i]!, proof))
      assert.isFalse(isIncluded(root, all[i]!, { ...proof, path: proof.path.slice(1) }))
      assert.isFalse(isIncluded(root, all[i]!, { ...proof, path: [...proof.path, "00".repeat(32)] }))
      const at = one % proof.path.length
      const path = proof.path.with(at, Buffer.from(leaf(at + n)).toString("hex"))
      assert.isFalse(isIncluded(root, all[i]!, { ...proof, path }))
    })
    fc.assert(property, { numRuns: 300 })
  })

  it("takes no inner node for a leaf's content", () => {
    const [a, b] = [leaf(0), leaf(1)]
    assert.notDeepEqual(merkleRoot([a, b]), leafHash(Buffer.concat([a, b])))
  })

  it("refuses proofs that are none", () => {
    const all = leaves(5)
    const root = merkleRoot(all)
    const proof = inclusionProof(all, 2)
    for (const broken of [
      { ...proof, index: -1 },
      { ...proof, index: 5 },
      { ...proof, index: 1.5 },
      { ...proof, size: Number.POSITIVE_INFINITY },
      { ...proof, path: proof.path.map((hex) => hex.toUpperCase()) },
      { ...proof, path: proof.path.map(() => "zz") }
    ]) {
      assert.isFalse(isIncluded(root, all[2]!, broken))
    }
  })
})
