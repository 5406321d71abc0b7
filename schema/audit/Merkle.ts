/**
 * Merkle trees as the rules build them (`merkle_root` in rules/audience.sql; RFC 6962, 2.1): leaves are given as their hashes, an
 * inner node is SHA-256 of 0x01 and its two children, an odd last one moves up as it is. The root of nothing is SHA-256 of nothing.
 *
 * A proof is the other child of each node on the way from a leaf to the root. It does not depend on the `size` it names: where
 * a leaf is follows from which of the two children it is on the way, and what is a leaf from the leaf's own 0x00.
 */
import { createHash } from "node:crypto"

export interface InclusionProof {
  /** The leaf's place, from 0, and how many leaves there are. */
  readonly index: number
  readonly size: number
  /** From the leaf up; hex. */
  readonly path: ReadonlyArray<string>
}

const sha256 = (...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const INNER = Uint8Array.of(1)
const LEAF = Uint8Array.of(0)

export const innerHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(INNER, left, right)

export const leafHash = (content: Uint8Array): Buffer => sha256(LEAF, content)

const above = (level: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const next: Array<Uint8Array> = []
  for (let i = 0; i + 1 < level.length; i += 2) next.push(innerHash(level[i]!, level[i + 1]!))
  if (level.length % 2 === 1) next.push(level.at(-1)!)
  return next
}

/** The 32 bytes over leaf hashes. */
export const merkleRoot = (leaves: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (leaves.length === 0) return sha256()
  let level = leaves
  while (level.length > 1) level = above(level)
  return level[0]!
}

/** Proves the leaf at `index` (from 0, of those given). */
export const inclusionProof = (leaves: ReadonlyArray<Uint8Array>, index: number): InclusionProof => {
  const path: Array<string> = []
  for (let level = leaves, i = index; level.length > 1; level = above(level), i >>= 1) {
    const other = level[i ^ 1]
    if (other !== undefined) path.push(Buffer.from(other).toString("hex"))
  }
  return { index, size: leaves.length, path }
}

/** The root that a leaf and its proof lead to; undefined when the proof is not of that shape. */
export const rootBy = (leaf: Uint8Array, { index, path, size }: InclusionProof): Uint8Array | undefined => {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined
  let node = leaf
  let used = 0
  for (let i = index, last = size - 1; last > 0; i = Math.floor(i / 2), last = Math.floor(last / 2)) {
    // alone at the end of its level: it moves up
    if (i === last && i % 2 === 0) continue
    const other = path[used++]
    if (other === undefined || !/^[0-9a-f]{64}$/.test(other)) return undefined
    const bytes = Buffer.from(other, "hex")
    node = i % 2 === 0 ? innerHash(node, bytes) : innerHash(bytes, node)
  }
  return used === path.length ? node : undefined
}

/** Whether this leaf stands at its place under this root. */
export const isIncluded = (root: Uint8Array, leaf: Uint8Array, proof: InclusionProof): boolean => {
  const led = rootBy(leaf, proof)
  return led !== undefined && Buffer.compare(led, root) === 0
}
