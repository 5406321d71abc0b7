import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { TestClient } from "./TestClient.ts"

const start = (...args: Array<string>) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), ...args])
  let out = ""
  let err = ""
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk
  })
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk
  })
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err }))
  )
  const said = new Promise<string>((resolve) => child.stdout.on("data", () => resolve(out)))
  return { child, ended, said }
}

describe("the simulator as a process", () => {
  it("--help names every flag", async () => {
    const { code, out } = await start("--help").ended
    assert.strictEqual(code, 0)
    for (const flag of ["--port", "--receipt-mix", "--no-receipts", "--window-full", "--tls-cert"])
      assert.include(out, flag)
  })

  it.each([
    [["--latency", "soon"], /--latency: "soon" is not milliseconds/],
    [["--port", "70000"], /--port: "70000" is not a whole number from 0 to 65535/],
    [["--nonsense"], /--nonsense/],
    [["--errors", "ESME_RSYSERR=150%"], /--errors/],
    [["stray"], /stray/]
  ])("nonsense is refused with exit code 2: %j", async (args, expected) => {
    const { code, err } = await start(...(args as Array<string>)).ended
    assert.strictEqual(code, 2)
    assert.match(err, expected as RegExp)
  })

  it("a taken port is told with exit code 1", async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port))
    )
    const { code, err } = await start("--port", String(port)).ended
    assert.deepStrictEqual([code, err], [1, `can't listen on 127.0.0.1 port ${port}: the port is taken\n`])
    server.close()
  })

  it("says where it listens, serves, and ends on SIGTERM with a client bound", async () => {
    const { child, ended, said } = start("--port", "0", "--http", "0", "--receipt-mix", "EXPIRED=1")
    const [, port, http] = /:(\d+), control on http:\/\/127\.0\.0\.1:(\d+)/.exec(await said)!
    const client = await TestClient.bound(Number(port))
    client.submit("4915112345678")
    await client.count("deliver_sm", 1)
    const counts = (await (await fetch(`http://127.0.0.1:${http}/counts`)).json()) as { submits: number }
    assert.strictEqual(counts.submits, 1)
    child.kill("SIGTERM")
    assert.strictEqual((await ended).code, 0)
    await client.closed
  })
})
