import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { cert, key } from "./localhostCertificate.ts"
import { makeSmsc } from "./Smsc.ts"
import { TestClient } from "./TestClient.ts"

it("speaks TLS with a certificate from files, and closes although a client never finished its handshake", async () => {
  const folder = mkdtempSync(join(tmpdir(), "smsc-"))
  const tlsCert = join(folder, "cert.pem")
  const tlsKey = join(folder, "key.pem")
  writeFileSync(tlsCert, cert)
  writeFileSync(tlsKey, key)
  const smsc = await makeSmsc({ port: 0, tlsCert, tlsKey })
  const client = await TestClient.connect(smsc.port, true)
  assert.strictEqual((await client.bind("bind_transceiver")).command_status, 0)
  client.submit("4915112345678")
  await client.count("deliver_sm", 1)
  const mute = await TestClient.connect(smsc.port)
  await smsc.close()
  await Promise.all([client.closed, mute.closed])
  rmSync(folder, { recursive: true })
})
