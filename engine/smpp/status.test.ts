import { assert, describe, it } from "@effect/vitest"
import { commandId, commandName, commandNames, isResponse, responseId } from "./command.ts"
import { firstSequence, lastSequence, nextSequence } from "./sequence.ts"
import { status, statusClass, statuses, statusName, statusOf } from "./status.ts"

describe("status", () => {
  it("has every code of 5.1.3 once, with a name and a meaning", () => {
    assert.strictEqual(statuses.length, 48)
    assert.strictEqual(new Set(statuses.map(({ code }) => code)).size, statuses.length)
    for (const known of statuses) {
      assert.match(known.name, /^ESME_R[A-Z_]+$/)
      assert.deepStrictEqual(statusOf(known.code), known)
    }
  })

  it("slows the channel down for ESME_RTHROTTLED and ESME_RMSGQFUL only", () => {
    const throttled = statuses.filter((known) => known.class === "throttled").map(({ name }) => name)
    assert.deepStrictEqual(throttled, ["ESME_RMSGQFUL", "ESME_RTHROTTLED"])
  })

  it("blames the bind, not the message, for what binds do wrong", () => {
    for (const code of [status.ESME_RINVBNDSTS, status.ESME_RINVPASWD, status.ESME_RINVSYSID, status.ESME_RBINDFAIL])
      assert.strictEqual(statusClass(code), "bind")
  })

  it("takes unknown codes for permanent, the vendors' own for temporary", () => {
    for (const code of [0x09, 0x68, 0x3ff, 0x500, 0xffffffff]) assert.strictEqual(statusClass(code), "permanent")
    for (const code of [0x400, 0x4ff]) assert.strictEqual(statusClass(code), "temporary")
    assert.strictEqual(statusName(0x41a), "0x0000041a")
  })
})

describe("command", () => {
  it("finds each command by its id, and each response by its request's", () => {
    for (const name of commandNames) {
      assert.strictEqual(commandName(commandId[name]), name)
      assert.strictEqual(isResponse(commandId[name]), name.endsWith("_resp") || name === "generic_nack")
    }
    assert.strictEqual(commandName(responseId(commandId.submit_sm)), "submit_sm_resp")
    assert.isUndefined(commandName(0x10))
  })
})

describe("sequence", () => {
  it("goes from 1 to 0x7FFFFFFF and from there to 1", () => {
    assert.strictEqual(nextSequence(0), firstSequence)
    assert.strictEqual(nextSequence(1), 2)
    assert.strictEqual(nextSequence(lastSequence - 1), 0x7fffffff)
    assert.strictEqual(nextSequence(lastSequence), 1)
  })
})
