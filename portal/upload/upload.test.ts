import { assert, describe, it } from "@effect/vitest"
import { Octets } from "./Octets.ts"
import { pour } from "./pour.ts"

const MB = 1024 * 1024

const settled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])

describe("octets on their way", () => {
  it("come in order, and whoever brings more than a few megabytes waits until they are taken on", async () => {
    const octets = new Octets()
    const sent = Buffer.from(Array.from({ length: 5 * MB }, (_, i) => i % 251))
    assert.isTrue(await octets.put(sent.subarray(0, 3 * MB)))
    const waiting = octets.put(sent.subarray(3 * MB))
    assert.isFalse(await settled(waiting))
    const pieces = octets[Symbol.asyncIterator]()
    const taken: Array<Uint8Array> = []
    while (!(await settled(waiting))) taken.push((await pieces.next()).value)
    assert.isAbove(taken.length, 10)
    octets.end()
    for await (const piece of { [Symbol.asyncIterator]: () => pieces }) taken.push(piece)
    assert.isTrue(Buffer.concat(taken).equals(sent))
    assert.isFalse(await octets.put(sent))
  })

  it("are taken no more once it is closed, and whoever waits is told", async () => {
    const octets = new Octets()
    const waiting = octets.put(new Uint8Array(5 * MB))
    octets.close()
    assert.isFalse(await waiting)
    assert.isTrue((await octets[Symbol.asyncIterator]().next()).done)
  })
})

describe("a body", () => {
  const took = () => {
    const pieces: Array<Uint8Array> = []
    return { pieces, take: async (piece: Uint8Array) => pieces.push(piece) < 3 }
  }

  it("is given up when it falls silent, however long what came before is taken", async () => {
    const body = async function* () {
      yield Buffer.of(1)
      await new Promise(() => {})
    }
    const { pieces, take } = took()
    const slowly = (piece: Uint8Array) => new Promise<boolean>((resolve) => setTimeout(() => resolve(take(piece)), 5))
    assert.strictEqual(await pour(body(), slowly, 1), "silent")
    assert.lengthOf(pieces, 1)
  })

  it("ends, breaks off, or is taken no further", async () => {
    const breaks = async function* () {
      yield Buffer.of(1)
      throw new Error("reset")
    }
    const many = async function* () {
      for (let i = 0; i < 10; i++) yield Buffer.of(i)
    }
    assert.strictEqual(await pour(breaks(), took().take), "broken")
    const { pieces, take } = took()
    assert.strictEqual(await pour(many(), take), "stopped")
    assert.lengthOf(pieces, 3)
    assert.strictEqual(await pour(many(), async () => true), "end")
  })
})
