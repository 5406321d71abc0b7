/** Which port of the loopback the server listens on. */

import { createServer } from "node:net"
import { Effect } from "effect"

/** `wanted`, or 0 for any; `undefined` when it is taken. */
export const freePort = (wanted: number): Effect.Effect<number | undefined> =>
  Effect.callback<number | undefined>((resume) => {
    const probe = createServer()
    probe.once("error", () => resume(Effect.undefined))
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address()
      const port = typeof address === "object" && address !== null ? address.port : undefined
      probe.close(() => resume(Effect.succeed(port)))
    })
  })
