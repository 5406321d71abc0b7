/** The command line as a script uses it: each program a process, on a database of its own, everything else real. */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type Ended, file, folder, running } from "./TestProgram.ts"

/** `npm start` in a folder, and `npm run send` beside it. */
class Running extends Context.Service<
  Running,
  {
    readonly cwd: string
    readonly env: { readonly DATABASE_URL: string }
    readonly send: (...args: ReadonlyArray<string>) => Effect.Effect<Ended>
  }
>()("deploy/local/test/Running") {
  static readonly layer = Layer.effect(
    Running,
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const cwd = yield* folder
      const env = { DATABASE_URL: Redacted.value(ownerUrl) }
      const start = yield* running("start.ts", [], cwd, env)
      yield* Effect.promise(() => start.says(/Ready after/))
      const send = (...args: ReadonlyArray<string>) =>
        Effect.scoped(
          Effect.flatMap(running("send.ts", args, cwd, env), (program) => Effect.promise(() => program.ended))
        )
      return Running.of({ cwd, env, send })
    })
  ).pipe(Layer.provideMerge(TestDatabase.layer))
}

const numbers = "+998901234567\n+998901234568\n"
const defaults = [
  ["--sender", "CorpIT"],
  ["--text", "Hello"]
] as const
const usual = [...defaults.flat(), "--yes"]
const noTrace = (said: string) => assert.notMatch(said, /\n\s+at .*:\d+/, "a person sees no stack trace")

layer(Running.layer, { excludeTestServices: true })("npm run send beside npm start", (it) => {
  it.effect("sends, shows what it sends, and ends with a ledger that adds up", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "staff.csv", `\ufeffname;phone\r\nAnn;90 123 45 67\r\nBob;+998901234568\r\n`)
      const { code, said } = yield* send(...usual, "--numbers", name, "--column", "PHONE")
      assert.strictEqual(code, 0, said)
      for (const shown of [
        /From +CorpIT/,
        /1 message a recipient · GSM alphabet/,
        /2 recipients from staff\.csv/,
        /Columns not used: name/,
        /Fingerprint +[0-9a-f]{64}/,
        /Signed by +Ivan Moderator/,
        /2 +100\.0 % +delivered|1 +50\.0 %/,
        /The ledger adds up: 2 recipients/
      ])
        assert.match(said, shown)
    })
  )

  it.effect("is refused in the database's own words when the author signs", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "staff.txt", numbers)
      const { code, said } = yield* send(
        ...["--sender", "CorpIT", "--text", "Hello", "--numbers", name, "--approve-as", "dana@demo.example"]
      )
      assert.strictEqual(code, 1)
      assert.match(said, /you made or edited this campaign, so somebody else has to approve it/)
      assert.match(said, /Campaign \d+ is cancelled; nothing was sent/)
      noTrace(said)
    })
  )

  it.effect("takes UTF-16 and CRLF as spreadsheets write them", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "utf16.txt", Buffer.from(`\ufeff${numbers.replaceAll("\n", "\r\n")}`, "utf16le"))
      const { code, said } = yield* send(...usual, "--numbers", name)
      assert.strictEqual(code, 0, said)
      assert.match(said, /2 recipients from utf16\.txt/)
    })
  )

  it.effect("lists what it leaves out, with line and reason, a number of 40 digits among it", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "mixed.txt", `${numbers}hello\n${"1234567890".repeat(4)}\n+998901234567\n\n12\n`)
      const { code, said } = yield* send(...usual, "--numbers", name)
      assert.strictEqual(code, 0, said)
      assert.match(said, /line 3 +not a number +hello/)
      assert.match(said, /line 4 +too long +1234567890/)
      assert.match(said, /line 5 +duplicate/)
      assert.match(said, /7 lines: 2 valid · 1 twice · 3 invalid · 1 empty/)
      assert.strictEqual(
        readFileSync(join(cwd, "mixed.rejected.csv"), "utf8"),
        `line,reason,text\r\n3,not a number,"hello"\r\n4,too long,"${"1234567890".repeat(4)}"\r\n5,duplicate,"+998901234567"\r\n7,too short,"12"\r\n`
      )
    })
  )

  it.effect("keeps each of a million bad lines, on disk and in the database, and sends nothing", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "bad.txt", "bad\n".repeat(1_000_000))
      const { code, said } = yield* send(...usual, "--numbers", name)
      assert.strictEqual(code, 1)
      assert.match(said, /and 999,980 more/)
      assert.match(said, /1,000,000 lines not a number/)
      assert.match(said, /No line of the file holds a valid number/)
      noTrace(said)
      assert.strictEqual(readFileSync(join(cwd, "bad.rejected.csv"), "utf8").split("\r\n").length, 1_000_002)
      const sql = yield* SqlClient
      const [kept] = yield* sql<{ lines: number; state: string }>`
        SELECT sum(cardinality(line)) AS lines, max(c.state) AS state
          FROM rejected_line r JOIN lane l ON l.id = r.lane_id JOIN campaign c ON c.id = l.campaign_id
         WHERE l.id = (SELECT max(lane_id) FROM rejected_line)`
      assert.deepStrictEqual(kept, { lines: 1_000_000, state: "cancelled" })
    })
  )

  const bad: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    ["a missing file", ["--numbers", "nowhere.csv"], /There is no file nowhere\.csv/],
    ["a folder", ["--numbers", "."], /\. is a folder, not a file/],
    ["an empty file", ["--numbers", "empty.txt"], /empty\.txt is empty/],
    ["a file with nothing but blanks", ["--numbers", "blank.txt"], /The file is empty/],
    ["a workbook", ["--numbers", "book.xlsx"], /not a text file/],
    ["a column that isn't there", ["--numbers", "staff.txt", "--column", "mobile"], /no column “mobile”/],
    ["a text of 5,000 characters", ["--numbers", "staff.txt", "--text", "x".repeat(5000)], /Shorten it by 3470 char/],
    ["an empty text", ["--numbers", "staff.txt", "--text", " "], /The text is empty/],
    [
      "a sender of twelve letters",
      ["--numbers", "staff.txt", "--sender", "CorpITCorpIT"],
      /at most 11 characters; “CorpITCorpIT” has 12\.\n.*It has: CorpIT/
    ],
    ["an unknown sender", ["--numbers", "staff.txt", "--sender", "Corp"], /no approved sender “Corp”.\n.*CorpIT/],
    ["another department's sender", ["--numbers", "staff.txt", "--sender", "CorpHR"], /no approved sender “CorpHR”/],
    ["an unknown workspace", ["--numbers", "staff.txt", "--workspace", "Sales"], /“IT department”, “Human resources”/],
    ["an unknown author", ["--numbers", "staff.txt", "--as", "eve@demo.example"], /eve@demo.example is nobody in IT/],
    ["an unknown signer", ["--numbers", "staff.txt", "--approve-as", "eve@x.example"], /eve@x.example is nobody in IT/]
  ]
  for (const [what, args, answer] of bad) {
    it.effect(`tells ${what} plainly`, () =>
      Effect.gen(function* () {
        const { cwd, send } = yield* Running
        file(cwd, "staff.txt", numbers)
        file(cwd, "empty.txt", "")
        file(cwd, "blank.txt", " \n\n\t\n")
        file(cwd, "book.xlsx", Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1, 2, 3]))
        const given = defaults.flatMap(([flag, value]) => (args.includes(flag) ? [] : [flag, value]))
        const { code, said } = yield* send(...given, ...args, "--yes")
        assert.strictEqual(code, 1, said)
        assert.match(said, answer)
        noTrace(said)
      })
    )
  }

  it.effect("does not begin without a second person to sign", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const { code, said } = yield* send(
        "--sender",
        "CorpIT",
        "--text",
        "Hello",
        "--numbers",
        file(cwd, "a.txt", numbers)
      )
      assert.strictEqual(code, 1)
      assert.match(said, /A second person has to sign[\s\S]*--approve-as/)
    })
  )

  it.effect("shows its help, and what was wrong, for a flag that isn't one", () =>
    Effect.gen(function* () {
      const { send } = yield* Running
      const { code, said } = yield* send("--senders", "CorpIT")
      assert.strictEqual(code, 1)
      assert.match(said, /--senders/)
      noTrace(said)
    })
  )

  it.effect("tells a second start where the first one is", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* Running
      const second = yield* running("start.ts", [], cwd, env)
      const { code, said } = yield* Effect.promise(() => second.ended)
      assert.strictEqual(code, 1)
      assert.match(said, /runs here already \(process \d+/)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("npm run send alone, and npm start after it", (it) => {
  const here = Effect.gen(function* () {
    const { ownerUrl } = yield* TestDatabase
    return { cwd: yield* folder, env: { DATABASE_URL: Redacted.value(ownerUrl) } }
  })
  const ended = (...args: Parameters<typeof running>) =>
    Effect.flatMap(running(...args), (program) => Effect.promise(() => program.ended))

  it.effect("brings everything with it, also where the usual ports are taken or a dead process left its note", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* here
      for (const port of [2775, 2780]) {
        const other = createServer()
        other.on("error", () => {})
        yield* Effect.addFinalizer(() => Effect.sync(() => other.close()))
        other.listen(port, "127.0.0.1")
      }
      mkdirSync(join(cwd, "data"))
      file(
        cwd,
        "data/running.json",
        JSON.stringify({
          ...{ pid: process.pid, began: "1", by: "start", since: new Date(0).toISOString() },
          ...{ portalUrl: "postgres://nobody@127.0.0.1:1/x", smppPort: 1, control: "http://127.0.0.1:1" }
        })
      )
      const { code, said } = yield* ended("send.ts", [...usual, "--numbers", file(cwd, "a.txt", numbers)], cwd, env)
      assert.strictEqual(code, 0, said)
      assert.isFalse(existsSync(join(cwd, "data/running.json")))
    })
  )

  it.effect("stops on Ctrl-C in the middle of a campaign, which the next start finishes with nothing unknown", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* here
      const sql = yield* SqlClient
      const many = Array.from({ length: 50_000 }, (_, i) => `+99890${1_000_000 + i}`).join("\n")
      const args = [...usual, "--numbers", file(cwd, "many.txt", many)]
      const send = yield* running("send.ts", args, cwd, env)
      yield* Effect.promise(() => send.says(/Signed by/))
      const accepted = Effect.map(
        sql<{ id: number; accepted: number; unknown: number; state: string; unclaimed: number }>`
          SELECT campaign_id AS id, accepted, unknown, state, unclaimed FROM campaign_progress ORDER BY campaign_id DESC LIMIT 1`,
        ([row]) => row!
      )
      yield* Effect.repeat(accepted, { until: (row) => row.accepted > 1_000, schedule: Schedule.spaced("20 millis") })
      send.child.kill("SIGINT")
      // npm sends its own after the terminal's
      send.child.kill("SIGINT")
      const { code, said } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 130, said)
      assert.match(said, /goes on where it was[\s\S]*The engine has drained[\s\S]*The simulator has closed/)
      const stopped = yield* accepted
      assert.deepInclude(stopped, { state: "sending", unknown: 0 })
      assert.isAbove(stopped.unclaimed, 0)

      const start = yield* running("start.ts", [], cwd, env)
      yield* Effect.promise(() => start.says(new RegExp(`campaign ${stopped.id} is done`)))
      start.child.kill("SIGTERM")
      const end = yield* Effect.promise(() => start.ended)
      assert.strictEqual(end.code, 0, end.said)
      const wrong = yield* sql`SELECT * FROM check_ledger(${stopped.id})`
      assert.deepStrictEqual(wrong, [])
      assert.deepInclude(yield* accepted, { state: "done", unknown: 0, accepted: 50_000, unclaimed: 0 })
    })
  )

  it.effect("says that Postgres can't be reached, without its password", () =>
    Effect.gen(function* () {
      const { cwd } = yield* here
      const env = { DATABASE_URL: "postgres://somebody:secret@127.0.0.1:1/x" }
      const { code, said } = yield* ended("start.ts", [], cwd, env)
      assert.strictEqual(code, 1)
      assert.match(said, /Postgres can't be reached: .*ECONNREFUSED[\s\S]*DATABASE_URL/)
      assert.notInclude(said, "secret")
      noTrace(said)
    })
  )
})
