/** Time at the command line, as a person meets it: when a campaign leaves, and the commands that pause, slow, stop and watch it. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { file, noTrace, running } from "./TestProgram.ts"
import { Running } from "./TestRunning.ts"

const usual = ["--sender", "CorpIT", "--text", "Hello", "--yes", "--numbers"]

const numbers = (n: number) => Array.from({ length: n }, (_, i) => `+99890${String(1_000_000 + i)}\n`).join("")

/** Of which no day has passed. */
const nextYear = String(new Date().getFullYear() + 1)

/** A campaign under way, and its number as it is told. */
const sending = (name: string, recipients: number, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { cwd, env } = yield* Running
    const send = yield* running("send.ts", [...usual, file(cwd, name, numbers(recipients)), ...args], cwd, env)
    const said = yield* Effect.promise(() => send.says(/Signed by +.*; campaign \d+/))
    return { send, said, id: /; campaign (\d+)/.exec(said)![1]! }
  })

layer(Running.layer, { excludeTestServices: true })("campaigns at the command line", (it) => {
  it.effect("a campaign at its ceiling is paused, resumed, slowed and stopped, each by somebody with a name", () =>
    Effect.gen(function* () {
      const { campaigns } = yield* Running
      const { id, said, send } = yield* sending("many.txt", 3000, "--ceiling", "20", "--window", "00:00-23:59")
      assert.match(said, /When +only from 00:00 to 23:59 each day, Asia\/Tashkent\n +at most 20 messages a second/)
      yield* Effect.promise(() => send.says(/[1-9]\d* of 3,000 submitted .*held by its ceiling/))

      const paused = yield* campaigns("pause", id)
      assert.strictEqual(paused.code, 0, paused.said)
      assert.match(paused.said, /Paused by Dana Author\.\n[\s\S]*paused by Dana Author at .*npm run resume -- \d+/)
      const list = yield* campaigns("list", "--live")
      assert.match(list.said, /Hello +3,000 +\d+ +\d+\n +IT department · paused by Dana Author at/)
      const again = yield* campaigns("pause", id)
      assert.match(again.said, /✗ Campaign \d+ is paused already/)

      const resumed = yield* campaigns("resume", id, "--as", "Ivan@demo.example")
      assert.match(resumed.said, /Resumed by Ivan Moderator\.\n[\s\S]*sending/)
      const slowed = yield* campaigns("ceiling", id, "5")
      assert.match(slowed.said, /Held to 5 messages a second by Dana Author/)
      const faster = yield* campaigns("ceiling", id, "50")
      assert.strictEqual(faster.code, 1)
      assert.match(faster.said, /approved with a ceiling of 20 a second; to send faster, it has to be changed and appr/)
      const nothing = yield* campaigns("ceiling", id, "0")
      assert.match(nothing.said, /A ceiling is at least 1 message a second/)

      const unasked = yield* campaigns("stop", id)
      assert.match(unasked.said, /A stop can't be undone, and there is no terminal to ask at\.\n +Give --yes/)
      const stopped = yield* campaigns("stop", id, "--yes", "--as", "olga@demo.example")
      assert.strictEqual(stopped.code, 0, stopped.said)
      assert.match(
        stopped.said,
        /[1-9]\d* of 3,000 recipients have left and can't be called back\n +[\d,]+ would not be sent, by Olga Admin/
      )
      assert.match(stopped.said, /Stopped by Olga Admin\.[\s\S]*cancelled[\s\S]*3,000 +in all/)
      const { code, said: end } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 1, end)
      assert.match(end, /The campaign is stopped/)

      for (const command of ["pause", "resume", "stop"]) {
        const late = yield* campaigns(command, id, ...(command === "stop" ? ["--yes"] : []))
        assert.strictEqual(late.code, 1)
        assert.match(late.said, /✗ Campaign \d+ is cancelled, so it can't be (paused|resumed|stopped)/)
      }
    })
  )

  it.effect("waits for its time, and for somebody to press Start; watching it changes nothing", () =>
    Effect.gen(function* () {
      const { campaigns, cwd, env } = yield* Running
      const later = yield* sending("later.txt", 2, "--at", `${nextYear}-01-01 18:00`)
      assert.match(later.said, /When +\d{4}-01-01 18:00 Asia\/Tashkent/)
      yield* Effect.promise(() => later.send.says(/scheduled: starts at \d{4}-01-01 18:00 Asia\/Tashkent/))
      const early = yield* campaigns("pressStart", later.id)
      assert.match(early.said, /✗ Campaign \d+ starts at/)

      const byHand = yield* sending("hand.txt", 2, "--start-by-hand")
      yield* Effect.promise(() => byHand.send.says(/waits for somebody to press Start: npm run press-start -- \d+/))
      const watch = yield* running("campaigns/watch.ts", [byHand.id], cwd, env)
      yield* Effect.promise(() => watch.says(/seen by Dana Author[\s\S]*waits for somebody to press Start/))
      watch.child.kill("SIGINT")
      const left = yield* Effect.promise(() => watch.ended)
      assert.match(left.said, /goes on as it was; only the watching has stopped/)
      const started = yield* campaigns("pressStart", byHand.id, "--as", "ivan@demo.example")
      assert.match(started.said, /Started by Ivan Moderator/)
      const watched = yield* campaigns("watch", byHand.id)
      assert.strictEqual(watched.code, 0, watched.said)
      assert.match(watched.said, /2 +in all\n[\s\S]*The ledger adds up: 2 recipients/)
      assert.strictEqual((yield* Effect.promise(() => byHand.send.ended)).code, 0)
    })
  )

  it.effect("is refused to somebody who may not", () =>
    Effect.gen(function* () {
      const { campaigns } = yield* Running
      const sql = yield* SqlClient
      yield* sql`WITH made AS (INSERT INTO person (email, name) VALUES ('rita@demo.example', 'Rita Author') RETURNING id)
                 INSERT INTO membership (workspace_id, person_id, role)
                 SELECT w.id, made.id, 'author' FROM made, workspace w WHERE w.name = 'IT department'`
      const { id } = yield* sending("theirs.txt", 2, "--start-by-hand")
      for (const [command, ...more] of [["pressStart"], ["stop", "--yes"], ["ceiling", "5"]] as const) {
        const { code, said } = yield* campaigns(command, id, ...more, "--as", "rita@demo.example")
        assert.strictEqual(code, 1, said)
        assert.match(said, /✗ Only its author, a moderator or an admin may .* this campaign; you are an author/)
      }
      const stranger = yield* campaigns("pause", id, "--as", "timur@demo.example")
      assert.match(stranger.said, /✗ timur@demo\.example is nobody in IT department\.\n +Its people: dana@/)
    })
  )

  const badTimes: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    ["a start in the past", ["--at", "2026-01-01 10:00"], /The start, 2026-01-01 10:00 Asia\/Tashkent, has passed/],
    [
      "a start that is none",
      ["--at", "tomorrow"],
      /--at “tomorrow” is no time\.\n +Write it as --at "2026-11-23 18:00"/
    ],
    ["a day that there is not", ["--at", "2027-02-30 10:00"], /--at “2027-02-30 10:00” is no time/],
    [
      "an end before the start",
      ["--at", `${nextYear}-01-02 18:00`, "--spread", `until ${nextYear}-01-01 18:00`],
      /The end \(\d{4}-01-01 18:00 Asia\/Tashkent\) is before the start \(\d{4}-01-02 18:00/
    ],
    ["two ends", ["--spread", "until 18:00", "--end", "19:00"], /both say when it ends/],
    ["a window that never opens", ["--window", "09:00-09:00"], /A window from 09:00 to 09:00 never opens/],
    [
      "a window that does not open before the end",
      ["--at", `${nextYear}-01-01 10:00`, "--end", `${nextYear}-01-01 12:00`, "--window", "18:00-20:00"],
      /The window from 18:00 to 20:00 does not open before the end/
    ],
    [
      "a window that is none",
      ["--window", "9-18"],
      /--window “9-18” is no window\.\n +Write it as --window 09:00-18:00/
    ],
    ["a zero ceiling", ["--ceiling", "0"], /A ceiling is at least 1 message a second/],
    ["a ceiling that is none", ["--ceiling", "fast"], /--ceiling “fast” is no number of messages a second/],
    ["no such zone", ["--zone", "Mars/Olympus"], /There is no time zone “Mars\/Olympus”\.\n +.*Europe\/Berlin/],
    [
      "a spread that is none",
      ["--spread", "30"],
      /--spread “30” is no stretch of time\.\n +Write it as --spread 30m, 2h/
    ],
    ["a spread over nothing", ["--spread", "0m"], /A campaign is spread over at least a minute/],
    [
      "a spread faster than its channel",
      ["--spread", "1m", "--ceiling", "1"],
      /3000 messages can't be spread until .* Asia\/Tashkent: the channel and the ceilings allow 1 a second; the earliest possible end is \d{4}-/
    ]
  ]
  for (const [what, args, answer] of badTimes) {
    it.effect(`refuses ${what} in words`, () =>
      Effect.gen(function* () {
        const { cwd, send } = yield* Running
        const { code, said } = yield* send(...usual, file(cwd, "bad.txt", numbers(3000)), ...args)
        assert.strictEqual(code, 1, said)
        assert.match(said, answer)
        noTrace(said)
      })
    )
  }

  const badNumbers: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    ["an id that is no number", ["five"], /✗ “five” is no campaign's number\.\n +.*npm run campaigns shows them/],
    ["a campaign that does not exist", ["999999"], /✗ There is no campaign 999999\./],
    ["no id at all", [], /✗ Missing required argument: campaign\n +Its options.*npm run \w+ -- --help/]
  ]
  for (const [what, args, answer] of badNumbers) {
    it.effect(`refuses ${what} in words`, () =>
      Effect.gen(function* () {
        const { campaigns } = yield* Running
        for (const command of ["pause", "watch"]) {
          const { code, said } = yield* campaigns(command, ...args)
          assert.strictEqual(code, 1, said)
          assert.match(said, answer)
          noTrace(said)
        }
      })
    )
  }
})
