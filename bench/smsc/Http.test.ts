import { assert, it } from "@effect/vitest"
import { afterAll, beforeAll, beforeEach, describe } from "vitest"
import { unpackReceived } from "./receivedBin.ts"
import { makeSmsc, type Smsc } from "./Smsc.ts"
import { TestClient } from "./TestClient.ts"

let smsc: Smsc
let client: TestClient

beforeAll(async () => {
  smsc = await makeSmsc({ port: 0, http: 0, idBase: 1000 })
})
afterAll(() => smsc.close())
beforeEach(async () => {
  smsc.cutSockets()
  smsc.reset()
  client = await TestClient.bound(smsc.port)
})

const url = (path: string) => `http://127.0.0.1:${smsc.httpPort}${path}`
const get = async (path: string) => (await fetch(url(path))).json() as Promise<Record<string, unknown>>
const post = async (path: string, body: unknown = {}) => {
  const response = await fetch(url(path), { method: "POST", body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const submit = async (n: number) => {
  for (let i = 0; i < n; i++) client.submit(String(491_511_000_000 + i))
  await client.count("submit_sm_resp", n)
}

describe("control over HTTP", () => {
  it("tells counts, and what was received in lines and packed", async () => {
    await submit(10_000)
    assert.deepInclude(await get("/counts"), {
      binds: 1,
      submits: 10_000,
      accepted: 10_000,
      byStatus: { ESME_ROK: 10_000 }
    })
    const lines = (await (await fetch(url("/received"))).text()).trimEnd().split("\n")
    assert.strictEqual(lines.length, 10_000)
    assert.deepStrictEqual(JSON.parse(lines[9_999]!), smsc.received().at(9_999))
    const packed = unpackReceived(new Uint8Array(await (await fetch(url("/received.bin"))).arrayBuffer()))
    assert.deepInclude(packed, { rows: 10_000, idBase: smsc.idBase() })
    for (const row of smsc.received()) {
      assert.strictEqual(packed.destination[row.row], Number(row.destination))
      assert.strictEqual(packed.command_status[row.row], 0)
      assert.strictEqual(packed.written[row.row], 1)
      assert.strictEqual(packed.arrived[row.row], row.arrived)
    }
  })

  it("packs nothing as a listing of no rows", async () => {
    const packed = unpackReceived(new Uint8Array(await (await fetch(url("/received.bin"))).arrayBuffer()))
    assert.strictEqual(packed.rows, 0)
  })

  it("counts arrivals by window", async () => {
    await submit(500)
    const { counts, windowMs } = (await get("/arrivals?window=50")) as { counts: Array<number>; windowMs: number }
    assert.strictEqual(windowMs, 50)
    assert.strictEqual(
      counts.reduce((sum, n) => sum + n, 0),
      500
    )
  })

  it("changes options whole or not at all", async () => {
    assert.strictEqual(
      (await post("/control", { latency: 5, errors: "ESME_RSYSERR=1%" })).body.errors,
      "ESME_RSYSERR=1%"
    )
    const refused = await post("/control", { latency: 7, errors: "ESME_NONE=1%" })
    assert.strictEqual(refused.status, 400)
    assert.match(String(refused.body.error), /errors: "ESME_NONE=1%" is not shares/)
    assert.deepInclude(await get("/control"), { latency: "5", errors: "ESME_RSYSERR=1%" })
    assert.strictEqual((await post("/control", { port: 1 })).status, 400)
    assert.strictEqual((await post("/control", { speed: 1 })).status, 400)
    assert.strictEqual((await post("/control", { latency: "0", errors: "" })).status, 200)
  })

  it("cuts, resets, freezes, thaws and brings messages from phones", async () => {
    await post("/mo", { from: "4915112345678", to: "CorpIT", text: "STOP" })
    await client.count("deliver_sm", 1)
    assert.strictEqual((await post("/mo", { from: "nobody", to: "CorpIT", text: "STOP" })).status, 400)
    assert.strictEqual((await post("/malformed", { kind: "polite" })).status, 400)
    await post("/pause")
    const sequence = client.submit("491511")
    await post("/resume")
    await client.answer(sequence)
    assert.deepStrictEqual((await post("/cut")).body, { cut: 1 })
    await client.closed
    await post("/reset")
    assert.strictEqual((await get("/counts")).submits, 0)
  })

  it("says 404 to what it doesn't have and 400 to what isn't JSON", async () => {
    assert.strictEqual((await fetch(url("/nothing"))).status, 404)
    assert.strictEqual((await fetch(url("/control"), { method: "POST", body: "{" })).status, 400)
  })
})
