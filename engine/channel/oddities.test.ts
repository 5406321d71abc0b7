import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import type { Session } from "#engine/smpp/Session.ts"
import { oddities } from "./oddities.ts"

describe("oddities", () => {
  it("say which bind and which octets, a line each, twenty lines a minute", () => {
    const lines: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => void lines.push(String(message)))
    let now = 0
    const run = (log: Effect.Effect<void>) => Effect.runSync(Effect.provide(log, Logger.layer([logger])))
    const odd = oddities("Operator", run, () => now)
    const session = { number: 2 } as Session
    for (let i = 0; i < 1000; i++) odd(session, "a message from a phone", Uint8Array.of(0, 0xff))
    assert.strictEqual(lines.length, 20)
    assert.strictEqual(lines[0], "Operator, bind 2: a message from a phone: 00ff")
    assert.match(lines[19]!, /more of this kind within this minute is not logged/)
    now = 60_000
    odd(session, "a message from a phone", new Uint8Array(1000))
    assert.strictEqual(lines.length, 21)
    assert.isBelow(lines[20]!.length, 600)
  })
})
