/** The command line as a script uses it: each program a process, on a database of its own, everything else real. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { file, noTrace, running } from "./TestProgram.ts"
import { Running } from "./TestRunning.ts"

const numbers = "+998901234567\n+998901234568\n"
const defaults = [
  ["--sender", "CorpIT"],
  ["--text", "Hello"]
] as const
const usual = [...defaults.flat(), "--yes"]

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
        /The ledger adds up: 2 recipients, each with one outcome. All were answered after \d+\.\d s/
      ])
        assert.match(said, shown)
    })
  )

  it.effect(
    "fills in placeholders from the file's columns, and refuses one without a column before anything is sent",
    () =>
      Effect.gen(function* () {
        const { cwd, send } = yield* Running
        const rows = `90 123 45 67,Ann,1\n+998901234568,${"Ж".repeat(70)},2\n+998901234569,,3\n`
        const name = file(cwd, "shifts.csv", `phone,Name,badge\n${rows}`)
        const to = ["--sender", "CorpIT", "--yes", "--numbers", name]
        const { code, said } = yield* send(...to, "--text", "Hello ((name))")
        assert.strictEqual(code, 0, said)
        for (const shown of [
          /with each one's own \(\(name\)\)/,
          /2 recipients from shifts\.csv/,
          /1 invalid/,
          /Columns not used: badge/,
          /As read by {2,}\+99890•••••67[\s\S]* Hello Ann\n/,
          /3 messages by .*, up to 2 a recipient/,
          /The ledger adds up: 2 recipients/
        ])
          assert.match(said, shown)
        const lacking = yield* send(...to, "--text", "Hello ((name)) of ((city))")
        assert.strictEqual(lacking.code, 1, lacking.said)
        assert.match(
          lacking.said.replace(/\s+/g, " "),
          /The text has \(\(city\)\), and the file has no such column. Its columns beside the one with the numbers are: Name, badge/
        )
      })
  )

  it.effect("takes the file from where the person stands, whom npm moves to the project's folder", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* Running
      mkdirSync(join(cwd, "lists"))
      file(cwd, "lists/here.txt", numbers)
      const byNpm = { ...env, INIT_CWD: join(cwd, "lists"), npm_lifecycle_event: "send" }
      const send = yield* running("send.ts", [...usual, "--numbers", "here.txt"], cwd, byNpm)
      const { code, said } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 0, said)
      assert.match(said, /2 recipients from here\.txt/)
    })
  )

  it.effect("names in one sentence what makes a text dear, and what could be there instead", () =>
    Effect.gen(function* () {
      const { cwd, send } = yield* Running
      const name = file(cwd, "one.txt", "+998901234567\n")
      const typed = ["--text", `Anna’s\u00a0“shift”${"x".repeat(60)}`]
      const { said } = yield* send("--sender", "CorpIT", "--yes", "--numbers", name, ...typed)
      assert.match(
        said.replace(/\s+/g, " "),
        /! Unicode because of ’ U\+00A0 “ ”; with ' " " instead it is in the GSM alphabet, and takes 1 message a/
      )
      const foreign = yield* send("--sender", "CorpIT", "--yes", "--numbers", name, "--text", "Привет, “мир”")
      assert.match(
        foreign.said.replace(/\s+/g, " "),
        /because of П р и в е т “ м and 1 more: not all of them can be said/
      )
    })
  )

  it.effect("says that the operator is away, waits, and goes on when it is back, with nothing lost", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* Running
      const sql = yield* SqlClient
      const operatorAt = (port: number) => sql`UPDATE channel SET port = ${port}`
      const [channel] = yield* sql<{ port: number }>`SELECT port FROM channel`
      yield* operatorAt(1)
      yield* Effect.addFinalizer(() => Effect.ignore(operatorAt(channel!.port)))
      const name = file(cwd, "away.txt", numbers)
      const send = yield* running("send.ts", [...usual, "--numbers", name], cwd, env)
      yield* Effect.promise(() => send.says(/Nothing has moved for 5 s: the operator is away, or slow/))
      yield* operatorAt(channel!.port)
      const { code, said } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 0, said)
      assert.match(said, /It moves again[\s\S]*The ledger adds up: 2 recipients, each with one outcome/)
    })
  )

  it.effect("tells a ledger that adds up while receipts are awaited from one that is complete, with exit code 3", () =>
    Effect.gen(function* () {
      const { control, cwd, send } = yield* Running
      yield* control({ receiptDelay: "600000" })
      const late = yield* send(...usual, "--numbers", file(cwd, "late.txt", numbers), "--wait", "0")
      yield* control({ receiptDelay: "0" })
      assert.strictEqual(late.code, 3, late.said)
      assert.match(late.said, /The ledger adds up: 2 recipients, of which 2 still wait for their receipt/)
      assert.match(late.said, /npm start goes on taking receipts for it/)
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
        readFileSync(join(cwd, "mixed.txt.rejected.csv"), "utf8"),
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
      assert.strictEqual(readFileSync(join(cwd, "bad.txt.rejected.csv"), "utf8").split("\r\n").length, 1_000_002)
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
    ["a workbook", ["--numbers", "book.xlsx"], /is a spreadsheet workbook, not a text file. Save it as “CSV UTF-8”/],
    ["a column that isn't there", ["--numbers", "staff.txt", "--column", "mobile"], /no column “mobile”.*\n.*--column/],
    ["numbers in another column", ["--numbers", "names.csv"], /“name”, holds no numbers, but “phone” .*\n.*--column/],
    [
      "an author who signs",
      ["--numbers", "staff.txt", "--approve-as", "DANA@demo.example"],
      /Dana Author writes this campaign, so somebody else has to sign it\.\n.*ivan@demo.example, olga@demo.example/
    ],
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
        file(cwd, "book.xlsx", Buffer.from("PK\u0003\u0004\0\0[Content_Types].xml\0xl/workbook.xml"))
        file(cwd, "names.csv", "name;phone\nAnn;+998901234567\n")
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

  it.effect("says what was wrong last, and where the help is, for a flag that isn't one", () =>
    Effect.gen(function* () {
      const { send } = yield* Running
      const { code, said } = yield* send("--senders", "CorpIT")
      assert.strictEqual(code, 1)
      assert.match(said.trimEnd(), /✗ Unrecognized flag: --senders.*\n +Its options.*npm run send -- --help$/)
      assert.notMatch(said, /USAGE/)
      noTrace(said)
    })
  )

  it.effect("tells a second start where the first one is", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* Running
      const second = yield* running("start.ts", ["--no-history"], cwd, env)
      const { code, said } = yield* Effect.promise(() => second.ended)
      assert.strictEqual(code, 1)
      assert.match(said, /runs here already \(process \d+/)
    })
  )
})
