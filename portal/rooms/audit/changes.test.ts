import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { en } from "#portal/words/en.ts"
import type { Listed } from "#schema/audit/AuditList.ts"
import { changesOf, fromOf, revealedIn, saidIn } from "./changes.ts"

const row = (over: Partial<Listed>): Listed => ({
  ...{ seq: 7, at: new Date(0), person_id: 1, person: "Dana", role: "author", action: "campaign.edit" },
  ...{ object: "campaign", object_id: 5, facts: {}, personal: null },
  ...over
})

describe("a row of the audit", () => {
  it("tells what became another, of what stays and of what may be erased, and nothing that stayed as it was", () => {
    const edit = row({
      facts: { before: { segments: 1, mode: "on_demand" }, after: { segments: 2, mode: "on_demand" } },
      personal: { before: { text: "a" }, after: { text: "b" }, by: { name: "Dana", email: "dana@x.example" } }
    })
    assert.deepStrictEqual(changesOf(edit), [
      { field: "text", before: "a", after: "b" },
      { field: "segments", before: 1, after: 2 }
    ])
    assert.deepStrictEqual(saidIn(edit), [])
    assert.deepInclude(fromOf(edit), { name: "Dana", email: "dana@x.example", address: undefined })
  })

  it("tells a state, a ceiling and a creation each as a change", () => {
    const stop = row({ action: "campaign.stop", facts: { before: "sending", after: "cancelled" } })
    assert.deepStrictEqual(changesOf(stop), [{ field: "state", before: "sending", after: "cancelled" }])
    const slow = row({ action: "campaign.slow", facts: { before: null, after: 10 } })
    assert.deepStrictEqual(changesOf(slow), [{ field: "per_second", before: null, after: 10 }])
    const made = row({ action: "sender.create", facts: { after: { label: "Corp" } } })
    assert.deepStrictEqual(changesOf(made), [{ field: "label", before: undefined, after: "Corp" }])
    assert.deepStrictEqual(changesOf(row({ action: "audit.export" })), [])
  })

  it("shows no number whole", () => {
    const shown = saidIn(
      row({
        personal: { number: 998_901_234_512, numbers: [998_901_234_512, 1], reason: "asked", shown: [998_901_234_512] }
      })
    )
    assert.notInclude(JSON.stringify(shown), "998901234512")
    assert.deepInclude(shown, { field: "number", value: "+99890•••••12" })
    assert.deepInclude(shown, { field: "numbers", value: { numbers: 2 } })
    assert.deepInclude(shown, { field: "shown", value: "+99890•••••12" })
    assert.deepInclude(shown, { field: "reason", value: "asked" })
  })

  it("leads from a revealed number to its life", () => {
    const reveal = row({ action: "number.reveal", facts: { lane: 3, seq: 9 } })
    assert.strictEqual(revealedIn(reveal), "campaigns/5/numbers/3/9")
    assert.isUndefined(revealedIn(row({ facts: { lane: 3, seq: 9 } })))
  })

  it("has a sentence, whatever a rule says to a workspace's chain", () => {
    const rules = new URL("../../../schema/rules/", import.meta.url)
    const sql = readdirSync(rules)
      .filter((name) => name.endsWith(".sql"))
      .map((name) => readFileSync(new URL(name, rules), "utf8"))
      .join("\n")
    const said = [
      ...sql.matchAll(/(?<!FUNCTION )\baudit(?:_system|_row|_workspace)?\([^;]{0,160}?'([a-z_]+\.[a-z_]+)'/g)
    ].map(([, act]) => act!)
    const moves = [...sql.matchAll(/^ {2}\('(\w+)', +'\w+', +'\w+', +(?:'[\w.]+'|NULL)\)/gm)].map(
      ([, act]) => `campaign.${act}`
    )
    assert.isAbove(said.length, 25)
    assert.include(moves, "campaign.wake")
    // told to the installation's own chain, which no workspace shows
    const elsewhere = new Set(["person.first", "session.lock_out"])
    const wordless = [...said, ...moves].filter((act) => !Object.hasOwn(en.audit.acts, act) && !elsewhere.has(act))
    assert.deepStrictEqual([...new Set(wordless)], [])
  })
})
