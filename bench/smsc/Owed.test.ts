import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { makeSmsc, SmscError } from "./Smsc.ts"
import { TestClient, textOf } from "./TestClient.ts"

const inFolder = async (test: (owed: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-owed-"))
  try {
    await test(join(folder, "owed.jsonl"))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const idOf = (text: string) => /^id:(\S+) /.exec(text)![1]!

describe("what is owed at a stop", () => {
  it("comes after the next start, whether it was unsent, unacknowledged or not yet due, and ids go on", () =>
    inFolder(async (owed) => {
      const first = await makeSmsc({ port: 0, owed, idBase: 700, receiptWindow: 2 })
      const client = await TestClient.bound(first.port)
      for (let i = 0; i < 4; i++) client.submit(`49151${i}`)
      const [settled] = await client.count("deliver_sm", 2)
      client.acknowledge(settled!.sequence_number)
      await client.count("deliver_sm", 3)
      first.control({ receiptDelay: "50" })
      await client.answer(client.submit("491519"))
      first.fromPhone({ from: "491511", to: "CorpIT", text: "STOP" })
      // the settled one is gone; two unacknowledged, one waiting, one not due, one from a phone
      assert.strictEqual(await first.close(), 5)
      client.close()

      const second = await makeSmsc({ port: 0, owed, idBase: 700 })
      const again = await TestClient.bound(second.port)
      const answer = await again.answer(again.submit("491520", { registered_delivery: 0 }))
      assert.strictEqual(answer.command === "submit_sm_resp" && answer.message_id, "705")
      const due = await again.count("deliver_sm", 5)
      for (const { sequence_number } of due) again.acknowledge(sequence_number)
      await second.until((counts) => counts.receiptsAcked === 4 && counts.moAcked === 1)
      const ids = due.map(textOf).filter((text) => text.startsWith("id:"))
      assert.deepStrictEqual(ids.map(idOf).sort(), ["701", "702", "703", "704"])
      assert.strictEqual(await second.close(), 0)
      again.close()
    }))

  it("is forgotten without a file for it", async () => {
    const smsc = await makeSmsc({ port: 0, receiptDelay: "10000" })
    const client = await TestClient.bound(smsc.port)
    await client.answer(client.submit("491511"))
    assert.strictEqual(await smsc.close(), 0)
    client.close()
  })

  it("is set aside, with a word, when its file is damaged", () =>
    inFolder(async (owed) => {
      for (const damaged of ["", "not ours", '{"owedBySimulator":1,"nextId":5,"pdus":1}\n']) {
        writeFileSync(owed, damaged)
        const smsc = await makeSmsc({ port: 0, owed })
        assert.match(smsc.warning, /is damaged, so the receipts in it will not come; it is set aside as .*\.damaged/)
        assert.isFalse(existsSync(owed))
        assert.strictEqual(readFileSync(`${owed}.damaged`, "utf8"), damaged)
        await smsc.close()
        rmSync(owed)
      }
    }))

  it("is not begun without when its file can't be read", () =>
    inFolder(async (owed) => {
      const failed = await makeSmsc({ port: 0, owed: join(owed, "..") }).catch((error: unknown) => error)
      assert.instanceOf(failed, SmscError)
      assert.match((failed as SmscError).message, /what is owed can't be read from .*EISDIR/)
    }))
})
