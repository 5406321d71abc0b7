import { assert, describe, it } from "@effect/vitest"
import type { Settings } from "#schema/people/WorkspaceSettings.ts"
import { askedIn, type Section, typedOf, type Weaker, weakerIn } from "./sections.ts"

const NOW: Settings = {
  ...{ name: "IT", country: "UZ", time_zone: "Asia/Tashkent", approvals_needed: 2 },
  ...{ large_from_recipients: 1000, large_approvals_needed: 3, require_second_factor: true },
  ...{ require_signed_approvals: true, keep_content_months: 12, keep_audit_months: null },
  ...{ open_to_requests: false, per_second: 10, per_day: null }
}

const asked = (section: Section, form: Readonly<Record<string, string>>, isNamer = false) =>
  askedIn(section, (name) => form[name] ?? "", isNamer)

describe("a section of the settings", () => {
  it("asks for what stands in its fields, and for nothing of other sections", () => {
    assert.deepStrictEqual(asked("workspace", { name: "Other", country: " kz ", time_zone: "UTC", per_day: "1" }), {
      wanted: { country: "KZ", time_zone: "UTC" },
      unread: []
    })
    assert.deepStrictEqual(asked("workspace", { name: " Other ", country: "KZ", time_zone: "UTC" }, true).wanted, {
      name: "Other",
      country: "KZ",
      time_zone: "UTC"
    })
    assert.deepStrictEqual(asked("sign-in", { open_to_requests: "yes" }).wanted, {
      require_second_factor: false,
      open_to_requests: true
    })
  })

  it("reads numbers as people group them, and says which it can't", () => {
    assert.deepStrictEqual(asked("limits", { per_second: " 1 000 ", per_day: "" }), {
      wanted: { per_second: 1000, per_day: null },
      unread: []
    })
    for (const text of ["many", "-1", "1e3", "9999999999"])
      assert.deepStrictEqual(asked("limits", { per_second: text, per_day: "5,000" }), {
        wanted: { per_day: 5000 },
        unread: ["per_second"]
      })
  })

  it("asks for no approvals of large campaigns where none is large", () => {
    const form = { approvals_needed: "1", large_from_recipients: "", large_approvals_needed: "2" }
    assert.deepInclude(asked("approvals", form).wanted, { large_from_recipients: null, large_approvals_needed: null })
  })

  it("shows what it then asks for again", () => {
    for (const section of ["workspace", "approvals", "sign-in", "limits", "retention"] as const) {
      const typed = typedOf(NOW) as Readonly<Record<string, string>>
      const { unread, wanted } = asked(section, typed, true)
      assert.deepStrictEqual({ ...NOW, ...wanted }, NOW)
      assert.deepStrictEqual(unread, [])
    }
  })
})

describe("what is weaker than before", () => {
  const cases: ReadonlyArray<readonly [Partial<Settings>, ReadonlyArray<Weaker>]> = [
    [{}, []],
    [{ approvals_needed: 1 }, ["approvals_needed"]],
    [{ approvals_needed: 3 }, []],
    [{ large_approvals_needed: 2 }, ["large"]],
    [{ large_from_recipients: 2000 }, ["large"]],
    [{ large_from_recipients: 500 }, []],
    [{ large_from_recipients: null, large_approvals_needed: null }, ["large"]],
    // all of them need as many then
    [{ approvals_needed: 3, large_from_recipients: null, large_approvals_needed: null }, []],
    [
      { require_signed_approvals: false, require_second_factor: false },
      ["require_signed_approvals", "require_second_factor"]
    ],
    [{ per_second: null }, ["limits"]],
    [{ per_second: 11 }, ["limits"]],
    [{ per_second: 9, per_day: 5 }, []],
    [{ keep_content_months: 6 }, ["keep_content_months"]],
    [{ keep_content_months: null }, []],
    [{ keep_audit_months: 120 }, ["keep_audit_months"]],
    [{ country: "KZ", open_to_requests: true }, []]
  ]
  for (const [wanted, weaker] of cases)
    it(`of ${JSON.stringify(wanted)} is ${weaker.join(" and ") || "nothing"}`, () => {
      assert.deepStrictEqual(weakerIn(NOW, wanted), weaker)
    })
})
