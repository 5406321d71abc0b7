/** What people do with senders: who may, what they are told when they may not, and what the audit keeps of it. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type SqlError } from "#schema/Database.ts"
import { type Refused, refused } from "#schema/Refused.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import * as Senders from "#schema/sender/Senders.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

type Who = "authorId" | "flaggedId" | "moderatorId" | "adminId"

/** In the portal's role, with a session of that person. */
const as = Effect.fnUntraced(function* (workspace: SampleWorkspace, who: Who) {
  const { asPortal } = yield* TestDatabase
  const acting = yield* Effect.orDie(actor(workspace[who], workspace.workspaceId))
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => asPortal(acting(effect))
})

const told = <A, R>(effect: Effect.Effect<A, Refused | SqlError, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    const { message, reason } = error._tag === "Refused" ? error : refused(error)
    return `${reason}: ${message}`
  })

const reason = "for the test"

layer(TestDatabase.layer, { excludeTestServices: true })("a sender", (it) => {
  it.effect("is made by an admin, given a name by an author, and usable when a moderator approved it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const [author, moderator, admin] = [
        yield* as(workspace, "authorId"),
        yield* as(workspace, "moderatorId"),
        yield* as(workspace, "adminId")
      ]
      const sender = yield* admin(Senders.create(" Payroll "))
      const revision = yield* author(Revisions.submit(sender, { saddr: "Payroll", reason }))
      const usable = Effect.map(author(Senders.approvedSenders(workspace.workspaceId)), (found) =>
        found.map(({ saddr }) => saddr)
      )
      assert.notInclude(yield* usable, "Payroll")
      const [waiting] = yield* moderator(Revisions.pending())
      assert.include(waiting, {
        id: revision,
        label: "Payroll",
        maker: "Author",
        in_force: null,
        others: 0,
        source_addr_ton: 5,
        source_addr_npi: 0
      })
      assert.isAtLeast(waiting!.age_seconds, 0)
      yield* moderator(Revisions.decide(revision, "approve"))
      assert.include(yield* usable, "Payroll")
      assert.deepStrictEqual(yield* moderator(Revisions.pending()), [])
    })
  )

  it.effect("keeps its name when another one is rejected, and says what would have changed and why not", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const [author, moderator] = [yield* as(workspace, "authorId"), yield* as(workspace, "moderatorId")]
      const before = (yield* author(Senders.approvedSenders(workspace.workspaceId)))[0]!.saddr
      const revision = yield* author(
        Revisions.submit(workspace.senderId, { saddr: "998712000000", reason, dest_addr_npi: 3 })
      )
      const [waiting] = yield* moderator(Revisions.pending())
      assert.deepStrictEqual(Revisions.differences(waiting!.in_force, waiting!), [
        { field: "saddr", before, after: "998712000000" },
        { field: "source_addr_ton", before: 5, after: 1 },
        { field: "source_addr_npi", before: 0, after: 1 },
        { field: "dest_addr_npi", before: 1, after: 3 }
      ])
      yield* moderator(Revisions.decide(revision, "reject", "not a number of ours"))
      assert.deepStrictEqual(
        (yield* author(Revisions.history(workspace.senderId))).map(({ decided_by, note, revision, status }) => [
          revision,
          status,
          decided_by,
          note
        ]),
        [
          [2, "rejected", workspace.moderatorId, "not a number of ours"],
          [1, "approved", workspace.moderatorId, null]
        ]
      )
      assert.strictEqual((yield* author(Senders.approvedSenders(workspace.workspaceId)))[0]!.saddr, before)
    })
  )

  it.effect("is in the list with what became of it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const [author, admin] = [yield* as(workspace, "authorId"), yield* as(workspace, "adminId")]
      const other = yield* admin(Senders.create("Archive"))
      yield* author(Revisions.submit(other, { saddr: "Shelves", reason }))
      yield* admin(Senders.archive(other))
      const found = yield* author(Senders.senders())
      assert.deepStrictEqual(
        found.map(({ archived_at, label, pending, preset, revoked, saddr }) => [
          label,
          saddr,
          pending,
          archived_at !== null,
          preset,
          revoked
        ]),
        [
          [found[0]!.label, found[0]!.label, 0, false, false, false],
          ["Archive", null, 1, true, false, false]
        ]
      )
      assert.deepStrictEqual(yield* author(Revisions.pending()), [])
      yield* admin(Senders.restore(other))
      assert.strictEqual((yield* author(Revisions.pending())).length, 1)
    })
  )

  it.effect("is refused, in words, to who may not", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const { senderId } = workspace
      const [author, flagged, moderator, admin] = [
        yield* as(workspace, "authorId"),
        yield* as(workspace, "flaggedId"),
        yield* as(workspace, "moderatorId"),
        yield* as(workspace, "adminId")
      ]
      const managing = "Forbidden: only an admin may create or archive a sender name; you are"
      assert.strictEqual(yield* told(author(Senders.create("Mine"))), `${managing} an author`)
      assert.strictEqual(yield* told(moderator(Senders.archive(senderId))), `${managing} a moderator`)
      assert.strictEqual(
        yield* told(flagged(Senders.restore(senderId))),
        `${managing} an author with the moderator flag`
      )
      const revision = yield* flagged(Revisions.submit(senderId, { saddr: "Flagged", reason }))
      assert.strictEqual(
        yield* told(author(Revisions.decide(revision, "approve"))),
        "Forbidden: only a moderator, an admin or an author with the moderator flag may approve or reject a revision of a sender name; you are an author"
      )
      const own = "Forbidden: you proposed this revision, so somebody else has to decide on it"
      assert.strictEqual(yield* told(flagged(Revisions.decide(revision, "approve"))), own)
      assert.strictEqual(yield* told(flagged(Revisions.decide(revision, "reject", "no"))), own)
      assert.strictEqual(
        yield* told(moderator(Revisions.decide(revision, "reject", " "))),
        "Invalid: say why, so that who proposed it knows what to do"
      )
      yield* admin(Revisions.decide(revision, "approve"))
      assert.match(
        yield* told(moderator(Revisions.decide(revision, "reject", "no"))),
        /^Conflict: revision 2 of sender “Corp\d+” is approved already$/
      )
      yield* admin(Senders.archive(senderId))
      for (const attempt of [
        author(Revisions.submit(senderId, { saddr: "Later", reason })),
        moderator(Revisions.decide(yield* pendingBehind(workspace), "approve"))
      ]) {
        assert.match(yield* told(attempt), /^Conflict: sender “Corp\d+” is archived; restore it first$/)
      }
      assert.match(yield* told(admin(Senders.archive(senderId))), /is archived already$/)
      yield* admin(Senders.restore(senderId))
      assert.match(yield* told(admin(Senders.restore(senderId))), /is not archived$/)
    })
  )

  it.effect("of another workspace does not exist, in the same words as one that nobody has", () =>
    Effect.gen(function* () {
      const [mine, theirs] = [yield* sampleWorkspace(), yield* sampleWorkspace()]
      const admin = yield* as(mine, "adminId")
      const stranger = yield* as(theirs, "authorId")
      const revision = yield* stranger(Revisions.submit(theirs.senderId, { saddr: "Theirs", reason }))
      for (const [sender, decided] of [
        [theirs.senderId, revision],
        [99_999, 99_999]
      ] as const) {
        const none = `NotFound: sender ${sender} does not exist`
        assert.strictEqual(yield* told(admin(Senders.archive(sender))), none)
        assert.strictEqual(yield* told(admin(Senders.restore(sender))), none)
        assert.strictEqual(yield* told(admin(Revisions.submit(sender, { saddr: "Mine", reason }))), none)
        const gone = `NotFound: sender revision ${decided} does not exist`
        assert.strictEqual(yield* told(admin(Revisions.decide(decided, "approve"))), gone)
        assert.strictEqual(yield* told(admin(Revisions.othersWhoMayUse(decided))), gone)
        assert.deepStrictEqual(yield* admin(Revisions.history(sender)), [])
      }
    })
  )

  it.effect("of every workspace is in the lists of a super admin who looks at all of them", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const [mine, theirs] = [yield* sampleWorkspace(), yield* sampleWorkspace()]
      for (const workspace of [mine, theirs]) {
        const author = yield* as(workspace, "authorId")
        yield* author(Revisions.submit(workspace.senderId, { saddr: `Seen${workspace.workspaceId}`, reason }))
        const wrong = (yield* author(Revisions.pending())).filter(
          ({ workspace_id }) => workspace_id !== workspace.workspaceId
        )
        assert.deepStrictEqual(wrong, [])
      }
      const [person] = yield* sql<{ id: number }>`
        INSERT INTO person (email, name, super_admin) VALUES ('super@sample.example', 'Super', true) RETURNING id`
      const master = yield* Effect.orDie(actor(person!.id, null))
      const pending = yield* asPortal(master(Revisions.pending()))
      const senders = yield* asPortal(master(Senders.senders()))
      for (const { workspaceId } of [mine, theirs]) {
        assert.isTrue(pending.some(({ workspace_id }) => workspace_id === workspaceId))
        assert.isTrue(senders.some(({ workspace_id }) => workspace_id === workspaceId))
      }
      assert.match(
        yield* told(asPortal(master(Senders.create("Anywhere")))),
        /^Forbidden: choose a workspace to act in/
      )
    })
  )

  it.effect("is for nobody who has not shown who they are", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { senderId, senderRevisionId } = yield* sampleWorkspace()
      for (const attempt of [
        Senders.create("Mine"),
        Senders.archive(senderId),
        Senders.restore(senderId),
        Revisions.submit(senderId, { saddr: "Mine", reason }),
        Revisions.decide(senderRevisionId, "approve")
      ]) {
        assert.strictEqual(
          yield* told(asPortal(attempt)),
          "NotSignedIn: nobody is signed in for this; sign in and try again"
        )
      }
      assert.deepStrictEqual(yield* asPortal(Revisions.pending()), [])
    })
  )

  it.effect("has a label of its own, and every revision a reason", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const admin = yield* as(workspace, "adminId")
      assert.match(yield* told(admin(Senders.create("  "))), /^Invalid: a sender needs a label/)
      yield* admin(Senders.create("News"))
      assert.strictEqual(
        yield* told(admin(Senders.create("News"))),
        "Conflict: there is a sender “News” already, maybe in the archive"
      )
      assert.match(
        yield* told(admin(Revisions.submit(workspace.senderId, { saddr: "News", reason: "" }))),
        /^Invalid: say what the name is for/
      )
    })
  )

  it.effect("has a name that every phone shows, or is told what is wrong with it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const author = yield* as(workspace, "authorId")
      const submit = (saddr: string) => author(Revisions.submit(workspace.senderId, { saddr, reason }))
      for (const saddr of [
        "A&B Co.",
        "Disney+",
        "O'Neill",
        "X-5/7_a",
        "Abcdefghijk",
        "123",
        "998901234567",
        "123456789012345"
      ])
        yield* submit(saddr)
      for (const [saddr, words] of [
        ["", /“” has no letter and no digit/],
        ["---", /has no letter and no digit to tell it by/],
        ["Жж", /has no letter and no digit/],
        ["Аrchive", /phones don't show “А” \(U\+0410\) reliably/],
        ["Café", /phones don't show “é” \(U\+00E9\) reliably/],
        ["Cash$", /phones don't show “\$”/],
        ["A\u200bB", /\(U\+200B\)/],
        ["Abcdefghijkl", /at most 11 characters; “Abcdefghijkl” has 12/],
        ["12", /a number is 3 to 15 digits/],
        ["1234567890123456", /a number is 3 to 15 digits/],
        ["+99890123456", /a number is 3 to 15 digits and nothing else/],
        [" Padded", /begins and ends without a space/],
        ["Two  spaces", /no two in a row/]
      ] as const) {
        const answer = yield* told(submit(saddr))
        assert.match(answer, words, saddr)
        assert.match(answer, /^Invalid: /, saddr)
      }
      assert.match(
        yield* told(author(Revisions.submit(workspace.senderId, { saddr: "Types", reason, source_addr_ton: 7 }))),
        /0 to 6/
      )
    })
  )

  it.effect("leaves in the audit who did what, and what was before and after", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const [author, moderator, admin] = [
        yield* as(workspace, "authorId"),
        yield* as(workspace, "moderatorId"),
        yield* as(workspace, "adminId")
      ]
      const sender = yield* admin(Senders.create("Audited"))
      const revision = yield* author(Revisions.submit(sender, { saddr: "Audited", reason }))
      yield* moderator(Revisions.decide(revision, "reject", "too plain"))
      yield* admin(Senders.archive(sender))
      yield* admin(Senders.restore(sender))
      const rows = yield* sql<{ action: string; person_id: number; facts: string; personal: string }>`
        SELECT action, person_id, facts, personal FROM audit WHERE workspace_id = ${workspace.workspaceId} ORDER BY seq`
      assert.deepStrictEqual(
        rows.map(({ action, person_id }) => [action, person_id]),
        [
          ["sender.create", workspace.adminId],
          ["sender.revise", workspace.authorId],
          ["sender.reject", workspace.moderatorId],
          ["sender.archive", workspace.adminId],
          ["sender.restore", workspace.adminId]
        ]
      )
      const address = { saddr: "Audited", source_addr_ton: 5, source_addr_npi: 0, dest_addr_ton: 1, dest_addr_npi: 1 }
      assert.deepStrictEqual(JSON.parse(rows[2]!.facts), {
        revision_id: revision,
        before: { ...address, revision: 1, status: "pending" },
        after: { ...address, revision: 1, status: "rejected" }
      })
      assert.strictEqual(JSON.parse(rows[1]!.personal).reason, reason)
      assert.strictEqual(JSON.parse(rows[2]!.personal).note, "too plain")
    })
  )
})

/** A revision that was still waiting when its sender was archived. */
const pendingBehind = Effect.fnUntraced(function* (workspace: SampleWorkspace) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`
    INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
    VALUES (${workspace.workspaceId}, ${workspace.senderId}, 9, 'Behind', 5, 0, 'x', ${workspace.authorId}) RETURNING id`
  return made!.id
})
