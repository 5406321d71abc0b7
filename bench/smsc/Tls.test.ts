import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { makeSmsc } from "./Smsc.ts"
import { TestClient } from "./TestClient.ts"

// Signed by itself for localhost, valid until 2126, used nowhere else.
const cert = `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUf9Z0LypC5xSeCc9xJHHXZC2dDgwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE3NDIxM1oYDzIxMjYxMDI5
MTc0MjEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATBhdRIXgfsDEoNkm9FhJ6r3d/nPQU7FOXpjasiWPqxDYM/R5BkJNOt
vKYx/Ljy5Up9g5tRccAcUUSAP4GwnazNo1MwUTAdBgNVHQ4EFgQU+MCWYdvqrt01
/dX3VycHCpmVyo0wHwYDVR0jBBgwFoAU+MCWYdvqrt01/dX3VycHCpmVyo0wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA9UPRSXKu/9YgBsNdsija
iG9vALKqs83EBMtokjNm5ToCIQC9mEmuxhTNYyJFuq9obmLshcPuN4tV01kqoWJl
Pejv4w==
-----END CERTIFICATE-----
`
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDKgmqtysg99BwTM3
Cht/uzSnnEcYW76U6n5KzRPRn4OhRANCAATBhdRIXgfsDEoNkm9FhJ6r3d/nPQU7
FOXpjasiWPqxDYM/R5BkJNOtvKYx/Ljy5Up9g5tRccAcUUSAP4GwnazN
-----END PRIVATE KEY-----
`

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
